"""Runs and items as the agent sees them; names not documented follow the data-access API."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from .dates import UtcDate
from .store import Store

Document = dict[str, object]


def run_documents(store: Store, runs: Sequence[sqlite3.Row]) -> list[Document]:
    """Show each of *runs* with all its items, finished ones too."""
    items = store.rows(
        "SELECT * FROM run_items WHERE run_id IN (SELECT value FROM json_each(?))"
        " ORDER BY run_id, sequence_number",
        json.dumps([run["id"] for run in runs]),
    )
    of_run: defaultdict[int, list[Document]] = defaultdict(list)
    for item, document in zip(items, item_documents(store, items), strict=True):
        of_run[item["run_id"]].append(document)
    return [{**_run(run), "test_run_items": of_run[run["id"]]} for run in runs]


def item_documents(store: Store, items: Sequence[sqlite3.Row]) -> list[Document]:
    """Show each of *items* with the automations its test has now, and its step results."""
    steps = steps_of(store, items)
    automations = _automations_of(store, {item["test_id"] for item in items})
    return [
        {
            "id": item["id"],
            "sequence_number": item["sequence_number"],
            "stop_on_fail": bool(item["stop_on_fail"]),
            "test_id": item["test_id"],
            "test_name": item["test_name"],
            "status": item["status"],
            **times(item),
            "automations": automations[item["test_id"]],
            "test_run_results": _numbered(item, steps[item["id"]]),
        }
        for item in items
    ]


def steps_of(store: Store, items: Iterable[sqlite3.Row]) -> defaultdict[int, list[Document]]:
    """Find step results by the id of their item."""
    rows = store.rows(
        "SELECT * FROM run_steps WHERE item_id IN (SELECT value FROM json_each(?))"
        " ORDER BY item_id, position",
        json.dumps([item["id"] for item in items]),
    )
    steps: defaultdict[int, list[Document]] = defaultdict(list)
    for row in rows:
        names = ("status", "step", "expected_result", "actual_result")
        steps[row["item_id"]].append({name: row[name] for name in names})
    return steps


def times(row: sqlite3.Row) -> Document:
    """Say when a run or an item started and finished, and its run time in seconds."""
    started, finished = row["date_started"], row["date_finished"]
    return {
        "date_started": UtcDate(started) if started else None,
        "date_finished": UtcDate(finished) if finished else None,
        "run_time": row["run_time"],
    }


def automation_document(row: sqlite3.Row) -> Document:
    """Show an automation without what is attached to it."""
    names = ("agent", "title", "entry_point", "timeout", "run_mode")
    return {**{name: row[name] for name in names}, "params": json.loads(row["params"])}


def run_header(run: sqlite3.Row) -> Document:
    """Show what the run itself says, in both APIs."""
    names = (
        "id",
        "project_id",
        "test_set_id",
        "test_set_name",
        "test_config_id",
        "configuration_name",
        "release_id",
        "release_name",
    )
    return {
        **{name: run[name] for name in names},
        "is_sequential": bool(run["is_sequential"]),
        "status": run["status"],
    }


def _run(run: sqlite3.Row) -> Document:
    return {**run_header(run), "date_started": times(run)["date_started"]}


def _numbered(item: sqlite3.Row, steps: list[Document]) -> list[Document]:
    """Repeat the item's sequence number in each step: the place that the vendor's pages print.

    An item without steps gets one bare entry, or its number would stand in one place only.
    """
    bare: list[Document] = [{"status": item["status"]}]
    return [{"sequence_number": item["sequence_number"], **step} for step in steps or bare]


def _automations_of(store: Store, test_ids: set[int]) -> defaultdict[int, list[Document]]:
    rows = store.rows(
        "SELECT * FROM automations WHERE test_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(sorted(test_ids)),
    )
    automations: defaultdict[int, list[Document]] = defaultdict(list)
    for row in rows:
        automations[row["test_id"]].append(automation_document(row))
    return automations
