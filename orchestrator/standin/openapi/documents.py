"""The documents that the stand-in offers, and where each is found."""

from collections.abc import Callable
from functools import cache
from typing import Any

from openapi_pydantic import Info, Tag

from . import agent_api, library_api, own_doors_api, runs_api
from .basis import LEGEND
from .writing import write_document

AGENT_API = "/rest-api/service/automation/v2"
DATA_API = "/rest-api/service/api/v2"
OWN_DOORS = "/standin/api"
_LIVE = """\
**Calls from this page are real: they change the data of this server at once.**
While an import or a reset is on, every call is answered with 503 and a `Retry-After` in seconds.
"""

_AGENT_TEXT = f"""
The Test Automation API of QAComplete, version 2, as this stand-in answers it: what an agent calls
to register its host, to learn which tests wait for it, and to report their results.

{_LIVE}

A user registers a host; from then on the host signs in by itself. JSON is asked for by
`Accept: application/json`; its names are matched without regard to case and underscores, unknown
ones are ignored, and null counts as not sent (inferred from the server's framework). Absent values
are left out of answers. Dates are UTC. Lists come in pages. Success is 200 for every method. 303 is
named in the vendor's general table, and no operation is said to answer it; 405, 409, 415, 422, 429
and 503 are never mentioned, though a proxy may send them, and so does this server while it is told
to rehearse faults. With `--quirk`, answers differ from this document in the way that was asked for.
{LEGEND}"""


@cache
def agent_document() -> dict[str, Any]:
    """Write the document of the ten operations."""
    info = Info(title="Test Automation API", version="2", description=_AGENT_TEXT)
    tags = [
        Tag(name="setting up", description="Once for each host, by a user."),
        Tag(name="at work", description="What waits, and its script; by the host."),
        Tag(name="reporting", description="Results and their files; by the host."),
    ]
    return write_document(info, AGENT_API, tags, agent_api.OPERATIONS)


_DATA_TEXT = f"""
The part of QAComplete's data-access API that feeds the Test Automation API, as this stand-in
answers it: tests, their automations and scripts, test sets, runs. Programs use it in a user's name.

{_LIVE}

A user sees the projects of the departments that are theirs. Names, nulls, dates, pages and
refusals are as in the Test Automation API. Here `documented` means: by the vendor's documents of
the data-access API.
{LEGEND}"""

_OWN_TEXT = f"""
Doors that this stand-in has and the vendor's server has not: to read uploads back, to rehearse
faults and load, and to take all data out, put it in, or remove it.

{_LIVE}
"""


@cache
def data_document() -> dict[str, Any]:
    """Write the document of the data-access subset."""
    info = Info(title="Data-access API, in part", version="2", description=_DATA_TEXT)
    names = ("departments", "tests", "automations", "test sets", "runs")
    tags = [Tag(name=name) for name in names]
    server = DATA_API.removesuffix("/v2")  # departments are in version 1
    operations = (*library_api.OPERATIONS, *runs_api.OPERATIONS)
    return write_document(info, server, tags, operations)


@cache
def own_document() -> dict[str, Any]:
    """Write the document of the stand-in's own doors."""
    info = Info(title="The stand-in's own doors", version="1", description=_OWN_TEXT)
    tags = [Tag(name=name) for name in ("uploads", "rehearsal", "all data")]
    return write_document(info, "/standin", tags, own_doors_api.OPERATIONS)


DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    AGENT_API: agent_document,
    DATA_API: data_document,
    OWN_DOORS: own_document,
}
"""By the address below which the document and its page are found."""
