"""What is made of a note that cannot be read, and of a journal that is older than a tool."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.database import open_database
from orchestrator.identity import Identities
from orchestrator.owner import owner_of
from tests.claims import assignment, finished, opened, settled
from tests.test_identity_notes import SERVER, hold, killed, tool_of


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
def test_whatever_lies_in_a_notes_place_is_not_waited_on_and_keeps_all_hosts(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    with Identities(SERVER, tmp_path / "second", folder) as second:
        note = folder / f"{owner_of(state)}.json"
        put(note)
        with tool_of(state) as tool:
            assert f"{note} cannot be read" in hold(second, 7)
            assert f"process {tool.pid} sleep" in hold(second, 7)
        assert "start that once, or remove the file" in hold(second, 7)
        note.rmdir() if note.is_dir() else note.unlink()
        assert hold(second, 7) == ""


@pytest.mark.parametrize("words", [["seen_from"], ["device", "seen_from", "ids", "server"]])
async def test_a_note_of_another_version_leads_to_the_journal_all_the_same(
    tmp_path: Path, words: list[str]
) -> None:
    state, folder = tmp_path / "first", tmp_path / "locks"
    with opened(state) as journal:
        note = killed(state, folder, 7, 8)
        await journal.know_hosts({"lab_01": 7, "lab_02": 8})
        await finished(journal, settled(), assignment(1))
    head, *more = note.read_text().splitlines()
    said = {word: value for word, value in json.loads(head).items() if word not in words}
    note.write_text("\n".join([json.dumps(said), *more]) + "\n")

    with Identities(SERVER, tmp_path / "second", folder) as second:
        assert "runs of this identity that are not settled" in hold(second, 7)
        assert hold(second, 8) == ""
        shutil.rmtree(state)
        assert "start labfleet there once" in hold(second, 7)


def test_a_journal_that_answers_is_not_believed_beside_a_living_tool(tmp_path: Path) -> None:
    """It may be an older copy, or a new one, of which the tool is not known."""
    state, folder = tmp_path / "first", tmp_path / "locks"
    with tool_of(state) as tool, Identities(SERVER, tmp_path / "second", folder) as second:
        killed(state, folder, 7)
        assert f"the end of process {tool.pid} sleep" in hold(second, 7)
        assert hold(second, 8) == ""
        with open_database(state), Identities(SERVER, state, folder) as first:
            assert f"the end of process {tool.pid} sleep" in hold(second, 7)
            first.hold({9})  # so it has ended what it does not know
            assert hold(second, 7) == ""
            assert "another labfleet" in hold(second, 9)
