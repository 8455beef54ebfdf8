"""The directory of a script archive, judged before anything of it is unpacked."""

import re
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.errors import ScriptError
from orchestrator.plain_text import quoted

_MAX_DEPTH = 100
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000
_AES = 99
_DRIVE = re.compile(r"[A-Za-z]:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
# Not bzip2 or LZMA: no script archive needs them, and their decoders may ask for much memory.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*([.:].*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold; *max_ratio* is unpacked to packed, of the whole archive."""

    max_entries: int = 20_000
    max_unpacked_bytes: int = 2 * 1024**3
    max_ratio: int = 200


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that may be unpacked: *parts* is where it goes, below the target."""

    info: zipfile.ZipInfo
    parts: tuple[str, ...]
    folder: bool


def judge(opened: zipfile.ZipFile, limits: Limits) -> list[Entry]:
    """Return the entries to unpack, or raise ScriptError for the first that may not be."""
    infos = opened.infolist()
    if len(infos) > limits.max_entries:
        raise ScriptError(too_many(limits))
    _refuse_overlaps(infos, opened.start_dir)
    entries = [entry for entry in map(_entry, infos) if entry.parts]
    if all(entry.folder for entry in entries):
        raise ScriptError("the script archive holds no files; pack the script into it")
    _refuse_collisions(entries)
    return entries


def too_many(limits: Limits) -> str:
    """Say that an archive has too many entries."""
    return f"the script archive holds more than {limits.max_entries:,} entries; pack less into it"


def _refuse_overlaps(infos: Sequence[zipfile.ZipInfo], directory_at: int) -> None:
    # Entries that share their packed bytes make a small file unpack to terabytes. Python looks
    # for them only from 3.11.8 on (cpython issue 109858).
    spans = sorted((info.header_offset, info.compress_size) for info in infos)
    starts = [start for start, _ in spans[1:]] + [directory_at]
    for (start, packed_bytes), following in zip(spans, starts, strict=False):
        if start + _LOCAL_HEADER_BYTES + packed_bytes > following:
            raise ScriptError("the script archive is corrupt: its entries overlap")


def _entry(info: zipfile.ZipInfo) -> Entry:
    _refuse_protection(info)
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "link" if kind == stat.S_IFLNK else "device, pipe or socket"
        raise _refused(info, f"is a {what}; pack files and folders only")
    name = info.orig_filename.replace("\\", "/")
    return Entry(info, _parts(info, name), name.endswith("/") or kind == stat.S_IFDIR)


def _refuse_protection(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED_FLAGS or info.compress_type == _AES:
        raise _refused(info, "is password-protected; pack the script without a password")
    if info.compress_type not in _METHODS:
        why = f"is compressed by method {info.compress_type}; use the usual one, deflate"
        raise _refused(info, why)


def _parts(info: zipfile.ZipInfo, name: str) -> tuple[str, ...]:
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/"):
        raise _refused(info, "has an absolute name; pack with names relative to the script")
    if not parts and not name.endswith("/"):
        raise _refused(info, "has no name")
    if len(parts) > _MAX_DEPTH:
        raise _refused(info, f"lies deeper than {_MAX_DEPTH} folders")
    for part in parts:
        _refuse_part(info, part)
    return parts


def _refuse_part(info: zipfile.ZipInfo, part: str) -> None:
    # Windows drops trailing dots and spaces, so ".. " climbs as well.
    if not part.rstrip(" ."):
        raise _refused(info, "leads out of its folder; pack with names relative to the script")
    if _DRIVE.match(part):
        raise _refused(info, "names a drive; pack with names relative to the script")
    if _DEVICE.fullmatch(part):
        raise _refused(info, "has the name of a Windows device; rename it")
    if _UNPRINTABLE.search(part):
        raise _refused(info, "has control characters in its name; rename it")


def _refused(info: zipfile.ZipInfo, why: str) -> ScriptError:
    return ScriptError(f"the script archive is refused: entry {quoted(info.orig_filename)} {why}")


def _refuse_collisions(entries: Sequence[Entry]) -> None:
    files: set[tuple[str, ...]] = set()
    for entry in (e for e in entries if not e.folder):
        if entry.parts in files:
            raise _refused(entry.info, "is there twice; which one is meant cannot be told")
        files.add(entry.parts)
    for entry in entries:
        folders = entry.parts if entry.folder else entry.parts[:-1]
        if any(folders[:n] in files for n in range(1, len(folders) + 1)):
            raise _refused(entry.info, "needs a folder where the archive has a file")
