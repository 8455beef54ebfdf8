"""Everything before a tool's start: its script, its folders and its order."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.base import Automation, Tool, Workspace
from orchestrator.admission import MB_BYTES
from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.assignment import Assignment
from orchestrator.choice import Choice
from orchestrator.errors import StateError
from orchestrator.executors import Executor, Order
from orchestrator.executors.documents import read_order
from orchestrator.journal import Claim
from orchestrator.order import context, environment, known, lay_ready, timeout_s
from orchestrator.owner import new_mark
from orchestrator.script.archive import unpack
from orchestrator.script.path import find_script
from orchestrator.script_folder import note
from orchestrator.settings import Settings
from orchestrator.threads import in_thread
from orchestrator.workspace import Attempt, Workspaces, listing


class StillAlive(StateError):
    """Something of a run cannot be ended: beside it nothing may be started."""


@dataclass(frozen=True, slots=True)
class Place:
    """For what a tool was started."""

    run: int
    item: int
    host: str


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
    command = choice.adapter.build_command(
        Automation(wanted.title, wanted.params, wanted.run_mode, known(told)),
        Tool(tool.executable, limit_s, tool.options, tool.licence_key),
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
        mark=new_mark(settings.state_dir, attempt.folder.name),
        on_orchestrator_exit=settings.on_orchestrator_exit,
        before=command.before,
        stop_on=command.stop_on,
    )


async def prepare_folder(workspaces: Workspaces, executor: Executor, name: str) -> Attempt:
    """Make the attempt's folder anew; raises as `clear_folder` does.

    One that is there already was prepared by a process that ended before it told the journal.
    Or the journal has forgotten what it was told, as one from a backup has, and a guard may live.
    """
    await clear_folder(workspaces, executor, name)
    return await in_thread(partial(workspaces.create, name))


async def clear_folder(workspaces: Workspaces, executor: Executor, name: str) -> None:
    """Remove an attempt's folder once nothing lives of the run that was started there, if one was.

    Raises StillAlive, and leaves the folder, where something does; StateError, OSError.
    """
    if left := await executor.clear(workspaces.attempt(name).folder):
        raise StillAlive(f"of an earlier start of it there lives still: {', '.join(left)}")
    workspaces.uncleared.discard(name)
    await in_thread(partial(workspaces.remove, name))


async def clear_forgotten(
    workspaces: Workspaces, executor: Executor, assignment: Assignment
) -> None:
    """Clear what the start of this process could not, if it was begun for the same item.

    Its folder has another name, as the journal gave the item a new mark. Raises as `clear_folder`.
    """
    wanted = (assignment.run_id, assignment.item)
    for name in sorted(workspaces.uncleared):
        place = await in_thread(partial(place_of, workspaces.attempt(name).folder))
        if place and (place.run, place.item) == wanted:
            await clear_folder(workspaces, executor, name)


def place_of(folder: Path) -> Place | None:
    """Return for what a tool was started in *folder*; None where that cannot be told."""
    with suppress(OSError, ValueError, KeyError):
        if order := read_order(folder):
            told = order.environment
            run_id, item = int(told["LABFLEET_RUN_ID"]), int(told["LABFLEET_ITEM"])
            return Place(run_id, item, told["LABFLEET_HOST"])
    return None
