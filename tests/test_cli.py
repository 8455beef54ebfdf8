"""The commands as an operator types them, in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from orchestrator.tables import fitted
from tests.fleet import PASSING, Fleet, tool
from tests.test_recovery import process

LABFLEET = [sys.executable, "-m", "orchestrator"]
LIMIT_S = 60


async def labfleet(
    *arguments: object, cwd: Path | None = None, **environ: str
) -> "subprocess.CompletedProcess[str]":
    def work() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*LABFLEET, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=LIMIT_S,
            cwd=cwd,
            env={**os.environ, "COLUMNS": "200", **environ},
        )

    return await anyio.to_thread.run_sync(work)


async def on_terminal(*arguments: object) -> str:
    """What a person would see of a command with little to say, on a plain terminal of 80."""
    ours, theirs = os.openpty()
    environ = {**os.environ, "TERM": "dumb"}
    command = [*LABFLEET, *map(str, arguments)]
    try:
        await anyio.run_process(
            command, stdout=theirs, stderr=None, stdin=subprocess.DEVNULL, env=environ
        )
        return os.read(ours, 65536).decode().replace("\r\n", "\n")
    finally:
        os.close(theirs)
        os.close(ours)


@pytest.fixture
def unregistered(fleet: Fleet, tmp_path: Path) -> Path:
    """A settings file whose hosts have no identity yet; one of them is known to the server."""
    fleet.hosts.clear()
    fleet.write()
    with fleet.file.open("a", encoding="utf-8") as file:
        for key, name in (("old", "LAB_001"), ("new", "LAB-NEW")):
            file.write(f'\n[hosts.{key}]\nhost_name = "{name}"\ntools = ["quick"]\n')
    return fleet.file


async def register(file: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    login = {"LABFLEET_USER_EMAIL": "demo@example.com", "LABFLEET_USER_PASSWORD": "demo"}
    return await labfleet("register", "-c", file, "--json", **(login | environ))


async def test_register_finds_or_creates_each_host_and_a_run_needs_nothing_else(
    unregistered: Path, fleet: Fleet
) -> None:
    done = await register(unregistered)
    rows = {row["host"]: row for row in json.loads(done.stdout)}
    again = await register(unregistered)
    found = {row["host"]: row["outcome"] for row in json.loads(again.stdout)}

    assert done.returncode == 0, done.stderr
    assert (rows["old"]["outcome"], rows["new"]["outcome"]) == ("found", "created")
    assert set(found.values()) == {"found"}
    assert (fleet.folder / "state" / "journal.db").stat().st_mode & 0o077 == 0

    script = fleet.folder / "script.zip"
    script.write_bytes(tool(PASSING))
    queued = await labfleet(
        "standin", "queue", "--url", fleet.lab.url, "--host-id", rows["new"]["id"],
        "--script", script,
    )  # fmt: skip
    ran = await labfleet("run", "-c", unregistered, "--until-idle")

    assert queued.stdout.startswith("run "), queued.stderr
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ("verdicts: 1 Passed, 0 Failed, 0 Blocked, 0 Skipped; reports owed: 0\n")
    assert await fleet.lab.run_status(int(queued.stdout.split()[1])) == "Passed"


async def test_a_wrong_password_is_told_and_not_shown(unregistered: Path) -> None:
    done = await register(unregistered, LABFLEET_USER_PASSWORD="hunter2-planted")

    assert done.returncode == 1
    assert "401" in done.stderr
    assert "hunter2-planted" not in done.stdout + done.stderr


async def test_a_user_of_several_departments_is_asked_which(unregistered: Path) -> None:
    login = {"LABFLEET_USER_EMAIL": "lead@example.com", "LABFLEET_USER_PASSWORD": "lead"}

    vague = await register(unregistered, **login)
    chosen = await labfleet(
        "register", "-c", unregistered, "--department", "Logistics", "--json", **login
    )

    assert vague.returncode == 1
    assert "5120 (Payments), 5121 (Logistics)" in vague.stderr
    assert chosen.returncode == 0, chosen.stderr


async def test_check_says_what_is_missing_and_fails(fleet: Fleet) -> None:
    fleet.write()
    good = await labfleet("check", "-c", fleet.file, "--json")
    fleet.tool = {"executable": ["/opt/nowhere/runner", "{title}"]}
    fleet.hosts["lab_001"].token = "wrong-token"
    fleet.write()
    bad = await labfleet("check", "-c", fleet.file, "--json")

    assert good.returncode == 0, good.stdout
    assert bad.returncode == 1
    found = {row["what"]: row for row in json.loads(bad.stdout)}
    assert found["state_dir"]["good"] == "yes"
    assert found["server"]["good"] == "yes"
    assert "/opt/nowhere/runner" in found["tool quick"]["detail"]
    assert "401" in found["host lab_001"]["detail"]


async def test_check_tells_an_unreachable_server(fleet: Fleet, unused_url: str) -> None:
    fleet.url = unused_url
    fleet.write()

    done = await labfleet("check", "-c", fleet.file, "--json")

    found = {row["what"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert "cannot connect" in found["server"]["detail"]


async def test_status_hosts_and_runs_ask_the_running_labfleet(fleet: Fleet, free_port: int) -> None:
    run_id = await fleet.queue(tool(PASSING))
    url = f"http://127.0.0.1:{free_port}"
    fleet.write()
    text = fleet.file.read_text("utf-8").replace("port = 0", f"port = {free_port}")
    fleet.write = lambda: fleet.file  # type: ignore[method-assign] # the file stays as it is
    fleet.file.write_text(text, encoding="utf-8")

    with process(fleet):
        with anyio.fail_after(LIMIT_S):
            await fleet.until_status(run_id, "Passed")
        status = await labfleet("status", "-c", fleet.file)
        hosts = await labfleet("hosts", "--url", url, "--json")
        runs = await labfleet("runs", "--url", url)

    assert "1 polling" in status.stdout
    (host,) = json.loads(hosts.stdout)
    assert (host["key"], host["state"]) == ("lab_001", "polling")
    assert fleet.hosts["lab_001"].token not in hosts.stdout
    assert "Passed" in runs.stdout


async def test_status_without_a_labfleet_fails_in_one_line(unused_url: str) -> None:
    done = await labfleet("status", "--url", unused_url)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no labfleet answers" in done.stderr


async def test_runs_are_those_of_the_journal_where_no_labfleet_runs(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool("sys.exit('no report, and here is why: ' + 'because ' * 40)"))
    fleet.write()
    nothing = await labfleet("runs", "-c", fleet.file)
    unmade = not (fleet.folder / "state").exists()
    await fleet.work_off()

    piped = await labfleet("runs", "-c", fleet.file)
    whole = await labfleet("runs", "-c", fleet.file, "--json")
    shown = await on_terminal("runs", "-c", fleet.file)

    assert nothing.returncode == 1
    assert "start it with `labfleet run`" in nothing.stderr
    assert f"there is no journal in {fleet.folder / 'state'}" in nothing.stderr
    assert unmade
    assert (piped.returncode, whole.returncode) == (0, 0)
    assert "This is what its journal says:" in piped.stderr
    (row,) = json.loads(whole.stdout)
    assert (row["run"], row["verdict"], row["state"]) == (run_id, "Blocked", "delivered")
    assert row["reason"].count("because") > 20
    assert piped.stdout.splitlines()[1].endswith(" ".join(row["reason"].split()))
    head, line = shown.splitlines()
    assert head.split()[0] == "run"
    assert line.endswith("…")
    assert len(line) == 80


async def test_a_file_that_is_not_there_is_told_in_whole_sentences() -> None:
    done = await labfleet("runs", "-c", "/nowhere/labfleet.toml")

    assert done.returncode == 2
    assert done.stderr.endswith("prints all keys.\na running labfleet can be named by --url too\n")


async def test_faulty_settings_end_with_2_and_every_fault(fleet: Fleet) -> None:
    fleet.top = {"drain_s": -1}
    fleet.tool = {"slots": 0, "colour": "red"}
    fleet.write()

    done = await labfleet("run", "-c", fleet.file)

    assert done.returncode == 2
    for fault in ("drain_s", "tools.quick.slots", "tools.quick.colour"):
        assert fault in done.stderr


async def test_until_idle_fails_when_a_host_was_refused(fleet: Fleet) -> None:
    fleet.hosts["lab_001"].token = "wrong-token"
    fleet.write()

    done = await labfleet("run", "-c", fleet.file, "--until-idle", "--log-format", "json")

    assert done.returncode == 1
    assert "host.refused" in done.stderr
    summary, host = done.stdout.splitlines()
    assert summary.startswith("verdicts: 0 Passed, ")
    assert host.startswith("host lab_001 is refused: ")


async def test_until_idle_ends_while_the_server_is_away_and_names_what_is_left(
    fleet: Fleet,
) -> None:
    await fleet.queue(tool(PASSING))
    fleet.lab.faults.answer("update_item", 503, times=1000)
    fleet.write()
    owing = await labfleet("run", "-c", fleet.file, "--until-idle")
    second = await fleet.queue(tool(PASSING))
    fleet.lab.faults.answer("get_script", 503, times=1000)
    fleet.lab.faults.wait("current_runs", 0)
    fleet.lab.faults.answer("current_runs", 503, times=1000)

    done = await labfleet("run", "-c", fleet.file, "--until-idle", "--log-format", "json")

    assert "reports owed: 3" in owing.stdout
    assert done.returncode == 1
    assert "host lab_001 is backing_off" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "no answer to 3 polls in a row, so it ends here: 1 item not begun, 3 reports owed"
    )
    assert await fleet.lab.run_status(second) == "Awaiting Run"


async def test_a_taken_port_is_told_in_one_line(fleet: Fleet, free_port: int) -> None:
    fleet.write()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=free_port)
    async with listener:
        done = await labfleet("run", "-c", fleet.file, LABFLEET_WEB__PORT=str(free_port))

    assert done.returncode == 1
    assert "web.port" in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_standin_serves_from_the_command_line_and_keeps_what_it_got(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    command = [*LABFLEET, "standin", "--port", "0", "--data", str(data), "--seed"]
    async with await anyio.open_process(command, stderr=None) as served:
        assert served.stdout is not None
        with anyio.fail_after(LIMIT_S):
            line = await served.stdout.receive()
        served.terminate()
        with anyio.fail_after(10):
            await served.wait()

    assert b"not the real one" in line
    assert (data / "standin.db").exists()


async def test_the_schema_is_json(tmp_path: Path) -> None:
    done = await labfleet("schema")

    assert "hosts" in json.loads(done.stdout)["properties"]


async def test_relative_paths_of_the_command_and_of_the_file_reach_every_tool(
    fleet: Fleet,
) -> None:
    fleet.top = {"state_dir": "state"}
    run_id = await fleet.queue(tool(PASSING))
    fleet.write()

    done = await labfleet(
        "run", "-c", fleet.file.name, "--until-idle", cwd=fleet.folder,
        PYTHONPATH=str(Path(__file__).parents[1]),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert await fleet.lab.run_status(run_id) == "Passed"


async def test_rows_are_one_line_each_where_no_person_looks(fleet: Fleet) -> None:
    fleet.hosts["lab_001"].token = "wrong-token"
    fleet.write()

    done = await labfleet("check", "-c", fleet.file)

    lines = done.stdout.splitlines()
    whats = ["what", "state_dir", "journal", "server", "tool", "host"]
    assert [line.split()[0] for line in lines] == whats
    assert all(line == line.rstrip() for line in lines)


async def test_without_a_file_the_message_says_how_to_name_one() -> None:
    run, status = await labfleet("run"), await labfleet("status")

    assert (run.returncode, status.returncode) == (2, 2)
    assert "use --config FILE" in run.stderr
    assert "--url" in status.stderr


async def test_register_asks_nobody_where_nobody_is(unregistered: Path) -> None:
    done = await labfleet("register", "-c", unregistered)

    assert done.returncode == 1
    assert "--password-stdin" in done.stderr


async def test_check_gives_a_tool_nothing_of_labfleets_own_environment(
    fleet: Fleet, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "runner"
    program.write_text(f"#!/bin/sh\nenv >{told}\necho version 1\n")
    program.chmod(0o755)
    fleet.tool = {"executable": [str(program), "{title}"]}
    fleet.write()
    token = fleet.hosts["lab_001"].token

    done = await labfleet(
        "check", "-c", fleet.file, LABFLEET_HOSTS__LAB_001__TOKEN=token, SOME_SECRET="planted"
    )

    assert "version 1" in done.stdout
    assert token not in told.read_text()
    assert "planted" not in told.read_text()


def test_a_long_reason_takes_a_few_lines_of_a_narrow_terminal_and_not_all() -> None:
    row = {"test": "T" * 75, "reason": "a line of many\n" * 100}

    (narrow,) = fitted(("test", "reason"), [row], 80)
    (wide,) = fitted(("test", "reason"), [row], 120)

    assert len(narrow["reason"]) <= 80
    assert len(wide["reason"]) <= 120 - 75 - 2
