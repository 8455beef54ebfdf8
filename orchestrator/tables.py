"""Rows as a person reads them in a terminal, or as JSON where a program asks."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_ANY_WIDTH = 10_000

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
}


def make_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], title: str = "") -> Table:
    """Lay *rows* out under *columns*; verdicts and states are coloured, and said in words too."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    return table


def _cell(value: Any) -> Text:
    # Text and not markup: what stands here comes from servers and files.
    text = "" if value is None else " ".join(str(value).split())
    return Text(text, style=STYLES.get(text, ""))


def show(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print *rows*: as a table, or all that is known of them as JSON.

    On a terminal a cell may take several lines; elsewhere a row is one line, for grep.
    """
    if as_json:
        sys.stdout.write(json.dumps(list(rows), indent=2) + "\n")
        return
    if sys.stdout.isatty():
        Console().print(make_table(columns, rows))
        return
    console = Console(width=_ANY_WIDTH)
    with console.capture() as capture:
        console.print(make_table(columns, rows))
    lines = [line.rstrip() for line in capture.get().splitlines()]
    sys.stdout.write("\n".join(lines) + "\n")
