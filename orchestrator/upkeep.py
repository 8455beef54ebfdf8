"""Keep the state directory tidy: end what nobody knows, remove what nobody wants."""

import time
from dataclasses import asdict

import anyio
import structlog
from anyio import to_thread

from orchestrator.attempt import StillAlive, clear_folder, place_of
from orchestrator.errors import StateError
from orchestrator.executors import Executor
from orchestrator.journal import Journal
from orchestrator.owner import end_strays
from orchestrator.workspace import Workspaces, remove_dead_links

log = structlog.get_logger()

KEEP_DAYS = 30
"""How long the journal remembers what was delivered and is listed no more."""
_PAUSE_S = 86_400.0
_TOLD = 50


async def forget_daily(journal: Journal) -> None:
    """Forget once a day what was delivered long ago.

    Not at the start: only after a day of polls is what the server still lists known as listed,
    whatever the clock said before. What is forgotten too early could be run a second time.
    """
    while True:
        await anyio.sleep(_PAUSE_S)
        try:
            await journal.forget_before(time.time() - KEEP_DAYS * 86_400)
        except StateError as error:
            log.warning("journal.tidied", error=str(error))


async def tidy_up(journal: Journal, workspaces: Workspaces, executor: Executor) -> None:
    """Tell what waits for another server, and remove the folders that the journal does not know.

    What lives in them is ended first. A journal that was lost or put back to an older copy leaves
    guards behind: whoever they work for is forgotten, and the item may be about to run again.
    """
    for server, count in (await journal.other_servers()).items():
        log.error("run.held", waits_for=[f"server.url {server}"], owed_or_open=count)
    await to_thread.run_sync(remove_dead_links)
    kept = await journal.kept_folders()
    names = set(await to_thread.run_sync(workspaces.names)) - set(kept)
    async with anyio.create_task_group() as clearing:
        # All at once: each may take its tool's grace.
        for name in sorted(names):
            number, dash, _ = name.partition("-")
            if dash and number.isdecimal():
                clearing.start_soon(_clear, workspaces, executor, name)
    ended, left = await to_thread.run_sync(end_strays, workspaces.state_dir)
    if ended:
        log.error("tool.stray", processes=ended[:_TOLD], count=len(ended))
    if left:
        log.error("tool.survived", processes=left[:_TOLD])


async def _clear(workspaces: Workspaces, executor: Executor, name: str) -> None:
    """Clear the folder *name*, or note that it is not: its item must not be started beside it."""
    place = await to_thread.run_sync(place_of, workspaces.attempt(name).folder)
    told = asdict(place) if place else {}
    if told:
        reason = "it was started, and the journal does not know it"
        log.error("run.in_doubt", **told, reason=reason)
    workspaces.uncleared.add(name)
    try:
        await clear_folder(workspaces, executor, name)
    except StillAlive as error:
        log.error("tool.survived", folder=name, **told, error=str(error))
    except (OSError, StateError) as error:
        log.warning("journal.tidied", folder=name, error=str(error))


async def end_started(journal: Journal, workspaces: Workspaces, executor: Executor) -> None:
    """End the tool of every claim that has one, and wait until it is gone."""
    for claim, started in await journal.open_claims():
        folder = workspaces.attempt(claim.attempt_name).folder
        if started:
            executor.stop(folder)
            await executor.wait(folder)
