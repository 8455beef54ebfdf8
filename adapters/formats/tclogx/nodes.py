"""The one XML dialect of all files of a TestComplete log: `Node` in `Node`, with `Prp` values.

Source: genuine log folders of TestComplete 15. The order of siblings means nothing, and a node's
own values may come after its children.
"""

import re
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from adapters.base import UnreadableReport
from adapters.formats.xml_events import walk

VALUE_CHARS = 64 * 1024
VALUES_PER_NODE = 200
SECONDS_PER_DAY = 86_400
TRUTHS = frozenset({"-1", "1", "true"})
"""How a boolean says yes; -1 in all that was seen."""

_BLOB = "H"  # pictures, in hexadecimal digits
_NUMBER_AT_END = re.compile(r"(\d{1,9})$")

Path = tuple[str, ...]
"""The names of a node and of all above it, outermost first."""
Values = Mapping[str, str]
"""A node's own values, without pictures."""


class NodeReader(Protocol):
    """What reads one kind of file, node by node, children before parents."""

    def node(self, path: Path, values: Values) -> None:
        """See a node that is complete."""
        ...

    def open_node(self, path: Path, values: Values) -> None:
        """See a node in the middle of which the file was cut off, with what was there of it."""
        ...


R = TypeVar("R", bound=NodeReader)


def read_nodes(data: bytes, new_reader: Callable[[], R]) -> tuple[R, str]:
    """Feed a file to a new reader; give it back with where the file broke off, if it did.

    Raises UnreadableReport for another root element, and as `xml_events.walk` does.
    """
    sink, broken = walk(data, lambda: _NodeSink(new_reader()), idle_doctype=True)
    if not sink.rooted:
        raise UnreadableReport(f"not XML: {broken or 'it holds no element'}")
    if broken:
        sink.give_up()
    return sink.reader, broken


def number_at_end(name: str) -> int:
    """Give the number of `test12` or `item 12`; such names count their siblings from 0."""
    match = _NUMBER_AT_END.search(name)
    return int(match[1]) if match else 0


def whole_number(value: str | None) -> int | None:
    """Read an integer; None for what is none."""
    number = real_number(value)
    return int(number) if number is not None and number == int(number) else None


def real_number(value: str | None) -> float | None:
    """Read a number with a point or with another locale's comma; None for what is none."""
    try:
        number = float((value or "").strip().replace(",", "."))
    except ValueError:
        return None
    return number if -1e15 < number < 1e15 else None  # refuses NaN and infinity too


def seconds_between(start: str | None, stop: str | None) -> float:
    """Give the time between two OLE automation dates, which count days; 0 when unknown."""
    first, last = real_number(start), real_number(stop)
    if first is None or last is None or last < first:
        return 0.0
    return round((last - first) * SECONDS_PER_DAY, 3)


class _NodeSink(Generic[R]):
    """Keeps the open nodes, and hands each over at its end."""

    def __init__(self, reader: R) -> None:
        self.reader = reader
        self.rooted = False
        self._names: list[str] = []
        self._values: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.rooted:
            if name != "Nodes":
                raise UnreadableReport(f"root element is <{name[:80]}>, not <Nodes>")
            self.rooted = True
        elif name == "Prp":
            self._add_value(attributes)
        elif name == "Node":
            self._names.append(attributes.get("name", "")[:200])
            self._values.append({})

    def end(self, name: str) -> None:
        if name == "Node":
            self.reader.node(tuple(self._names), self._values[-1])
            self._close()

    def text(self, text: str) -> None:
        """Ignore it: the dialect has no texts."""

    def give_up(self) -> None:
        while self._names:
            self.reader.open_node(tuple(self._names), self._values[-1])
            self._close()

    def _close(self) -> None:
        self._names.pop()
        self._values.pop()

    def _add_value(self, attributes: dict[str, str]) -> None:
        if not self._values or attributes.get("type") == _BLOB:
            return
        values = self._values[-1]
        if len(values) < VALUES_PER_NODE:
            values[attributes.get("name", "")[:200]] = attributes.get("value", "")[:VALUE_CHARS]
