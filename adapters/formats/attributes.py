"""Attributes of a report's elements: their names in any letters, and the counts among them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from adapters.formats.capped_text import one_line

_COUNT = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(?:[,' \u00a0\u2019\u202f][0-9]{3})+")


def folded(attributes: Mapping[str, str]) -> dict[str, str]:
    """Give *attributes* by names without prefix, in small letters."""
    return {name.rpartition(":")[2].lower(): value for name, value in attributes.items()}


def count_of(text: str) -> int | None:
    """Read a count, with or without marks that part thousands; None for what is no plain number."""
    text = text.strip()
    return int(re.sub(r"[^0-9]", "", text)) if _COUNT.fullmatch(text) else None


def unreadable_counts(
    header: Mapping[str, str],
    names: Iterable[str],
    read: Callable[[str], int | None] = count_of,
) -> Iterator[str]:
    """Say which of the counts *names* in *header* is there and cannot be read.

    Such a count may claim a failure: taken as 0 it would hide it.
    """
    for name in names:
        value = header.get(name, "").strip()
        if value and read(value) is None:
            yield f'it says {name}="{one_line(value, 80)}", which is no count'
