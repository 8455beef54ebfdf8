"""Test sets and runs of the data-access subset, described.

Source: vendor reference of the data-access API.
"""

from . import history_models as runs
from . import library_models as library
from .data_entry import FILTER, GONE, HERE, PROJECT, entry
from .described import json_answer, json_body, link

_SETS = f"{PROJECT}/testsets"
_SET = f"{_SETS}/{{set_id}}"
_RUNS = f"{PROJECT}/testruns"
_RUN = f"{_RUNS}/{{run_id}}"
_PLACE = f"{_SET}/items/{{sequence_number}}"
_RUN_ITEM = f"{_RUN}/items/{{item_id}}"

_NEW_SET = {**HERE, "set_id": "$response.body#/id"}
_NEW_RUN = {**HERE, "run_id": "$response.body#/id"}

_SET_LINKS = {
    "set": link("get_test_set", "The set.", **_NEW_SET),
    "items": link("list_set_items", "Its tests.", **_NEW_SET),
    "change": link("update_test_set", "Change it.", **_NEW_SET),
    "remove": link("delete_test_set", "Remove it.", **_NEW_SET),
}
_RUN_LINKS = {
    "run": link("get_test_run", "How it stands.", **_NEW_RUN),
    "items": link("list_test_run_items", "Its tests.", **_NEW_RUN),
    "again": link("restart_test_run", "The same again.", **_NEW_RUN),
    "remove": link("delete_test_run", "Remove it.", **_NEW_RUN),
}
_ITEM_LINKS = {
    "item": link(
        "get_test_run_item",
        "The first test.",
        **HERE,
        run_id="$request.path.run_id",
        item_id="$response.body#/results/0/id",
    ),
    "correct": link(
        "update_test_run_item",
        "Correct the first test.",
        **HERE,
        run_id="$request.path.run_id",
        item_id="$response.body#/results/0/id",
    ),
}

_SET_ANSWER = json_answer("The set.", library.TestSet, "test_set", _SET_LINKS)
_RUN_ANSWER = json_answer("The run.", runs.HistoryRun, "history_run", _RUN_LINKS)
_ITEM_ANSWER = json_answer("The item.", runs.HistoryItem, "history_item")

_SET_LINES = (
    entry(
        "list_test_sets",
        f"get {_SETS}",
        "The test sets",
        json_answer("The sets, without their tests.", library.ListedSets, "test_sets"),
    ),
    entry(
        "create_test_set",
        f"post {_SETS}",
        "Add a test set",
        _SET_ANSWER,
        body=json_body(library.NewSet, "new_test_set"),
    ),
    entry("get_test_set", f"get {_SET}", "One test set", _SET_ANSWER),
    entry(
        "replace_test_set",
        f"put {_SET}",
        "Replace a test set",
        _SET_ANSWER,
        "Its tests stay.",
        json_body(library.SetReplacement, "test_set_replacement"),
    ),
    entry(
        "update_test_set",
        f"patch {_SET}",
        "Change a test set",
        _SET_ANSWER,
        body=json_body(library.SetChange, "test_set_change"),
    ),
    entry("delete_test_set", f"delete {_SET}", "Remove a test set", GONE, "Tests and runs stay."),
    entry(
        "list_set_items",
        f"get {_SET}/items",
        "The tests of a set",
        json_answer("The tests, in order.", library.ItemsOfSet, "set_items"),
        FILTER,
    ),
    entry(
        "add_set_items",
        f"post {_SET}/items",
        "Add tests at the end",
        _SET_ANSWER,
        body=json_body(library.SetItems, "new_set_items"),
    ),
    entry(
        "replace_set_items",
        f"put {_SET}/items",
        "Replace all tests of a set",
        _SET_ANSWER,
        body=json_body(library.SetItems, "new_set_items"),
    ),
    entry(
        "insert_set_item",
        f"post {_PLACE}",
        "Put a test in at a place",
        _SET_ANSWER,
        "Later ones move on by one.",
        json_body(library.NewSetItem, "new_set_item"),
    ),
    entry(
        "delete_set_item", f"delete {_PLACE}", "Take a test out", _SET_ANSWER, "Later ones move."
    ),
)

_RUN_LINES = (
    entry(
        "list_test_runs",
        f"get {_RUNS}",
        "Run History",
        json_answer("The runs.", runs.HistoryRuns, "history_runs"),
    ),
    entry(
        "create_test_run",
        f"post {_RUNS}",
        "Order a run",
        _RUN_ANSWER,
        "It then waits for its host.",
        json_body(runs.RunOrder, "run_order"),
    ),
    entry("get_test_run", f"get {_RUN}", "One run", _RUN_ANSWER),
    entry(
        "delete_test_run",
        f"delete {_RUN}",
        "Remove a run",
        GONE,
        "Whatever an agent does with it just then.",
    ),
    entry(
        "list_test_run_items",
        f"get {_RUN}/items",
        "The tests of a run",
        json_answer("The tests, in order.", runs.HistoryItems, "history_items", _ITEM_LINKS),
    ),
    entry("get_test_run_item", f"get {_RUN_ITEM}", "One test of a run", _ITEM_ANSWER),
    entry(
        "update_test_run_item",
        f"patch {_RUN_ITEM}",
        "A user's result",
        _ITEM_ANSWER,
        "What follows for the rest of the run is as if an agent had reported it.",
        json_body(runs.Correction, "correction"),
    ),
    entry(
        "restart_test_run",
        f"post {_RUN}/restart",
        "The same again",
        _RUN_ANSWER,
        "Makes a new run; the old one stays as it is.",
    ),
)

OPERATIONS = (*_SET_LINES, *_RUN_LINES)
