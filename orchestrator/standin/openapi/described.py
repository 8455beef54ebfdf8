"""One operation in words and types, and the parts that such descriptions are made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from openapi_pydantic import Link, MediaType, Parameter, RequestBody, Response, Schema
from openapi_pydantic.util import PydanticSchema

from .basis import MAX_ID, Document

_EXAMPLES = Path(__file__).with_name("examples")
_BINARY = {"type": "string", "format": "binary"}
ID: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": MAX_ID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An operation: *path* is below the document's server, *login* says who must sign in.

    *answers* are all but refusals. *refusals* says what the statuses that every operation may
    answer mean for this one, and names those that only it has.
    """

    id: str
    method: Literal["get", "post", "put", "patch", "delete"]
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
