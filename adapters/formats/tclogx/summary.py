"""`Summary.dat`: the cases of a run of a suite, a project or a tag.

Source: TestComplete from 14.10 on. In every genuine file seen the counters of the root equal the
statuses of the cases, so a difference means that cases are missing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from adapters.base import Case, Report, Verdict
from adapters.formats.attributes import unreadable_counts
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import NAME_CHARS, case_name
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems
from adapters.formats.tclogx.nodes import Path, Values, number_at_end, real_number, whole_number
from adapters.formats.tclogx.status import ERROR, INCOMPLETE, WARNING, message_of, verdict_of

MESSAGES_PER_CASE = 200
DETAIL_CHARS = 64 * 1024
_COUNTERS: Mapping[str, int] = {
    "failedtests": ERROR,
    "warningtests": WARNING,
    "incompletedtests": INCOMPLETE,
}


@dataclass(slots=True)
class _Messages:
    """What an open test has said so far, by number: the order of a file is no order of the run."""

    errors: dict[int, str] = field(default_factory=dict)
    warnings: dict[int, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        kind = self.errors if name.startswith("error") else self.warnings
        if text and len(kind) < MESSAGES_PER_CASE:
            kind[number_at_end(name)] = text

    def detail(self) -> str:
        text = CappedText(DETAIL_CHARS)
        said = [*_in_order(self.errors), *(f"warning: {w}" for w in _in_order(self.warnings))]
        text.add("\n\n".join(said))
        return text.whole()


class Summary:
    """Reads the file; `report` gives its cases in the order of the run."""

    def __init__(self) -> None:
        self.seen = False
        self._open: dict[Path, _Messages] = {}
        self._kept = KeptCases()
        self._places: list[tuple[int, ...]] = []
        """For each kept case the numbers of its project, of the tests above it and its own."""
        self._projects: dict[int, str] = {}
        self._statuses: Counter[int | None] = Counter()
        self._contradictions = Problems()
        self._root: dict[str, str] = {}

    def node(self, path: Path, values: Values) -> None:
        """See a message, a test, a project or the root; the rest says nothing."""
        if len(path) == 1:
            self._root = dict(values)
        elif path[1] != "projects":
            return
        elif "msg" in values:
            self._open.setdefault(path[:-2], _Messages()).add(path[-1], values["msg"].strip())
        elif _is_test(path):
            self._add_test(path, values)
        elif len(path) == 3:
            self._projects[number_at_end(path[-1])] = values.get("name", "")[:NAME_CHARS]
        self.seen = self.seen or len(path) > 1

    def open_node(self, path: Path, values: Values) -> None:
        """See what a file that was cut off had of a node: of a test only a failure counts."""
        if not _is_test(path) or verdict_of(values.get("status")) is Verdict.FAILED:
            self.node(path, values)

    def report(self, broken: str) -> Report:
        """Give the cases; *broken* says where the file was cut off, if it was."""
        placed = sorted(zip(self._places, self._kept.cases, strict=True), key=lambda pair: pair[0])
        cases = tuple(self._named(case, place[0]) for place, case in placed)
        doubts = [broken] if broken else list(self._wrong_claims())
        problems = (*doubts, *self._contradictions.all(), *self._kept.problems())
        return Report(cases, problems, self._kept.notes())

    def _named(self, case: Case, project: int) -> Case:
        return replace(case, name=case_name(case.name, "", self._projects.get(project, "")))

    def _add_test(self, path: Path, values: Values) -> None:
        messages = self._open.pop(path, _Messages())
        status = values.get("status", "")
        verdict = verdict_of(status)
        self._statuses[whole_number(status)] += 1
        self._look_for_contradiction(verdict, values, messages)
        if self._kept.offer(verdict, lambda: _case(values, messages)):
            self._places.append(tuple(number_at_end(name) for name in path[2::2]))

    def _look_for_contradiction(
        self, verdict: Verdict, values: Values, messages: _Messages
    ) -> None:
        if verdict is not Verdict.PASSED or not messages.errors:
            return
        name = one_line(values.get("name", ""), 200)
        said = f"its status is {values.get('status')}, and it holds an error"
        self._contradictions.add(f"{name}: {said}")

    def _wrong_claims(self) -> Iterator[str]:
        yield from unreadable_counts(self._root, ("tests", *_COUNTERS), whole_number)
        held_tests = self._statuses.total()
        claimed_tests = whole_number(self._root.get("tests"))
        if claimed_tests is not None and claimed_tests != held_tests:
            yield f"its header counts {claimed_tests} tests, it holds {held_tests}"
        for counter, status in _COUNTERS.items():
            claimed, held = whole_number(self._root.get(counter)), self._statuses[status]
            if claimed is not None and claimed != held:
                yield f"its header says {counter}={claimed}, its cases show {held}"
        bad = held_tests - self._statuses[0] - self._statuses[WARNING]
        if whole_number(self._root.get("executionstatus")) == ERROR and not bad:
            yield "its header says that the run had errors, none of its cases is bad"


def _case(values: Values, messages: _Messages) -> Case:
    status = values.get("status", "")
    return Case(
        name=values.get("name", "")[:NAME_CHARS],
        status=verdict_of(status),
        raw_status=status[:80],
        seconds=max(0.0, (real_number(values.get("duration")) or 0.0) / 1000),
        message=_message(status, messages),
        detail=messages.detail(),
    )


def _is_test(path: Path) -> bool:
    return len(path) >= 5 and path[-2] == "tests"


def _in_order(messages: Mapping[int, str]) -> list[str]:
    return [messages[number] for number in sorted(messages)]


def _message(status: str, messages: _Messages) -> str:
    if errors := _in_order(messages.errors):
        return one_line(errors[0])
    general = message_of(status)
    warnings = _in_order(messages.warnings)
    return one_line(f"{general}: {warnings[0]}") if general and warnings else general
