"""How an operation of the data-access subset is described, in one entry of a table."""

from typing import cast

from openapi_pydantic import RequestBody, Response

from .described import PAGING, Described, Method, json_answer, path_parameters
from .models import Nothing

PROJECT = "/v2/projects/{project_id}"
HERE = {"project_id": "$request.path.project_id"}
GONE = json_answer("Gone.", Nothing, "nothing")
FILTER = "The vendor documents a `filter` for this list; here it is refused."
_TAGS = {
    "/testruns": "runs",
    "/testsets": "test sets",
    "/automations": "automations",
    "/tests": "tests",
    "/depts": "departments",
}


def entry(
    name: str,
    address: str,
    summary: str,
    answer: Response,
    text: str = "",
    body: RequestBody | None = None,
) -> Described:
    """Describe one; *address* is method and path."""
    method, path = address.split()
    refusals = {}
    if name.startswith("create_automation"):
        refusals[500] = "There is one for that agent already. Also any internal error."
    return Described(
        id=name,
        method=cast("Method", method),
        path=path,
        tag=next(tag for part, tag in _TAGS.items() if part in path),
        summary=summary,
        text=text,
        login="user",
        parameters=(*path_parameters(path), *(PAGING if name.startswith("list_") else ())),
        body=body,
        answers={200: answer},
        refusals=refusals,
    )
