"""The files of one log folder, found by name whatever its letters and the folder they lie in."""

from collections.abc import Callable, Iterator
from typing import Protocol

from adapters.base import UnreadableReport
from adapters.formats.tclogx.nodes import R, read_nodes

DESCRIPTION, SUMMARY, TREE = "Description.tcLog", "Summary.dat", "RootLogData.dat"
DETAIL_FILES = 2_000

_FILES_OF_A_LOG = frozenset(name.casefold() for name in (DESCRIPTION, SUMMARY, TREE))


class Files(Protocol):
    """Files by name or path: a mapping, or an archive that unpacks what is asked for."""

    def __iter__(self) -> Iterator[str]:
        """Give all names."""
        ...

    def __getitem__(self, name: str, /) -> bytes:
        """Give one file; raises UnreadableReport for a damaged one."""
        ...


class LogFolder:
    """Reads files of a folder, and keeps what was wrong with them in `problems`."""

    def __init__(self, files: Files) -> None:
        """Find the folder; raises UnreadableReport when there is none, or more than one."""
        self.problems: list[str] = []
        self._files = files
        self._details_read = 0
        folders: dict[str, dict[str, list[str]]] = {}
        for path in files:
            folder, _, name = path.replace("\\", "/").rpartition("/")
            folders.setdefault(folder, {}).setdefault(name.casefold(), []).append(path)
        logs = [names for names in folders.values() if _FILES_OF_A_LOG & names.keys()]
        if len(logs) != 1:
            what = f"{len(logs)} TestComplete logs" if logs else "no TestComplete log"
            raise UnreadableReport(f"it holds {what}")
        self._paths = logs[0]

    def read(self, name: str, new_reader: Callable[[], R]) -> R | None:
        """Read a file as far as it is whole; None when it is not there or cannot be read."""
        try:
            path = self._path(name)
            if path is None:
                return None
            reader, broken = read_nodes(self._files[path], new_reader)
        except UnreadableReport as error:
            self.problems.append(f"{name}: {error}")
            return None
        if broken:
            self.problems.append(f"{name}: {broken}")
        return reader

    def read_details(self, name: str, new_reader: Callable[[], R]) -> R | None:
        """Read the file of one log item; what is wrong with it casts no doubt on a verdict."""
        if self._details_read >= DETAIL_FILES:
            return None
        self._details_read += 1
        try:
            path = self._path(name)
            return read_nodes(self._files[path], new_reader)[0] if path else None
        except UnreadableReport:
            return None

    def _path(self, name: str) -> str | None:
        paths = self._paths.get(name.casefold(), [])
        if len(paths) > 1:
            raise UnreadableReport("it is there twice, in different letters")
        return paths[0] if paths else None
