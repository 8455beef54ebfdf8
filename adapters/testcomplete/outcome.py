"""What a run of TestComplete came to, by its log, its exit code and its error log."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.base import Case, Ending, Finished, Outcome, Report, ResultFile, Verdict
from adapters.formats.tclogx.status import WARNING
from adapters.results import read_all
from adapters.testcomplete.exit import TIMED_OUT, WARNINGS, obstacle, product_code
from adapters.verdict import decide

LOG = "run.tcLogX"
STRICT_LOG = "run.warnings-fail.tcLogX"
"""The log's name where warnings fail: an outcome is told of the files, not of the options."""
REPORT = "run.mht"
ERROR_LOG = "error.log"

ERROR_LOG_CHARS = 2000
_BLOCKED_INSTEAD = "the product could not run the test, so it is no failure"


def outcome_of_log(finished: Finished) -> Outcome:
    """Decide, and name the log and the report to hand on; never raises."""
    log = _file(finished.files, LOG) or _file(finished.files, STRICT_LOG)
    outcome = _decide(finished, log)
    report = _file(finished.files, REPORT)
    return replace(
        outcome,
        log_file=log.name if log else "",
        report_file=report.name if report else "",
    )


def _decide(finished: Finished, log: ResultFile | None) -> Outcome:
    report = read_all([log]) if log else None
    strict = bool(log and log.name.casefold() == STRICT_LOG.casefold())
    if report and strict:
        report = replace(report, cases=tuple(_without_warnings(c) for c in report.cases))
    error_text = _text(_file(finished.files, ERROR_LOG))
    if finished.ending is not Ending.EXITED:
        return decide(_with_problems(finished, error_text), report)
    if cause := obstacle(finished.exit_code, error_text):
        said = f"{cause} (exit code {product_code(finished.exit_code)})"
        return decide(_with_problems(finished, said, error_text), report and _disowned(report))
    if report is None:
        missing = "the product wrote no log, so nothing is known of the test"
        return decide(_with_problems(finished, missing, error_text), None)
    return decide(_read_code(finished, error_text, strict=strict), report)


def _read_code(finished: Finished, error_text: str, *, strict: bool) -> Finished:
    """Turn a code that the product ends with after a test into what it says of the log."""
    code = product_code(finished.exit_code)
    if code == TIMED_OUT:
        said = "the product ended the run after its /Timeout (exit code 4)"
        return _with_problems(finished, said, error_text)
    notes = [f"error log: {error_text}"] if error_text else []
    if code == WARNINGS and not strict:
        notes = ["the run ended with warnings (exit code 1)", *notes]
        return replace(finished, exit_code=0, notes=(*finished.notes, *notes))
    return replace(finished, notes=(*finished.notes, *notes))


def _with_problems(finished: Finished, *problems: str) -> Finished:
    said = tuple(problem for problem in problems if problem)
    return replace(finished, problems=(*said, *finished.problems))


def _disowned(report: Report) -> Report:
    """Keep the cases of a log that is no verdict: what failed there failed for another cause."""
    return replace(report, cases=tuple(_blocked(case) for case in report.cases))


def _blocked(case: Case) -> Case:
    if case.status is not Verdict.FAILED:
        return case
    message = f"{case.message} ({_BLOCKED_INSTEAD})" if case.message else _BLOCKED_INSTEAD
    return replace(case, status=Verdict.BLOCKED, message=message)


def _without_warnings(case: Case) -> Case:
    is_warning = case.raw_status.strip() == str(WARNING) and case.status is Verdict.PASSED
    return replace(case, status=Verdict.FAILED) if is_warning else case


def _file(files: Sequence[ResultFile], name: str) -> ResultFile | None:
    return next((file for file in files if file.name.casefold() == name.casefold()), None)


def _text(file: ResultFile | None) -> str:
    """Read the error log, whose encoding is not documented."""
    if file is None:
        return ""
    head = file.data[: 4 * ERROR_LOG_CHARS]
    utf_16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.decode("utf-16" if utf_16 else "utf-8-sig", "replace")
    return " ".join(text.replace("\0", "").split())[:ERROR_LOG_CHARS]
