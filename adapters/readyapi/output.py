"""What testrunner's output says of its cases while they run.

    Running SoapUI testcase [X]
    Finished running SoapUI testcase [X], time taken: 12ms, status: FINISHED|FAILED|CANCELED
    Project|TestSuite|TestCase [X] finished with status [FINISHED] in 12ms

A step that runs another case prints that case's lines between those of its own, and such an inner
case is in no report. Suites may run their cases in parallel. The start of the output may be lost,
and the log's settings may hide any line: no line's absence proves anything.
Source: SmartBear/soapui, SoapUITestCaseRunner, AbstractTestCaseRunner.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

# What a log puts in front: time, level, and one word in brackets.
_FRONT = r"[^\[\]]*?(?:\[[^\[\]]*\]\s+)?"
_BEGIN = re.compile(_FRONT + r"Running \S+(?: API)? tests in project \[.*")
_START = re.compile(_FRONT + r"Running \S+(?: API)? testcase \[(.*)\]\s*")
_END = re.compile(
    _FRONT + r"Finished running \S+(?: API)? testcase \[(.*)\], time taken: .*, status: (\w+)\s*"
)
_RUN = re.compile(
    _FRONT + r"(Project|TestSuite|TestCase) \[(.*)\] finished with status \[(\w+)\].*"
)
_TOTAL = re.compile(r"Total TestCases: [0-9]+ \(([0-9]+) failed\)\s*")
FINISHED, FAILED = "FINISHED", "FAILED"
LINE_CHARS = 4000
"""No line of the runner about a case is longer: responses are, and are passed over."""
_MARKS = (" testcase [", " tests in project [", " finished with status [", "Total TestCases: ")


@dataclass(slots=True)
class Heard:
    """The runner's own words; names have single blanks, as an XML attribute would have them."""

    finished: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)
    """Ended neither well nor by a failure."""
    outer: Counter[str] = field(default_factory=Counter)
    """Cases that no other case was running at the start of: a report must hold them all.

    Empty when the output's beginning is lost, since then nobody knows what was running."""
    open: Counter[str] = field(default_factory=Counter)
    """Started and never finished."""
    bad_runs: list[str] = field(default_factory=list)
    """Runs of a project, a suite or a case that did not end as FINISHED, in words."""
    cancelled_runs: list[str] = field(default_factory=list)
    """Those of them that did not fail either."""
    total_failed: int = 0
    whole: bool = False
    """The output was heard from the first case on."""

    @property
    def names(self) -> set[str]:
        """Every case that was heard of."""
        return {*self.finished, *self.failed, *self.cancelled, *self.outer, *self.open}


def listen(output: str) -> Heard:
    """Read the runner's output."""
    heard = Heard()
    for line in output.splitlines():
        if len(line) <= LINE_CHARS and any(mark in line for mark in _MARKS):
            _hear(line, heard)
    return heard


def one_blank(name: str) -> str:
    """Give *name* as it can be compared: a report's attributes have no tabs and line breaks."""
    return " ".join(name.split())


def _hear(line: str, heard: Heard) -> None:
    if _BEGIN.fullmatch(line):
        heard.whole = True
    elif start := _START.fullmatch(line):
        _start(one_blank(start[1]), heard)
    elif end := _END.fullmatch(line):
        _end(one_blank(end[1]), end[2], heard)
    elif (run := _RUN.fullmatch(line)) and run[3] != FINISHED:
        told = f"{run[1]} {run[2][:200]} ended as {run[3]}"
        (heard.bad_runs if run[3] == FAILED else heard.cancelled_runs).append(told)
    elif total := _TOTAL.fullmatch(line):
        heard.total_failed = int(total[1])


def _start(name: str, heard: Heard) -> None:
    if heard.whole and not heard.open:
        heard.outer[name] += 1
    heard.open[name] += 1


def _end(name: str, status: str, heard: Heard) -> None:
    # A case whose set-up script dies ends without having been started.
    heard.open[name] -= 1
    if heard.open[name] <= 0:
        del heard.open[name]
    counts = {FINISHED: heard.finished, FAILED: heard.failed}.get(status, heard.cancelled)
    counts[name] += 1
