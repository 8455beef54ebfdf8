"""A folder's files as the reader of a log wants them: each is read when it is asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.base import UnreadableReport
from orchestrator.regular_file import NotTaken, read_regular


class FolderFiles:
    """The files in a folder, by name; those of folders in it are of another log."""

    def __init__(self, folder: Path, max_file_bytes: int) -> None:
        """List them; raises OSError."""
        self._folder, self._max_file_bytes = folder, max_file_bytes
        with os.scandir(folder) as entries:
            self._names = sorted(entry.name for entry in entries)

    def __iter__(self) -> Iterator[str]:
        """Give all names."""
        return iter(self._names)

    def __getitem__(self, name: str, /) -> bytes:
        """Read one file, without following a link; raises UnreadableReport."""
        try:
            return read_regular(self._folder / name, self._max_file_bytes)
        except NotTaken as error:
            raise UnreadableReport(str(error)) from error
        except OSError as error:
            raise UnreadableReport(str(error.strerror)) from error
