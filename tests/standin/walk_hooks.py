"""What schemathesis must know to walk the stand-in's API: logins, ids that are there, and rules.

Its own process loads this. WALK_URL says where the stand-in is, WALK_BASE which document is walked,
WALK_SEED what chance decides, WALK_SEEN where the answers of each operation are counted.
"""

import atexit
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import requests
import schemathesis
from aiohttp import encode_basic_auth
from schemathesis.transport.requests import REQUESTS_TRANSPORT, multipart_serializer

URL = os.environ["WALK_URL"]
SERVICE = f"{URL}/rest-api/service"
HOSTS = f"{SERVICE}/automation/v2/hosts"
PROJECT = f"{SERVICE}/api/v2/projects/4102"
DEMO, LEAD = ("demo@example.com", "demo"), ("lead@example.com", "lead")
# 500 stands for a wrong method, and for adding what is there already.
DOCUMENTED_FAILURES = ("is not supported here", "already")
ALWAYS = {"project_id": 4102, "dept_id": 5120, "test_config_id": 17, "release_id": 62}
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)

chance = Random(os.environ["WALK_SEED"])
document = requests.get(f"{URL}{os.environ['WALK_BASE']}/openapi.json", timeout=10).json()
seen: Counter[str] = Counter()
tokens: dict[int, str] = {}
names = ["walk-0", "WALK-1", "WALK-2"]
# What belongs together: a host, and a run of a set with the tests that it has.
works: list[dict[str, Any]] = []
IN_BODY = {
    "test_id": "test_id",
    "test_set_id": "set_id",
    "run_by_host_id": "host_id",
    "test_config_id": "test_config_id",
    "release_id": "release_id",
    "dept_id": "dept_id",
}


def call(method: str, url: str, **more: Any) -> Any:
    answer = requests.request(method, url, auth=LEAD, timeout=10, **more)
    return answer.json() if answer.status_code == 200 else {}


def know_host(host: dict[str, Any]) -> None:
    """Remember a host, and give it something to do."""
    tokens[host["id"]] = host["security_token"]
    names.append(host["host_name"])
    give_work(host["id"])


def give_work(host_id: int) -> None:
    """Queue two tests for a host, with a zip and with a link to one."""
    scripts = (
        {"files": {"file": ("s.zip", EMPTY_ZIP)}},
        {"json": {"link": "https://files.example.com/s.zip"}},
    )
    tests = [add_test(script) for script in scripts]
    items = [{"test_id": test_id, "is_stopped_on_fail": True} for test_id in tests]
    made = call("POST", f"{PROJECT}/testsets", json={"title": "Walk", "items": items})
    order = {"test_set_id": made["id"], "run_by_host_id": host_id}
    run = call("POST", f"{PROJECT}/testruns", json=order)
    if not run:  # the host was registered as one that is not active
        return
    upload = f"{HOSTS}/{host_id}/runs/{run['id']}/items/1/logs"
    login = (str(host_id), tokens[host_id])
    requests.post(upload, files={"log": ("log.xml", b"<log/>")}, auth=login, timeout=10)
    listed = call("GET", f"{PROJECT}/testruns/{run['id']}/items")["results"]
    common = {"host_id": host_id, "run_id": run["id"], "set_id": made["id"], "agent": "junit"}
    for number, (test_id, item) in enumerate(zip(tests, listed, strict=True), start=1):
        ids = {"test_id": test_id, "item_id": item["id"], "sequence_number": number}
        works.append({**ALWAYS, **common, **ids})


def add_test(script: dict[str, Any]) -> int:
    test = call("POST", f"{PROJECT}/tests", json={"title": "T", "test_steps": [{"step": "Go"}]})
    place = f"{PROJECT}/tests/{test['id']}/automations"
    call("POST", f"{place}/junit", json={"title": "t.T"})
    call("POST", f"{place}/junit/attachment", **script)
    return int(test["id"])


@schemathesis.auth(cache_by_key=None, refresh_interval=None)
class Login:
    """A user, who may be of one department or of two; the host in the path, or another one."""

    def get(self, case: Any, context: Any) -> tuple[str, str]:
        (login,) = context.operation.definition.raw["security"]
        if "user" in login:
            return LEAD if chance.random() < 0.3 else DEMO
        host_id = (case.path_parameters or {}).get("host_id")
        if host_id not in tokens:
            host_id = chance.choice(list(tokens))
        return str(host_id), tokens[host_id]

    def set(self, case: Any, data: tuple[str, str], context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": encode_basic_auth(*data)}


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> Any:
    """Put ids that are there in the place of most that were made up, or all would be 404."""
    numbers = [value for name, value in (path_parameters or {}).items() if name.endswith("_id")]
    usable = all(type(value) is int and 0 <= value < 2**53 for value in numbers)
    if path_parameters and usable and chance.random() < 0.8:
        work = chance.choice(works[-20:])
        path_parameters.update({name: work[name] for name in {*path_parameters} & {*work}})
    return path_parameters


@schemathesis.hook
def map_query(context: Any, query: dict[str, Any] | None) -> Any:
    """The same for names, departments and pages."""
    likely = {"name": chance.choice(names[-20:]), "deptid": 5120, "offset": chance.choice((0, 1))}
    for name in {*(query or {})} & {*likely}:
        if type(query[name]) is type(likely[name]) and chance.random() < 0.8:
            query[name] = likely[name]
    return query


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """The same for ids in bodies; and most results end when they start, not before."""
    if isinstance(body, dict) and chance.random() < 0.8:
        work = chance.choice(works[-20:])
        body.update({name: work[IN_BODY[name]] for name in {*body} & {*IN_BODY}})
        if {"test_id", "test_set_id"} <= {*body}:
            del body[chance.choice(("test_id", "test_set_id"))]
        if "date_started" in body and "date_finished" in body:
            body["date_finished"] = body["date_started"]
        for item in body["items"] if isinstance(body.get("items"), list) else []:
            map_body(context, item)
    return body


@REQUESTS_TRANSPORT.serializer("multipart/form-data")
def send_file(context: Any, value: Any) -> Any:
    """Give files the names that agents give them; schemathesis calls them as their fields."""
    prepared = multipart_serializer(context, value)
    name = "report.mht" if context.case.path.endswith("report") else "log.xml"
    files = prepared.get("files") or []
    return {**prepared, "files": [(field, (name, *part[1:])) for field, part in files] or None}


@REQUESTS_TRANSPORT.serializer("application/toml", "application/zip")
def send_as_it_is(context: Any, value: Any) -> Any:
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")}


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Count, and see to it that there is always something to do, and to remove."""
    name = case.operation.definition.raw["operationId"]
    seen[f"{name} {response.status_code}"] += 1
    if name == "register_host" and response.status_code == 200:
        know_host(response.json())
    elif name.startswith("delete_") and response.status_code == 200:
        give_work(chance.choice(list(tokens)))


@schemathesis.check
def only_documented_failures(ctx: Any, response: Any, case: Any) -> None:
    """Every 500 is one that the vendor's documents foretell."""
    if response.status_code >= 500:
        (entry,) = response.json()["errors"]
        assert entry["code"] == response.status_code == 500
        assert any(words in entry["message"] for words in DOCUMENTED_FAILURES), entry


@schemathesis.check
def nothing_undescribed(ctx: Any, response: Any, case: Any) -> None:
    """A document allows more than it names; this server is to send no more than it names."""
    answers = case.operation.definition.raw["responses"]
    answer = resolve(answers.get(str(response.status_code), {}))
    media = answer.get("content", {}).get("application/json")
    if media:
        more = list(undescribed(response.json(), media["schema"]))
        assert not more, f"not in the document: {more}"


def undescribed(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    schema = resolve(schema)
    for option in schema.get("anyOf", []):
        if resolve(option).get("type") != "null":
            schema = resolve(option)
    if isinstance(value, list):
        for entry in value:
            yield from undescribed(entry, schema.get("items", {}), f"{at}[]")
    elif isinstance(value, dict) and "additionalProperties" not in schema:
        described = schema.get("properties", {})
        for name, inner in value.items():
            if name not in described:
                yield f"{at}.{name}"
            yield from undescribed(inner, described.get(name, {}), f"{at}.{name}")


def resolve(shape: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in shape:
        return shape
    found: Any = document
    for step in shape["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


for name in names[:3]:
    body = {"host_name": name, "host_configuration": "x", "agents": ["junit"], "dept_id": 5120}
    know_host(call("POST", HOSTS, json=body))

atexit.register(lambda: Path(os.environ["WALK_SEEN"]).write_text(json.dumps(seen), "utf-8"))
