"""Attributes of a report's elements: their names in any letters, and the counts among them."""

import re
from collections.abc import Mapping

_COUNT = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(?:[,' \u00a0\u2019\u202f][0-9]{3})+")


def folded(attributes: Mapping[str, str]) -> dict[str, str]:
    """Give *attributes* by names without prefix, in small letters."""
    return {name.rpartition(":")[2].lower(): value for name, value in attributes.items()}


def count_of(text: str) -> int | None:
    """Read a count, with or without marks that part thousands; None for what is no plain number."""
    text = text.strip()
    return int(re.sub(r"[^0-9]", "", text)) if _COUNT.fullmatch(text) else None
