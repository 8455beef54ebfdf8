"""The log and the report of an attempt, written to be uploaded."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePath

import structlog

from adapters.base import Outcome
from orchestrator import __version__
from orchestrator.choice import Choice
from orchestrator.conclusion import argv_of, exit_code, times
from orchestrator.executors import Exit
from orchestrator.journal import Claim
from orchestrator.logs import redact
from orchestrator.own_report import take
from orchestrator.redaction import without
from orchestrator.regular_file import NotTaken
from orchestrator.report import RunFacts, write_mht, write_xml_log
from orchestrator.results import tail
from orchestrator.script_folder import new_pictures, noted
from orchestrator.threads import in_thread
from orchestrator.workspace import Attempt

log = structlog.get_logger()

OUTPUT_SHOWN_BYTES = 64 * 1024
"""Of a tool's output, the last of it, in log and report."""


async def write_reports(
    claim: Claim, choice: Choice, exit_: Exit, outcome: Outcome, attempt: Attempt
) -> dict[str, str]:
    """Write log and report of the attempt; return kind → file name of what could be written.

    A full disk, or an error of ours, costs the reports and never the verdict.
    """
    facts = await in_thread(partial(_facts, claim, choice, exit_, outcome, attempt))
    pictures, more = await in_thread(partial(new_pictures, noted(attempt.folder), attempt.results))
    report = partial(write_mht, facts, images=pictures, more_images=more)
    ways: Sequence[tuple[str, Path, Callable[[Path], None], str]] = (
        ("log", attempt.log, partial(write_xml_log, facts), outcome.log_file),
        ("report", attempt.report, report, outcome.report_file),
    )
    written = {}
    for kind, path, write, own in ways:
        try:
            key = choice.tool.licence_key
            written[kind] = await in_thread(partial(_write, attempt, path, write, own, key))
        except OSError as error:
            log.error("delivery.dropped", kind=kind, error=f"cannot be written: {error.strerror}")
        except Exception:
            log.exception("delivery.crashed", kind=kind)
    return written


def _write(attempt: Attempt, path: Path, write: Callable[[Path], None], own: str, key: str) -> str:
    """Take the tool's *own* file if there is one and it can be had, else make ours; name it."""
    if own:
        theirs = path.with_suffix(PurePath(own).suffix)
        try:
            take(attempt.results / own, theirs, key)
        except (OSError, NotTaken) as error:
            theirs.unlink(missing_ok=True)
            log.warning("delivery.dropped", kind=path.stem, error=f"the tool's own {own}: {error}")
        else:
            return theirs.name
    write(path)
    return path.name


def _facts(
    claim: Claim, choice: Choice, exit_: Exit, outcome: Outcome, attempt: Attempt
) -> RunFacts:
    assignment = claim.assignment
    started_at, finished_at = times(exit_)
    return RunFacts(
        host=assignment.host,
        tool=choice.key,
        run_id=assignment.run_id,
        item=assignment.item,
        test_name=assignment.test_name,
        test_set=assignment.test_set,
        configuration=assignment.configuration,
        release=assignment.release,
        verdict=outcome.verdict,
        reason=outcome.reason,
        cases=outcome.cases,
        started_at=started_at,
        finished_at=finished_at,
        command=[redact(argument) for argument in argv_of(attempt) or ()],
        exit_code=exit_code(exit_),
        ending=exit_.ending,
        output_tail=_last_output(attempt, exit_, choice.tool.licence_key),
        attempt=claim.attempt,
        labfleet_version=__version__,
    )


def _last_output(attempt: Attempt, exit_: Exit, key: str) -> str:
    """Give the end of the output, masked before it is cut, with a mark where some is missing."""
    # Twice as much is read, so that a key does not lose its beginning to the cut.
    said = without(tail(attempt.output, 2 * OUTPUT_SHOWN_BYTES), key)[-OUTPUT_SHOWN_BYTES:]
    left_out = exit_.output_bytes - len(said.encode())
    if exit_.output_bytes <= OUTPUT_SHOWN_BYTES or left_out <= 0:
        return said
    return f"[labfleet: about {left_out} bytes before this are left out]\n{said}"
