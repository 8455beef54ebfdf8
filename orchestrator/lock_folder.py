"""The folder for what labfleets of one user tell each other on one machine.

It lies where anybody may make folders, and where it is the same for each session and service of
the user: TMPDIR and the runtime directory are not, and a service may have a /tmp of its own. So
somebody else may have made a folder of the usual name first. Then the next of a few names is taken
that is free, in one order, so that those who start at once meet; and where somebody has made all
of them, one that nobody can foresee. Whoever looks takes the first that is the user's own.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

_NAMES = 10
"""One digit each, so that the order of names is that of the alphabet."""


def private_folder(top: Path | None = None) -> Path:
    """Return the user's folder in *top*, made if there is none; raises OSError."""
    top = top or _shared()
    name = f"labfleet-{os.geteuid()}"
    there = sorted(path for path in top.glob(f"{name}*") if path.name.partition(".")[0] == name)
    if ours := next(filter(is_ours, there), None):
        return ours
    for place in (top / name, *(top / f"{name}.{number}" for number in range(_NAMES))):
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
        if is_ours(place):
            return place
    return Path(mkdtemp(prefix=f"{name}.", dir=top))


def _shared() -> Path:
    """Return a folder of this machine that is not on a network."""
    shared = Path("/dev/shm")  # noqa: S108 - what is made there is checked to be ours
    return shared if shared.is_dir() else Path(gettempdir())


def is_ours(folder: Path) -> bool:
    """Whether *folder* is one, of this user, that nobody else can write to."""
    with suppress(OSError):
        there = folder.lstat()
        private = not there.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and private
    return False
