"""One owner of each identity: it is locked by server and id, in files that may go away."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator import identity, lock_folder
from orchestrator.identity import Identities, held_by_others
from orchestrator.identity_notes import read_note
from orchestrator.lock_folder import private_folder
from tests.test_identity_notes import SERVER, hold


def test_ids_are_locked_by_server_and_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold(range(1, 2000))
        assert one.held == set(range(1, 2000))
        with (
            Identities(SERVER, tmp_path / "b", folder) as two,
            Identities("https://other/rest-api/service", tmp_path / "c", folder) as elsewhere,
        ):
            assert "another labfleet" in hold(two, 7)
            assert hold(two, 3000) == hold(elsewhere, 7) == hold(one, 7) == ""
            one.keep_only({8})
            assert hold(two, 7) == ""
            assert "another labfleet" in hold(two, 8)
    assert folder.stat().st_mode & 0o077 == 0


def test_a_file_of_locks_that_was_removed_is_made_anew_with_all_that_is_held(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        hold(one, 7)
        for path in folder.iterdir():
            path.unlink()
        one.renew()
        with Identities(SERVER, tmp_path / "b", folder) as two:
            assert "another labfleet" in hold(two, 7)


def test_who_locks_anew_takes_nothing_more_until_others_had_the_time_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "QUIET_S", 0.5)
    folder = tmp_path / "locks"
    with (
        Identities(SERVER, tmp_path / "a", folder) as one,
        Identities(SERVER, tmp_path / "b", folder) as two,
    ):
        hold(one, 7)
        assert "another labfleet" in hold(two, 7)
        shutil.rmtree(folder)
        assert two.renew() == set()
        assert "locks were removed here" in hold(two, 7)
        assert one.renew() == set()
        until_s = time.monotonic() + 5
        while "removed" in hold(two, 8):
            assert "another labfleet" in hold(two, 7)
            assert time.monotonic() < until_s
            time.sleep(0.02)
        assert two.held == {8}
        assert one.held == {7}


def test_what_another_took_after_the_locks_were_removed_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "QUIET_S", 0.0)
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold({7, 8})
        for path in folder.iterdir():
            path.unlink()
        with Identities(SERVER, tmp_path / "b", folder) as two:
            assert hold(two, 7) == ""
            with capture_logs() as logs:
                assert one.renew() == {7}
            assert one.held == {8}
            assert "another labfleet" in hold(one, 7)
            assert "another labfleet" in hold(two, 8)
            assert one.renew() == set()
        assert hold(one, 7) == ""
    assert [(line["event"], line["id"]) for line in logs] == [("identity.shared", 7)]


def test_a_note_that_somebody_removed_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold({7})
        (note,) = folder.glob("*.json")
        note.unlink()

        assert one.renew() == set()

        assert read_note(note).ids == {SERVER: {7}}
        with Identities(SERVER, tmp_path / "b", folder) as two:
            assert "another labfleet" in hold(two, 7)


def test_a_renewal_never_lets_go_of_a_lock_that_others_see(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    stolen: list[int] = []
    ended = threading.Event()

    def steal() -> None:
        while not ended.is_set():
            two.hold({7})
            stolen.extend(two.held)

    with (
        Identities(SERVER, tmp_path / "a", folder) as one,
        Identities(SERVER, tmp_path / "b", folder) as two,
    ):
        one.hold({7})
        (note,) = [path for path in folder.glob("*.json") if read_note(path).ids == {SERVER: {7}}]
        thief = threading.Thread(target=steal)
        thief.start()
        try:
            for _ in range(200):
                note.unlink()
                assert one.renew() == set()
        finally:
            ended.set()
            thief.join()
    assert stolen == []


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
    assert chosen.name == f"{usual.name}.0"  # so those who start at once meet there
    assert private_folder(tmp_path) == chosen
    shutil.rmtree(usual) if usual.is_dir() and not usual.is_symlink() else usual.unlink()
    assert private_folder(tmp_path) == chosen


def test_where_every_usual_name_is_taken_one_is_made_that_nobody_foresees(tmp_path: Path) -> None:
    usual = f"labfleet-{os.geteuid()}"
    for name in (usual, *(f"{usual}.{number}" for number in range(10))):
        squatted(tmp_path / name)

    chosen = private_folder(tmp_path)

    assert len(chosen.name) > len(usual) + 2
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
        assert f"cannot be locked: {tmp_path / 'locks'} belongs to somebody else" in hold(one, 7)
        assert one.held == one.renew() == set()
        (tmp_path / "locks").unlink()
        assert one.renew() == set()
        assert hold(one, 7) == ""

    assert {line["event"] for line in logs} == {"identity.unlocked"}
    assert {line["log_level"] for line in logs} == {"error"}
    assert list(real.iterdir()) == []


def test_where_there_is_no_place_for_locks_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_folder, "_shared", lambda: tmp_path / "none")
    with Identities(SERVER, tmp_path) as one:
        assert f"No such file or directory: '{tmp_path / 'none'}" in hold(one, 7)


def test_who_only_asks_whose_an_identity_is_takes_none(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    assert held_by_others(SERVER, [7, 8], folder) == {}
    with Identities(SERVER, tmp_path / "a", folder) as one:
        one.hold({7})
        found = held_by_others(SERVER, [7, 8], folder)
        assert (list(found), "another labfleet" in found[7]) == ([7], True)
        assert hold(one, 8) == ""
    assert held_by_others(SERVER, [7, 8], folder) == {}
