"""The page that a test engineer reads about a run: what is on it and how much of it."""

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2

from adapters.base import Case, Ending, Verdict
from orchestrator.plain_text import capped, plain
from orchestrator.report.facts import RunFacts

_ORDER = (Verdict.FAILED, Verdict.BLOCKED, Verdict.SKIPPED, Verdict.PASSED)
_BAD = (Verdict.FAILED, Verdict.BLOCKED)
MAX_BAD_ROWS = 20_000
MAX_GOOD_ROWS = 1_000
_NAME_CHARS = 300
_LINE_CHARS = 500
_DETAIL_CHARS = 20_000
_LONG_CHARS = 65_536
# All messages and details of a page together; names and marks come on top.
_CASE_TEXT_CHARS = 3_000_000

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the page: where it is found there, and what it is called."""

    location: str
    name: str


def render(facts: RunFacts, pictures: Sequence[Picture], notes: Sequence[str]) -> str:
    """Return the page as HTML; *notes* say which pictures are not on it, and why."""
    counts = Counter(case.status for case in facts.cases)
    rows, left_out = _rows(facts.cases)
    return _TEMPLATES.get_template("report.html").render(
        title=title(facts),
        verdict=facts.verdict.value,
        test_name=_line(facts.test_name) or f"run {facts.run_id}, item {facts.item}",
        reason=plain(capped(facts.reason, _LONG_CHARS)),
        facts=[(name, value) for name, value in _facts(facts) if value],
        counts=[(status.value, counts[status]) for status in _ORDER if counts[status]],
        case_count=len(facts.cases),
        rows=rows,
        case_notes=left_out,
        picture_notes=notes,
        command=plain(capped(shlex.join(facts.command), _LONG_CHARS)),
        output_tail=plain(facts.output_tail[-_LONG_CHARS:]),
        pictures=pictures,
        version=_line(facts.labfleet_version),
    )


def title(facts: RunFacts) -> str:
    """Return the page's title, on one line."""
    return _line(f"{facts.verdict.value}: {facts.test_name or f'run {facts.run_id}'}")


def _facts(facts: RunFacts) -> list[tuple[str, str]]:
    return [
        ("Test set", _line(facts.test_set)),
        ("Configuration", _line(facts.configuration)),
        ("Release", _line(facts.release)),
        ("Host", _line(facts.host)),
        ("Tool", _line(facts.tool)),
        ("Run", f"{facts.run_id}, item {facts.item}, attempt {facts.attempt}"),
        ("Started", _moment(facts.started_at)),
        ("Finished", _moment(facts.finished_at)),
        ("Duration", _duration((facts.finished_at - facts.started_at).total_seconds())),
        ("The tool", _ending(facts)),
    ]


def _ending(facts: RunFacts) -> str:
    if facts.ending is Ending.TIMED_OUT:
        return "was ended by labfleet: its time was up"
    if facts.ending is Ending.KILLED:
        return "was ended by labfleet"
    if facts.ending is Ending.NOT_STARTED:
        return "could not be started"
    code = facts.exit_code
    if code is None:
        return "ended, and how is not known"
    return f"was ended by signal {-code}" if code < 0 else f"exited with code {code}"


def _rows(cases: Sequence[Case]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows to show, what needs attention first, and notes on what is not shown."""
    ordered = sorted(cases, key=lambda case: _ORDER.index(case.status))
    bad = [case for case in ordered if case.status in _BAD]
    good = ordered[len(bad) :]
    shown = bad[:MAX_BAD_ROWS] + good[:MAX_GOOD_ROWS]
    left_chars = _CASE_TEXT_CHARS
    rows: list[dict[str, str]] = []
    silent = 0
    for case in shown:
        used_chars = min(len(case.message), _LINE_CHARS) + min(len(case.detail), _DETAIL_CHARS)
        speaks = used_chars <= left_chars
        left_chars -= used_chars if speaks else 0
        silent += not speaks
        rows.append(_row(case, speaks=speaks))
    return rows, _left_out(len(cases) - len(shown), silent)


def _left_out(unlisted: int, silent: int) -> list[str]:
    notes = []
    if unlisted:
        notes.append(f"{unlisted:,} more cases are not listed here; the XML log has every case.")
    if silent:
        notes.append(
            f"The texts of {silent:,} cases are left out to keep this page small;"
            " the XML log has more."
        )
    return notes


def _row(case: Case, *, speaks: bool) -> dict[str, str]:
    message = _line(case.message, _LINE_CHARS) if speaks else ""
    detail = plain(capped(case.detail, _DETAIL_CHARS)).strip("\n") if speaks else ""
    raw = _line(case.raw_status, 40)
    return {
        "status": case.status.value,
        "raw": "" if raw.lower() == case.status.value.lower() else raw,
        "name": _line(case.name),
        "seconds": f"{case.seconds:.3f}",
        "message": message,
        "detail": "" if detail.strip() == message else detail,
    }


def _line(text: str, limit: int = _NAME_CHARS) -> str:
    return " ".join(plain(capped(text, limit)).split())


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
