"""README.md, cut into what tests compare: sections, fenced blocks, tables, words in code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")


def blocks(language: str, text: str = README) -> list[str]:
    """Return the fenced blocks of *language*, in order."""
    return [body for kind, body in _BLOCK.findall(text) if kind == language]


def section(title: str) -> str:
    """Return what stands under the heading *title*, down to the next heading of any depth."""
    parts = re.split(rf"^#+ {re.escape(title)}$", README, flags=re.MULTILINE)
    assert len(parts) == 2, f"README needs one heading {title!r}"
    return re.split(r"^#+ ", parts[1], flags=re.MULTILINE)[0]


def table(title: str) -> list[tuple[str, ...]]:
    """Return the rows, without the head, of the one table under the heading *title*."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert len(rows) > 2, f"README needs a table under {title!r}"
    return rows[2:]


def words_in_code(text: str) -> list[str]:
    """Return what stands between backticks, outside of fenced blocks."""
    return _CODE.findall(_BLOCK.sub("", text))
