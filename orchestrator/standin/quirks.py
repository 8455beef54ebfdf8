"""How this server differs from the recommended reading, for clients that must cope with it."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Switches for what the vendor's documents leave open; each default is the recommended reading.

    *error_bodies*: the `errors` document, an empty body, or an HTML page as a proxy makes it.
    *script_path_answer*: how a script that is a path is answered: 302 to a `file:` address,
    200 with the path as plain text, or 200 with `{"path": ...}`.
    *dates_with_z*: milliseconds and `Z` instead of seven fraction digits and no zone.
    *include_nulls*: absent values are sent as null instead of being left out.
    *lenient_uploads*: logs and reports of any file type are taken.
    *user_on_host_operations*: a user's login also opens the operations meant for hosts.
    *max_upload_bytes*: the largest body taken; above it the answer is 413.
    """

    error_bodies: Literal["documented", "none", "html"] = "documented"
    script_path_answer: Literal["redirect", "text", "json"] = "redirect"
    dates_with_z: bool = False
    include_nulls: bool = False
    lenient_uploads: bool = False
    user_on_host_operations: bool = False
    max_upload_bytes: int = 30_000_000


QUIRKS = web.AppKey("standin.quirks", Quirks)
