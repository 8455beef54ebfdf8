"""Long lists in parts, by a number in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list of *total* rows is shown; *query* is what the address asks besides."""

    number: int
    total: int
    query: Mapping[str, str]

    @property
    def offset(self) -> int:
        """How many rows are skipped."""
        return (self.number - 1) * PAGE_SIZE

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page too."""
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def range(self) -> str:
        """Say which rows these are, counted from 1."""
        return f"{self.offset + 1} to {min(self.offset + PAGE_SIZE, self.total)} of {self.total}"

    def address(self, number: int) -> str:
        """Return the address of another page of the same list."""
        return "?" + urlencode({**self.query, "page": number})


def read_paging(request: web.Request, total: int) -> Paging:
    """Read `page`; what is no page of the list leads to the nearest one."""
    text = request.query.get("page", "1")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 1
    query = {name: value for name, value in request.query.items() if name != "page" and value}
    found = Paging(max(1, wanted), total, query)
    return found if found.number <= found.last else Paging(found.last, total, query)
