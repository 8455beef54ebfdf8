"""A suite of a JUnit XML report: what its header claims and what its cases have shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from adapters.base import Verdict
from adapters.formats.attributes import count_of, folded, unreadable_counts
from adapters.formats.cases import NAME_CHARS
from adapters.formats.junit.attributes import bad_word_of_suite
from adapters.formats.junit.case import OpenCase
from adapters.formats.junit.writers import QT_PROPERTIES, Counting, counting_of

# Counts of what went wrong, beside failures and errors: other tools' names for the sum of both.
_OTHER_BAD_COUNTS = ("failed", "failure", "error", "broken", "crashed", "unexpected", "timeouts")
_SKIPPED_COUNTS = ("skipped", "ignored", "aborted", "skips", "skip")
_COUNTS = ("tests", "failures", "errors", *_OTHER_BAD_COUNTS)


@dataclass(slots=True)
class Suite:
    """An open suite."""

    name: str
    counting: Counting
    claimed_tests: int
    claimed_bad: int
    claimed_errors: int
    claimed_skipped: int
    bad_word: str
    unreadable: tuple[str, ...]
    is_inner: bool
    cases: int = 0
    bad: int = 0
    skipped: int = 0
    attempts: int = 0
    """Failed attempts of cases that were tried again; Gradle counts them, Surefire does not."""
    assertions: int = 0
    excused: int = 0
    """Tests of inner suites that are claimed and need not be there."""
    error_output: str = ""

    @classmethod
    def opened(cls, attributes: Mapping[str, str], outer: Self | None) -> Self:
        """Read a header; names of attributes count in any case of letters."""
        header = folded(attributes)
        counting = counting_of(header)
        if counting is Counting.CASES and outer:
            counting = outer.counting
        return cls(
            name=header.get("name", "")[:NAME_CHARS],
            counting=counting,
            claimed_tests=_count(header, "tests"),
            claimed_bad=max(
                _count(header, "failures") + _count(header, "errors"),
                *(_count(header, other) for other in _OTHER_BAD_COUNTS),
            ),
            claimed_errors=_count(header, "errors"),
            # Disabled ones are counted beside the skipped, not among them (GoogleTest, Pester).
            claimed_skipped=_count(header, "disabled")
            + max(_count(header, skipped) for skipped in _SKIPPED_COUNTS),
            bad_word=bad_word_of_suite(header),
            unreadable=tuple(unreadable_counts(header, _COUNTS)),
            is_inner=outer is not None,
        )

    def add_case(self, case: OpenCase) -> None:
        """Count a case that has ended."""
        self.cases += 1
        self.bad += case.failing_results
        self.skipped += case.status is Verdict.SKIPPED
        self.attempts += case.attempts
        self.assertions += case.assertions

    def add_property(self, name: str) -> None:
        """See a property of the suite, which may tell its writer."""
        if name in QT_PROPERTIES:
            self.claimed_bad = max(0, self.claimed_bad - self.claimed_errors)
            self.claimed_errors = 0

    def add_suite(self, inner: "Suite") -> None:
        """Count what an inner suite held."""
        self.cases += inner.cases
        self.bad += inner.bad
        self.skipped += inner.skipped
        self.attempts += inner.attempts
        self.assertions += inner.assertions
        surplus = 0 if inner.counting is Counting.CASES else inner.claimed_tests - inner.cases
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
        if self._holds_none_of_its_tests():
            yield f"its header counts {self.claimed_tests} tests, it holds none"
        elif surplus_tests > attempts:
            yield f"its header counts {self.claimed_tests} tests, it holds {self.cases}"
        elif self.error_output and not self.cases:
            yield f"it holds no test, and its error output says: {self.error_output}"

    def _holds_none_of_its_tests(self) -> bool:
        if self.cases or (self.is_inner and self.counting is Counting.DEFINED):
            return False
        return self.claimed_tests > self._need_not_be_there()

    def _surplus_tests(self) -> int:
        # Some tools count assertions and say of each case how many it made (Nightwatch).
        if self.counting is not Counting.CASES or self.claimed_tests == self.assertions:
            return 0
        return self.claimed_tests - self.cases - self._need_not_be_there()

    def _need_not_be_there(self) -> int:
        # Some tools count a skipped test and write no case for it (gotestsum, by an option).
        return max(0, self.claimed_skipped - self.skipped, self.excused)


def _count(header: Mapping[str, str], name: str) -> int:
    return count_of(header.get(name, "")) or 0
