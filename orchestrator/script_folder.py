"""What a tool wrote into its script's folder, told from what was there before.

Maven, Ant and others choose the place of their reports themselves, and screenshots lie where the
test put them. An archive may bring the reports of an earlier run along, and a folder that is used
where it lies keeps them: so the files that could be taken for results are written down before the
tool starts, and what has not changed since is never collected.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.base import ResultFile
from orchestrator.regular_file import NotTaken, read_regular
from orchestrator.results import Stamp, collect, stamps

PICTURES = ("**/*.png", "**/*.jpg", "**/*.jpeg", "**/*.gif")
MAX_PICTURES = 20
_SCREENSHOT_BYTES = 2048
_NOTE = "before.json"
_MAX_NOTE_BYTES = 64 * 1024 * 1024
_MAX_HASHED_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Before:
    """The script's folder as it was when its tool started."""

    folder: Path
    files: Mapping[str, Stamp]
    contents: frozenset[str]
    """Hashes of the reports there were: one that turns up elsewhere is a copy."""
    whole: bool
    """Whether all of the folder was looked at."""


def note(attempt: Path, folder: Path, patterns: Sequence[str]) -> None:
    """Write down what in *folder* matches *patterns* or is a picture; *attempt* keeps the note."""
    reports, whole = stamps(folder, patterns)
    pictures, _ = stamps(folder, PICTURES)
    contents = {_hash(folder / name) for name in reports} - {""}
    text = json.dumps(
        {
            "folder": str(folder.resolve()),
            "files": reports | pictures,
            "contents": sorted(contents),
            "whole": whole,
        }
    )
    (attempt / _NOTE).write_text(text, encoding="utf-8")


def noted(attempt: Path) -> Before | None:
    """Read the note; None when there is none, or none that can be read."""
    try:
        said = json.loads(read_regular(attempt / _NOTE, _MAX_NOTE_BYTES))
        files = {str(name): _stamp(*stamp) for name, stamp in said["files"].items()}
        contents = frozenset(map(str, said["contents"]))
        return Before(Path(said["folder"]), files, contents, bool(said["whole"]))
    except (OSError, NotTaken, ValueError, KeyError, TypeError, AttributeError):
        return None


def collect_new(
    before: Before | None, patterns: Sequence[str], *, not_before: float = 0.0
) -> tuple[tuple[ResultFile, ...], tuple[str, ...]]:
    """Return the files of the script's folder that match and are new, and what could not be had.

    New is what was written since *not_before*, in Unix seconds, was not there under any name,
    and is no copy of what was.
    """
    if not patterns:
        return (), ()
    if before is None:
        return (), ("what the script's folder held before the tool started is not known any more",)
    files, problems = collect(before.folder, patterns, before=before.files, not_before=not_before)
    copies = [
        file.name
        for file in files
        if file.name not in before.files and _hash_of(file.data) in before.contents
    ]
    problems += tuple(f"result file {name}: a copy of one that was there before" for name in copies)
    if not before.whole:
        problems += ("the script's folder holds too many files: not all were looked at",)
    return tuple(file for file in files if file.name not in copies), problems


def new_pictures(before: Before | None, results: Path) -> tuple[list[Path], int]:
    """List the last `MAX_PICTURES` that the tool made, oldest first, and count the others.

    What is too small for a screenshot is an icon of the tool's own pages.
    """
    found = {results / name: stamp for name, stamp in stamps(results, PICTURES)[0].items()}
    if before is not None:
        now, _ = stamps(before.folder, PICTURES)
        new = {it: stamp for it, stamp in now.items() if before.files.get(it) != stamp}
        found |= {before.folder / name: stamp for name, stamp in new.items()}
    shots = [it for it, (_, size_bytes, _) in found.items() if size_bytes >= _SCREENSHOT_BYTES]
    shots.sort(key=lambda it: found[it])
    return shots[-MAX_PICTURES:], len(shots[:-MAX_PICTURES])


def _hash(file: Path) -> str:
    try:
        return _hash_of(read_regular(file, _MAX_HASHED_BYTES))
    except (OSError, NotTaken):
        return ""


def _hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _stamp(written_ns: int, size_bytes: int, inode: int) -> Stamp:
    return written_ns, size_bytes, inode
