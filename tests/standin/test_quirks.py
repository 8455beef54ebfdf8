"""The switches of the stand-in: one table, refused when unknown, and each does what it says."""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.standin import SWITCHES, Quirks, export_data, import_data, reset_data
from orchestrator.standin.quirks import WITHOUT_SWITCH, exclude_each_other
from tests.docs.page import ROOT
from tests.standin.lab import API, DATA, DEMO, LEAD, PROJECT, Host, Lab, open_lab, result, upload

JUNIT = "JUnit (Selenium)"
Shape = dict[str, Any]


def test_an_unknown_name_is_refused_with_the_close_ones_first() -> None:
    done = CliRunner().invoke(app, ["standin", "--quirk", "nested-sequense"])

    assert done.exit_code == 2
    words = re.sub(r"[│\s]+", " ", done.output)
    assert "no quirk is called nested-sequense; there are nested-sequence," in words
    assert all(name in words for name in SWITCHES)


def test_two_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        Quirks(["nested-sequence", "item-sequence"])
    with pytest.raises(ValueError, match="exclude each other"):
        Quirks(["no-sequence", "pending-items-only"])
    apart = {frozenset(p) for p in combinations(SWITCHES, 2) if exclude_each_other(*p)}
    assert frozenset(("step-numbers", "sequence-gaps")) in apart
    assert frozenset(("nested-sequence", "sequence-gaps")) not in apart


def test_every_ambiguity_of_the_reference_is_a_switch_or_told_why_not() -> None:
    numbers = {int(one.about) for one in SWITCHES.values() if one.about.isdigit()}

    assert numbers | WITHOUT_SWITCH.keys() == set(range(1, 43))
    assert not numbers & WITHOUT_SWITCH.keys()


def test_the_readme_tells_where_the_table_of_switches_is() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert f"{len(SWITCHES)} switches" in readme
    assert "(tests/standin/QUIRKS.md)" in readme


async def _set(lab: Lab, host: Host) -> int:
    """Queue a set of two tests with steps, an automation and everything it may have."""
    tests = []
    for name in ("One", "Two"):
        test_id = await lab.door.add_test(PROJECT, name, [("Open", "Opened"), ("Close", "Closed")])
        await lab.door.add_automation(
            PROJECT, test_id, JUNIT, Title="a.b", EntryPoint="c.d", RunMode=1,
            Params={"n": "3", "yes": "true", "word": "x"},
        )  # fmt: skip
        tests.append((test_id, True))
    set_id = await lab.door.add_set(PROJECT, "Nightly", tests)
    return await lab.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)


def _item(document: Shape) -> Shape:
    item: Shape = document["results"][0]["test_run_items"][0]
    return item


def _numbers(document: Shape) -> tuple[Any, list[Any]]:
    item = _item(document)
    return item.get("sequence_number"), [s.get("sequence_number") for s in item["test_run_results"]]


def _wanted(document: Shape) -> Any:
    return _item(document)["automations"][0]


LISTED: dict[str, Callable[[Shape], object]] = {
    "nulls-present": lambda it: it["results"][0]["release_name"] is None,
    "unset-dates": lambda it: it["results"][0]["date_started"] == "0001-01-01T00:00:00.0000000",
    "unknown-fields": lambda it: "owner" in it["metadata"] and "owner" not in _wanted(it)["params"],
    "reversed-properties": lambda it: list(it) == ["results", "metadata"],
    "numbers-as-text": lambda it: it["metadata"]["result_set"]["total"] == "1",
    "yes-no": lambda it: _item(it)["stop_on_fail"] == "Y",
    "html-texts": lambda it: _item(it)["test_name"].startswith("<p><b>One</b> &amp; <script>"),
    "no-totals": lambda it: list(it) == ["results"],
    "no-status": lambda it: "status" not in _item(it),
    "status-code": lambda it: _item(it)["status_code"] and "status" not in _item(it),
    "nested-sequence": lambda it: _numbers(it) == (None, [1, 1]),
    "item-sequence": lambda it: _numbers(it) == (1, [None, None]),
    "no-sequence": lambda it: _numbers(it) == (None, [None, None]),
    "step-numbers": lambda it: _numbers(it) == (None, [1, 2]),
    "sequence-gaps": lambda it: _numbers(it) == (10, [10, 10]),
    "automation-object": lambda it: _item(it)["automation"]["agent"] == JUNIT,
    "automation-list": lambda it: _item(it)["automation"][0]["agent"] == JUNIT,
    "automations-object": lambda it: _item(it)["automations"]["agent"] == JUNIT,
    "flat-automation": lambda it: _item(it)["agent"] == JUNIT and "automations" not in _item(it),
    "no-automation": lambda it: not {"automations", "automation", "agent"} & _item(it).keys(),
    "short-agents": lambda it: _wanted(it)["agent"] == "junit",
    "title-only": lambda it: _wanted(it)["title"] == "c.d" and "entry_point" not in _wanted(it),
    "entry-point-only": lambda it: "title" not in _wanted(it) and _wanted(it)["entry_point"],
    "timeout-zero": lambda it: _wanted(it)["timeout"] == 0,
    "timeout-null": lambda it: _wanted(it)["timeout"] is None,
    "run-mode-word": lambda it: _wanted(it)["run_mode"] == "Normal",
    "typed-params": lambda it: _wanted(it)["params"] == {"n": 3, "yes": True, "word": "x"},
    "params-pairs": lambda it: {"Key": "n", "Value": "3"} in _wanted(it)["params"],
}  # fmt: skip


@pytest.mark.parametrize("name", LISTED)
async def test_a_list_of_runs_takes_the_shape_of_its_switch(tmp_path: Path, name: str) -> None:
    async with open_lab(tmp_path, name) as lab:
        host = Host(1, "")
        made = await lab.call("POST", f"{API}/hosts", DEMO, json=_host("LAB"))
        host = Host(int(made.document["id"]), made.document["security_token"])
        await _set(lab, host)
        document = await lab.pending(host)
        assert LISTED[name](document), document

    assert lab.quirks.met[name]


async def test_without_a_switch_no_list_has_any_of_these_shapes(lab: Lab, host: Host) -> None:
    await _set(lab, host)
    document = await lab.pending(host)

    def there(name: str) -> bool:
        try:
            return bool(LISTED[name](document))
        except (KeyError, TypeError):
            return False

    assert [name for name in LISTED if there(name)] == []


def _host(name: str, **more: Any) -> Shape:
    return {"host_name": name, "host_configuration": "c", "agents": ["junit"], **more}


def _without(body: Shape, name: str) -> Shape:
    return {key: value for key, value in body.items() if key != name}


REFUSED = [
    ("agents-required", "POST", f"{API}/hosts", _without(_host("NEW"), "agents"), 400),
    ("taken-name-400", "POST", f"{API}/hosts", _host("LAB-01"), 400),
    ("taken-name-409", "POST", f"{API}/hosts", _host("lab-01"), 409),
    ("exact-input-names", "POST", f"{API}/hosts", {**_host(""), "HostName": "x"}, 400),
    ("case-sensitive-names", "GET", f"{API}/hosts?name=lab-01", None, 404),
    ("exact-input-names", "GET", f"{API}/hosts?Name=LAB-01", None, 400),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "path", "body", "status"), REFUSED)
async def test_a_switch_refuses_what_is_taken_without_it(
    tmp_path: Path, name: str, method: str, path: str, body: Shape | None, status: int
) -> None:
    async with open_lab(tmp_path, name) as lab:
        await lab.host()
        assert (await lab.call(method, path, DEMO, json=body)).status == status


async def _answer(tmp_path: Path, name: str, ask: Callable[[Lab, Host, int], Any]) -> Any:
    """Return what *ask* gets of a stand-in with the switch, a host and a set's run."""
    async with open_lab(tmp_path, name) as lab:
        host = await lab.host()
        return await ask(lab, host, await _set(lab, host))


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("run-time-required", result(), 400),
        ("run-time-required", result(run_time=3), 200),
        ("refuses-na", result("NA"), 400),
        ("refuses-na", result("Passed"), 200),
        ("patch-item-204", result(), 204),
    ],
)
async def test_a_result_meets_its_switch(
    tmp_path: Path, name: str, body: Shape, status: int
) -> None:
    async def ask(lab: Lab, host: Host, run_id: int) -> int:
        return (await lab.call("PATCH", host.item(run_id), host.auth, json=body)).status

    assert await _answer(tmp_path, name, ask) == status


async def test_a_result_is_taken_once_or_not_where_it_was_blocked(tmp_path: Path) -> None:
    async def ask(lab: Lab, host: Host, run_id: int) -> list[int]:
        paths = [host.item(run_id, number) for number in (1, 1, 2)]
        bodies = [lab.call("PATCH", path, host.auth, json=result("Failed")) for path in paths]
        return [(await body).status for body in bodies]

    assert await _answer(tmp_path / "a", "results-once", ask) == [200, 400, 200]
    assert await _answer(tmp_path / "b", "blocked-stays", ask) == [200, 200, 400]


async def test_uploads_meet_their_switches(tmp_path: Path) -> None:
    async def ask(lab: Lab, host: Host, run_id: int) -> list[tuple[int, bytes]]:
        path = f"{host.item(run_id)}/logs"
        answers = [await lab.call("POST", path, host.auth, data=upload("a.xml", b"1"))]
        await lab.report(host, run_id, "Passed")
        forms = [upload("a.xml", data) for data in (b"2", b"3")]
        answers += [await lab.call("POST", path, host.auth, data=form) for form in forms]
        kept = await lab.call("GET", f"/standin/runs/{run_id}/items/1/log", DEMO)
        return [*((one.status, one.body) for one in answers), (kept.status, kept.body)]

    taken = (200, b"{}")
    ended = {
        "upload-empty": [(200, b"")] * 3,
        "upload-204": [(204, b"")] * 3,
        "upload-text": [(200, b"OK")] * 3,
        "overwrite-ignored": [taken] * 3,
    }
    for name, answers in ended.items():
        kept = b"1" if name == "overwrite-ignored" else b"3"
        assert await _answer(tmp_path / name, name, ask) == [*answers, (200, kept)]
    first, *rest, kept = await _answer(tmp_path / "r", "result-first", ask)
    assert (first[0], rest, kept) == (400, [taken, taken], (200, b"3"))
    first, *rest, kept = await _answer(tmp_path / "o", "overwrite-refused", ask)
    assert (first, [status for status, _ in rest], kept) == (taken, [500, 500], (200, b"1"))


async def test_hosts_meet_their_switches(tmp_path: Path) -> None:
    async with open_lab(tmp_path, "inactive-by-default", "inactive-hides-runs") as lab:
        host = await lab.host()
        assert (await lab.call("GET", host.path, host.auth)).document["is_active"] is False
        listed = []
        for active in (True, False, True):
            await lab.call("PATCH", host.path, host.auth, json={"is_active": active})
            if not listed:
                await lab.run(host)
            listed.append(len((await lab.pending(host))["results"]))
        assert listed == [1, 0, 1]
    async with open_lab(tmp_path / "b", "other-host-404", "other-run-403", "partial-names") as lab:
        host, other = await lab.host(), await lab.host("LAB-02")
        run_id = await lab.run(other)
        assert (await lab.call("GET", other.path, host.auth)).status == 404
        patched = await lab.call("PATCH", host.item(run_id), host.auth, json=result())
        assert patched.status == 403
        found = await lab.call("GET", f"{API}/hosts?name=B-02", DEMO)
        assert found.document["id"] == other.id
    async with open_lab(tmp_path / "c", "first-department", "taken-name-answered") as lab:
        made = [await lab.call("POST", f"{API}/hosts", LEAD, json=_host("NEW")) for _ in range(2)]
        assert made[0].document == made[1].document


@pytest.mark.parametrize(
    ("name", "query", "count"),
    [
        ("limit-25", "?limit=100", 25),
        ("limit-zero-default", "?limit=0", 25),
        ("newest-first", "", 25),
    ],
)  # fmt: skip
async def test_pages_meet_their_switches(tmp_path: Path, name: str, query: str, count: int) -> None:
    async with open_lab(tmp_path, name) as lab:
        host = await lab.host()
        runs = [await lab.run(host) for _ in range(26)]
        listed = [run["id"] for run in (await lab.pending(host, query))["results"]]

    assert listed == (runs[:0:-1] if name == "newest-first" else runs[:count])


async def test_an_item_is_in_progress_once_it_was_listed_or_its_script_fetched(
    tmp_path: Path,
) -> None:
    states: dict[str, list[str]] = {}
    met: dict[str, int] = {}
    for name in ("in-progress", "read-in-progress"):
        async with open_lab(tmp_path / name, name) as lab:
            host = await lab.host()
            run_id = await lab.scripted_run(host, JUNIT, b"PK")
            listed = [_item(await lab.pending(host))["status"] for _ in range(2)]
            await lab.call("GET", f"{host.item(run_id)}/script?agent=junit", host.auth)
            met[name] = lab.quirks.met[name]
            states[name] = [*listed, _item(await lab.pending(host))["status"]]

    awaiting, under_way = "Awaiting Run", "In Progress"
    assert states["in-progress"] == [awaiting, awaiting, under_way]
    assert states["read-in-progress"] == [awaiting, under_way, under_way]
    assert met == {"in-progress": 0, "read-in-progress": 1}, "counted where no answer changed"


async def test_what_is_in_progress_outlasts_a_restart_but_no_reset_and_no_import(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path, "read-in-progress") as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        await lab.pending(host)
    async with open_lab(tmp_path, "read-in-progress") as lab:
        assert _item(await lab.pending(host))["status"] == "In Progress"
    export_data(tmp_path, tmp_path / "all.zip", secrets=True)
    reset_data(tmp_path)
    import_data(tmp_path, tmp_path / "all.zip")
    async with open_lab(tmp_path, "read-in-progress") as lab:
        document = await lab.pending(host)

    assert document["results"][0]["id"] == run_id
    assert _item(document)["status"] == "Awaiting Run"


@pytest.mark.parametrize(
    ("name", "link", "status", "answered"),
    [
        (None, r"\\srv\s\a b.zip", 302, r"file:///\\srv\s\a b.zip"),
        ("file-redirect", r"\\srv\s\a b.zip", 302, "file://srv/s/a%20b.zip"),
        ("path-redirect", r"\\srv\s\a b.zip", 302, r"\\srv\s\a b.zip"),
        ("path-redirect", "/opt/a.zip", 302, "file:///opt/a.zip"),
        ("path-as-text", "/opt/a.zip", 200, "/opt/a.zip"),
        ("path-as-json", "/opt/a.zip", 200, '{"path": "/opt/a.zip"}'),
        ("see-other", "/opt/a.zip", 303, "file:///opt/a.zip"),
        ("relative-redirect", b"PK", 302, "script?agent=JUnit%20%28Selenium%29&stored=1"),
        ("script-web-page", b"PK", 200, "<!DOCTYPE html>"),
        ("plain-zip", b"PK", 200, "PK"),
        ("long-agents-only", b"PK", 404, "No agent is called junit"),
    ],
)
async def test_a_script_meets_its_switch(
    tmp_path: Path, name: str | None, link: str | bytes, status: int, answered: str
) -> None:
    async with open_lab(tmp_path, *([name] if name else [])) as lab:
        host = await lab.host()
        run_id = await lab.scripted_run(host, JUNIT, link)
        answer = await lab.call("GET", f"{host.item(run_id)}/script?agent=junit", host.auth)

        said = answer.headers.get("Location") or answer.body.decode()
        assert (answer.status, answered in said) == (status, True), said
        assert ("Content-Disposition" in answer.headers) is False


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("errors-servicestack", ["response_status", "error_code", "message"]),
        ("errors-servicestack-pascal", ["ResponseStatus", "ErrorCode", "Message"]),
    ],
)
async def test_refusals_take_the_frameworks_form(
    tmp_path: Path, name: str, there: list[str]
) -> None:
    async with open_lab(tmp_path, name, "basic-challenge") as lab:
        answer = await lab.call("GET", f"{API}/depts")

    body = answer.document[there[0]]
    assert body[there[1]] == "Unauthorized"
    assert "e-mail" in body[there[2]]
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_who_does_not_ask_for_json_gets_a_page_and_the_side_doors_stay_as_they_are(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path, "html-unless-json-asked", "numbers-as-text") as lab:
        page = await lab.call("GET", f"{API}/depts", DEMO, headers={"Accept": "text/html"})
        json = await lab.call("GET", f"{API}/depts", DEMO, headers={"Accept": "application/json"})
        side = await lab.call("GET", f"{DATA}/tests", DEMO, headers={"Accept": "*/*"})

    assert page.body.startswith(b"<!DOCTYPE html>")
    assert json.document["metadata"]["result_set"]["total"] == "1"
    assert side.document["metadata"]["result_set"]["total"] == 0


@pytest.mark.parametrize(("name", "status"), [("too-big-404", 404), ("too-big-500", 500)])
async def test_a_file_above_the_limit_is_refused_as_its_switch_says(
    tmp_path: Path, name: str, status: int
) -> None:
    async with open_lab(tmp_path, name, "small-uploads", max_upload_bytes=1000) as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        form = upload("a.xml", b"x" * 5000)
        answer = await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=form)

    assert answer.status == status
    assert Quirks(["small-uploads"]).max_upload_bytes == 4_000_000
