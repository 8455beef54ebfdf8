"""What a labfleet leaves when it is killed, and when its hosts may be taken over."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator import guard
from orchestrator.database import open_database
from orchestrator.identity import Identities
from orchestrator.identity_notes import read_note
from orchestrator.lock_folder import private_folder
from orchestrator.owner import new_mark, owner_of
from tests.attempts import written_order

SERVER = "https://qac.example.com/rest-api/service"


@contextmanager
def living_until_the_end(state_dir: Path, folder: Path, *ids: int) -> Iterator[Path]:
    """Let a process hold *ids*, and kill it at the end; yields its note.

    A directory that is there already gets no journal.
    """
    journal = nullcontext() if state_dir.exists() else open_database(state_dir)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException), journal:
            held = Identities(SERVER, state_dir, folder)
            assert [held.hold(number) for number in ids] == [""] * len(ids)
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
        refused = second.hold(7)
        assert f"{state} had this identity" in refused
        assert "start labfleet there once" in refused
        assert second.hold(8) == refused
        assert second.hold(9) == ""
        assert second.held == {9}
    assert note.exists()


def test_a_state_dir_that_may_not_be_read_keeps_its_hosts(unprivileged: Path) -> None:
    state, folder = unprivileged / "first", unprivileged / "locks"
    state.mkdir()
    killed(state, folder, 7)
    state.chmod(0)
    try:
        with Identities(SERVER, unprivileged / "second", folder) as second:
            assert "(Permission denied): let this user read it" in second.hold(7)
    finally:
        state.chmod(0o700)


def test_what_was_seen_of_an_owner_before_its_end_does_not_count(tmp_path: Path) -> None:
    """Else a tool that it started within the last second could meet a second copy."""
    state, folder = tmp_path / "first", tmp_path / "locks"
    with Identities(SERVER, tmp_path / "second", folder) as second:
        with living_until_the_end(state, folder, 7):
            assert second.hold(1) == ""
            spoil(state)
        assert "start labfleet there once" in second.hold(7)
        assert second.hold(2) == ""
        killed(tmp_path / "third", folder, 8)
        spoil(tmp_path / "third")
        assert "start labfleet there once" in second.hold(8)


def test_a_journal_that_somebody_holds_is_waited_for_shortly_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    killed(state, folder, 7)
    monkeypatch.setattr("orchestrator.identity._LOOK_AGAIN_S", 0.0)
    with Identities(SERVER, tmp_path / "second", folder) as second:
        holder = sqlite3.connect(state / "journal.db", isolation_level=None)
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        began_s = time.monotonic()
        assert "locked" in second.hold(7)
        assert time.monotonic() - began_s < 1
        holder.close()
        assert second.hold(7) == ""


@pytest.mark.parametrize("bare", [False, True])
def test_when_a_state_dir_is_gone_its_hosts_are_free_only_after_the_last_of_its_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bare: bool
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    monkeypatch.setattr("orchestrator.identity._LOOK_AGAIN_S", 0.0)
    with tool_of(state, bare=bare) as tool, tool_of(tmp_path / "stranger") as stranger:
        note = killed(state, folder, 7)
        shutil.rmtree(state)
        with Identities(SERVER, tmp_path / "second", folder) as second:
            assert f"the end of process {tool.pid} sleep" in second.hold(7)
            assert note.exists()
            tool.kill()
            tool.wait()
            with capture_logs() as logs:
                assert second.hold(7) == ""
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
            assert f"process {tool.pid} sleep" in second.hold(7)
        with Identities(SERVER, moved, folder) as same:
            assert same.hold(7) == ""


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
    said = read_note(note)[0]
    text = note.read_text()
    was = f'"{word}":{said.device}' if word == "device" else f'"{word}":"{said.seen_from}"'
    assert was in text
    value = other if word == "device" else f'"{other}"'
    note.write_text(text.replace(was, f'"{word}":{value}'))

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert "start labfleet there once" in second.hold(7)
    assert note.exists()


def test_a_state_dir_that_is_gone_while_its_labfleet_lives_is_not_taken_for_dead(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    state.mkdir()
    with (
        Identities(SERVER, state, folder) as first,
        Identities(SERVER, tmp_path / "second", folder) as second,
    ):
        first.hold(7)
        shutil.rmtree(state)
        first.keep_only({7})
        assert "another labfleet here" in second.hold(7)
        assert (folder / f"{owner_of(state)}.json").exists()


def linked(note: Path) -> None:
    note.symlink_to("/dev/zero")


def huge(note: Path) -> None:
    with note.open("wb") as file:
        file.truncate(64 * 1024**3)


def nested(note: Path) -> None:
    note.write_text('{"state_dir":' + "[" * 100_000 + "]" * 100_000 + "}")


def empty(note: Path) -> None:
    note.touch()


@pytest.mark.parametrize("put", [os.mkfifo, os.mkdir, linked, huge, nested, empty])
def test_whatever_lies_in_a_notes_place_costs_no_time_and_keeps_its_owners_tools_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], None]
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    monkeypatch.setattr("orchestrator.identity._LOOK_AGAIN_S", 0.0)
    with Identities(SERVER, tmp_path / "second", folder) as second:
        note = folder / f"{owner_of(state)}.json"
        put(note)
        began_s = time.monotonic()
        with tool_of(state) as tool:
            assert f"{note} cannot be read" in second.hold(7)
            assert f"process {tool.pid} sleep" in second.hold(7)
        assert second.hold(7) == ""
        assert time.monotonic() - began_s < 2


def test_a_note_names_what_is_held_and_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with open_database(tmp_path / "a"), Identities(SERVER, tmp_path / "a", folder) as one:
        (path,) = folder.glob("*.json")
        for number in range(1, 2000):
            one.hold(number)
        assert read_note(path)[0].ids == {SERVER: set(range(1, 2000))}
        one.keep_only({3, 5})
        note, runs = read_note(path)
        assert (note.ids, note.place, runs) == ({SERVER: {3, 5}}, tmp_path / "a", True)
        assert path.stat().st_size < 500
        assert path.stat().st_mode & 0o077 == 0


def test_what_another_took_after_the_locks_were_removed_is_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        for number in (7, 8):
            one.hold(number)
        for path in folder.iterdir():
            path.unlink()
        with Identities(SERVER, tmp_path / "b", folder) as two:
            assert two.hold(7) == ""
            with capture_logs() as logs:
                assert one.renew() == {7}
            assert one.held == {8}
            assert "another labfleet" in one.hold(7)
            assert "another labfleet" in two.hold(8)
            assert one.renew() == set()
        assert one.hold(7) == ""
    assert [(line["event"], line["id"]) for line in logs] == [("identity.shared", 7)]


def test_a_renewal_never_lets_go_of_a_lock_that_others_see(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold(7)
        before = {os.fstat(file).st_ino for file in one._files}
        files = set(one._files)
        next(folder.glob("*.json")).unlink()
        assert one.renew() == set()
        assert set(one._files) == files
        assert {os.fstat(file).st_ino for file in one._files} == before


def squatted(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)


def led_astray(place: Path) -> None:
    (place.parent / "elsewhere").mkdir()
    place.symlink_to(place.parent / "elsewhere")


@pytest.mark.parametrize("put", [squatted, led_astray, Path.touch])
def test_a_folder_that_somebody_else_made_first_leads_all_of_us_to_one_other(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    usual = tmp_path / f"labfleet-{os.geteuid()}"
    put(usual)

    chosen = private_folder(tmp_path)

    assert chosen != usual
    assert chosen.stat().st_mode & 0o777 == 0o700
    assert private_folder(tmp_path) == chosen
    shutil.rmtree(usual) if usual.is_dir() and not usual.is_symlink() else usual.unlink()
    assert private_folder(tmp_path) == chosen


def test_the_usual_folder_is_made_once_and_another_users_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / f"labfleet-{os.geteuid()}0").mkdir(mode=0o700)

    assert private_folder(tmp_path) == tmp_path / f"labfleet-{os.geteuid()}"
    assert private_folder(tmp_path) == tmp_path / f"labfleet-{os.geteuid()}"


def test_where_nothing_can_be_locked_nothing_is_held_until_it_can(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "locks").symlink_to(real)
    with capture_logs() as logs, Identities(SERVER, tmp_path, tmp_path / "locks") as one:
        assert "identities cannot be locked" in one.hold(7)
        assert one.held == one.renew() == set()
        (tmp_path / "locks").unlink()
        assert one.renew() == set()
        assert one.hold(7) == ""

    assert {line["event"] for line in logs} == {"identity.unlocked"}
    assert {line["log_level"] for line in logs} == {"error"}
    assert list(real.iterdir()) == []
