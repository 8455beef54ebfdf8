"""Run the demo and show it: a live table of what happens, and at its end what came of it."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator import logs
from orchestrator.demo import before
from orchestrator.demo.lab import EMAIL, PASSWORD, Item, Lab, open_lab, register_again
from orchestrator.demo.queueing import PROJECT
from orchestrator.execution import NO_TOOL
from orchestrator.service import Service, open_service
from orchestrator.settings import Settings
from orchestrator.tables import make_table

COLUMNS = ("run", "item", "host", "test", "tool", "state", "verdict")
SUMMARY = ("run", "item", "host", "test", "expected", "at the server", "as expected", "why")
_ENDED = "Stopped before the end; tools that were running are ended."
_GOES_ON = "Stopped before the end; another start with the same --data goes on."
_DONE = {"delivered", "stopped"}
_AWAITED = {"Awaiting Run", "In Progress"}
_REFRESH_S = 0.2
_LIMIT_S = 180.0
_END_TOOLS_S = 10.0
_WIDTH = 160
_WIDE_ENOUGH = 110
_WHY_CHARACTERS = 70

Row = dict[str, Any]


async def run_demo(*, exit_when_done: bool, data: Path | None) -> bool:
    """Run the whole lab; whether every item ended as it had to, by the stand-in's own word.

    Without *data* everything lives in a temporary folder, which goes with the demo unless a
    verdict was wrong. With it, a start goes on with the lab that an earlier one left there.
    """
    # What is not a terminal has no width; the table needs some.
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    folder = data or Path(tempfile.mkdtemp(prefix="labfleet-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    show = _Show(console, folder, kept=data is not None)
    with (folder / "labfleet.log").open("a", encoding="utf-8") as log:
        logs.configure(style="json", stream=log)
        console.print(f"Bringing up the lab in {folder}", highlight=False)
        async with open_lab(folder, os.environ, keep=data is not None) as lab:
            settings = lab.load()
            # The service first, for it puts a damaged journal aside.
            async with open_service(settings) as service:
                await show.look_back(lab, settings)
                try:
                    await show.run(lab, service, exit_when_done=exit_when_done)
                finally:
                    # Nothing may write to a folder that is about to be removed.
                    if data is None:
                        await service.end_tools(_END_TOOLS_S)
    if data is None and not show.went_wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return show.went_well


class _Show:
    """One showing: what is printed, over a service that does the work."""

    def __init__(self, console: Console, folder: Path, *, kept: bool) -> None:
        self._console = console
        self._folder = folder
        self._kept = kept
        self._began = time.monotonic()
        self._rows: list[Row] = []
        self._before: before.Before | None = None
        self._settled: dict[before.Key, str] = {}

    @property
    def went_well(self) -> bool:
        """Whether the demo came to its end, and every item ended as expected."""
        return bool(self._rows) and not self.went_wrong

    @property
    def went_wrong(self) -> bool:
        """Whether an item ended otherwise."""
        return any(row["as expected"] != "yes" for row in self._rows)

    async def look_back(self, lab: Lab, settings: Settings) -> None:
        """Tell what an earlier start left, if this one goes on with its lab."""
        if lab.again:
            self._before = await before.look(settings)
            self._print(self._before.told())
            await register_again(settings)
            self._settled = await _settled(lab)

    async def run(self, lab: Lab, service: Service, *, exit_when_done: bool) -> None:
        """Show the lab at work: to its end, or until somebody stops it."""
        watching = anyio.CancelScope()
        async with anyio.create_task_group() as listening:
            listening.start_soon(_obey_signals, service, watching)
            async with anyio.create_task_group() as serving:
                url = await serving.start(service.run)
                with watching:
                    await self._watch(lab, service)
                    self._rows = await _compare(lab)
                    self._sum_up(lab, await service.recent_runs(before.ALL))
                    if not exit_when_done:
                        self._tell_where_to_look(lab, url)
                        await anyio.sleep_forever()
                service.stop()
            listening.cancel_scope.cancel()
        if not self._rows:
            self._print(_GOES_ON if self._kept else _ENDED)

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)

    async def _watch(self, lab: Lab, service: Service) -> None:
        """Follow the items until each is delivered; a table on a terminal, lines elsewhere."""
        items = lab.items
        hosts = len({item.host for item in items})
        self._print(f"{len(items)} items in {len({i.run for i in items})} runs for {hosts} hosts")
        progress = Progress(
            TextColumn("delivered"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn()
        )
        bar = progress.add_task("delivered", total=len(items))
        told: dict[tuple[int, int], str] = {}
        live = Live(console=self._console, auto_refresh=False, transient=True)
        with anyio.move_on_after(_LIMIT_S), live:
            while True:
                rows = await _items_now(lab, service, self._settled)
                done = sum(row["state"] in _DONE for row in rows)
                progress.update(bar, completed=done)
                if self._console.is_terminal:
                    table = make_table(COLUMNS, self._fitting(rows))
                    live.update(Group(table, progress), refresh=True)
                else:
                    self._tell_changes(rows, told)
                if done == len(items):
                    return
                await anyio.sleep(_REFRESH_S)
        self._print(f"After {_LIMIT_S:.0f} s not all of it is delivered.")

    def _fitting(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Choose the rows that a low terminal has room for: those that are not done yet."""
        room = self._console.height - 4
        if len(rows) <= room:
            return rows
        return [row for row in rows if row["state"] not in _DONE][:room]

    def _tell_changes(self, rows: Sequence[Row], told: dict[tuple[int, int], str]) -> None:
        for row in rows:
            said = f"{row['state']} {row['verdict']}".strip()
            key = (row["run"], row["item"])
            if said != told.get(key, "queued"):
                told[key] = said
                self._print(f"run {key[0]} item {key[1]} on {row['host']}: {row['test']}: {said}")

    def _sum_up(self, lab: Lab, known: Sequence[Row]) -> None:
        rows = self._rows
        narrow = self._console.width < _WIDE_ENOUGH
        self._console.print(make_table(SUMMARY[:-1] if narrow else SUMMARY, rows))
        right = sum(row["as expected"] == "yes" for row in rows)
        seconds = time.monotonic() - self._began
        self._print(
            f"{right} of {len(rows)} items ended as they had to, by the stand-in's own answer,"
            f" in {seconds:.1f} s."
        )
        if self._before:
            self._print(self._before.became(known))
        self._print(before.starts(known))
        if not lab.java:
            self._print("No JUnit run: javac, java and Debian's junit5 are not all here.")
        if self.went_wrong or self._kept:
            self._print(f"Settings, log and state are in {self._folder}")

    def _tell_where_to_look(self, lab: Lab, url: str) -> None:
        for what, where in (
            ("metrics", f"{url}/metrics"),
            ("status", f"{sys.argv[0]} status --url {url}"),
            ("stand-in", f"{lab.standin_url}/ (not QAComplete; {EMAIL}, {PASSWORD})"),
            ("settings", str(lab.settings_file)),
            ("log", str(self._folder / "labfleet.log")),
        ):
            self._print(f"  {what:<9} {where}")
        gone = "" if self._kept else "; then settings and log are removed (--data DIR keeps them)"
        self._print(f"The lab goes on until Ctrl-C{gone}.")


async def _obey_signals(service: Service, watching: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            watching.cancel()
            service.stop()


async def _items_now(lab: Lab, service: Service, settled: Mapping[before.Key, str]) -> list[Row]:
    known = {(row["run"], row["item"]): row for row in await service.recent_runs(before.ALL)}
    return [
        _row(item, known.get(key), settled.get(key, ""))
        for item in lab.items
        for key in [(item.run, item.item)]
    ]


async def _compare(lab: Lab) -> list[Row]:
    """Ask the stand-in how every item ended: what counts is what arrived there."""
    found = await _at_the_server(lab)
    items = sorted(lab.items, key=lambda item: item.run)
    return [_compared(item, found.get((item.run, item.item), {})) for item in items]


async def _settled(lab: Lab) -> dict[before.Key, str]:
    """Return what has its verdict at the stand-in: a journal that was lost knows it no more."""
    found = await _at_the_server(lab)
    return {key: str(i["status"]) for key, i in found.items() if i["status"] not in _AWAITED}


async def _at_the_server(lab: Lab) -> dict[before.Key, Row]:
    numbers = {item.run for item in lab.items}
    return {
        (number, int(str(item["sequence_number"]))): item
        for number in numbers
        for item in await lab.door.items(PROJECT, number)
    }


def _row(item: Item, known: Row | None, settled: str) -> Row:
    row = {"run": item.run, "item": item.item, "host": item.host, "test": item.test.name}
    if known is None:
        state = "delivered" if settled else "queued"
        return {**row, "tool": "", "state": state, "verdict": settled}
    state = known["phase"] or known["state"]
    verdict = "left to the server" if state == "stopped" else known["verdict"]
    tool = "" if known["tool"] == NO_TOOL and not verdict else known["tool"]
    return {**row, "tool": tool, "state": state, "verdict": verdict}


def _compared(item: Item, found: Row) -> Row:
    status = str(found.get("status", "nothing"))
    steps = found.get("test_run_results") or [{}]
    why = str(steps[0].get("actual_result") or "") if steps[0].get("step") == "labfleet" else ""
    if len(why) > _WHY_CHARACTERS:
        why = why[:_WHY_CHARACTERS] + " ..."
    return {
        "run": item.run,
        "item": item.item,
        "host": item.host,
        "test": item.test.name,
        "expected": item.test.expected,
        "at the server": status,
        "as expected": "yes" if status == item.test.expected else "NO",
        "why": why.replace("\n", " "),
    }
