"""One operation in words and types, and the parts that such descriptions are made of."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from openapi_pydantic import Link, MediaType, Parameter, RequestBody, Response, Schema
from openapi_pydantic.util import PydanticSchema

from .basis import MAX_ID, Document
from .models import LongName

_EXAMPLES = Path(__file__).with_name("examples")
_BINARY = {"type": "string", "format": "binary"}
ID: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
AGENT: dict[str, object] = {"type": "string", "enum": list(get_args(LongName))}


Method = Literal["get", "post", "put", "patch", "delete"]

_IN_PATH: dict[str, tuple[str, dict[str, object]]] = {
    "project_id": ("One of the user's projects.", ID),
    "dept_id": ("One of the user's departments.", ID),
    "test_id": ("Of the library.", ID),
    "set_id": ("A test set.", ID),
    "run_id": ("A run.", ID),
    "item_id": ("The id of an item, which is not its sequence number.", ID),
    "sequence_number": ("The place, from 1.", ID),
    "agent": ("The long or short name, in any case; a slash in it as `%2F`.", AGENT),
    "kind": ("Which of the two.", {"type": "string", "enum": ["log", "report"]}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An operation: *path* is below the document's server, *login* says who must sign in.

    *answers* are all but refusals. *refusals* says what the statuses that every operation may
    answer mean for this one, and names those that only it has.
    """

    id: str
    method: Method
    path: str
    tag: str
    summary: str
    text: str
    login: Literal["user", "host", "none"]
    answers: Mapping[int, Response]
    parameters: Sequence[Parameter] = ()
    body: RequestBody | None = None
    refusals: Mapping[int, str] = field(default_factory=dict)


def example(name: str) -> Any:
    """Read the example of that name."""
    return json.loads((_EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def query(name: str, schema: dict[str, object], text: str, *, required: bool = False) -> Parameter:
    """Describe a query parameter."""
    return _parameter("query", name, schema, text, required=required)


def in_path(name: str, text: str) -> Parameter:
    """Describe an id in the path."""
    return _parameter("path", name, ID, text, required=True)


def path_parameters(path: str) -> tuple[Parameter, ...]:
    """Describe all that *path* has in braces."""
    names = re.findall(r"{(\w+)}", path)
    return tuple(
        _parameter("path", name, _IN_PATH[name][1], _IN_PATH[name][0], required=True)
        for name in names
    )


def _parameter(
    place: str, name: str, schema: dict[str, object], text: str, *, required: bool
) -> Parameter:
    return Parameter.model_validate(
        {"in": place, "name": name, "description": text, "required": required, "schema": schema}
    )


PAGING = (
    query("offset", {"type": "integer", "minimum": 0, "default": 0}, "How many to leave out."),
    query(
        "limit",
        {"type": "integer", "minimum": 0, "default": 25},
        "How many at most. 0 answers the totals alone (neighbour); above 1000 counts as 1000"
        " (the largest is unknown).",
    ),
)


def json_body(model: type[Document], sample: str) -> RequestBody:
    """Describe a JSON body."""
    media = MediaType(media_type_schema=PydanticSchema(schema_class=model), example=example(sample))
    return RequestBody(required=True, content={"application/json": media})


def file_body(model: type[Document]) -> RequestBody:
    """Describe a multipart body that brings a file."""
    media = MediaType(media_type_schema=PydanticSchema(schema_class=model))
    return RequestBody(required=True, content={"multipart/form-data": media})


def either_body(file: type[Document], model: type[Document], sample: str) -> RequestBody:
    """Describe a body that brings a file, or a JSON document in place of one."""
    content = {**file_body(file).content, **json_body(model, sample).content}
    return RequestBody(required=True, content=content)


def json_answer(
    text: str, model: type[Document], sample: str, links: Mapping[str, Link] | None = None
) -> Response:
    """Describe an answer with a JSON document."""
    media = MediaType(media_type_schema=PydanticSchema(schema_class=model), example=example(sample))
    return Response(description=text, content={"application/json": media}, links=dict(links or {}))


def file_answer(text: str, media_types: Sequence[str]) -> Response:
    """Describe an answer that is a file."""
    return Response(
        description=text,
        content={
            name: MediaType(media_type_schema=Schema.model_validate(_BINARY))
            for name in media_types
        },
    )


def link(operation: str, text: str, **values: str) -> Link:
    """Say which operation an answer leads to; *values* are its parameters, as expressions."""
    return Link(operationId=operation, parameters=dict(values), description=text)
