"""What becomes of tools when labfleet, its guards or the whole machine end or are ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator import guard
from tests.attempts import until
from tests.faults.crash import check, kill, open_crashing, unowned
from tests.faults.crash_nursery import Nursery, open_nursery
from tests.fleet import PASSING, Fleet, tool


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


async def test_trees_go_with_a_killed_labfleet_within_two_seconds_if_told_so(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    mode = {"on_orchestrator_exit": "kill", "max_attempts": 1}
    async with open_crashing(tmp_path, tag, 1, nursery, **mode) as crashing:
        run_id = await crashing.queue("lab_001", seconds=600)
        with crashing.labfleet() as labfleet:
            await crashing.until_started(run_id)
            kill(labfleet)
        began_s = time.monotonic()
        await until(lambda: not unowned(tag), limit_s=5)
        took_s = time.monotonic() - began_s
        await crashing.finish()
        await check(crashing, verdicts={"Blocked"})

    assert took_s < 2


async def test_labfleet_and_its_guards_killed_together_leave_nothing_and_run_once_more(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    async with open_crashing(tmp_path, tag, 1, nursery) as crashing:
        run_id = await crashing.queue("lab_001", seconds=1.0)
        with crashing.labfleet() as labfleet:
            await crashing.until_started(run_id)
            kill(labfleet)
        (lonely,) = crashing.guards()
        os.kill(lonely, signal.SIGKILL)
        # Who has the mark and who has not: the helpers live, and nobody owns them.
        await until(lambda: len(unowned(tag)) == 2)
        await crashing.finish()
        await check(crashing, starts=2)

    assert crashing.starts(run_id) == ["alone", "alone"]


async def test_after_a_reboot_a_stranger_with_the_guards_pid_is_let_alone(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    code = """
        import os, signal, sys, time
        for signum in range(1, 32):
            if signum not in (9, 19):
                signal.signal(signum, lambda signum, _: print(signum, flush=True))
        print("up", flush=True)
        time.sleep(600)
    """
    async with open_crashing(tmp_path, tag, 1, nursery) as crashing:
        run_id = await crashing.queue("lab_001", seconds=0.3)
        with crashing.labfleet() as labfleet:
            await crashing.until_started(run_id)
            kill(labfleet)
        os.kill(crashing.guards()[0], signal.SIGKILL)
        heard = (tmp_path / "heard").open("wb")
        script = code.replace("\n        ", "\n")
        stranger = subprocess.Popen([sys.executable, "-c", script], stdout=heard)
        try:
            await until(lambda: (tmp_path / "heard").read_bytes() == b"up\n")
            # As after a boot: the same number, a process that has nothing to do with us.
            (file,) = (crashing.journal / "attempts").glob(f"*/{guard.GUARD}")
            ticks = guard.Process(stranger.pid).start_ticks
            who = {"pid": stranger.pid, "start_ticks": ticks, "boot_id": "of another boot"}
            file.write_text(json.dumps(who))
            await crashing.finish()
            lived = stranger.poll() is None
        finally:
            # By nothing else: it ignores what it notes, and would be waited for.
            stranger.kill()
            stranger.wait()
            heard.close()
        await check(crashing, starts=2)

    assert lived
    assert (tmp_path / "heard").read_bytes() == b"up\n"


# What ignores SIGTERM and is no child of the guard: nothing but its KILL ends it. It has the lock.
STUBBORN = """
    import fcntl, signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lock = os.open({lock!r}, os.O_RDWR | os.O_CREAT)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        word = "alone"
    except BlockingIOError:
        word = "beside"
    open({starts!r}, "a").write(word + "\\n")
    if open({starts!r}).read().count("\\n") == 1:
        if os.fork() == 0:
            os.setsid()
        time.sleep(600)
"""


async def test_a_slot_is_free_only_when_a_tool_that_ignores_sigterm_is_dead(
    fleet: Fleet, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    code = STUBBORN.format(lock=str(tmp_path / "lock"), starts=str(starts))
    first, second = [await fleet.queue(tool(code + PASSING)) for _ in range(2)]
    # The grace is long beside what it takes to start the second tool, were its slot free before.
    fleet.host, fleet.tool = {"limit": 2}, {"slots": 1, "timeout_s": 0.5, "grace_s": 2.5}

    with capture_logs() as logs:
        await fleet.work_off()

    assert starts.read_text().split() == ["alone", "alone"]
    assert [(await fleet.verdict(run))[0] for run in (first, second)] == ["Blocked", "Passed"]
    [took_s] = [line["seconds"] for line in logs if line["event"] == "run.blocked"]
    assert 3.0 <= took_s < 3.0 + guard.SWEEP_S
    assert [line["processes"] for line in logs if line["event"] == "tool.killed"] == [2]
    assert "tool.survived" not in {line["event"] for line in logs}
