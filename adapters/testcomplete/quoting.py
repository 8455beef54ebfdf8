"""A command line in one text, as Windows programs take it apart again.

Source: Microsoft, "Parsing C++ command-line arguments". Only blanks, tabs
and nothing at all need quotes; backslashes mean themselves but for those before a quote.
"""

import re
from collections.abc import Sequence

_NEEDS_QUOTES = re.compile(r"[ \t]|\A\Z")
_BEFORE_QUOTE = re.compile(r'(\\*)"')
_AT_END = re.compile(r"(\\+)\Z")


def one_line(argv: Sequence[str]) -> str:
    """Join *argv* so that the program gets exactly its arguments."""
    return " ".join(map(_quoted, argv))


def _quoted(argument: str) -> str:
    escaped = _BEFORE_QUOTE.sub(r'\1\1\\"', argument)
    if not _NEEDS_QUOTES.search(argument):
        return escaped
    at_end_doubled = _AT_END.sub(r"\1\1", escaped)
    return f'"{at_end_doubled}"'
