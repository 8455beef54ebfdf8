"""The documents that the stand-in offers, and where each is found."""

from collections.abc import Callable
from functools import cache
from typing import Any

from openapi_pydantic import Info, Tag

from . import agent_api
from .basis import LEGEND
from .writing import write_document

AGENT_API = "/rest-api/service/automation/v2"

_AGENT_TEXT = f"""
The Test Automation API of QAComplete, version 2, as this stand-in answers it: what an agent calls
to register its host, to learn which tests wait for it, and to report their results.

**Calls from this page are real: they change the data of this server at once.**

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


DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {AGENT_API: agent_document}
"""By the address below which the document and its page are found."""
