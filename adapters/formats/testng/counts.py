"""What the root of a TestNG report claims, against what the report holds."""

from collections.abc import Iterator, Mapping

from adapters.formats.attributes import count_of, unreadable_counts

_COUNTS = ("total", "passed", "failed", "skipped", "ignored", "retried")


class Counts:
    """Counts results and compares; TestNG before 6.9 claims nothing.

    Only claims that go beyond the content are a doubt. *total* holds *ignored*, methods that were
    never to run and are not listed, and from 7.5 on *retried*, which are; what failed within its
    success percentage is listed and in no count.
    """

    def __init__(self) -> None:
        self._claimed = dict.fromkeys(_COUNTS, 0)
        self._unreadable: list[str] = []
        self._results = 0
        self._failed = 0

    def claim(self, attributes: Mapping[str, str]) -> None:
        """Take the root's attributes."""
        for name in _COUNTS:
            self._claimed[name] = count_of(attributes.get(name, "")) or self._claimed[name]
        self._unreadable.extend(unreadable_counts(attributes, _COUNTS))

    def add(self, *, failed: bool) -> None:
        """Count a result that is listed."""
        self._results += 1
        self._failed += failed

    def problems(self) -> Iterator[str]:
        """Say where the claims go beyond the content."""
        yield from self._unreadable
        claimed = self._claimed
        total = claimed["total"] - claimed["ignored"]
        total = max(total, sum(claimed[name] for name in ("passed", "failed", "skipped")))
        if total > self._results:
            yield f"its root counts {total} results, it holds {self._results}"
        if claimed["failed"] > self._failed:
            yield f"its root counts {claimed['failed']} failures, it holds {self._failed}"
