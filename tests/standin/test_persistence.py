"""What the stand-in was given outlives it; and its life as a server."""

import shutil
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession

from orchestrator.standin import Address, seed, serve
from orchestrator.standin.store import open_store
from tests.standin.lab import API, DEMO, JUNIT, PROJECT, open_lab, upload


async def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        host = await lab.host()
        run_id = await lab.set_run(host, [False, False])
        scripted = await lab.scripted_run(host, JUNIT, b"PK script")
        await lab.report(host, run_id, "Failed", 1)
        await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=upload("a.xml", b"L"))
        before = await lab.pending(host), await lab.door.items(PROJECT, run_id)

    async with open_lab(tmp_path) as lab:
        assert (await lab.pending(host), await lab.door.items(PROJECT, run_id)) == before
        script = await lab.call("GET", f"{host.item(scripted)}/script?agent=junit", host.auth)
        assert script.body == b"PK script"
        log = await lab.call("GET", f"/standin/runs/{run_id}/items/1/log", DEMO)
        assert log.body == b"L"
        assert await lab.run(host) > scripted, "ids go on"


async def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    async with open_lab(tmp_path / "live") as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        await lab.report(host, run_id, "Failed")
        # What lies on the disk now is what a kill at this moment would leave.
        shutil.copytree(tmp_path / "live", tmp_path / "left")

    async with open_lab(tmp_path / "left") as lab:
        assert await lab.run_status(run_id) == "Failed"
        assert (await lab.call("GET", host.path, host.auth)).status == 200


async def test_seeding_again_changes_nothing(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        host = await lab.host()
        seed(tmp_path)
        assert (await lab.call("GET", host.path, host.auth)).status == 200
        assert (await lab.call("GET", f"{API}/depts", DEMO)).status == 200


async def test_the_server_says_where_it_is_and_ends_when_cancelled(tmp_path: Path) -> None:
    seed(tmp_path)
    ready = anyio.Event()
    urls: list[str] = []

    def note(url: str) -> None:
        urls.append(url)
        ready.set()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: serve(tmp_path, Address("127.0.0.1", 0), ready=note))
            await ready.wait()
            async with (
                ClientSession() as session,
                session.get(urls[0] + API + "/depts", headers={"Authorization": DEMO}) as answer,
            ):
                assert answer.status == 200
            before = anyio.current_time()
            tasks.cancel_scope.cancel()

    assert anyio.current_time() - before < 3
    assert urls[0].startswith("http://127.0.0.1:")
    # Closed in good order: the last one out folds the journal back into the database.
    assert [path.name for path in tmp_path.glob("standin.db*")] == ["standin.db"]


async def test_a_taken_port_is_said_and_leaves_nothing_open(tmp_path: Path) -> None:
    async with open_lab(tmp_path / "a") as lab:
        with pytest.raises(OSError, match="address already in use"):
            await serve(tmp_path / "b", Address("127.0.0.1", lab.client.port or 0), ready=print)


@pytest.mark.parametrize(
    ("index", "sql"),
    [
        ("runs_pending", "SELECT * FROM runs WHERE host_id = 1 AND is_pending = 1 ORDER BY id"),
        ("runs_pending", "SELECT count(*) FROM runs WHERE host_id = 1 AND is_pending = 1"),
        ("runs_of_host", "SELECT * FROM runs WHERE host_id = 1 ORDER BY id DESC"),
        ("runs_of_project", "SELECT * FROM runs WHERE project_id = 1 ORDER BY id LIMIT 25"),
        (
            "sqlite_autoindex_run_items",
            "SELECT * FROM run_items WHERE run_id IN (SELECT value FROM json_each('[1]'))"
            " ORDER BY run_id, sequence_number",
        ),
    ],
)
def test_frequent_questions_are_answered_by_an_index(tmp_path: Path, index: str, sql: str) -> None:
    store = open_store(tmp_path)
    plan = " ".join(row["detail"] for row in store.rows("EXPLAIN QUERY PLAN " + sql))
    store.close()

    assert f"INDEX {index}" in plan
    assert "USE TEMP B-TREE" not in plan


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(RuntimeError), store.transaction():
        store.write("INSERT INTO departments VALUES (1, 'A', 'B', 'C')")
        raise RuntimeError
    assert store.number("SELECT count(*) FROM departments") == 0
    store.close()
