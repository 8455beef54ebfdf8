"""What a tool left: its result files as bytes, and the end of its output.

A tool may leave links, pipes and files without end. Nothing here follows a link or waits on a
pipe, and what is wanted but not brought is always named. All of it blocks.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeAlias

from adapters.base import ResultFile
from orchestrator.plain_text import plain
from orchestrator.regular_file import NotTaken, open_regular

_MAX_DEPTH = 64
_MAX_PROBLEMS = 20
_MAX_ENTRIES = 200_000
"""Files and folders looked at; a script's folder may be a share with everything in it."""

_FOREIGN = frozenset({"node_modules", ".git"})
"""Folders of a script in which nothing of its own is written, and which hold very much."""

_LOOKS_BEHIND = 200
"""Folders looked into behind one link of a script, the nearest first."""

Stamp: TypeAlias = tuple[int, int, int]
"""Of a file: when it was last written (ns), its size in bytes, its inode."""

Parts: TypeAlias = tuple[str, ...]
"""A path inside the results folder, or a pattern for one, cut at its slashes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is collected of one run."""

    max_file_bytes: int = 256 * 1024 * 1024
    max_total_bytes: int = 512 * 1024 * 1024
    max_files: int = 5000


_DEFAULT_LIMITS = Limits()


def collect(
    results: Path,
    patterns: Sequence[str],
    *,
    limits: Limits = _DEFAULT_LIMITS,
    not_before: float = 0.0,
    before: Mapping[str, Stamp] | None = None,
) -> tuple[tuple[ResultFile, ...], tuple[str, ...]]:
    """Return the files that match one of *patterns*, by name, and what could not be brought.

    A pattern is relative to *results*, matches upper and lower case alike, and its ``**`` stands
    for any number of folders, none included. Every matching file is either returned whole or
    named in a problem; past a score of problems the rest is counted. What was last written before
    *not_before*, in Unix seconds, is of another run and a problem, and so is a *results* that was
    replaced by a link.

    With *before*, the `stamps` of an earlier moment, *results* is a folder where other files lie
    too: what was there already, under whatever name, is left out, and folders behind links and
    those of `_FOREIGN` are passed over.
    """
    problems: list[str] = []
    if results.is_symlink():
        return (), ("the results folder was replaced by a link",)
    matching = sorted(_matching(results, patterns, problems, everything=before is None))
    if before is not None:
        old = set(before.values())
        matching = [it for it in matching if _stamp(results.joinpath(*it)) not in old]
    files: list[ResultFile] = []
    left_bytes = limits.max_total_bytes
    for parts in matching[: limits.max_files]:
        try:
            data = _content(results.joinpath(*parts), limits.max_file_bytes, left_bytes, not_before)
        except (OSError, NotTaken) as error:
            problems.append(f"result file {_name(parts)}: {_reason(error)}")
        else:
            left_bytes -= len(data)
            files.append(ResultFile(_name(parts), data))
    why = f"not taken, since {limits.max_files} files are collected at most"
    problems.extend(f"result file {_name(parts)}: {why}" for parts in matching[limits.max_files :])
    return tuple(files), _shortened(problems)


def stamps(folder: Path, patterns: Sequence[str]) -> tuple[dict[str, Stamp], bool]:
    """Return the files below *folder* that match one of *patterns*, each as it is now.

    Also whether all of the folder was looked at.
    """
    problems: list[str] = []
    matching = _matching(folder, patterns, problems, everything=False)
    found = ((_name(it), _stamp(folder.joinpath(*it))) for it in matching)
    return {name: stamp for name, stamp in found if stamp is not None}, not problems


def _stamp(file: Path) -> Stamp | None:
    try:
        seen = file.lstat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _matching(
    folder: Path, patterns: Sequence[str], problems: list[str], *, everything: bool
) -> Iterator[Parts]:
    """Give what matches; without *everything*, what is not entered is passed over."""
    wanted = [tuple(pattern.split("/")) for pattern in patterns]
    seen = _within_reach(folder, wanted, problems, everything=everything)
    return (parts for parts in seen if any(_matches(parts, pattern) for pattern in wanted))


def tail(output: Path, max_bytes: int = 16_384) -> str:
    """Return the last *max_bytes* of *output* as plain text; empty when it was never written."""
    try:
        with open_regular(output) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - max_bytes))
            return plain(file.read(max_bytes).decode("utf-8", "replace"))
    except FileNotFoundError:
        return ""
    except (OSError, NotTaken) as error:
        return f"[the tool's output cannot be read: {_reason(error)}]"


def _within_reach(
    results: Path, wanted: Sequence[Parts], problems: list[str], *, everything: bool
) -> Iterator[Parts]:
    """Walk only where some pattern leads; what it leads to and is not entered is a problem."""
    pending: list[Parts] = [()]
    seen = 0
    while pending:
        if seen > _MAX_ENTRIES:
            problems.append(f"more than {_MAX_ENTRIES} files: not all were looked at")
            return
        inside = pending.pop()
        for entry in _entries(results, inside, problems if everything else []):
            seen += 1
            parts = (*inside, entry.name)
            is_link, is_folder = entry.is_symlink(), entry.is_dir()
            if is_link or not is_folder:
                yield parts
            leads = any(_leads_to(parts, pattern) for pattern in wanted)
            if not (is_folder and leads) or (not everything and entry.name in _FOREIGN):
                continue
            if not is_link and len(parts) <= _MAX_DEPTH:
                pending.append(parts)
            elif everything or not is_link or _hides(results, parts, wanted):
                why = "is a link" if is_link else f"lies deeper than {_MAX_DEPTH} folders"
                problems.append(f"result folder {_name(parts)}: {why} and was not looked into")


def _hides(script: Path, link: Parts, wanted: Sequence[Parts]) -> bool:
    """Tell whether reports lie behind a link out of *script*; what it leads to inside is met."""
    behind = script.joinpath(*link).resolve()
    if behind.is_relative_to(script.resolve()):
        return False
    pending, left = [link], _LOOKS_BEHIND
    while pending and left:
        inside = pending.pop(0)
        left -= 1
        for entry in _entries(script, inside, []):
            parts = (*inside, entry.name)
            if any(_matches(parts, pattern) for pattern in wanted):
                return True
            if entry.is_dir(follow_symlinks=False) and entry.name not in _FOREIGN:
                pending.append(parts)
    return False


def _entries(results: Path, inside: Parts, problems: list[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(results.joinpath(*inside)) as entries:
            return list(entries)
    except OSError as error:
        problems.append(f"result folder {_name(inside)}: {_reason(error)}")
        return []


def _matches(parts: Parts, pattern: Parts) -> bool:
    if not pattern or not parts:
        return not parts and all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or _matches(parts[1:], pattern)
    return _fits(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _leads_to(folder: Parts, pattern: Parts) -> bool:
    """Whether a file below *folder* can match *pattern*."""
    if not folder or not pattern or pattern[0] == "**":
        return bool(pattern)
    return _fits(folder[0], pattern[0]) and _leads_to(folder[1:], pattern[1:])


def _fits(name: str, pattern: str) -> bool:
    # A failing report called B.XML beside a good a.xml must not be missed.
    return fnmatchcase(name.casefold(), pattern.casefold())


def _content(path: Path, max_file_bytes: int, left_bytes: int, not_before: float) -> bytes:
    allowed_bytes = min(max_file_bytes, left_bytes)
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_mtime < not_before:
            raise NotTaken("was written before this run began")
        # One byte more than allowed is asked for: what the size was, it need not stay.
        data = file.read(allowed_bytes + 1)
        size_bytes = file.seek(0, os.SEEK_END)
    if len(data) <= allowed_bytes:
        return data
    if size_bytes > max_file_bytes:
        raise NotTaken(f"larger than the {max_file_bytes:,} bytes that are collected of a file")
    raise NotTaken("not taken, since all files together are larger than is collected")


def _reason(error: OSError | NotTaken) -> str:
    if isinstance(error, OSError):
        # What O_NOFOLLOW says of a link: "too many levels of symbolic links".
        link = error.errno == errno.ELOOP
        return "is a link, which is not followed" if link else str(error.strerror)
    return str(error)


def _name(parts: Parts) -> str:
    # A name need not be UTF-8, but where it is shown it must be.
    return os.fsencode("/".join(parts)).decode("utf-8", "replace")


def _shortened(problems: Sequence[str]) -> tuple[str, ...]:
    more = len(problems) - _MAX_PROBLEMS
    shown = tuple(problems[:_MAX_PROBLEMS])
    return (*shown, f"and {more} more problems of this kind") if more > 0 else shown
