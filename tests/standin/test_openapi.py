"""The OpenAPI documents: valid, and held to what the stand-in really answers to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from orchestrator.standin import make_app
from orchestrator.standin.faults import OPERATION
from orchestrator.standin.openapi.documents import AGENT_API, DOCUMENTS
from tests.standin.lab import GOLDEN, Lab

METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLES = Path(__file__).parents[2] / "orchestrator" / "standin" / "openapi" / "examples"
DOCUMENTED = {"400", "401", "403", "404", "408", "500"}

pages = pytest.mark.parametrize("base", DOCUMENTS)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield method.upper(), document["servers"][0]["url"].rstrip("/") + path, item[method]


def media(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for kind in body.get("content", {}).values():
                yield operation["operationId"], kind


@pages
def test_a_document_is_valid(base: str) -> None:
    validate(DOCUMENTS[base]())


@pages
async def test_a_document_is_sent_as_it_was_written(base: str, lab: Lab) -> None:
    answer = await lab.call("GET", f"{base}/openapi.json")

    assert (answer.status, answer.document) == (200, DOCUMENTS[base]())


def test_the_document_of_the_ten_operations_names_them_as_the_routes_do(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    documented = {
        (operation["operationId"], method, path)
        for method, path, operation in operations(DOCUMENTS[AGENT_API]())
    }
    routed = {
        (app[OPERATION][route.handler], route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.handler in app[OPERATION]
        and route.resource is not None
        and route.resource.canonical.startswith("/rest-api")
    }

    assert documented == routed
    assert len(documented) == 10


@pages
def test_an_example_is_what_its_schema_says(base: str) -> None:
    document = DOCUMENTS[base]()
    seen = 0

    for name, kind in media(document):
        if "example" in kind:
            seen += 1
            schema = {**kind["schema"], "components": document["components"]}
            errors = [
                error.message for error in OAS31Validator(schema).iter_errors(kind["example"])
            ]
            assert not errors, f"{name}: {errors}"
    assert seen


def test_the_examples_agree_with_the_golden_documents() -> None:
    names = {path.name for path in GOLDEN.glob("*.json")}

    assert names <= {path.name for path in EXAMPLES.iterdir()}
    for name in names:
        ours = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
        assert ours == json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def test_every_example_is_used() -> None:
    used = [kind.get("example") for base in DOCUMENTS for _, kind in media(DOCUMENTS[base]())]

    for path in EXAMPLES.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8")) in used, path.name


@pages
def test_every_operation_says_who_signs_in_and_every_documented_status(base: str) -> None:
    document = DOCUMENTS[base]()
    schemes = document["components"]["securitySchemes"]
    assert all((s["type"], s["scheme"]) == ("http", "basic") for s in schemes.values())

    for _, path, operation in operations(document):
        (login,) = operation["security"]
        assert set(login) <= set(schemes), path
        assert set(operation["responses"]) >= DOCUMENTED | {"200"}, path


@pages
def test_every_field_says_what_it_rests_on(base: str) -> None:
    schemas = DOCUMENTS[base]()["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, shape in schema.get("properties", {}).items()
        if "x-basis" not in shape and field not in {"metadata", "results"}
    ]

    assert not silent


@pages
def test_a_link_leads_to_an_operation_and_fills_parameters_that_it_has(base: str) -> None:
    document = DOCUMENTS[base]()
    by_id = {operation["operationId"]: operation for _, _, operation in operations(document)}

    for operation in by_id.values():
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                target = by_id[link["operationId"]]
                there = {parameter["name"] for parameter in target["parameters"]}
                assert set(link.get("parameters", {})) <= there


def routes(app: web.Application) -> set[tuple[str, str]]:
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


def test_every_address_below_a_document_is_in_it_and_answers(tmp_path: Path) -> None:
    below = ("/rest-api/", "/standin/")
    own = {
        f"{base}{tail}" for base in DOCUMENTS for tail in ("", "/", "/openapi.json", "/ui/{name}")
    }
    routed = {
        (method, path)
        for method, path in routes(make_app(tmp_path))
        if path.startswith(below) and path not in own
    }
    documented = {
        (method, path) for base in DOCUMENTS for method, path, _ in operations(DOCUMENTS[base]())
    }

    assert documented == routed
