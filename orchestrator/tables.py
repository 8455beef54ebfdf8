"""Rows as a person reads them in a terminal, or as JSON where a program asks."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.plain_text import plain

_GAP = "  "
_LEAST_CUT = 20
"""Less of a text says nothing: then it takes several lines, with"""
_LONGEST_FOLDED = 80
"""of it at most, so that one row does not fill the screen."""

STYLES = {
    "Passed": "green",
    "Failed": "red",
    "Blocked": "yellow",
    "Skipped": "cyan",
    "polling": "green",
    "backing_off": "yellow",
    "refused": "red",
    "dead": "red",
    "yes": "green",
    "NO": "red",
    "hint": "yellow",
}


def make_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], title: str = "") -> Table:
    """Lay *rows* out under *columns*; verdicts and states are coloured, and said in words too."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text and not markup: what stands here comes from servers and files.
        cells = [_said(row.get(column)) for column in columns]
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in cells))
    return table


def show(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    cut_last: bool = False,
) -> None:
    """Print *rows*: as a table, or all that is known of them as JSON.

    On a terminal a cell may take several lines, but with *cut_last* those of the last column end
    with the line, in an ellipsis; elsewhere a row is one line and whole, for grep.
    """
    if as_json:
        sys.stdout.write(json.dumps(list(rows), indent=2) + "\n")
    elif sys.stdout.isatty():
        console = Console()
        if cut_last:
            rows = fitted(columns, rows, console.width)
        console.print(make_table(columns, rows))
    else:
        for line in _lines(columns, rows):
            say(line)


def fitted(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], width: int
) -> list[Mapping[str, Any]]:
    """Return *rows* with the last column cut to what *width* leaves of it, if that is enough."""
    *others, last = columns
    taken = [max(cell_len(t) for t in (c, *(_said(row.get(c)) for row in rows))) for c in others]
    room = width - sum(taken) - len(_GAP) * len(others)
    if room < _LEAST_CUT:
        room = _LONGEST_FOLDED
    return [{**row, last: _cut(_said(row.get(last)), room)} for row in rows]


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"


def say(text: str, *, style: str = "") -> None:
    """Print *text*, without what would steer a terminal; what it cannot write becomes a ?."""
    encoding = sys.stdout.encoding
    text = plain(text).encode(encoding, "replace").decode(encoding)
    if style and sys.stdout.isatty():
        Console(soft_wrap=True).print(Text(text, style=style))
    else:
        sys.stdout.write(text + "\n")


def counted(number: int, what: str) -> str:
    """Return *number* with *what* it counts, in the plural but for one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _said(value: Any) -> str:
    return "" if value is None else " ".join(plain(str(value)).split())


def _lines(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Lay out like `make_table`, whose layout takes ten seconds for the rows of a long report."""
    table = [list(columns), *([_said(row.get(column)) for column in columns] for row in rows)]
    widths = [max(map(cell_len, cells)) for cells in zip(*table, strict=True)]
    for cells in table:
        padded = [
            cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)
        ]
        yield _GAP.join(padded).rstrip()
