"""A suite of a JUnit XML report: what its header claims and what its cases have shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from adapters.base import Verdict
from adapters.formats.capped_text import one_line
from adapters.formats.junit_attributes import bad_word_of_suite, count_of, folded
from adapters.formats.junit_case import NAME_CHARS, OpenCase

# Counts of what went wrong, beside failures and errors: other tools' names for the sum of both.
_OTHER_BAD_COUNTS = ("failed", "failure", "error", "broken", "crashed", "unexpected", "timeouts")
_SKIPPED_COUNTS = ("skipped", "disabled", "ignored", "aborted", "skips")
_COUNTS = ("tests", "failures", "errors", *_OTHER_BAD_COUNTS)
# Tools whose *tests* is no number of cases. pytest adds subtests, which are no cases; Mocha's
# reporter counts what is defined, pending and filtered out too; Catch2, which names its host
# "tbd", counts assertions. All three write their report at the end only.
_COUNTING_OTHERWISE = frozenset({"pytest", "pytest tests", "Mocha Tests"})
_CATCH2_HOST = "tbd"


@dataclass(slots=True)
class Suite:
    """An open suite."""

    name: str
    counts_otherwise: bool
    claimed_tests: int
    claimed_bad: int
    claimed_skipped: int
    bad_word: str
    unreadable: tuple[str, ...]
    cases: int = 0
    bad: int = 0
    skipped: int = 0
    attempts: int = 0
    """Failed attempts of cases that were tried again; Gradle counts them, Surefire does not."""
    excused: int = 0
    """Tests of inner suites that are claimed and need not be there."""
    error_output: str = ""

    @classmethod
    def opened(cls, attributes: Mapping[str, str], outer: Self | None) -> Self:
        """Read a header; names of attributes count in any case of letters."""
        header = folded(attributes)
        name = header.get("name", "")[:NAME_CHARS]
        otherwise = name in _COUNTING_OTHERWISE or header.get("hostname") == _CATCH2_HOST
        return cls(
            name=name,
            counts_otherwise=otherwise or bool(outer and outer.counts_otherwise),
            claimed_tests=_count(header, "tests"),
            claimed_bad=max(
                _count(header, "failures") + _count(header, "errors"),
                *(_count(header, other) for other in _OTHER_BAD_COUNTS),
            ),
            claimed_skipped=max(_count(header, skipped) for skipped in _SKIPPED_COUNTS),
            bad_word=bad_word_of_suite(header),
            unreadable=tuple(_unreadable_counts(header)),
        )

    def add_case(self, case: OpenCase) -> None:
        """Count a case that has ended."""
        self.cases += 1
        self.bad += case.failing_results
        self.skipped += case.status is Verdict.SKIPPED
        self.attempts += case.attempts

    def add_suite(self, inner: "Suite") -> None:
        """Count what an inner suite held."""
        self.cases += inner.cases
        self.bad += inner.bad
        self.skipped += inner.skipped
        self.attempts += inner.attempts
        surplus = inner.claimed_tests - inner.cases if inner.counts_otherwise else 0
        self.excused += max(surplus, inner._need_not_be_there())

    def problems(self) -> Iterator[str]:
        """Say where header and content disagree.

        Only claims that go beyond the content count: Ant writes 0 for a class whose set-up failed.
        """
        yield from self.unreadable
        if self.bad_word and not self.bad:
            yield f"its header says {self.bad_word}, none of its cases is bad"
        surplus_tests, surplus_bad = self._surplus_tests(), self.claimed_bad - self.bad
        # An attempt that is counted is counted twice, as a test and as a failure.
        attempts = max(0, min(self.attempts, surplus_tests, surplus_bad))
        if surplus_bad > attempts:
            claim = f"its header counts {self.claimed_bad} failures and errors"
            yield f"{claim}, its cases show {self.bad}"
        if self.claimed_tests and not self.cases:
            yield f"its header counts {self.claimed_tests} tests, it holds none"
        elif surplus_tests > attempts:
            yield f"its header counts {self.claimed_tests} tests, it holds {self.cases}"
        elif self.error_output and not self.cases:
            yield f"it holds no test, and its error output says: {self.error_output}"

    def _surplus_tests(self) -> int:
        if self.counts_otherwise:
            return 0
        return self.claimed_tests - self.cases - self._need_not_be_there()

    def _need_not_be_there(self) -> int:
        # Some tools count a skipped test and write no case for it (gotestsum, by an option).
        return max(0, self.claimed_skipped - self.skipped, self.excused)


def _count(header: Mapping[str, str], name: str) -> int:
    return count_of(header.get(name, "")) or 0


def _unreadable_counts(header: Mapping[str, str]) -> Iterator[str]:
    for name in _COUNTS:
        value = header.get(name, "").strip()
        if value and count_of(value) is None:
            yield f'its header says {name}="{one_line(value, 80)}", which is no count'
