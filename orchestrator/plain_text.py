"""Text from outside, made fit to be shown to a person."""

import re

# CSI (colours, cursor) and OSC (titles, links) sequences of a terminal: without their first
# character they would stay behind as "[31m".
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?")
# C0 and C1 but for tab and newline, the marks that turn reading direction and so make text look
# like what it is not, and the two code points that are no characters.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_HALVES = re.compile(r"[\ud800-\udfff]")
# A substitution keeps a list of all that lies between its matches: of four megabytes of which
# every fifth is a NUL that were a hundred, for half a second in which no other thread runs.
_SLICE_CHARS = 65_536


def plain(text: str) -> str:
    """Return *text* without anything but what can be seen: printable characters, tab, newline.

    A carriage return ends a line, as a progress bar means it; half a surrogate pair, which no
    encoding can write, becomes U+FFFD.
    """
    lines = _TERMINAL.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    slices = (lines[at : at + _SLICE_CHARS] for at in range(0, len(lines), _SLICE_CHARS))
    return "".join(_HALVES.sub("\ufffd", _UNSEEN.sub("", each)) for each in slices)


def capped(text: str, limit: int) -> str:
    """Return *text*, cut after *limit* characters with a mark that says how many are missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… [{len(text) - limit:,} more characters]"


def quoted(text: str, limit: int = 300) -> str:
    """Return *text* in quotes on one line, cut after *limit* characters, for a message."""
    line = " ".join(plain(text).split("\n"))
    return f'"{line if len(line) <= limit else line[: limit - 1] + "…"}"'
