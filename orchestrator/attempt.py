"""One attempt of one item, stage by stage: script, unpack, command, and what came of it.

The runner strings these together and turns what they raise into a verdict.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePath
from typing import TypeVar

import structlog
from pydantic import SecretStr

from adapters.base import (
    OUTPUT_CHARS,
    Automation,
    Ending,
    Finished,
    Outcome,
    ResultFile,
    Tool,
    ToolAdapter,
    Workspace,
)
from orchestrator import __version__, guard
from orchestrator.admission import MB_BYTES
from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.assignment import Assignment
from orchestrator.choice import Choice
from orchestrator.executors import Exit, Order
from orchestrator.journal import Claim
from orchestrator.logs import redact
from orchestrator.metrics import Metrics
from orchestrator.order import (
    context,
    environment,
    known,
    lay_ready,
    timeout_s,
)
from orchestrator.own_report import take
from orchestrator.redaction import without, without_bytes
from orchestrator.regular_file import NotTaken, read_regular
from orchestrator.report import RunFacts, write_mht, write_xml_log
from orchestrator.results import collect, tail
from orchestrator.script.archive import unpack
from orchestrator.script.path import find_script
from orchestrator.script_folder import collect_new, new_pictures, note, noted
from orchestrator.settings import Settings
from orchestrator.threads import in_thread
from orchestrator.workspace import Attempt, Workspaces, listing

log = structlog.get_logger()

_MAX_ORDER_BYTES = 16 * 1024 * 1024
TAIL_CHARS = 16_384
CLOCK_GRAIN_S = 3.0
"""File systems keep times more coarsely than the clock."""

_T = TypeVar("_T")


async def fetch_script(
    client: HostClient, assignment: Assignment, choice: Choice, attempt: Attempt, rules: Rules
) -> Path | Reference:
    """Bring the item's script, or learn where it lies."""
    return await client.fetch_script(
        assignment.run_id, assignment.item, choice.tool.agent, attempt.archive, rules
    )


def lay_out(fetched: Path | Reference, attempt: Attempt) -> Path:
    """Unpack what was fetched and return the tool's working directory; raises ScriptError.

    A folder that the server points to is used where it is.
    """
    script = fetched if isinstance(fetched, Path) else find_script(fetched.path)
    if script.is_dir():
        return script
    unpack(script, attempt.script)
    attempt.archive.unlink(missing_ok=True)
    return attempt.script


def make_order(
    settings: Settings, claim: Claim, choice: Choice, attempt: Attempt, folder: Path
) -> Order:
    """Build the command of *choice*, lay its files ready and say how it is to be run.

    Raises AdapterError when there is no such command, and OSError.
    """
    note(attempt.folder, folder, choice.adapter.SCRIPT_RESULT_FILES)
    limit_s = timeout_s(choice.tool, choice.wanted)
    wanted, tool = choice.wanted, choice.tool
    host = settings.hosts.get(claim.assignment.host)
    host_name = host.host_name if host else claim.assignment.host
    told = context(claim.assignment, wanted, host_name)
    key = tool.access_key.get_secret_value() if tool.access_key else ""
    command = choice.adapter.build_command(
        Automation(wanted.title, wanted.params, wanted.run_mode, known(told)),
        Tool(tool.executable, limit_s, tool.options, key),
        Workspace(folder, attempt.results, attempt.tmp, *listing(folder)),
    )
    lay_ready(attempt.tmp, command.files)
    return Order(
        argv=command.argv,
        environment=environment(tool, command, told, attempt.short_tmp, os.environ),
        cwd=folder,
        timeout_s=limit_s,
        grace_s=tool.grace_s,
        output_limit_bytes=settings.limits.max_output_mb * MB_BYTES,
        mark=f"labfleet-{attempt.folder.name}-{os.urandom(8).hex()}",
        on_orchestrator_exit=settings.on_orchestrator_exit,
        before=command.before,
        stop_on=command.stop_on,
    )


def prepare_folder(workspaces: Workspaces, name: str) -> Attempt:
    """Make the attempt's folder anew.

    One that is there already was prepared by a process that ended before it told the journal,
    so no guard ever came near it.
    """
    workspaces.remove(name)
    return workspaces.create(name)


async def conclude(choice: Choice, exit_: Exit, attempt: Attempt, metrics: Metrics) -> Outcome:
    """Read what the tool left and say what it means."""
    with metrics.stage("collect"):
        return await in_thread(partial(_conclude, choice, exit_, attempt))


def _conclude(choice: Choice, exit_: Exit, attempt: Attempt) -> Outcome:
    files, problems = _collected(choice.adapter, exit_, attempt)
    key = choice.tool.access_key.get_secret_value() if choice.tool.access_key else ""
    # Masked before anything is cut: of half a key nobody could tell that it is one.
    output = without(tail(attempt.output, OUTPUT_CHARS), key)
    finished = Finished(
        ending=exit_.ending,
        exit_code=_exit_code(exit_),
        output_tail=output[-TAIL_CHARS:],
        output=output,
        output_cut=exit_.output_truncated or exit_.output_bytes > OUTPUT_CHARS,
        command=tuple(_argv(attempt) or ()),
        asked=Automation(choice.wanted.title, choice.wanted.params, choice.wanted.run_mode),
        files=tuple(replace(file, data=without_bytes(file.data, key)) for file in files),
        # What went wrong in the guard is a doubt too: no run passes over it.
        problems=(*problems, *_doubts(exit_), *_lost_order(attempt)),
        notes=_notes(exit_),
        seconds=exit_.seconds,
    )
    return _without_key(choice.adapter.parse_outcome(finished), key)


def _collected(
    adapter: ToolAdapter, exit_: Exit, attempt: Attempt
) -> tuple[tuple[ResultFile, ...], tuple[str, ...]]:
    """Bring what the tool left in its results folder, and in the script's where it does that."""
    oldest = exit_.started_at - CLOCK_GRAIN_S
    own, troubles = collect(attempt.results, adapter.RESULT_FILES, not_before=oldest)
    before, patterns = noted(attempt.folder), adapter.SCRIPT_RESULT_FILES
    others, more_troubles = collect_new(before, patterns, not_before=oldest)
    return (*own, *others), (*troubles, *more_troubles)


def _without_key(outcome: Outcome, key: str) -> Outcome:
    """Mask the licence key that came out of an archive, where it could not be masked before."""
    if not key:
        return outcome
    mask = partial(without, secret=key)
    cases = tuple(
        replace(
            case,
            name=mask(case.name),
            raw_status=mask(case.raw_status),
            message=mask(case.message),
            detail=mask(case.detail),
        )
        for case in outcome.cases
    )
    return replace(outcome, cases=cases, reason=without(outcome.reason, key))


def _doubts(exit_: Exit) -> list[str]:
    alive = [f"{process} could not be ended and may still write" for process in exit_.survivors]
    return [*alive, exit_.error] if exit_.error else alive


def _notes(exit_: Exit) -> tuple[str, ...]:
    if exit_.ending is not Ending.EXITED or not exit_.kills:
        return ()
    return (f"{exit_.kills} processes that the tool left behind were ended",)


def _exit_code(exit_: Exit) -> int | None:
    """Return the exit code, or the signal that ended the tool as a negative number."""
    if exit_.exit_code is None and exit_.signal is not None and exit_.ending is Ending.EXITED:
        return -exit_.signal
    return exit_.exit_code


def times(exit_: Exit) -> tuple[datetime, datetime]:
    """Return start and end; the end by the steady clock, whatever the wall clock did between."""
    started_at = datetime.fromtimestamp(exit_.started_at, UTC)
    return started_at, started_at + timedelta(seconds=exit_.seconds)


async def write_reports(
    claim: Claim, choice: Choice, exit_: Exit, outcome: Outcome, attempt: Attempt
) -> dict[str, str]:
    """Write log and report of the attempt; return kind → file name of what could be written.

    A full disk, or an error of ours, costs the reports and never the verdict.
    """
    facts = await in_thread(partial(_facts, claim, choice, exit_, outcome, attempt))
    pictures = await in_thread(partial(new_pictures, noted(attempt.folder), attempt.results))
    ways: Sequence[tuple[str, Path, Callable[[Path], None], str]] = (
        ("log", attempt.log, partial(write_xml_log, facts), outcome.log_file),
        ("report", attempt.report, partial(write_mht, facts, images=pictures), outcome.report_file),
    )
    written = {}
    for kind, path, write, own in ways:
        try:
            written[kind] = await in_thread(
                partial(_write, attempt, path, write, own, choice.tool.access_key)
            )
        except OSError as error:
            log.error("delivery.dropped", kind=kind, error=f"cannot be written: {error.strerror}")
        except Exception:
            log.exception("delivery.crashed", kind=kind)
    return written


def _write(
    attempt: Attempt, path: Path, write: Callable[[Path], None], own: str, key: SecretStr | None
) -> str:
    """Take the tool's *own* file if there is one and it can be had, else make ours; name it."""
    if own:
        theirs = path.with_suffix(PurePath(own).suffix)
        try:
            take(attempt.results / own, theirs, key.get_secret_value() if key else "")
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
        command=[redact(argument) for argument in _argv(attempt) or ()],
        exit_code=_exit_code(exit_),
        ending=exit_.ending,
        output_tail=_masked_tail(attempt, choice.tool.access_key),
        attempt=claim.attempt,
        labfleet_version=__version__,
    )


def _masked_tail(attempt: Attempt, key: SecretStr | None) -> str:
    said = tail(attempt.output, 2 * TAIL_CHARS if key else TAIL_CHARS)
    return without(said, key.get_secret_value() if key else "")[-TAIL_CHARS:]


def _lost_order(attempt: Attempt) -> list[str]:
    # What a run has to prove depends on what was run.
    return [] if _argv(attempt) else ["the order for its command cannot be read any more"]


def _argv(attempt: Attempt) -> Sequence[str] | None:
    """Return the command as it was ordered, also for a tool that an earlier process started."""
    try:
        order = json.loads(read_regular(attempt.folder / guard.ORDER, _MAX_ORDER_BYTES))
        return [str(argument) for argument in order["argv"]]
    except (OSError, ValueError, NotTaken, KeyError, TypeError):
        return None
