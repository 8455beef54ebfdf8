"""When each host's agent was last heard, since the stand-in started: kept in memory only.

Agents poll all day: a write into the database for each call would cost more than it tells.
"""

from aiohttp import web

LAST_CALLS = web.AppKey("standin.last_calls", dict[int, str])
"""UTC by the id of the host, in the form of `dates.now`."""
