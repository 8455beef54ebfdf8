"""Run the demo and show it: a live table of what happens, and at its end what came of it."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator import logs
from orchestrator.demo.lab import EMAIL, PASSWORD, PROJECT, Item, Lab, open_lab
from orchestrator.service import Service, open_service
from orchestrator.tables import make_table

COLUMNS = ("run", "item", "host", "test", "tool", "state", "verdict")
SUMMARY = ("run", "item", "host", "test", "expected", "at the server", "as expected", "why")
_REFRESH_S = 0.2
_LIMIT_S = 180.0
_WIDTH = 160
_WHY_CHARACTERS = 70

Row = dict[str, Any]


async def run_demo(*, exit_when_done: bool, data: Path | None) -> bool:
    """Run the whole lab; whether every item ended as it had to, by the stand-in's own word.

    Without *data* everything lives in a temporary folder that goes with the demo.
    """
    # What is not a terminal has no width; the table needs some.
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    began = time.monotonic()
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labfleet-demo-")))
        data.mkdir(parents=True, exist_ok=True)
        log = stack.enter_context((data / "labfleet.log").open("a", encoding="utf-8"))
        logs.configure(style="json", stream=log)
        console.print(f"Bringing up the lab in {data}", highlight=False)
        async with open_lab(data, os.environ) as lab, open_service(lab.load()) as service:
            show = _Show(console, lab, service, data, began)
            return await show.run(exit_when_done=exit_when_done)


class _Show:
    """One showing: what is printed, over a service that does the work."""

    def __init__(
        self, console: Console, lab: Lab, service: Service, data: Path, began: float
    ) -> None:
        self._console = console
        self._lab = lab
        self._service = service
        self._data = data
        self._began = began

    async def run(self, *, exit_when_done: bool) -> bool:
        """Show the lab at work to its end; whether all ended as expected."""
        rows: list[Row] = []
        watching = anyio.CancelScope()
        async with anyio.create_task_group() as listening:
            listening.start_soon(self._obey_signals, watching)
            async with anyio.create_task_group() as serving:
                url = await serving.start(self._service.run)
                with watching:
                    await self._watch()
                    rows = await self._compare()
                    self._sum_up(rows)
                    self._tell_where_to_look(url)
                    if not exit_when_done:
                        self._print("The lab goes on until Ctrl-C.")
                        await anyio.sleep_forever()
                    self._print("Servers end with the demo; without --exit they stay up.")
                self._service.stop()
            listening.cancel_scope.cancel()
        return bool(rows) and all(row["as expected"] == "yes" for row in rows)

    async def _obey_signals(self, watching: anyio.CancelScope) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                watching.cancel()
                self._service.stop()

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)

    async def _watch(self) -> None:
        """Follow the items until each is reported; a table on a terminal, lines elsewhere."""
        items = self._lab.items
        hosts = len({item.host for item in items})
        self._print(f"{len(items)} items in {len({i.run for i in items})} runs for {hosts} hosts")
        progress = Progress(
            TextColumn("reported"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn()
        )
        bar = progress.add_task("reported", total=len(items))
        told: dict[tuple[int, int], str] = {}
        live = Live(console=self._console, auto_refresh=False, transient=True)
        with anyio.fail_after(_LIMIT_S), live:
            while True:
                rows = await self._rows()
                done = sum(row["state"] == "reported" for row in rows)
                progress.update(bar, completed=done)
                if self._console.is_terminal:
                    live.update(Group(make_table(COLUMNS, rows), progress), refresh=True)
                else:
                    self._tell_changes(rows, told)
                if done == len(items):
                    return
                await anyio.sleep(_REFRESH_S)

    def _tell_changes(self, rows: Sequence[Row], told: dict[tuple[int, int], str]) -> None:
        for row in rows:
            said = f"{row['state']} {row['verdict']}".strip()
            key = (row["run"], row["item"])
            if said != told.get(key, "queued"):
                told[key] = said
                self._print(f"run {key[0]} item {key[1]} on {row['host']}: {row['test']}: {said}")

    async def _rows(self) -> list[Row]:
        known = {(r["run"], r["item"]): r for r in await self._service.recent_runs(1000)}
        return [_row(item, known.get((item.run, item.item))) for item in self._lab.items]

    async def _compare(self) -> list[Row]:
        """Ask the stand-in how every item ended: what counts is what arrived there."""
        rows: list[Row] = []
        for number in sorted({item.run for item in self._lab.items}):
            found = {i["sequence_number"]: i for i in await self._lab.door.items(PROJECT, number)}
            rows += [
                _compared(item, found.get(item.item, {}))
                for item in self._lab.items
                if item.run == number
            ]
        return rows

    def _sum_up(self, rows: Sequence[Row]) -> None:
        self._console.print(make_table(SUMMARY, rows))
        right = sum(row["as expected"] == "yes" for row in rows)
        seconds = time.monotonic() - self._began
        self._print(
            f"{right} of {len(rows)} items ended as they had to, by the stand-in's own answer,"
            f" in {seconds:.1f} s."
        )
        if not self._lab.java:
            self._print("No JUnit run: javac, java and Debian's junit5 are not all here.")

    def _tell_where_to_look(self, url: str) -> None:
        for what, where in (
            ("metrics", f"{url}/metrics"),
            ("status", f"labfleet status --url {url}"),
            ("stand-in", f"{self._lab.standin_url}/ (not QAComplete; {EMAIL}, {PASSWORD})"),
            ("settings", str(self._lab.settings_file)),
            ("log", str(self._data / "labfleet.log")),
        ):
            self._print(f"  {what:<9} {where}")


def _row(item: Item, known: Row | None) -> Row:
    row = {"run": item.run, "item": item.item, "host": item.host, "test": item.test.name}
    if known is None:
        return {**row, "tool": "", "state": "queued", "verdict": ""}
    state = known["phase"] or {"delivered": "reported", "finished": "owed"}.get(
        known["state"], known["state"]
    )
    verdict = known["verdict"]
    if known["state"] == "stopped":
        state, verdict = "reported", "left to the server"
    return {**row, "tool": known["tool"], "state": state, "verdict": verdict}


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
