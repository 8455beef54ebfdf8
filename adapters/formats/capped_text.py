"""A text that grows in pieces and never past its limit."""

TAIL_CHARS = 1024


class CappedText:
    """Keeps the first *limit_chars* of what is added and the last `TAIL_CHARS` of the rest.

    The end is kept too, since tools put what matters there: the last cause of a stack, the
    display name that JUnit's console launcher adds to a case's output.
    """

    __slots__ = ("_added", "_head", "_kept", "_limit", "_tail")

    def __init__(self, limit_chars: int) -> None:
        self._limit = limit_chars
        self._head: list[str] = []
        self._kept = 0
        self._tail = ""
        self._added = 0

    def add(self, text: str) -> None:
        """Append *text*, as far as there is room."""
        self._added += len(text)
        room = self._limit - self._kept
        if room > 0:
            self._head.append(text[:room])
            self._kept += min(room, len(text))
        if len(text) > room:
            self._tail = (self._tail + text[room:])[-TAIL_CHARS:]

    def whole(self) -> str:
        """Give what was kept, with a mark where something is missing."""
        head = "".join(self._head)
        left_out = self._added - self._kept - len(self._tail)
        if left_out <= 0:
            return head + self._tail
        return f"{head}\n[... {left_out} characters left out ...]\n{self._tail}"


def one_line(text: str, limit_chars: int = 500) -> str:
    """Give the first line of *text* that says something, short enough for a table."""
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= limit_chars else line[: limit_chars - 1] + "…"
