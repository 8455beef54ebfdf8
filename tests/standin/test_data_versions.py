"""Data folders of other stand-ins: a former one's opens, a newer one's is refused."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.standin.store import open_store
from orchestrator.standin.versions import VERSION, DataError
from tests.standin.lab import GOLDEN

FORMER = GOLDEN.parent / "standin" / "schema_1.sql"


def schema(data_dir: Path) -> dict[str, list[tuple[object, ...]]]:
    """Tables with their columns, indexes and triggers, without regard to how they were written."""
    with closing(sqlite3.connect(data_dir / "standin.db")) as db:
        names = db.execute("SELECT type, name FROM sqlite_schema ORDER BY 1, 2").fetchall()
        found: dict[str, list[tuple[object, ...]]] = {"all": names}
        for kind, name in names:
            asked = {"table": ("table_xinfo", "foreign_key_list"), "index": ("index_xinfo",)}
            for pragma in asked.get(kind, ()):
                found[f"{pragma} {name}"] = db.execute(f"PRAGMA {pragma}({name})").fetchall()
        return found


def make_former(data_dir: Path) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(data_dir / "standin.db")) as db:
        db.executescript(FORMER.read_text(encoding="utf-8"))
        db.executescript(
            """
            INSERT INTO departments VALUES (5120, 'Payments', 'Example Ltd', '2021');
            INSERT INTO users VALUES (7, 'demo@example.com', 'salt$hash', 1);
            INSERT INTO memberships VALUES (7, 5120);
            INSERT INTO projects VALUES (4102, 5120, 'Web shop');
            INSERT INTO hosts VALUES (9, 5120, 'LAB', 'lab', 'cpu', '[]', NULL, 1, 'token', NULL);
            INSERT INTO tests VALUES (3, 4102, 'Add item', '2026');
            INSERT INTO test_sets VALUES (2, 4102, 'Nightly', 1);
            INSERT INTO test_set_items VALUES (2, 1, 3, 1);
            INSERT INTO runs (id, project_id, host_id, run_by_user_id, test_set_id, is_sequential,
              status, is_pending, date_created) VALUES
              (5, 4102, 9, 7, 2, 1, 'Awaiting Run', 1, '2026'),
              (6, 4102, 9, 7, 2, 1, 'Awaiting Run', 1, '2026');
            INSERT INTO run_items (id, run_id, sequence_number, stop_on_fail, test_id, test_name,
              status) VALUES (11, 5, 1, 1, 3, 'Add item', 'Awaiting Run'),
              (12, 6, 1, 1, 3, 'Add item', 'Awaiting Run');
            INSERT INTO run_steps VALUES (11, 1, 'Awaiting Run', 'Open', 'Opened', NULL);
            INSERT INTO uploads VALUES (11, 'log', 'a.xml', 'abc');
            DELETE FROM run_items WHERE id = 12;
            """
        )


async def test_the_data_of_a_former_standin_is_served_on(tmp_path: Path) -> None:
    make_former(tmp_path / "former")
    store = open_store(tmp_path / "former")
    with closing(store):
        assert [tuple(row) for row in store.rows("SELECT * FROM run_steps")] == [
            (11, 1, "Awaiting Run", "Open", "Opened", None)
        ]
        assert store.number("SELECT sum(runs) FROM run_counts WHERE host_id = 9") == 2
        assert store.number("SELECT is_active FROM test_set_items") == 1
        store.write(
            "INSERT INTO run_items (run_id, sequence_number, stop_on_fail, test_id, test_name,"
            " status) VALUES (6, 1, 0, 3, 'T', 'Passed')"
        )
        assert store.number("SELECT max(id) FROM run_items") == 13, "ids that were used come back"
        assert store.rows("PRAGMA foreign_key_check") == []
        store.write("DELETE FROM runs WHERE id = 5")
        assert store.rows("SELECT * FROM uploads") == []


def test_a_former_database_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    make_former(tmp_path / "former")
    for name in ("former", "new"):
        open_store(tmp_path / name).close()
    assert schema(tmp_path / "former") == schema(tmp_path / "new")


def test_an_upgrade_that_fails_leaves_the_data_as_it_was(tmp_path: Path) -> None:
    make_former(tmp_path / "former")
    with closing(sqlite3.connect(tmp_path / "former" / "standin.db")) as db:
        # The last thing that the upgrade makes is there already.
        db.execute("CREATE TRIGGER run_removed AFTER DELETE ON runs BEGIN SELECT 1; END")
    before = schema(tmp_path / "former")

    with pytest.raises(DataError, match="run_removed"):
        open_store(tmp_path / "former")

    assert schema(tmp_path / "former") == before


@pytest.mark.parametrize("spoil", ["newer", "no database"])
def test_data_that_cannot_be_read_is_refused_and_left_as_it_is(tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "standin.db"
    if spoil == "newer":
        with closing(sqlite3.connect(file)) as db:
            db.execute(f"PRAGMA user_version = {VERSION + 1}")
            db.execute("CREATE TABLE runs (id)")
    else:
        file.write_bytes(b"This is no database. " * 100)
    said = {"newer": "newer stand-in.*another folder", "no database": "not a database"}
    folder = re.escape(str(tmp_path))

    with pytest.raises(DataError, match=f"{folder}: .*{said[spoil]}"):
        open_store(tmp_path)

    if spoil == "newer":
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("runs",)]
    else:
        assert file.read_bytes().startswith(b"This is no database. ")
