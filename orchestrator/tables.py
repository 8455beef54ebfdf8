"""Rows as a person reads them in a terminal, or as JSON where a program asks."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.plain_text import plain

_GAP = "  "

STYLES = {
    "Passed": "green",
    "Failed": "red",
    "Blocked": "yellow",
    "Skipped": "cyan",
    "polling": "green",
    "backing_off": "yellow",
    "refused": "red",
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


def show(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print *rows*: as a table, or all that is known of them as JSON.

    On a terminal a cell may take several lines; elsewhere a row is one line, for grep.
    """
    if as_json:
        sys.stdout.write(json.dumps(list(rows), indent=2) + "\n")
    elif sys.stdout.isatty():
        Console().print(make_table(columns, rows))
    else:
        for line in _lines(columns, rows):
            say(line)


def say(text: str, *, style: str = "") -> None:
    """Print *text*, without what would steer a terminal; what it cannot write becomes a ?."""
    encoding = sys.stdout.encoding
    text = plain(text).encode(encoding, "replace").decode(encoding)
    if style and sys.stdout.isatty():
        Console(soft_wrap=True).print(Text(text, style=style))
    else:
        sys.stdout.write(text + "\n")


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
