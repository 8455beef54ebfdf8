"""Which errors mean that the machine has run out of something, for now."""

import errno

from orchestrator.threads import is_threadless

_SCARCE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
    }
)


def is_scarce(error: BaseException) -> bool:
    """Whether *error*, or what it was raised from, passes and is no test's fault.

    That is a full disk, or no descriptor, process, thread or memory to be had.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or _numbered(seen) or is_threadless(seen):
            return True
        seen = seen.__cause__
    return False


def _numbered(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _SCARCE
