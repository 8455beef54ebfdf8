"""A demo's folder: what a later start needs of it to go on with the same lab."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import LabfleetError

NOTE = "lab.json"
"""Empty while the lab is being set up."""
SETTINGS = "labfleet.toml"
_PARTS = ("standin", "state", "www", "scripts", SETTINGS)


@dataclass(frozen=True, slots=True)
class Note:
    """What no other file of the lab says; the ports are in the stand-in's links and in ours."""

    standin_port: int
    web_port: int
    java: bool
    runs: tuple[int, ...]
    """Their numbers at the stand-in, in the order of the plan."""


def read(folder: Path) -> Note | None:
    """Return the note of the lab in *folder*; None where there is none yet, or only half of one.

    Raises LabfleetError when the note cannot be read.
    """
    path = folder / NOTE
    try:
        text = path.read_text(encoding="utf-8")
        return _note(json.loads(text)) if text else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LabfleetError(f"{path} cannot be read: {error}; name another folder") from error


def _note(found: Any) -> Note:
    ports = int(found["standin_port"]), int(found["web_port"])
    return Note(*ports, bool(found["java"]), tuple(map(int, found["runs"])))


def begin(folder: Path) -> None:
    """Make room for a new lab; what a start that did not get through had laid here goes.

    No tool was started by then. Raises LabfleetError when something here is not the demo's.
    """
    there = [folder / name for name in _PARTS if (folder / name).exists()]
    if there and not (folder / NOTE).exists():
        raise LabfleetError(f"{there[0]} is there, and is no demo's: name another folder")
    (folder / NOTE).touch()
    for path in there:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def write(folder: Path, note: Note) -> None:
    """Note that the lab is set up: all of it or nothing, whenever this process ends."""
    new = folder / f"{NOTE}.new"
    new.write_text(json.dumps(asdict(note)), encoding="utf-8")
    new.replace(folder / NOTE)
