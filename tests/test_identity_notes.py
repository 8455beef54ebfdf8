"""What a labfleet leaves when it is killed, and when its hosts may be taken over."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator import guard, identity_look
from orchestrator.database import open_database
from orchestrator.identity import Identities
from orchestrator.identity_look import Look
from orchestrator.identity_notes import read_note
from orchestrator.owner import Origin, new_mark, origins, owner_of
from tests.attempts import written_order
from tests.claims import assignment, finished, opened, settled

SERVER = "https://qac.example.com/rest-api/service"


def hold(one: Identities, host_id: int) -> str:
    """Want *host_id*, and return why it is not ours."""
    one.hold({host_id})
    return one.refusal(host_id)


@contextmanager
def living_until_the_end(state_dir: Path, folder: Path, *ids: int) -> Iterator[Path]:
    """Let a process hold *ids*, and kill it at the end; yields its note.

    A directory that is there already gets no journal.
    """
    journal = nullcontext() if state_dir.exists() else open_database(state_dir)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException), journal, Identities(SERVER, state_dir, folder) as held:
            held.hold(ids)
            assert held.held == set(ids)
            os.write(tell, b"held")
            signal.pause()
        os._exit(1)
    os.close(tell)
    try:
        assert os.read(told, 4) == b"held"
        yield folder / f"{owner_of(state_dir)}.json"
    finally:
        os.close(told)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def killed(state_dir: Path, folder: Path, *ids: int) -> Path:
    """Let a process hold *ids* and end without a word; return its note."""
    with living_until_the_end(state_dir, folder, *ids) as note:
        return note


@contextmanager
def tool_of(state_dir: Path, *, bare: bool = False) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of a tool; *bare* is one that cleared its environment and shows its seal only."""
    mark = new_mark(state_dir, "000001-1-abc")
    tool = subprocess.Popen(
        ["/bin/sleep", "600"],
        env={} if bare else {guard.MARK_VARIABLE: mark},
        preexec_fn=(lambda: guard.put_seal(mark)) if bare else None,  # noqa: PLW1509 - no threads
    )
    try:
        yield tool
    finally:
        tool.kill()
        tool.wait()


def garbage(journal: Path) -> None:
    journal.write_bytes(b"no database" * 1000)


def pipe(journal: Path) -> None:
    journal.unlink()
    os.mkfifo(journal)


def emptied(journal: Path) -> None:
    journal.write_bytes(b"")


def spoil(state_dir: Path, damage: Callable[[Path], None] = garbage) -> None:
    for companion in ("journal.db-wal", "journal.db-shm"):
        (state_dir / companion).unlink(missing_ok=True)
    damage(state_dir / "journal.db")


@pytest.mark.parametrize("damage", [garbage, pipe, emptied])
def test_what_a_killed_labfleet_held_is_refused_while_its_journal_does_not_answer(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    note = killed(state, folder, 7, 8)
    spoil(state, damage)

    with Identities(SERVER, tmp_path / "second", folder) as second:
        refused = hold(second, 7)
        assert f"{state} had this identity" in refused
        assert "start labfleet there once" in refused
        assert hold(second, 8) == refused
        assert hold(second, 9) == ""
        assert second.held == {9}
    assert note.exists()


def test_a_state_dir_that_may_not_be_read_keeps_its_hosts(unprivileged: Path) -> None:
    state, folder = unprivileged / "first", unprivileged / "locks"
    state.mkdir()
    killed(state, folder, 7)
    state.chmod(0)
    try:
        with Identities(SERVER, unprivileged / "second", folder) as second:
            assert "(Permission denied): let this user read it" in hold(second, 7)
    finally:
        state.chmod(0o700)


def test_what_was_seen_of_an_owner_before_its_end_does_not_count(tmp_path: Path) -> None:
    """Else a tool that it started within the last second could meet a second copy."""
    state, folder = tmp_path / "first", tmp_path / "locks"
    with Identities(SERVER, tmp_path / "second", folder) as second:
        with living_until_the_end(state, folder, 7):
            assert hold(second, 1) == ""
            spoil(state)
        assert "start labfleet there once" in hold(second, 7)
        assert hold(second, 2) == ""
        killed(tmp_path / "third", folder, 8)
        spoil(tmp_path / "third")
        assert "start labfleet there once" in hold(second, 8)


def test_a_journal_that_somebody_holds_is_asked_again(tmp_path: Path) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    killed(state, folder, 7)
    with Identities(SERVER, tmp_path / "second", folder) as second:
        holder = sqlite3.connect(state / "journal.db", isolation_level=None)
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert "locked" in hold(second, 7)
        holder.close()
        assert hold(second, 7) == ""


@pytest.mark.parametrize("bare", [False, True])
def test_when_a_state_dir_is_gone_its_hosts_are_free_only_after_the_last_of_its_tools(
    tmp_path: Path, *, bare: bool
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    with tool_of(state, bare=bare) as tool, tool_of(tmp_path / "stranger") as stranger:
        note = killed(state, folder, 7)
        shutil.rmtree(state)
        with Identities(SERVER, tmp_path / "second", folder) as second:
            assert f"the end of process {tool.pid} sleep" in hold(second, 7)
            assert note.exists()
            tool.kill()
            tool.wait()
            with capture_logs() as logs:
                assert hold(second, 7) == ""
            assert stranger.poll() is None
    assert [line["event"] for line in logs] == ["identity.abandoned"]
    assert not note.exists()


def test_a_state_dir_that_was_moved_goes_on_with_its_own_tools(tmp_path: Path) -> None:
    state, folder, moved = tmp_path / "first", tmp_path / "locks", tmp_path / "moved"
    killed(state, folder, 7)
    with tool_of(state) as tool:
        (attempt := state / "attempts" / "000001-1-abc").mkdir(parents=True)
        mark = dict(guard_variables(tool.pid))[guard.MARK_VARIABLE]
        written_order(attempt, mark=mark)
        state.rename(moved)
        with Identities(SERVER, tmp_path / "second", folder) as second:
            assert f"process {tool.pid} sleep" in hold(second, 7)
        with Identities(SERVER, moved, folder) as same:
            assert hold(same, 7) == ""


def test_many_notes_cost_one_reading_of_the_process_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, readings = tmp_path / "locks", []
    for number in range(3):
        killed(tmp_path / str(number), folder, number + 1)
        shutil.rmtree(tmp_path / str(number))

    def counted() -> list[Origin]:
        readings.append(1)
        return origins()

    monkeypatch.setattr(identity_look, "origins", counted)
    with Identities(SERVER, tmp_path / "second", folder) as second:
        second.hold({1, 2, 3, 4})
        assert second.held == {1, 2, 3, 4}
    assert readings == [1]
    assert [path.stem for path in folder.glob("*.json")] == [owner_of(tmp_path / "second")]


def guard_variables(pid: int) -> list[tuple[str, str]]:
    text = Path(f"/proc/{pid}/environ").read_text()
    return [(name, value) for name, _, value in (each.partition("=") for each in text.split("\0"))]


@pytest.mark.parametrize(
    ("word", "other"), [("device", 4242), ("seen_from", f"{guard.boot_id()} pid:[1]")]
)
def test_a_state_dir_that_only_seems_to_be_gone_keeps_its_hosts(
    tmp_path: Path, word: str, other: object
) -> None:
    """Its disk is away, or its tools are where nobody sees them."""
    state, folder = tmp_path / "first", tmp_path / "locks"
    note = killed(state, folder, 7)
    shutil.rmtree(state)
    said = read_note(note)
    text = note.read_text()
    was = f'"{word}":{said.device}' if word == "device" else f'"{word}":"{said.seen_from}"'
    assert was in text
    value = other if word == "device" else f'"{other}"'
    note.write_text(text.replace(was, f'"{word}":{value}'))

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert "start labfleet there once" in hold(second, 7)
    assert note.exists()


def test_a_state_dir_that_is_gone_since_an_earlier_start_of_the_machine_is_gone_for_good(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    note = killed(state, folder, 7)
    shutil.rmtree(state)
    said = read_note(note)
    text = note.read_text().replace(said.seen_from, "another-boot pid:[1]")
    note.write_text(text.replace(f'"device":{said.device}', '"device":4242'))

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert hold(second, 7) == ""
    assert not note.exists()


def test_what_an_earlier_life_noted_is_kept_while_its_journal_does_not_answer(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    killed(state, folder, 7)
    spoil(state)
    killed(state, folder, 8)

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert "start labfleet there once" in hold(second, 7)


async def test_who_leaves_in_good_order_notes_what_is_not_settled_and_no_more(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    with opened(state) as journal, Identities(SERVER, state, folder) as first:
        first.hold({7, 8})
        await journal.know_hosts({"lab_01": 7, "lab_02": 8})
        await finished(journal, settled(), assignment(1))
    (note,) = folder.glob("*.json")
    assert read_note(note).ids == {SERVER: {7}}
    spoil(state)

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert "start labfleet there once" in hold(second, 7)
        assert hold(second, 8) == ""


def test_a_state_dir_that_is_gone_while_its_labfleet_lives_is_not_taken_for_dead(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    state.mkdir()
    with (
        Identities(SERVER, state, folder) as first,
        Identities(SERVER, tmp_path / "second", folder) as second,
    ):
        hold(first, 7)
        shutil.rmtree(state)
        first.keep_only({7})
        assert "another labfleet here" in hold(second, 7)
        assert (folder / f"{owner_of(state)}.json").exists()


def test_an_id_that_could_be_noted_in_part_only_spoils_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold({1})
        (path,) = folder.glob("*.json")
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 3, limits[1]))
        try:
            assert "cannot be noted" in hold(one, 1234567)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, ignored)
        assert hold(one, 89) == ""
        assert read_note(path).ids == {SERVER: {1, 89}}


def test_a_note_names_what_is_held_and_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with open_database(tmp_path / "a"), Identities(SERVER, tmp_path / "a", folder) as one:
        (path,) = folder.glob("*.json")
        one.hold(range(1, 2000))
        assert read_note(path).ids == {SERVER: set(range(1, 2000))}
        one.keep_only({3, 5})
        note = read_note(path)
        assert (note.ids, note.place) == ({SERVER: {3, 5}}, tmp_path / "a")
        assert path.stat().st_size < 500
        assert path.stat().st_mode & 0o077 == 0


def test_a_labfleet_that_ends_just_when_its_note_is_read_keeps_nothing_from_others(
    tmp_path: Path,
) -> None:
    folder, seen, done = tmp_path / "locks", list[dict[int, str]](), threading.Event()
    folder.mkdir()
    note = folder / f"{owner_of(tmp_path / 'other')}.json"

    def come_and_go() -> None:
        while not done.is_set():
            beside = note.with_suffix(".new")
            beside.write_text(json.dumps({"state_dir": str(tmp_path), "server": "another"}))
            beside.rename(note)
            note.unlink()

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        seen += [Look(tmp_path / "ours", SERVER, [7]).at(folder).refused for _ in range(2000)]
    finally:
        done.set()
        other.join()

    assert [one for one in seen if one] == []
