"""Keep the state directory tidy: end what nobody knows, remove what nobody wants."""

import time
from contextlib import suppress
from pathlib import Path

import anyio
import structlog
from anyio import to_thread

from orchestrator.attempt import StillAlive, clear_folder
from orchestrator.errors import StateError
from orchestrator.executors import Executor
from orchestrator.executors.documents import read_order
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
    for name in await to_thread.run_sync(workspaces.names):
        number, dash, _ = name.partition("-")
        if not dash or not number.isdecimal() or name in kept:
            continue
        await to_thread.run_sync(_tell_doubt, workspaces.attempt(name).folder)
        try:
            await clear_folder(workspaces, executor, name)
        except StillAlive as error:
            log.error("tool.survived", folder=name, error=str(error))
        except (OSError, StateError) as error:
            log.warning("journal.tidied", folder=name, error=str(error))
    ended, left = await to_thread.run_sync(end_strays, workspaces.state_dir)
    if ended:
        log.error("tool.stray", processes=ended[:_TOLD], count=len(ended))
    if left:
        log.error("tool.survived", processes=left[:_TOLD])


def _tell_doubt(folder: Path) -> None:
    """Name the run whose tool was started there, if one was: it may be about to run again."""
    with suppress(OSError, ValueError, KeyError):
        order = read_order(folder)
        told = order.environment if order else {}
        place = {"run": int(told["LABFLEET_RUN_ID"]), "item": int(told["LABFLEET_ITEM"])}
        reason = "it was started, and the journal does not know it"
        log.error("run.in_doubt", **place, host=told["LABFLEET_HOST"], reason=reason)


async def end_started(journal: Journal, workspaces: Workspaces, executor: Executor) -> None:
    """End the tool of every claim that has one, and wait until it is gone."""
    for claim, started in await journal.open_claims():
        folder = workspaces.attempt(claim.attempt_name).folder
        if started:
            executor.stop(folder)
            await executor.wait(folder)
