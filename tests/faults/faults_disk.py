"""F10: a disk that is really full, at each place where one is needed.

The state directory is on a small tmpfs, which takes root; elsewhere these are left out.
"""

import errno
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator.service import Service
from tests.attempts import alive
from tests.claims import rows
from tests.fleet import LIMIT_S, PASSING, Fleet, archive, tool
from tests.test_recovery import WAITS, counting, until_there

DISK_MB = 32
MB_BYTES = 1024 * 1024


@pytest.fixture
def disk(fleet: Fleet) -> Iterator[Path]:
    """A small disk of its own for the fleet's state."""
    folder = fleet.folder / "state"
    folder.mkdir(mode=0o700)
    mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={DISK_MB}m,nr_inodes=2000",
        "labfleet",
        str(folder),
    ]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        fleet.end_tools()
        subprocess.run(["umount", "--lazy", folder], check=True)


class Ballast:
    """What somebody else keeps on the disk."""

    def __init__(self, disk: Path) -> None:
        self.path = disk / "ballast"

    def leave_bytes(self, size_bytes: int) -> None:
        """Fill the disk up to *size_bytes*, or to the last."""
        with self.path.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                stats = os.statvfs(self.path)
                spare_bytes = stats.f_bavail * stats.f_frsize - size_bytes
                if spare_bytes <= 0:
                    return
                file.write(bytes(min(spare_bytes, MB_BYTES)))

    def remove(self) -> None:
        self.path.unlink()


def incompressible(size_bytes: int, code: str = PASSING) -> bytes:
    start = "import os, sys, time\nfrom pathlib import Path\nresults = sys.argv[1]\n"
    body = start + "\n".join(line.strip() for line in code.splitlines())
    return archive({"tool.py": body, "ballast.bin": os.urandom(size_bytes)})


async def until_logged(logs: list[Any], event: str, **more: object) -> None:
    with anyio.fail_after(LIMIT_S):
        while not any(
            line["event"] == event and more.items() <= line.items() for line in list(logs)
        ):
            await anyio.sleep(0.02)


async def until_open(service: Service) -> None:
    with anyio.fail_after(LIMIT_S):
        while service.runner.closed:
            await anyio.sleep(0.02)


def one_status_each(fleet: Fleet, run_ids: list[int]) -> None:
    """Every item has one row and is delivered."""
    found = rows(fleet.folder / "state", "SELECT run_id, state, attempt FROM assignments")
    assert sorted((run, state) for run, state, _ in found) == [
        (run, "delivered") for run in sorted(run_ids)
    ]


async def test_intake_closes_on_a_full_disk_with_its_reason_and_opens_by_itself(
    fleet: Fleet, disk: Path
) -> None:
    fleet.top = {"limits": {"min_free_disk_mb": 4, "min_free_inodes": 100}}
    ballast = Ballast(disk)

    with capture_logs() as logs:
        async with fleet.running() as service:
            ballast.leave_bytes(2 * MB_BYTES)
            await until_logged(logs, "admission.closed", reason="disk")
            run_ids = [await fleet.queue(tool(PASSING)) for _ in range(3)]
            while len(service.runner.active) < 3:
                await anyio.sleep(0.02)
            assert "limits.min_free_disk_mb is 4" in service.runner.closed["disk"]
            assert [await fleet.lab.run_status(run) for run in run_ids] == ["Awaiting Run"] * 3

            ballast.remove()
            await until_logged(logs, "admission.opened", reason="disk")
            for run_id in run_ids:
                await fleet.until_status(run_id, "Passed")
    assert [line["event"] for line in logs].count("admission.closed") == 1


async def test_intake_closes_when_inodes_run_out(fleet: Fleet, disk: Path) -> None:
    fleet.top = {"limits": {"min_free_disk_mb": 0, "min_free_inodes": 500}}
    crowd = disk / "crowd"
    crowd.mkdir()

    with capture_logs() as logs:
        async with fleet.running():
            for number in range(1700):
                (crowd / str(number)).touch()
            await until_logged(logs, "admission.closed", reason="disk")
            run_id = await fleet.queue(tool(PASSING))
            for path in crowd.iterdir():
                path.unlink()
            await fleet.until_status(run_id, "Passed")


@pytest.mark.parametrize(
    ("left_mb", "script_mb"),
    [(2, 4), (7, 5), (0, 1)],
    ids=["at download", "at unpack", "at the claim"],
)
async def test_a_script_that_finds_no_room_waits_for_it(
    fleet: Fleet, disk: Path, left_mb: int, script_mb: int
) -> None:
    # Without a limit, so that nothing keeps it from trying.
    fleet.top = {"limits": {"min_free_disk_mb": 0, "min_free_inodes": 0}}
    ballast = Ballast(disk)
    small = None

    with capture_logs() as logs:
        async with fleet.running() as service:
            first = await fleet.queue(tool(PASSING))
            await fleet.until_status(first, "Passed")
            run_id = await fleet.queue(incompressible(script_mb * MB_BYTES))
            ballast.leave_bytes(left_mb * MB_BYTES)
            # The disk of a script, or of the claim.
            full = re.compile("No space left|disk is full")
            while not any(full.search(str(line.get("error"))) for line in logs):
                await anyio.sleep(0.02)
            if left_mb:
                # What it left is removed: others have the room that there is.
                small = await fleet.queue(tool(PASSING))
                await fleet.until_status(small, "Passed")

            ballast.remove()
            await fleet.until_status(run_id, "Passed")
            while service.runner.active or service.reporter.owed:
                await anyio.sleep(0.02)
    one_status_each(fleet, [run for run in (first, small, run_id) if run])


async def test_a_script_for_which_there_is_never_room_is_blocked_with_that_reason(
    fleet: Fleet, disk: Path
) -> None:
    fleet.top = {"limits": {"min_free_disk_mb": 0, "postpone_for_s": 1}}
    run_id = await fleet.queue(incompressible(DISK_MB * 3 // 4 * MB_BYTES))
    Ballast(disk).leave_bytes(DISK_MB // 2 * MB_BYTES)

    await fleet.work_off()

    status, reason = await fleet.verdict(run_id)
    assert (status, os.strerror(errno.ENOSPC) in reason) == ("Blocked", True)
    assert "and no longer" in reason


async def test_a_tool_that_fills_the_disk_costs_output_and_not_the_process(
    fleet: Fleet, disk: Path, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    fleet.top = {"limits": {"min_free_disk_mb": 1, "min_free_inodes": 0, "max_run_disk_mb": 0}}
    greedy = f"""
        try:
            with open(Path(results, "big"), "wb", 0) as file:
                while True: file.write(bytes(1 << 20))
        except OSError:
            pass
        print("x" * 1_000_000, flush=True)
        while not Path({str(release)!r}).exists(): time.sleep(0.02)
        sys.exit(3)
    """
    greedy_run = await fleet.queue(tool(greedy))

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_logged(logs, "admission.closed", reason="disk")
            next_run = await fleet.queue(tool(PASSING))
            release.touch()
            # Its results are what fills the disk, and go once its verdict is delivered.
            await fleet.until_status(greedy_run, "Blocked")
            await fleet.until_status(next_run, "Passed")
            await until_open(service)
            while service.runner.active or service.reporter.owed:
                await anyio.sleep(0.02)
    one_status_each(fleet, [greedy_run, next_run])
    assert alive(str(disk)) == []


async def test_a_journal_without_room_loses_nothing_and_goes_on_by_itself(
    fleet: Fleet, disk: Path, tmp_path: Path
) -> None:
    fleet.top = {"limits": {"min_free_disk_mb": 0, "min_free_inodes": 0}}
    ballast, release = Ballast(disk), tmp_path / "release"
    # Its report is there before the disk is full.
    waits = WAITS.format(release=str(release))
    ready = f"    Path({str(tmp_path / 'ready')!r}).touch()\n"
    run_id = await fleet.queue(counting(tmp_path, PASSING.lstrip("\n") + ready + waits))

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(tmp_path / "ready")
            ballast.leave_bytes(0)
            # These cannot even be claimed, and stay listed; that one has a verdict to write down.
            others = [await fleet.queue(tool(PASSING)) for _ in range(30)]
            release.touch()
            await until_logged(logs, "host.unreachable")
            await anyio.sleep(1)
            ballast.remove()
            for each in [run_id, *others]:
                await fleet.until_status(each, "Passed")
            while service.runner.active or service.reporter.owed:
                await anyio.sleep(0.02)
    one_status_each(fleet, [run_id, *others])
    assert (tmp_path / "starts").read_text() == "x"
