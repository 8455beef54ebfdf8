"""The cases of a report, up to a number that memory and a reader can bear."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from adapters.base import Case, Verdict
from adapters.formats.cases import BAD

CASE_LIMIT = 20_000
BEYOND_LIMIT = 1_000
"""Places kept for cases that failed or were blocked after the limit was reached."""
DETAIL_BUDGET_CHARS = 16 * 1024 * 1024
"""All details together; what comes later keeps its one-line message."""
DETAIL_LEFT_OUT = "[left out: the details of this report are past 16 million characters]"


class KeptCases:
    """Collects cases; of those beyond the limit it keeps the bad ones and counts the rest.

    A failure is never lost: `BEYOND_LIMIT` places are free for Failed and Blocked cases, and the
    first Failed one finds room even when Blocked ones took them all.
    """

    def __init__(self, limit: int = CASE_LIMIT) -> None:
        self._limit = limit
        self._cases: list[Case] = []
        self._detail_chars = 0
        self._left_out: Counter[Verdict] = Counter()
        self._has_failed = False

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases kept so far, in their order."""
        return tuple(self._cases)

    def add(self, case: Case) -> None:
        """Keep *case*, or count it."""
        self.offer(case.status, lambda: case)

    def offer(self, status: Verdict, close: Callable[[], Case]) -> bool:
        """Keep the case that *close* makes, or count it; tell whether it is kept.

        *status* is what the case will have. It is made only when there is room: of a huge report
        most are not.
        """
        if not self._has_room_for(status):
            self._left_out[status] += 1
            return False
        self._keep(close())
        return True

    def extend(self, cases: Iterable[Case]) -> None:
        """Keep or count each of *cases*."""
        for case in cases:
            self.add(case)

    def problems(self) -> tuple[str, ...]:
        """Say how many cases were left out, if any of them was no good one."""
        return self._left_out_text() if self._left_out_bad() else ()

    def notes(self) -> tuple[str, ...]:
        """Say how many cases were left out, if all of them were good: no verdict needs them."""
        return () if self._left_out_bad() else self._left_out_text()

    def _has_room_for(self, status: Verdict) -> bool:
        if len(self._cases) < self._limit:
            return True
        if status is Verdict.FAILED and not self._has_failed:
            return True
        return status in BAD and len(self._cases) < self._limit + BEYOND_LIMIT

    def _keep(self, case: Case) -> None:
        self._has_failed = self._has_failed or case.status is Verdict.FAILED
        self._detail_chars += len(case.detail)
        if case.detail and self._detail_chars > DETAIL_BUDGET_CHARS:
            case = replace(case, detail=DETAIL_LEFT_OUT)
        self._cases.append(case)

    def _left_out_bad(self) -> bool:
        return bool(self._left_out[Verdict.FAILED] or self._left_out[Verdict.BLOCKED])

    def _left_out_text(self) -> tuple[str, ...]:
        if not self._left_out:
            return ()
        counts = ", ".join(f"{count} {status}" for status, count in self._left_out.items() if count)
        total = len(self._cases) + self._left_out.total()
        return (f"{total} cases are too many: {len(self._cases)} are kept, left out are {counts}",)
