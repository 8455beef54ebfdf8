"""The file of one log item: its messages, or for a project a table of the items below it."""

from collections.abc import Mapping

from adapters.formats.capped_text import CappedText
from adapters.formats.tclogx.nodes import Path, Values, number_at_end, seconds_between, whole_number

MESSAGES = 200
ROWS = 50_000
DETAIL_CHARS = 64 * 1024
_ERROR_MESSAGE, _WARNING_MESSAGE = 3, 2
_PARTS = frozenset({"units", "stack", "child data", "log data", "summary"})


class Details:
    """Reads the file."""

    def __init__(self) -> None:
        self.seen = False
        self._first_seconds = 0.0
        self._seconds_of: dict[str, float] = {}
        self._errors: dict[int, tuple[str, str]] = {}
        self._warnings: dict[int, tuple[str, str]] = {}

    def node(self, path: Path, values: Values) -> None:
        """See a message or a row of the table."""
        if len(path) == 2 and path[1].startswith("message"):
            self.seen = True
            self._add_message(path[1], values)
        elif len(path) > 1 and path[1] in _PARTS:
            self.seen = True
            if len(path) == 3 and path[2].startswith("row"):
                self._add_row(number_at_end(path[2]), values)

    open_node = node

    @property
    def errors(self) -> list[str]:
        """The error messages in their order."""
        return [message for _, (message, _) in sorted(self._errors.items())]

    @property
    def warnings(self) -> list[str]:
        """The warnings in their order."""
        return [message for _, (message, _) in sorted(self._warnings.items())]

    @property
    def seconds(self) -> float:
        """The time of the table's first row, which in old logs is the item's own."""
        return self._first_seconds

    def seconds_of(self, filename: str) -> float:
        """Give the time of the item below whose own file is *filename*; 0 when unknown."""
        return self._seconds_of.get(filename, 0.0)

    def text(self) -> str:
        """Give errors with their remarks, then warnings."""
        text = CappedText(DETAIL_CHARS)
        said = [_whole(*self._errors[number]) for number in sorted(self._errors)]
        said += [f"warning: {warning}" for warning in self.warnings]
        text.add("\n\n".join(said))
        return text.whole()

    def _add_row(self, number: int, row: Values) -> None:
        seconds = seconds_between(row.get("start time"), row.get("end time"))
        if number == 0:
            self._first_seconds = seconds
        if len(self._seconds_of) < ROWS:
            self._seconds_of[row.get("details", "")[:200]] = seconds

    def _add_message(self, name: str, values: Mapping[str, str]) -> None:
        kind = whole_number(values.get("type"))
        messages = {_ERROR_MESSAGE: self._errors, _WARNING_MESSAGE: self._warnings}.get(kind or 0)
        message = values.get("message", "").strip()
        if messages is not None and message and len(messages) < MESSAGES:
            messages[number_at_end(name)] = (message, values.get("remarks", "").strip())


def _whole(message: str, remarks: str) -> str:
    # Remarks in HTML are the product's own words about stopping at an error.
    return message if not remarks or remarks.startswith("<html") else f"{message}\n{remarks}"
