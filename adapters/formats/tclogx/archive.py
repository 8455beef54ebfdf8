"""The `.tcLogX` archive: a log folder as a ZIP, of which only what is needed is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from adapters.base import UnreadableReport

ENTRY_LIMIT = 100_000
FILE_BYTES = 64 * 1024 * 1024
ALL_BYTES = 256 * 1024 * 1024
"""Most that is unpacked of one archive, all its files together."""

_ENCRYPTED = 0x1
# The other methods unpack a whole piece at once, however large it becomes.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Archive:
    """The files of an archive, each unpacked when it is asked for.

    Raises UnreadableReport for an archive that is damaged, encrypted, too large or ambiguous.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            said = "the archive is damaged or cut off"
            raise UnreadableReport(f"{said}: {error}") from error
        entries = self._zip.infolist()
        if len(entries) > ENTRY_LIMIT:
            raise UnreadableReport(f"the archive holds {len(entries)} files: refused")
        self._entries: dict[str, zipfile.ZipInfo | None] = {}
        for entry in entries:
            # Of two files of one name it cannot be told which one is meant.
            twice = entry.filename in self._entries
            self._entries[entry.filename] = None if twice else entry
        self._room_bytes = ALL_BYTES

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __getitem__(self, name: str) -> bytes:
        entry = self._entries[name]
        if entry is None:
            raise UnreadableReport(f"the archive holds {name[:80]} twice")
        if entry.flag_bits & _ENCRYPTED:
            raise UnreadableReport(f"{name[:80]} in the archive is encrypted")
        if entry.compress_type not in _METHODS:
            raise UnreadableReport(f"{name[:80]} in the archive is packed in an unknown way")
        limit = min(FILE_BYTES, self._room_bytes)
        try:
            with self._zip.open(entry) as file:
                # One byte more than allowed: what the archive says of a size is not trusted.
                data = file.read(limit + 1)
        except _DAMAGE as error:
            raise UnreadableReport(f"{name[:80]} in the archive is damaged: {error}") from error
        if len(data) > limit:
            raise UnreadableReport(f"{name[:80]} in the archive is larger than {limit} bytes")
        self._room_bytes -= len(data)
        return data
