"""From descriptions to an OpenAPI 3.1 document."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from openapi_pydantic import (
    Components,
    Info,
    MediaType,
    OpenAPI,
    Operation,
    PathItem,
    Reference,
    Response,
    SecurityScheme,
    Server,
    Tag,
)
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from .described import Described
from .models import Errors

# Source: vendor reference, "Response codes". Any operation may answer any of them.
GENERAL = {
    400: "The syntax is bad, or required data is missing.",
    401: "The `Authorization` header is missing or wrong. Whether a challenge comes is unknown;"
    " none does here.",
    403: "Signed in, but without the right.",
    404: "There is no such resource.",
    408: "The server waited too long. The same request may be sent again.",
    500: "An internal error. Also the answer to a wrong method, and to adding what exists.",
}
_TOO_LARGE = "The body is too large. The limit is the stand-in's; the vendor's is unknown."
SCHEMES = {
    "user": SecurityScheme(
        type="http",
        scheme="basic",
        description="A user: e-mail address and password. For setting up only.",
    ),
    "host": SecurityScheme(
        type="http",
        scheme="basic",
        description="A host: its numeric id and its security token. For its own runs only.",
    ),
}


def write_document(
    info: Info, server: str, tags: Sequence[Tag], operations: Sequence[Described]
) -> dict[str, Any]:
    """Write the document of *operations*, as it is sent."""
    paths: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for described in operations:
        paths[described.path][described.method] = _operation(described)
    used = {described.login for described in operations}
    document = OpenAPI(
        info=info,
        servers=[Server(url=server)],
        tags=list(tags),
        paths={path: PathItem.model_validate(methods) for path, methods in paths.items()},
        components=Components(
            responses={
                f"refusal_{status}": _refusal(GENERAL[status], status) for status in GENERAL
            },
            securitySchemes={name: scheme for name, scheme in SCHEMES.items() if name in used},
        ),
    )
    whole = construct_open_api_with_schema_class(document)
    # What was not set stays out: the library's defaults are not all valid in every place.
    dumped: dict[str, Any] = whole.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {"openapi": whole.openapi, **_whole_numbers(dumped)}


def _whole_numbers(value: Any) -> Any:
    """Undo what the library does to limits, which it holds as floats: 25 is not 25.0."""
    if isinstance(value, dict):
        return {name: _whole_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _operation(described: Described) -> Operation:
    large = {} if described.body is None else {413: _refusal(_TOO_LARGE, 413)}
    special = {status: _refusal(text, status) for status, text in described.refusals.items()}
    general = {
        status: Reference.model_validate({"$ref": f"#/components/responses/refusal_{status}"})
        for status in GENERAL
    }
    answers: dict[int, Response | Reference] = {**described.answers, **general, **large, **special}
    operation = Operation(
        operationId=described.id,
        tags=[described.tag],
        summary=described.summary,
        description=described.text,
        parameters=list(described.parameters),
        responses={str(status): answers[status] for status in sorted(answers)},
        security=[] if described.login == "none" else [{described.login: []}],
    )
    if described.body is not None:
        operation.requestBody = described.body
    return operation


def _refusal(text: str, status: int) -> Response:
    """Describe a refusal; its body is optional, as the vendor's documents say."""
    sample = {"errors": [{"message": "Says what is wrong", "code": status}]}
    media = MediaType(media_type_schema=PydanticSchema(schema_class=Errors), example=sample)
    return Response(description=text, content={"application/json": media})
