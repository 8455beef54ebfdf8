"""Nothing that is asked for takes longer because much has been run before."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.standin import seed
from orchestrator.standin.history import RunsWanted, count_runs, find_runs
from orchestrator.standin.store import STORE, Store, open_store
from tests.standin.lab import (
    DATA,
    DEMO,
    GUEST,
    JUNIT,
    LEAD,
    PROJECT,
    Host,
    Lab,
    open_lab,
    upload,
)
from tests.standin.reader import sign_in

# What grows as long as a stand-in lives; the others grow with the company.
AGING = {"tests", "test_steps", "automations", "test_sets", "test_set_items", "runs", "run_items"}
AGING |= {"run_steps", "uploads"}
NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: (?:AS )?(\w+))?")


@contextmanager
def traced(store: Store) -> Iterator[set[str]]:
    """Collect every statement that SQLite runs, its triggers' too, as written."""
    seen: set[str] = set()
    database = store._db  # only here can one listen to all of them
    database.set_trace_callback(lambda sql: seen.add(sql) if not sql.startswith("--") else None)
    try:
        yield seen
    finally:
        database.set_trace_callback(None)


async def a_day(lab: Lab) -> None:
    """Ask everything that users and agents ask every day, some of it wrong."""
    host = await lab.host()
    run_id = await lab.set_run(host, [True, False])
    scripted = await lab.scripted_run(host, JUNIT, b"PK")
    await lab.pending(host, "?offset=1&limit=2")
    await lab.call("GET", f"{host.item(scripted)}/script?agent=junit", host.auth)
    await lab.report(host, run_id, "Failed", 1)
    for kind, name in (("logs", "a.xml"), ("report", "a.mht")):
        await lab.call("POST", f"{host.item(run_id)}/{kind}", host.auth, data=upload(name))
    await lab.call("GET", f"/standin/runs/{run_id}/items/1/log", DEMO)
    item_id = (await lab.door.items(PROJECT, run_id))[0]["id"]
    set_id = await lab.door.add_set(PROJECT, "S", [(1, True)])
    for path in (
        "tests?offset=1", "tests/1", "tests/1/automations", "testsets", f"testsets/{set_id}",
        f"testsets/{set_id}/items", "testruns?offset=1&limit=1", f"testruns/{run_id}",
        f"testruns/{run_id}/items", f"testruns/{run_id}/items/{item_id}", "testruns/99",
    ):  # fmt: skip
        await lab.call("GET", f"{DATA}/{path}", DEMO)
    body = {"Title": "T", "StatusCode": "Passed", "TestId": 1, "RunByHostId": host.id}
    for method, path in (
        ("PATCH", "tests/1"), ("PATCH", "tests/1/automations/junit"), ("PUT", f"testsets/{set_id}"),
        ("POST", f"testsets/{set_id}/items/1"), ("PATCH", f"testruns/{run_id}/items/{item_id}"),
        ("POST", "testruns"), ("POST", f"testruns/{run_id}/restart"), ("DELETE", "tests/1"),
        ("DELETE", f"testruns/{run_id}"), ("DELETE", f"testsets/{set_id}"),
    ):  # fmt: skip
        await lab.call(method, f"{DATA}/{path}", DEMO, json=body)
    for auth in (LEAD, GUEST):
        await lab.call("GET", "/rest-api/service/api/v1/depts", auth)
    await the_pages(lab, host)


async def the_pages(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [True])
    await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=upload("a.xml"))
    set_id = await lab.door.add_set(PROJECT, "S", [(2, True)])
    reader = await sign_in(lab, "lead@example.com")
    for path in ("", "users", "users/1", "departments", "departments/5120"):
        assert (await reader.get(f"/{path}")).status in (200, 303), path
    for path in (
        "runs", f"runs?host={host.id}&status=Failed&page=2", f"runs/{run_id}", "runs/new",
        f"runs/{run_id}/items/1/log", "tests", "tests/2", "sets", f"sets/{set_id}", "hosts",
        f"hosts/{host.id}", "configurations",
    ):  # fmt: skip
        assert (await reader.get(f"/projects/{PROJECT}/{path}")).status == 200, path


async def test_no_statement_of_a_day_scans_what_grows_with_time(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        with traced(lab.client.app[STORE]) as seen:
            await a_day(lab)
        with closing(sqlite3.connect(tmp_path / "standin.db")) as db:
            plans = {sql: plan(db, sql) for sql in seen if not sql.startswith(("BEGIN", "COMMIT"))}

    assert len(plans) > 60
    assert {sql: found for sql, found in plans.items() if scanned(sql, found) & AGING} == {}
    assert {sql: found for sql, found in plans.items() if sorts_a_history(found)} == {}


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]


def scanned(sql: str, steps: list[str]) -> set[str]:
    """Say which tables a statement reads whole; a plan calls them by their short names."""
    tables = {short or table: table for table, short in NAMED.findall(sql)}
    tables |= {table: table for table, _ in NAMED.findall(sql)}
    whole = [step.split()[1] for step in steps if step.startswith("SCAN ") or "AUTOMATIC" in step]
    return {tables.get(name, name) for name in whole}


def sorts_a_history(steps: list[str]) -> bool:
    """Say whether all runs of a host or project are sorted, to show the few newest."""
    return "USE TEMP B-TREE FOR ORDER BY" in steps and any(
        "INDEX runs_" in step and "is_pending" not in step for step in steps
    )


def test_a_scan_is_seen_under_any_name(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "standin.db")) as db:
        for sql in (
            "SELECT count(*) FROM runs",
            "SELECT r.* FROM hosts h JOIN runs AS r ON r.status = h.os",
            "UPDATE runs SET status = 1 WHERE status = 2",
            "DELETE FROM runs WHERE status = 1",
        ):
            assert "runs" in scanned(sql, plan(db, sql)), sql


def test_every_reference_can_be_looked_up_from_the_other_side(tmp_path: Path) -> None:
    """Removing a parent makes SQLite look for its children: without an index it reads them all."""
    seed(tmp_path)
    missing: list[tuple[str, str]] = []
    with closing(open_store(tmp_path)) as store:
        for table in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            columns = store.rows(
                "SELECT c.name FROM pragma_index_list(?) l, pragma_index_info(l.name) c"
                " WHERE c.seqno = 0 AND l.partial = 0",
                table["name"],
            )
            leading = {row["name"] for row in columns}
            keys = store.rows('SELECT "from" FROM pragma_foreign_key_list(?)', table["name"])
            missing += [(table["name"], key[0]) for key in keys if key[0] not in leading]
    assert missing == []


async def test_totals_and_pages_are_those_that_counting_gives(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        store = lab.client.app[STORE]
        assert count_runs(store, RunsWanted(PROJECT)) == 0
        hosts = [await lab.host("A"), await lab.host("B")]
        runs = [(await lab.run(host), host) for host in (*hosts, *hosts, *hosts)]
        for (run_id, host), status in zip(runs, ("Passed", "Failed", "Passed"), strict=False):
            await lab.report(host, run_id, status)
        await lab.report(hosts[0], runs[0][0], "Blocked")
        await lab.call("DELETE", f"{DATA}/testruns/{runs[1][0]}", DEMO)
        listed = (await lab.call("GET", f"{DATA}/testruns?limit=0", DEMO)).document

        assert listed["metadata"]["result_set"]["total"] == 5
        rows = store.rows("SELECT id, host_id, status FROM runs ORDER BY id DESC")
        for host_id in (None, hosts[0].id, hosts[1].id):
            for status in (None, "Passed", "Failed", "Blocked", "Awaiting Run"):
                wanted = RunsWanted(PROJECT, host_id, status)
                ids = [
                    row["id"]
                    for row in rows
                    if host_id in (None, row["host_id"]) and status in (None, row["status"])
                ]
                assert count_runs(store, wanted) == len(ids), wanted
                assert find_runs(store, wanted, 0, 9) == ids
                assert find_runs(store, wanted, 1, 1, newest_first=False) == ids[::-1][1:2]
