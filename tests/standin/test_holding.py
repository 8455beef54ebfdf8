"""One stand-in on a data folder; and its owner, who need not sign in."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from click.testing import Result
from typer.testing import CliRunner

from orchestrator.cli_standin import app
from orchestrator.standin import export_data
from orchestrator.standin.errors import Refusal
from orchestrator.standin.store import STORE
from tests.standin.exports import files
from tests.standin.lab import API, DATA, DEMO, LEAD, PROJECT, open_lab

IN_USE = "another stand-in is using {}; stop it first"
ZIPPED = {"Content-Type": "application/zip"}


def standin(*arguments: object, answer: str = "", **environment: str) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], input=answer, env=environment)


def said(done: Result) -> str:
    return f"{done.stdout}{done.exception}"


async def test_a_folder_in_use_is_read_by_others_and_changed_by_nobody_else(
    exported: Path, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "out.zip"
    async with open_lab(data) as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        second = [sys.executable, "-m", "orchestrator", "standin", "--port", "0", "--seed"]
        with anyio.fail_after(20):
            refused = await anyio.run_process([*second, "--data", str(data)], check=False)
        assert IN_USE.format(data).encode() in refused.stderr
        assert b"Traceback" not in refused.stderr
        for wrong in (
            ("reset", "--data", data, "--yes"),
            ("import", "--data", data, exported),
        ):
            done = standin(*wrong)
            assert done.exit_code != 0
            assert IN_USE.format(data) in said(done)
        assert standin("export", "--data", data, out).exit_code == 0
        assert await lab.run_status(run_id) == "Awaiting Run"
        # Its own doors are open, for it knows what it does.
        done = await lab.call("POST", "/standin/reset", LEAD, json={"confirm": "reset"})
        assert (done.status, await lab.door.runs(PROJECT)) == (200, [])
    assert standin("import", "--data", data, out).exit_code == 0
    removed = standin("reset", "--data", data, "--yes").stdout
    assert removed == "removed: 1 hosts, 1 tests, 0 test sets, 1 runs, 0 files\n"
    everything = standin("reset", "--data", data, "--yes", "--everything").stdout
    assert "2 departments, 3 users, 2 projects" in everything


async def test_what_was_on_its_way_at_a_kill_is_swept_by_the_next_start(
    exported: Path, tmp_path: Path
) -> None:
    standin("import", "--data", tmp_path, exported)
    (tmp_path / "files" / "incoming-0123").write_bytes(b"half")

    async with open_lab(tmp_path):
        assert list(files(tmp_path)) == ["a" * 32]


async def test_who_was_shut_out_by_a_plain_import_is_named_and_let_in_again(
    exported: Path, tmp_path: Path
) -> None:
    data, plain = tmp_path / "b c", tmp_path / "plain.zip"
    export_data(exported.parent / "a", plain)

    told = standin("import", "--data", data, plain).stdout

    advice = "lead@example.com cannot sign in until: labfleet standin password lead@example.com"
    assert f"{advice} --data '{data}'" in told
    async with open_lab(data) as lab:
        assert (await lab.call("GET", f"{API}/depts", LEAD)).status == 401
        command = ("password", "Lead@example.com", "--data", data)
        assert "nobody is there to ask" in said(standin(*command))
        assert standin(*command, LABFLEET_STANDIN_PASSWORD="lead").exit_code == 0
        assert (await lab.call("GET", f"{API}/depts", LEAD)).status == 200
        assert standin(*command, "--password-stdin", answer="other\n").exit_code == 0
        assert (await lab.call("GET", f"{API}/depts", LEAD)).status == 401
        assert "opens nothing" in said(standin(*command, "--password-stdin", answer="\n"))
    wrong = standin("password", "x@example.com", "--data", data, LABFLEET_STANDIN_PASSWORD="x")
    assert "no user x@example.com; there are: demo@example.com" in said(wrong)
    assert "no data of a stand-in" in said(standin("password", "x@y", "--data", tmp_path / "none"))
    assert not (tmp_path / "none").exists()


async def test_while_all_data_are_replaced_nobody_waits_and_everybody_is_told_to_come_again(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path) as lab:
        body = (await lab.call("GET", "/standin/export?secrets=true", LEAD)).body
        done: list[int] = []

        async def replace() -> None:
            answer = await lab.call("POST", "/standin/import", LEAD, data=body, headers=ZIPPED)
            done.append(answer.status)

        with closing(sqlite3.connect(tmp_path / "standin.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # so the import waits, in the thread that it has
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(replace)
                with anyio.fail_after(5):
                    while (refused := await lab.call("GET", f"{API}/depts", LEAD)).status == 200:
                        await anyio.sleep(0.01)
                    write = await lab.call("POST", f"{DATA}/tests", DEMO, json={"Title": "T"})
                    again = await lab.call("POST", "/standin/reset", LEAD, json={})
                assert [refused.status, write.status, again.status] == [503] * 3
                assert refused.headers["Retry-After"] == "2"
                with pytest.raises(Refusal), lab.client.app[STORE].transaction():
                    pass  # so does a call that began before
                other.execute("ROLLBACK")
        assert done == [200]
        assert (await lab.call("GET", f"{API}/depts", LEAD)).status == 200


async def test_a_body_that_is_no_export_is_called_so_and_not_by_a_name_of_ours(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path) as lab:
        bad = await lab.call("POST", "/standin/import", LEAD, data=b"no zip", headers=ZIPPED)
    assert bad.error["message"].startswith("The body is not an export, or damaged")
