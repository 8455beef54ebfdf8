"""A start that fails while it puts a damaged journal aside leaves the same tale to the next."""

import json
import os
import resource
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator import damaged, database
from orchestrator.database import open_database
from orchestrator.errors import StateError
from tests.claims import opened
from tests.test_damaged_journal import empty, events, filled, overwrite

STEPS = {"_replace", "keep_aside", "save_identities", "place_to_begin", "put_in_place"}
FILES = {damaged.__file__, database.__file__}
VISITS = 2
TALE = ["journal.damaged", "journal.begun"]


def started(folder: Path, told: Path, *, kill_at: int) -> bool:
    """Open the journal in a process that gets SIGKILL at a line of the steps, and notes its tale.

    Of a line that is come to again and again only the first visits count. Returns whether it was
    killed.
    """
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    lines, visits = 0, Counter[int]()
    with capture_logs() as logs:

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal lines
            if frame.f_code.co_filename not in FILES or frame.f_code.co_name not in STEPS:
                return None
            visits[frame.f_lineno] += event == "line"
            lines += event == "line" and visits[frame.f_lineno] <= VISITS
            if lines == kill_at:
                told.write_text(json.dumps(logs))
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        try:
            sys.settrace(trace)
            with open_database(folder):
                sys.settrace(None)
                told.write_text(json.dumps(logs))
        finally:
            os._exit(0)


def look_without_being_alone(folder: Path) -> bool:
    """See that a half replaced journal is refused and left; False where it is not that yet."""
    if not list(folder.glob("*.next")):
        return False
    there = {path.name for path in folder.iterdir()}
    with pytest.raises(StateError), open_database(folder, alone=False):
        pass
    return {path.name for path in folder.iterdir()} == there


def tale(logs: list[Any]) -> tuple[list[str], int]:
    return events(logs), sum(line["event"] == "run.in_doubt" for line in logs)


@pytest.fixture
def quick() -> Iterator[Path]:
    """A folder whose disk does not keep anybody waiting, if there is one."""
    shm = Path("/dev/shm")  # noqa: S108 - a fixed place, and a new folder in it
    with TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.parametrize(
    ("harm", "closed_well", "doubts"), [(overwrite, True, 50), (empty, False, 0)]
)
def test_a_kill_at_any_line_costs_neither_the_tale_nor_the_tokens(
    quick: Path, harm: Callable[[Path], None], closed_well: bool, doubts: int
) -> None:
    before = quick / "before"
    before.mkdir()
    harm(anyio.run(lambda: filled(before, closed_well=closed_well, runs=100)))
    files = {end: Path(f"{before}/journal.db{end}") for end in ("", "-wal")}
    content = {end: path.read_bytes() for end, path in files.items() if path.exists()}
    told, line, looks, killed = quick / "told", 0, 0, True

    while killed:
        line += 1
        folder = quick / str(line)
        shutil.copytree(before, folder)
        killed = started(folder, told, kill_at=line)
        first = json.loads(told.read_text())
        looks += look_without_being_alone(folder)
        with capture_logs() as second, opened(folder) as journal:
            credentials = anyio.run(journal.credentials)
        with capture_logs() as third, open_database(folder):
            pass

        said, count = tale(second or first)
        assert (said, count >= doubts) == (TALE, True), line
        assert credentials == ({"lab_01": (7, "a-token")} if doubts else {}), line
        kept = [path for path in folder.iterdir() if ".damaged-" in path.name]
        ends = {path.name.removeprefix("journal.db").partition("Z")[2]: path for path in kept}
        assert len(ends) == len(kept), kept
        assert {end: ends[end].read_bytes() for end in content} == content, line
        assert ends.keys() <= {"", "-wal", "-shm"}, line
        assert third == [], line
        shutil.rmtree(folder)

    sys.stdout.write(f"killed at {line - 1} lines\n")
    assert (line > 20, looks > 2) == (True, True)


def test_no_room_for_a_new_journal_costs_neither_the_tale_nor_the_tokens(quick: Path) -> None:
    before, ended = quick / "before", Counter[int]()
    before.mkdir()
    overwrite(anyio.run(lambda: filled(before, runs=100)))

    for limit_bytes in range(36_000, 160_000, 12_000):
        folder = quick / str(limit_bytes)
        shutil.copytree(before, folder)
        if not (child := os.fork()):
            status = 1
            try:
                # Past it a write fails as on a full disk. The old file is longer and only read.
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
                with capture_logs(), open_database(folder):
                    status = 0
            except StateError:
                status = 2
            finally:
                os._exit(status)
        ended[status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])] += 1
        with capture_logs() as logs, opened(folder) as journal:
            assert anyio.run(journal.credentials) == {"lab_01": (7, "a-token")}, limit_bytes
        assert (events(logs) == TALE) is (status == 2), limit_bytes
        shutil.rmtree(folder)

    assert ended.keys() == {0, 2}
