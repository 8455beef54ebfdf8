"""Tries of the same test: TestNG lists a failed one that is tried again as a skip of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from adapters.base import Case, Verdict
from adapters.formats.testng.method import Place, Role

KEYS_KEPT = 50_000
"""Results of one class that are remembered; an attempt at one beyond them stays a case."""


@dataclass(slots=True, eq=False)
class Entry:
    """One result of the report, until it is known what becomes of it."""

    role: Role
    place: Place
    index: int | None
    """Where its case is among the kept ones; None when there was no room for it."""
    folded: bool = False
    """Another entry stands for it."""
    attempts: list["Entry"] = field(default_factory=list)
    """The failed tries that this one stands for."""


class Tries:
    """Brings the tries of one class together: the last result wins, others become a remark.

    All tries of a method stand in one `class` element, in the order of their starting times,
    which may be the same millisecond: so a try counts as one also behind its result.
    """

    def __init__(self) -> None:
        self._waiting: dict[bytes, list[Entry]] = {}
        self._results: dict[bytes, Entry] = {}

    def add(self, key: bytes, entry: Entry, status: Verdict) -> None:
        """Take the next result of the class."""
        if entry.role in {Role.ATTEMPT, Role.LIKELY_ATTEMPT}:
            self._waiting.setdefault(key, []).append(entry)
            return
        waiting = self._waiting.get(key)
        decided = status in {Verdict.PASSED, Verdict.FAILED} or (
            # A skip ends only what is surely a chain of tries.
            waiting is not None and entry.role is Role.FINAL and waiting[-1].role is Role.ATTEMPT
        )
        if not decided:
            return
        if waiting is not None:
            _fold(self._waiting.pop(key), entry)
        if key in self._results or len(self._results) < KEYS_KEPT:
            self._results[key] = entry

    def close(self) -> None:
        """See the class end: give the tries that wait to the last result of their method."""
        for key, waiting in self._waiting.items():
            if key in self._results:
                _fold(waiting, self._results[key])
            elif all(entry.role is Role.ATTEMPT for entry in waiting):
                _fold(waiting[:-1], waiting[-1])


def with_remark(case: Case, entry: Entry, cases: tuple[Case, ...]) -> Case:
    """Say in *case* how often it was tried before; *cases* are all that were kept."""
    count = len(entry.attempts)
    if not count:
        return case
    tries = "1 failed attempt" if count == 1 else f"{count} failed attempts"
    last = next((cases[e.index] for e in reversed(entry.attempts) if e.index is not None), None)
    said = f", the last: {last.message}" if last and last.message else ""
    if case.status is Verdict.PASSED:
        message = f"passed after {tries}{said}"
    else:
        message = f"{case.message} (after {tries})".strip()
    detail = (
        f"{case.detail}\nfailed attempt:\n{last.detail}" if last and last.detail else case.detail
    )
    return replace(case, message=message, detail=detail.strip())


def _fold(attempts: Iterable[Entry], result: Entry) -> None:
    for attempt in attempts:
        attempt.folded = True
        result.attempts.append(attempt)
