"""Exit codes in words: the same negative code looks different on each system."""

from collections.abc import Mapping

_SIGNALS: Mapping[int, str] = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    6: "SIGABRT",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}


def signed(code: int) -> int:
    """Give Windows' unsigned 32-bit code its sign: 4294967295 is -1."""
    return code - 2**32 if 2**31 <= code < 2**32 else code


def exit_text(code: int | None) -> str:
    """Say what *code* means, with the code as it came.

    A small negative number is a signal (Python's way), 128 + n is how a shell or a JVM passes
    one on, and other codes above 128 are most likely negative ones taken modulo 256 by POSIX.
    """
    if code is None:
        return "an unknown exit code"
    if code < 0:
        return f"signal {_SIGNALS.get(-code, -code)}"
    if signed(code) != code:
        return f"exit code {signed(code)} (0x{code:08X})"
    if code - 128 in _SIGNALS:
        return f"exit code {code} (as after {_SIGNALS[code - 128]})"
    if 128 < code < 256:
        return f"exit code {code} ({code - 256} modulo 256)"
    return f"exit code {code}"
