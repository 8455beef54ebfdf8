"""The file in the state directory: who may open it, and what is said of one that is no good."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.database import SCHEMA_VERSION, open_database, transaction
from orchestrator.errors import StateError
from tests.test_layering import ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_database(tmp_path / "a" / "state") as db:
            db.execute("INSERT INTO credentials VALUES ('s', 'h', 1, 't')")
            made = list((tmp_path / "a" / "state").glob("journal.db*"))
    finally:
        os.umask(before)

    assert mode(tmp_path / "a" / "state") == 0o700
    with open_database(tmp_path / "a" / "state"):
        assert {mode(path) for path in (tmp_path / "a" / "state").glob("journal.db*")} == {0o600}
    assert len(made) == 3


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    with open_database(tmp_path):
        pass
    (tmp_path / "journal.db").chmod(0o644)

    with open_database(tmp_path):
        assert mode(tmp_path / "journal.db") == 0o600


def test_a_second_labfleet_is_told_that_the_folder_is_in_use(tmp_path: Path) -> None:
    with (
        open_database(tmp_path),
        pytest.raises(StateError, match=rf"another labfleet is using {tmp_path}"),
        open_database(tmp_path),
    ):
        pass

    with open_database(tmp_path):
        pass


def test_nothing_in_the_folder_can_be_removed_to_let_a_second_labfleet_in(tmp_path: Path) -> None:
    with open_database(tmp_path):
        for path in tmp_path.iterdir():
            if not path.name.startswith("journal.db"):
                path.unlink()

        with pytest.raises(StateError, match="another labfleet"), open_database(tmp_path):
            pass


def test_a_newer_schema_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    before = (tmp_path / "journal.db").read_bytes()

    with pytest.raises(StateError, match="start that version"), open_database(tmp_path):
        pass

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"journal.db": before}


def test_a_state_dir_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(StateError, match="state_dir"), open_database(tmp_path / "state"):
        pass


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()

    with pytest.raises(StateError, match=r"journal\.db cannot be opened"), open_database(tmp_path):
        pass


def test_a_failed_commit_ends_its_transaction(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(
            "CREATE TABLE child (of INTEGER REFERENCES assignments DEFERRABLE INITIALLY DEFERRED)"
        )
        with pytest.raises(sqlite3.IntegrityError), transaction(db):
            db.execute("INSERT INTO child VALUES (99)")

        with transaction(db):
            assert db.execute("SELECT count(*) FROM child").fetchone() == (0,)


def test_an_error_that_rolled_back_by_itself_is_the_one_that_is_told(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON credentials"
            " BEGIN SELECT RAISE(ROLLBACK, 'the first error'); END"
        )
        with pytest.raises(sqlite3.IntegrityError, match="the first error"), transaction(db):
            db.execute("INSERT INTO credentials VALUES ('s', 'h', 1, 't')")


def test_a_file_of_the_first_schema_is_brought_to_this_one_with_what_is_in_it(
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        db.executescript((ROOT / "orchestrator" / "schema.sql").read_text("utf-8"))
        db.execute("INSERT INTO credentials VALUES ('s', 'h', 1, 't')")
        db.execute("PRAGMA user_version = 1")
        db.commit()

    with open_database(tmp_path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert db.execute("SELECT host FROM credentials").fetchall() == [("h",)]
        assert db.execute("SELECT count(*) FROM hosts").fetchone() == (0,)
