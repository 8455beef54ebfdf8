"""What a folder that is given to `labfleet demo` may hold, and what becomes of it."""

from pathlib import Path

import pytest

from orchestrator.demo import folder
from orchestrator.errors import LabfleetError

NOTE = folder.Note(standin_port=1024, web_port=1025, java=False, runs=(1, 2))


def test_a_lab_that_was_set_up_is_read_back_and_has_no_half_state(tmp_path: Path) -> None:
    assert folder.read(tmp_path) is None

    folder.begin(tmp_path)
    (tmp_path / "state").mkdir()
    half = folder.read(tmp_path)
    folder.write(tmp_path, NOTE)

    assert half is None
    assert folder.read(tmp_path) == NOTE


def test_what_a_start_left_that_was_killed_while_it_set_up_makes_room_for_a_new_lab(
    tmp_path: Path,
) -> None:
    folder.begin(tmp_path)
    (tmp_path / "standin").mkdir()
    (tmp_path / "standin" / "standin.db").touch()
    (tmp_path / folder.SETTINGS).touch()
    (tmp_path / "mine").touch()

    folder.begin(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.json", "mine"]


def test_a_folder_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal.db").touch()

    with pytest.raises(LabfleetError, match="is no demo's: name another folder"):
        folder.begin(tmp_path)

    assert (tmp_path / "state" / "journal.db").exists()
    assert not (tmp_path / folder.NOTE).exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"standin_port": 1}', '{"standin_port": "x"}'])
def test_a_note_that_makes_no_sense_is_told_with_its_path(text: str, tmp_path: Path) -> None:
    (tmp_path / folder.NOTE).write_text(text, encoding="utf-8")

    with pytest.raises(LabfleetError, match=r"lab\.json cannot be read"):
        folder.read(tmp_path)
