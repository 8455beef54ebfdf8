"""Open files that a tool may have put something else in the place of."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotTaken(Exception):
    """A file that is there and is left where it is; the message says why."""


def open_regular(path: Path) -> BinaryIO:
    """Open *path* without following a link or waiting on a pipe; raises NotTaken or OSError."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise NotTaken("is not a regular file")
    return os.fdopen(number, "rb")


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return the content of *path*; raises NotTaken, also when it is longer than *max_bytes*."""
    with open_regular(path) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise NotTaken(f"is larger than {max_bytes:,} bytes")
    return data
