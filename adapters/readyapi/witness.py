"""A JUnit file of SoapUI, held against what the runner printed of the same cases.

The file calls a cancelled case passed, leaves out a case whose set-up script died, and is
overwritten by that of a second suite whose name has the same letters. The output tells, unless it
was cut or its log switched off; it can only take a pass away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.base import Case, Report, Verdict
from adapters.expected import NO_RESULT
from adapters.formats.kept_cases import CASE_LIMIT
from adapters.readyapi.output import Heard, listen, one_blank
from adapters.readyapi.project import SEPARATOR

TOLD_LIMIT = 20
_NAME_CHARS = 300
"""Longer names may be cut on their way into a report."""


def witnessed(report: Report, output: str, title: str = "") -> Report:
    """Give *report* with what *output* casts doubt on, and without a case that *title* names."""
    trial = _Trial(report, listen(output))
    trial.hear()
    told = trial.problems[:TOLD_LIMIT]
    if len(trial.problems) > TOLD_LIMIT:
        told.append(f"{len(trial.problems) - TOLD_LIMIT} more doubts about the report")
    cases = (*trial.cases, *_missing(title, trial.cases))
    return replace(report, cases=cases, problems=(*report.problems, *told))


class _Trial:
    """The cases of a report, found by the names that the output gives them."""

    def __init__(self, report: Report, heard: Heard) -> None:
        self.cases = list(report.cases)
        self.problems: list[str] = []
        self._heard = heard
        self._places: dict[str, list[int]] = {}
        for place, case in enumerate(self.cases):
            if name := _own_name(case.name, heard.names):
                self._places.setdefault(name, []).append(place)

    def hear(self) -> None:
        """Turn the passes that are none, and gather what cannot be put down to one case."""
        for name in sorted(self._heard.cancelled):
            said = "the runner says that it was cancelled, its report calls it passed"
            if not self._take_passes(name, Verdict.BLOCKED, "canceled", said):
                self.problems.append(f"the output says that {name[:200]!r} was cancelled")
        for name in sorted(set(self._heard.open)):
            said = "it was started and never finished, the report calls it passed"
            if not self._take_passes(name, Verdict.BLOCKED, "unfinished", said):
                self.problems.append(f"the output says that {name[:200]!r} never finished")
        for name in sorted(self._heard.failed):
            self._hear_failed(name)
        self._hear_sums()
        self.problems.extend(self._left_out())

    def _hear_failed(self, name: str) -> None:
        shown = sum(case.status is Verdict.FAILED for case in self._of(name))
        if self._heard.failed[name] <= shown:
            return
        said = "the runner says that it failed, its report calls it passed"
        taken = self._take_passes(name, Verdict.FAILED, "failed", said)
        # An inner case stands in no report: its failure is that of the case that ran it.
        if not taken and not self._some_failed():
            self.problems.append(f"the output says that {name[:200]!r} failed, the report does not")

    def _hear_sums(self) -> None:
        self.problems.extend(self._heard.cancelled_runs)
        if not self._some_failed():
            self.problems.extend(self._heard.bad_runs)
            if self._heard.total_failed:
                count = f"the output counts {self._heard.total_failed} failed"
                self.problems.append(f"{count}, the report shows none")

    def _take_passes(self, name: str, status: Verdict, raw: str, said: str) -> bool:
        """Take the pass from every case called *name*, if none of them is heard to deserve it."""
        places = self._places.get(name, [])
        passes = [place for place in places if self.cases[place].status is Verdict.PASSED]
        if not passes or self._heard.finished[name]:
            return False
        for place in passes:
            case = self.cases[place]
            self.cases[place] = replace(case, status=status, raw_status=raw, message=said)
        return True

    def _left_out(self) -> Iterator[str]:
        """Say which cases ran and are not in the report; an inner one need not be."""
        if len(self.cases) >= CASE_LIMIT:
            return
        for name, count in sorted(self._heard.outer.items()):
            shown = len(self._of(name))
            if count > shown and len(name) <= _NAME_CHARS:
                ran = f"{name!r} ran {count} times" if count > 1 else f"{name!r} ran"
                held = f"is there {shown} times" if shown else "is not there"
                why = "two suites may have written the same file"
                yield f"the output says that {ran}, in the report it {held}: {why}"

    def _of(self, name: str) -> list[Case]:
        return [self.cases[place] for place in self._places.get(name, [])]

    def _some_failed(self) -> bool:
        return any(case.status is Verdict.FAILED for case in self.cases)


def _own_name(full_name: str, known: set[str]) -> str:
    """Give the longest known name that *full_name* ends with, after its suite's."""
    full_name = one_blank(full_name)
    starts = [0, *(at + 1 for at, letter in enumerate(full_name) if letter in "/.")]
    return next((full_name[at:] for at in starts if full_name[at:] in known), "")


def _missing(title: str, cases: Sequence[Case]) -> list[Case]:
    """Give a Blocked case for what a title of two or more parts names and no case is called by."""
    parts = [part.strip() for part in title.split(SEPARATOR) if part.strip()]
    wanted = one_blank(parts[-1]) if len(parts) > 1 else ""
    if not cases or len(cases) >= CASE_LIMIT or len(wanted) > _NAME_CHARS:
        return []
    if any(wanted in one_blank(case.name) for case in cases):
        return []
    return [Case("/".join(parts[-2:]), Verdict.BLOCKED, "missing", message=NO_RESULT)]
