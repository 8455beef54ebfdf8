"""One attempt of one item, stage by stage: script, unpack, command, and what came of it.

The runner strings these together and turns what they raise into a verdict.
"""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from anyio import to_thread

from adapters.base import Automation, Ending, Finished, Outcome, Tool, Workspace
from orchestrator import __version__, guard
from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.assignment import Assignment
from orchestrator.choice import Choice
from orchestrator.executors import Exit, Order
from orchestrator.journal import Claim
from orchestrator.logs import redact
from orchestrator.metrics import Metrics
from orchestrator.order import OUTPUT_LIMIT_BYTES, context, environment, timeout_s
from orchestrator.regular_file import NotTaken, read_regular
from orchestrator.report import RunFacts, write_mht, write_xml_log
from orchestrator.results import collect, tail
from orchestrator.script.archive import unpack
from orchestrator.script.path import find_script
from orchestrator.settings import Settings
from orchestrator.workspace import Attempt, Workspaces, listing

log = structlog.get_logger()

MAX_RESULT_FILE_BYTES = 256 * 1024 * 1024
MAX_RESULT_BYTES = 512 * 1024 * 1024
MAX_RESULT_FILES = 5000
_MAX_ORDER_BYTES = 16 * 1024 * 1024
CLOCK_GRAIN_S = 3.0
"""File systems keep times more coarsely than the clock."""

_T = TypeVar("_T")


async def in_thread(work: Callable[[], _T]) -> _T:
    """Do blocking *work* beside the event loop."""
    return await to_thread.run_sync(work)


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
    """Build the command of *choice* and say how it is to be run; raises AdapterError."""
    limit_s = timeout_s(choice.tool, choice.wanted)
    wanted = choice.wanted
    command = choice.adapter.build_command(
        Automation(wanted.title, wanted.params, wanted.run_mode),
        Tool(choice.tool.executable, limit_s),
        Workspace(folder, attempt.results, attempt.tmp, listing(folder)),
    )
    host = settings.hosts.get(claim.assignment.host)
    host_name = host.host_name if host else claim.assignment.host
    told = context(claim.assignment, wanted, host_name)
    return Order(
        argv=command.argv,
        environment=environment(choice.tool, command, told, attempt.tmp, os.environ),
        cwd=folder,
        timeout_s=limit_s,
        grace_s=choice.tool.grace_s,
        output_limit_bytes=OUTPUT_LIMIT_BYTES,
        mark=f"labfleet-{attempt.folder.name}-{os.urandom(8).hex()}",
        on_orchestrator_exit=settings.on_orchestrator_exit,
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
        files, problems = await in_thread(
            partial(
                collect,
                attempt.results,
                choice.adapter.RESULT_FILES,
                max_file_bytes=MAX_RESULT_FILE_BYTES,
                max_total_bytes=MAX_RESULT_BYTES,
                max_files=MAX_RESULT_FILES,
                not_before=exit_.started_at - CLOCK_GRAIN_S,
            )
        )
        finished = Finished(
            ending=exit_.ending,
            exit_code=_exit_code(exit_),
            output_tail=await in_thread(partial(tail, attempt.output)),
            files=files,
            # What went wrong in the guard is a doubt too: no run passes over it.
            problems=(*problems, *_doubts(exit_)),
            notes=_notes(exit_),
            seconds=exit_.seconds,
        )
        return await in_thread(partial(choice.adapter.parse_outcome, finished))


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
    written = {}
    for kind, write, path in (
        ("log", write_xml_log, attempt.log),
        ("report", write_mht, attempt.report),
    ):
        try:
            await in_thread(partial(write, facts, path))
        except OSError as error:
            log.error("delivery.dropped", kind=kind, error=f"cannot be written: {error.strerror}")
        except Exception:
            log.exception("delivery.crashed", kind=kind)
        else:
            written[kind] = path.name
    return written


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
        command=_command(attempt),
        exit_code=_exit_code(exit_),
        ending=exit_.ending,
        output_tail=tail(attempt.output),
        attempt=claim.attempt,
        labfleet_version=__version__,
    )


def _command(attempt: Attempt) -> Sequence[str]:
    """Return the command as it was ordered, also for a tool that an earlier process started."""
    try:
        order = json.loads(read_regular(attempt.folder / guard.ORDER, _MAX_ORDER_BYTES))
        return [redact(str(argument)) for argument in order["argv"]]
    except (OSError, ValueError, NotTaken, KeyError, TypeError):
        return ()
