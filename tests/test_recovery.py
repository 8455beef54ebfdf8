"""What a killed labfleet leaves is taken up by the next one: nothing lost, nothing run twice."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from tests.attempts import alive
from tests.fleet import LIMIT_S, PASSING, Fleet, tool

LABFLEET = [sys.executable, "-m", "orchestrator", "run", "--log-format", "json", "--config"]


@contextmanager
def process(fleet: Fleet) -> Iterator[subprocess.Popen[bytes]]:
    """A labfleet of its own, as an operator starts it."""
    with (fleet.folder / "labfleet.log").open("ab") as log:
        started = subprocess.Popen([*LABFLEET, str(fleet.write())], stderr=log, stdout=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def counting(folder: Path, rest: str) -> bytes:
    """Return a script that notes each start in *folder*/starts."""
    return tool(f"    open({str(folder / 'starts')!r}, 'a').write('x')\n{rest}")


async def until_there(path: Path) -> None:
    await until_matched(path.parent, path.name)


async def until_matched(folder: Path, pattern: str) -> None:
    with anyio.fail_after(LIMIT_S):
        while not any(folder.glob(pattern)):
            await anyio.sleep(0.02)


async def until_logged(fleet: Fleet, text: str) -> None:
    with anyio.fail_after(LIMIT_S):
        while text not in (fleet.folder / "labfleet.log").read_text("utf-8"):
            await anyio.sleep(0.02)


async def until_draining(fleet: Fleet) -> None:
    """Wait until SIGTERM was heard.

    On a busy machine that takes a while, and a second one that comes before it is none at all:
    the kernel keeps one pending signal of a kind.
    """
    await until_logged(fleet, "service.draining")


async def until_ended(fleet: Fleet, run_id: int, status: str) -> None:
    with anyio.fail_after(LIMIT_S):
        await fleet.until_status(run_id, status)


WAITS = """
    while not Path({release!r}).exists(): time.sleep(0.02)
"""


async def test_a_tool_outlives_a_killed_labfleet_and_its_verdict_is_reported_once(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    waits = WAITS.format(release=str(release))
    run_id = await fleet.queue(counting(tmp_path, waits + PASSING))

    with process(fleet):
        await until_there(tmp_path / "starts")
    release.touch()
    with process(fleet):
        await until_ended(fleet, run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


async def test_a_tool_that_ended_while_nobody_watched_is_not_started_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    run_id = await fleet.queue(counting(tmp_path, "    time.sleep(0.5)\n" + PASSING))

    with process(fleet):
        await until_there(tmp_path / "starts")
    await until_matched(tmp_path / "state" / "attempts", "000001-1-*/exit.json")
    with process(fleet):
        await until_ended(fleet, run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


async def test_with_kill_the_tool_goes_with_labfleet_and_is_run_once_more(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.top = {"on_orchestrator_exit": "kill"}
    release = tmp_path / "release"
    waits = WAITS.format(release=str(release))
    run_id = await fleet.queue(counting(tmp_path, waits + PASSING))

    with process(fleet):
        await until_there(tmp_path / "starts")
    with anyio.fail_after(LIMIT_S):
        while alive(str(tmp_path / "state")):
            await anyio.sleep(0.02)
    release.touch()
    with process(fleet):
        await until_ended(fleet, run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "xx"


@pytest.mark.parametrize("policy", [{"on_interrupted": "block"}, {"max_attempts": 1}])
async def test_an_interrupted_run_is_blocked_where_the_policy_says_so(
    fleet: Fleet, tmp_path: Path, policy: dict[str, object]
) -> None:
    fleet.top = {"on_orchestrator_exit": "kill"} | policy
    run_id = await fleet.queue(counting(tmp_path, "    time.sleep(60)\n"))

    with process(fleet):
        await until_there(tmp_path / "starts")
    with process(fleet):
        await until_ended(fleet, run_id, "Blocked")

    assert (tmp_path / "starts").read_text() == "x"
    assert "cut off" in (await fleet.verdict(run_id))[1]


async def test_a_verdict_that_could_not_be_delivered_is_delivered_by_the_next_process(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.lab.faults.answer("update_item", 503, times=1000)
    run_id = await fleet.queue(counting(tmp_path, PASSING))

    with process(fleet):
        await until_matched(tmp_path / "state" / "attempts", "000001-1-*/report.mht")
        with anyio.fail_after(LIMIT_S):
            while fleet.lab.faults.calls["update_item"] < 1:
                await anyio.sleep(0.02)
    fleet.lab.faults.clear()
    with process(fleet):
        await until_ended(fleet, run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


async def test_sigterm_lets_a_running_tool_end_and_starts_nothing_more(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    first = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))
    second = await fleet.queue(counting(tmp_path, PASSING))

    with process(fleet) as labfleet:
        await until_there(tmp_path / "starts")
        labfleet.send_signal(signal.SIGTERM)
        await until_draining(fleet)
        release.touch()
        with anyio.fail_after(LIMIT_S):
            await anyio.to_thread.run_sync(labfleet.wait, abandon_on_cancel=True)

    assert labfleet.returncode == 0
    assert (await fleet.verdict(first))[0] == "Passed"
    assert (await fleet.verdict(second))[0] == "Awaiting Run"
    assert (tmp_path / "starts").read_text() == "x"


async def test_a_second_signal_ends_it_at_once_and_the_tool_is_adopted_later(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.top = {"drain_s": 60}
    release = tmp_path / "release"
    run_id = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))

    with process(fleet) as labfleet:
        await until_there(tmp_path / "starts")
        labfleet.send_signal(signal.SIGTERM)
        await until_draining(fleet)
        labfleet.send_signal(signal.SIGTERM)
        with anyio.fail_after(5):
            await anyio.to_thread.run_sync(labfleet.wait, abandon_on_cancel=True)
    release.touch()
    with process(fleet):
        await until_ended(fleet, run_id, "Passed")

    assert labfleet.returncode == 0
    assert (tmp_path / "starts").read_text() == "x"


async def test_a_second_labfleet_on_one_state_directory_is_refused(fleet: Fleet) -> None:
    with process(fleet) as first:
        with anyio.fail_after(LIMIT_S):
            while not (fleet.folder / "state" / "journal.db").exists():
                await anyio.sleep(0.02)
        second = await anyio.run_process([*LABFLEET, str(fleet.file)], check=False)
        running = first.poll() is None

    assert second.returncode == 1
    assert b"another labfleet" in second.stderr
    assert running


async def test_a_state_directory_that_is_moved_under_a_tool_loses_no_verdict(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    # The tool's own way to its results is one that moves along.
    passing = '    results = "../results"\n' + PASSING
    run_id = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + passing))

    with process(fleet):
        await until_there(tmp_path / "starts")
    (tmp_path / "state").rename(tmp_path / "moved")
    fleet.top = {"state_dir": str(tmp_path / "moved")}
    with process(fleet):
        await until_logged(fleet, "run.adopted")
        release.touch()
        await until_ended(fleet, run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"
    assert not (tmp_path / "state").exists()
