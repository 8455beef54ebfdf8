"""What ConsoleLauncher printed with `--details=verbose`: each test as it starts and ends.

It is all that is left of a run that was cut, since reports are written when an engine is done.
Tests write to the same output, so a line counts only where the launcher would have put it, and
where two tests are at work at once, by parallel execution or by a launcher inside a test, nobody
can tell whose result it is. The lines were seen with 1.6.2 and 1.9.1, in both themes.
"""

import re
from dataclasses import dataclass, field, replace

from adapters.base import Case, Verdict
from adapters.formats.capped_text import one_line
from adapters.formats.environment import advice, with_advice
from adapters.java.at_work import NO_RESULT
from adapters.junit.unique_id import case_name, engine_of

_STARTED = re.compile(
    r"^Test plan execution started\. Number of static tests: (\d+)$", re.MULTILINE
)
_UNIQUE_ID = re.compile(r"^(?:│  |\| )+ +uniqueId: (.*)", re.MULTILINE)
_SUMMARY = re.compile(r"^Test run finished after \d+ ms$", re.MULTILINE)
_FOUND = re.compile(r"^\[ +(\d+) tests found +\]$", re.MULTILINE)
# Each level of the tree is one bar; the names of fields are flush right.
_FIELD = re.compile(
    r"(?P<bars>(?:│  |\| )+) +"
    r"(?P<name>uniqueId|source|reason|caught|duration|status): (?P<value>.*)"
)
_DURATION_CHARS = 300
"""As much of a line as bars and a duration take: a search in all of it could take long."""
_DURATION = re.compile(r"(?P<bars>(?:│  |\| )+) +duration: (?P<value>\d+) ms$")
_STATUS = re.compile(r"\S+ (SUCCESSFUL|FAILED|ABORTED|SKIPPED)")
_SOURCE = re.compile(r"(?:Method|Class)Source \[className = '([^']+)'")
_STATUSES = {
    "SUCCESSFUL": Verdict.PASSED,
    "FAILED": Verdict.FAILED,
    "ABORTED": Verdict.SKIPPED,
    "SKIPPED": Verdict.SKIPPED,
}
# The tree's own lines: nodes, fields, what was thrown. Others are of tests and fixtures.
_TREE = re.compile(r"(?:│  |\| )+|(?:├─|└─|\+--|'--) ")

TWO_RESULTS = "two results were printed for it"
NOT_SURE = "its result may be the test's own output: nothing of the launcher follows"
MIXED_UP = "other tests ran at the same time: its result cannot be told"


@dataclass(frozen=True, slots=True)
class ConsoleCase:
    """One test of the output."""

    engine: str
    case: Case


@dataclass(frozen=True, slots=True)
class ConsoleOutput:
    """The output, read."""

    cases: tuple[ConsoleCase, ...]
    planned: int | None
    """Tests known at the start, those aside that are made while running; None: start is lost."""
    fixture_errors: tuple[str, ...]
    """Of classes and other containers; their tests may be missing."""


def is_cut(text: str) -> bool:
    """Tell whether *text* is of a launcher that did not come to its end.

    A test may hold a launcher of its own, so each start needs its summary.
    """
    starts, ends = _STARTED.findall(text), list(_SUMMARY.finditer(text))
    rest = text[ends[-1].end() :] if ends else text
    return len(starts) > len(ends) or _UNIQUE_ID.search(rest) is not None


def planned_tests(text: str) -> int | None:
    """Give the number of tests known at the start; None where the start is lost."""
    started = _STARTED.search(text)
    return int(started[1]) if started else None


def summary_of(text: str) -> int | None:
    """Give the number of tests that the last summary counts; None where a test follows it."""
    begin = max((match.end() for match in _SUMMARY.finditer(text)), default=None)
    if begin is None or _UNIQUE_ID.search(text, begin):
        return None
    counted = _FOUND.search(text, begin)
    return int(counted[1]) if counted else None


def unique_ids(text: str) -> set[str]:
    """List the ids of the tests that began."""
    return set(_UNIQUE_ID.findall(text))


def read_console(text: str) -> ConsoleOutput:
    """Read *text*; what is cut off, forged or unknown makes no case a pass."""
    reader = _Reader()
    for line in text.split("\n"):
        reader.take(line.rstrip("\r"))
    return ConsoleOutput(
        cases=reader.close(was_cut=is_cut(text)),
        planned=planned_tests(text),
        fixture_errors=tuple(reader.fixture_errors),
    )


@dataclass(slots=True)
class _OpenTest:
    """A test that has started; the depth of its lines tells them from those of others."""

    unique_id: str
    bars: str
    class_name: str = ""
    message: str = ""
    seconds: float = 0.0
    # The launcher prints it right before the status.
    has_duration: bool = False


@dataclass(slots=True)
class _Reader:
    cases: list[ConsoleCase] = field(default_factory=list)
    fixture_errors: list[str] = field(default_factory=list)
    _open: _OpenTest | None = None
    _closed: _OpenTest | None = None
    _is_mixed_up: bool = False
    # Since the last status only others than the launcher have written, and something.
    _is_unsure: bool = False

    def take(self, line: str) -> None:
        if found := _FIELD.fullmatch(line):
            self._take_field(found["bars"], found["name"], found["value"])
        elif found := _DURATION.search(line[-_DURATION_CHARS:]):
            # A test's own output without a newline stands before it.
            self._take_field(found["bars"], "duration", found["value"])
        elif _TREE.match(line):
            self._is_unsure = False
        elif line.strip() and self._open is None:
            self._is_unsure = True

    def close(self, *, was_cut: bool) -> tuple[ConsoleCase, ...]:
        if self._open is not None:
            self._add(self._open, Verdict.BLOCKED, "started", NO_RESULT)
        elif self._is_unsure and was_cut:
            self._doubt_last(NOT_SURE)
        return tuple(self.cases)

    def _take_field(self, bars: str, name: str, value: str) -> None:
        if name == "uniqueId":
            self._begin(_OpenTest(value, bars))
        elif self._open is not None:
            if bars == self._open.bars:
                self._take_own(self._open, name, value)
        elif name == "caught":
            self.fixture_errors.append(one_line(value))
        elif name == "status" and self._closed and bars == self._closed.bars:
            self._doubt_last(TWO_RESULTS)

    def _begin(self, test: _OpenTest) -> None:
        if self._open is not None:
            self._is_mixed_up = True
            self._add(self._open, Verdict.BLOCKED, "started", MIXED_UP)
        self._open, self._is_unsure = test, False

    def _take_own(self, test: _OpenTest, name: str, value: str) -> None:
        if name == "status":
            self._end(test, value)
        elif name == "duration":
            test.seconds = int(re.sub(r"\D", "", value) or 0) / 1000
            test.has_duration = True
        elif name == "source" and not test.class_name:
            found = _SOURCE.match(value)
            test.class_name = found[1] if found else ""
        elif name in {"caught", "reason"} and not test.message:
            test.message = one_line(value)

    def _end(self, test: _OpenTest, value: str) -> None:
        word = _STATUS.fullmatch(value)
        if not word or not (test.has_duration or word[1] == "SKIPPED"):
            return
        status = _STATUSES[word[1]]
        if status is Verdict.FAILED and (helps := advice("", test.message)):
            status, test.message = Verdict.BLOCKED, with_advice(helps, test.message)
        if self._is_mixed_up:
            self._add(test, Verdict.BLOCKED, word[1].lower(), MIXED_UP)
        else:
            self._add(test, status, word[1].lower(), test.message)
        self._open, self._closed = None, test

    def _add(self, test: _OpenTest, status: Verdict, raw: str, message: str) -> None:
        name = case_name(test.unique_id, test.class_name)
        case = Case(name, status, raw, test.seconds, message)
        self.cases.append(ConsoleCase(engine_of(test.unique_id), case))

    def _doubt_last(self, why: str) -> None:
        if self.cases and self.cases[-1].case.status in {Verdict.PASSED, Verdict.SKIPPED}:
            last = self.cases[-1]
            doubted = replace(last.case, status=Verdict.BLOCKED, message=why)
            self.cases[-1] = replace(last, case=doubted)
