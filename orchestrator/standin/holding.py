"""One stand-in on a data folder: a second one would give the same work to the same agents."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .versions import DataError


@contextmanager
def hold_data(data_dir: Path) -> Iterator[None]:
    """Hold *data_dir*, made if it is not there, until the end of the block or of the process.

    Who only reads need not: SQLite shows one moment to each reader.
    Raises DataError if a stand-in, an import or a reset has it, OSError if it cannot be used.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    # On the folder itself: a file in it could be removed, and made anew.
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(f"another stand-in is using {data_dir}; stop it first") from error
        except OSError as error:
            raise DataError(f"{data_dir} cannot be locked: {error.strerror}") from error
        yield
    finally:
        os.close(folder)
