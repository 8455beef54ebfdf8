"""The shapes in which servers may tell of hosts, runs and items; which of them, is a quirk.

Each function takes a document in the recommended reading and returns it in this server's.
"""

from collections.abc import Set
from typing import Any

from orchestrator.standin.agents import short_name
from orchestrator.standin.quirks import Quirks
from orchestrator.standin.states import Status

Shape = dict[str, Any]

GAP = 10
"""Between the numbers of a set's items, where they have gaps."""


def shape_host(host: Shape, quirks: Quirks) -> Shape:
    """Show a host."""
    if quirks.on("short-agents"):
        return {**host, "agents": [short_name(agent) for agent in host["agents"]]}
    return host


def shape_run(run: Shape, quirks: Quirks, under_way: Set[int]) -> Shape:
    """Show a pending run with those of its items that this server lists.

    Those that wait and are among *under_way*, by their ids, are In Progress.
    """
    items: list[Shape] = run["test_run_items"]
    waiting = [item for item in items if item["status"] == Status.AWAITING]
    if len(waiting) < len(items) and quirks.on("pending-items-only"):
        items = waiting
    in_set = bool(run["test_set_id"])
    begun = [_begun(it, quirks) if it["id"] in under_way else it for it in items]
    shaped = {**run, "test_run_items": [shape_item(it, quirks, in_set=in_set) for it in begun]}
    if run["test_set_name"] and quirks.on("html-texts"):
        shaped["test_set_name"] = _html(run["test_set_name"])
    return shaped


def _begun(item: Shape, quirks: Quirks) -> Shape:
    if item["status"] != Status.AWAITING:
        return item
    for name in ("in-progress", "read-in-progress"):
        quirks.on(name)  # whichever it is has made a difference here
    return {**item, "status": Status.IN_PROGRESS}


def shape_item(item: Shape, quirks: Quirks, *, in_set: bool) -> Shape:
    """Show an item of a run; a single test's number is 1 everywhere."""
    if in_set and quirks.on("sequence-gaps"):
        item = _renumbered(item)
    return _stated(_placed(_numbered(_texts(item, quirks), quirks), quirks), quirks)


def _renumbered(item: Shape) -> Shape:
    number = item["sequence_number"] * GAP
    steps = [{**step, "sequence_number": number} for step in item["test_run_results"]]
    return {**item, "sequence_number": number, "test_run_results": steps}


def _texts(item: Shape, quirks: Quirks) -> Shape:
    if not quirks.on("html-texts"):
        return item
    steps = [
        {name: _html(value) if name in _STEP_TEXTS else value for name, value in step.items()}
        for step in item["test_run_results"]
    ]
    return {**item, "test_name": _html(item["test_name"]), "test_run_results": steps}


_STEP_TEXTS = frozenset({"step", "expected_result", "actual_result"})


def _html(text: str | None) -> str | None:
    return text and f"<p><b>{text}</b> &amp; <script>alert(1)</script></p>"


def _numbered(item: Shape, quirks: Quirks) -> Shape:
    """Put the sequence number where this server has it."""
    steps: list[Shape] = item["test_run_results"]
    if quirks.on("nested-sequence"):
        return _without(item, "sequence_number")
    if quirks.on("step-numbers"):
        counted = [{**step, "sequence_number": n} for n, step in enumerate(steps, start=1)]
        return {**_without(item, "sequence_number"), "test_run_results": counted}
    if quirks.on("item-sequence"):
        return {**item, "test_run_results": [_without(it, "sequence_number") for it in steps]}
    if quirks.on("no-sequence"):
        bare = [_without(step, "sequence_number") for step in steps]
        return {**_without(item, "sequence_number"), "test_run_results": bare}
    return item


def _placed(item: Shape, quirks: Quirks) -> Shape:
    """Put the automations where this server has them."""
    found = [_automation(one, quirks) for one in item["automations"]]
    return _replaced(item, "automations", _place(found, quirks))


def _place(found: list[Shape], quirks: Quirks) -> Shape:
    if quirks.on("no-automation"):
        return {}
    if quirks.on("automation-list"):
        return {"automation": found}
    if found and quirks.on("automation-object"):
        return {"automation": found[0]}
    if found and quirks.on("automations-object"):
        return {"automations": found[0]}
    if found and quirks.on("flat-automation"):
        return found[0]
    return {"automations": found}


def _automation(given: Shape, quirks: Quirks) -> Shape:
    found = dict(given)
    if quirks.on("short-agents"):
        found["agent"] = short_name(found["agent"])
    path = found["entry_point"] or found["title"]
    if quirks.on("title-only"):
        found |= {"title": path, "entry_point": None}
    if quirks.on("entry-point-only"):
        found |= {"title": None, "entry_point": path}
    if quirks.on("run-mode-word"):
        found["run_mode"] = "Normal"
    return found | _limited(found, quirks) | _parameters(found, quirks)


def _limited(found: Shape, quirks: Quirks) -> Shape:
    if found["timeout"] is None and quirks.on("timeout-zero"):
        return {"timeout": 0}
    return {}


def _parameters(found: Shape, quirks: Quirks) -> Shape:
    params: dict[str, str] = found["params"]
    if params and quirks.on("typed-params"):
        return {"params": {name: _typed(value) for name, value in params.items()}}
    if params and quirks.on("params-pairs"):
        return {"params": [{"Key": name, "Value": value} for name, value in params.items()]}
    return {}


def _typed(text: str) -> object:
    if text.isascii() and text.isdigit() and str(int(text)) == text:
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _stated(item: Shape, quirks: Quirks) -> Shape:
    """Say the item's state as this server does."""
    if quirks.on("no-status"):
        return _without(item, "status")
    if quirks.on("status-code"):
        return _replaced(item, "status", {"status_code": item["status"]})
    return item


def _without(given: Shape, name: str) -> Shape:
    return {key: value for key, value in given.items() if key != name}


def _replaced(given: Shape, name: str, by: Shape) -> Shape:
    """Return *given* with the properties *by* where *name* stood."""
    shaped: Shape = {}
    for key, value in given.items():
        shaped.update(by if key == name else {key: value})
    return shaped
