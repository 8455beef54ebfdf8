"""What the root of a TestNG report claims, against what the report holds."""

from collections.abc import Iterator, Mapping

from adapters.formats.attributes import count_of
from adapters.formats.capped_text import one_line

_COUNTS = ("total", "passed", "failed", "skipped", "ignored", "retried")


class Counts:
    """Counts results and compares; TestNG before 6.9 claims nothing.

    Only claims that go beyond the content are a doubt. *total* holds *ignored*, methods that were
    never to run and are not listed, and from 7.5 on *retried*, which are; what failed within its
    success percentage is listed and in no count.
    """

    def __init__(self) -> None:
        self._claimed: dict[str, int] = {}
        self._unreadable: list[str] = []
        self._results = 0
        self._failed = 0

    def claim(self, attributes: Mapping[str, str]) -> None:
        """Take the root's attributes."""
        for name in _COUNTS:
            value = attributes.get(name, "").strip()
            count = count_of(value)
            if count is not None:
                self._claimed[name] = count
            elif value:
                said = f'its root says {name}="{one_line(value, 80)}", which is no count'
                self._unreadable.append(said)

    def add(self, *, failed: bool) -> None:
        """Count a result that is listed."""
        self._results += 1
        self._failed += failed

    def problems(self) -> Iterator[str]:
        """Say where the claims go beyond the content."""
        yield from self._unreadable
        claimed = self._claimed.get
        total = claimed("total", 0) - claimed("ignored", 0)
        total = max(total, sum(claimed(name, 0) for name in ("passed", "failed", "skipped")))
        if total > self._results:
            yield f"its root counts {total} results, it holds {self._results}"
        if claimed("failed", 0) > self._failed:
            yield f"its root counts {claimed('failed', 0)} failures, it holds {self._failed}"
