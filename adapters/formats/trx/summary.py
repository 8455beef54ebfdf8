"""What a Visual Studio test report says of its run as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.formats.attributes import count_of, unreadable_counts
from adapters.formats.capped_text import one_line
from adapters.formats.problems import Problems
from adapters.formats.trx.result import OpenResult
from adapters.formats.trx.words import RUN_ABORTED

_GOOD = frozenset({"passed", "completed", "warning", "notexecuted"})
_GOOD_INFO = _GOOD | {"information", "informational"}
# With these the run did not come to its end, whatever the cases say.
_NOT_ENDED = RUN_ABORTED | {"aborted", "timeout", "disconnected", "inprogress", "pending"}
_BAD_COUNTS = (
    *("failed", "error", "timeout", "aborted", "inconclusive", "notrunnable", "disconnected"),
    *("inprogress", "pending", "passedbutrunaborted"),
)


@dataclass(slots=True)
class Found:
    """What the report's results have shown."""

    cases: int = 0
    bad: int = 0
    sums: int = 0
    """Results that only sum up their rows; vstest counts them, MSTest's own runner does not."""
    bad_sums: int = 0
    run_aborted: int = 0
    """Results that are good by themselves and tell that the run was aborted."""

    def add(self, result: OpenResult) -> None:
        """Count a result that has ended."""
        self.run_aborted += result.run_aborted
        if result.is_sum:
            self.sums += 1
            self.bad_sums += result.is_bad
        else:
            self.cases += 1
            self.bad += result.is_bad


@dataclass(slots=True)
class Summary:
    """The `ResultSummary`: an outcome, counters, and messages of the run."""

    is_there: bool = False
    _outcome: str = ""
    _counters: Mapping[str, str] = field(default_factory=dict)
    _problems: Problems = field(default_factory=lambda: Problems("run-level errors"))
    _case_notices: Problems = field(default_factory=lambda: Problems("run-level errors"))
    _notes: Problems = field(default_factory=lambda: Problems("warnings of the run"))

    def start(self, outcome: str | None) -> None:
        """Take the outcome; a missing one is the first of Microsoft's words, Error."""
        self.is_there = True
        self._outcome = one_line(outcome or "", 80) or "Error"

    def add_counters(self, counters: Mapping[str, str]) -> None:
        """Take the counters, by names in small letters."""
        self._counters = counters

    def add_message(self, outcome: str | None, text: str) -> None:
        """Take a message of the run; one without an outcome is an error."""
        said = one_line(text) or "(no text)"
        if (outcome or "").strip().lower() in _GOOD_INFO:
            self._notes.add(said)
        elif said.endswith("[FAIL]"):
            # xUnit.net's adapter repeats each failed case as an error of the run.
            self._case_notices.add(f"run-level error: {said}")
        else:
            self._problems.add(f"run-level error: {said}")

    def notes(self) -> tuple[str, ...]:
        """Give what the run warned of."""
        return self._notes.all()

    def problems(self, found: Found) -> Iterator[str]:
        """Say what of it contradicts the cases, or says that the run as a whole went wrong."""
        yield from self._problems.all()
        if not found.bad:
            yield from self._case_notices.all()
        outcome = self._outcome.lower()
        no_cause = outcome not in _GOOD and not found.bad
        if outcome in _NOT_ENDED or (self.is_there and no_cause):
            rest = "" if found.bad else ", none of its cases is bad"
            yield f'the run\'s outcome is "{self._outcome}"{rest}'
        if found.run_aborted:
            yield f"{found.run_aborted} of its results passed in a run that was aborted"
        yield from self._of_counters(found)

    def _of_counters(self, found: Found) -> Iterator[str]:
        yield from unreadable_counts(self._counters, ("total", *_BAD_COUNTS))
        total = self._count("total")
        if total > found.cases + found.sums:
            yield f"its counters claim {total} results, it holds {found.cases + found.sums}"
        bad = sum(self._count(name) for name in _BAD_COUNTS)
        if bad > found.bad + found.bad_sums + found.run_aborted:
            yield f"its counters claim {bad} bad results, its cases show {found.bad}"

    def _count(self, name: str) -> int:
        return count_of(self._counters.get(name, "")) or 0
