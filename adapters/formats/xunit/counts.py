"""What an xUnit.net report counts against what it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.formats.attributes import count_of, unreadable_counts
from adapters.formats.capped_text import one_line

_COUNTS = ("total", "failed", "errors")


@dataclass(slots=True)
class Container:
    """An open assembly, collection or class: its header and what has been seen in it."""

    kind: str
    header: Mapping[str, str]
    tests: int = 0
    bad: int = 0
    errors: int = 0

    @property
    def called(self) -> str:
        """Its name for a reader."""
        return f"{self.kind} {one_line(self.header.get('name', ''), 200)}".strip()

    def add(self, inner: "Container") -> None:
        """Count what an inner one held."""
        self.tests += inner.tests
        self.bad += inner.bad
        self.errors += inner.errors

    def problems(self) -> Iterator[str]:
        """Say where header and content disagree; only claims beyond the content count."""
        for said in unreadable_counts(self.header, _COUNTS):
            yield f"{self.called}: {said}"
        if self._count("total") > self.tests:
            claim = f"its header counts {self._count('total')} tests"
            yield f"{self.called}: {claim}, it holds {self.tests}"
        if self._count("failed") > self.bad:
            claim = f"its header counts {self._count('failed')} failed tests"
            yield f"{self.called}: {claim}, its tests show {self.bad}"
        if self._count("errors") > self.errors:
            claim = f"its header counts {self._count('errors')} errors"
            yield f"{self.called}: {claim}, it holds {self.errors}"

    def _count(self, name: str) -> int:
        return count_of(self.header.get(name, "")) or 0
