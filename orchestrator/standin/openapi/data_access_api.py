"""The data-access subset that feeds the other API, described: one entry for each operation.

A new route needs an entry here, and a model if it takes or gives something new; a test holds both
to one another. Source: vendor reference of the data-access API.
"""

from typing import cast

from openapi_pydantic import RequestBody, Response

from . import history_models as runs
from . import library_models as library
from .described import (
    PAGING,
    Described,
    Method,
    either_body,
    json_answer,
    json_body,
    link,
    path_parameters,
)
from .models import Nothing

_PROJECT = "/v2/projects/{project_id}"
_TESTS = f"{_PROJECT}/tests"
_TEST = f"{_TESTS}/{{test_id}}"
_AUTOMATIONS = f"{_TEST}/automations"
_AUTOMATION = f"{_AUTOMATIONS}/{{agent}}"
_SETS = f"{_PROJECT}/testsets"
_SET = f"{_SETS}/{{set_id}}"
_RUNS = f"{_PROJECT}/testruns"
_RUN = f"{_RUNS}/{{run_id}}"
_PLACE = f"{_SET}/items/{{sequence_number}}"
_RUN_ITEM = f"{_RUN}/items/{{item_id}}"

_GONE = json_answer("Gone.", Nothing, "nothing")
_HERE = {"project_id": "$request.path.project_id"}
_HERE_IN_TEST = {**_HERE, "test_id": "$request.path.test_id"}
_NEW_TEST = {**_HERE, "test_id": "$response.body#/id"}
_NEW_SET = {**_HERE, "set_id": "$response.body#/id"}
_NEW_RUN = {**_HERE, "run_id": "$response.body#/id"}
_BY_AGENT = {**_HERE_IN_TEST, "agent": "$response.body#/agent"}

_TEST_LINKS = {
    "test": link("get_test", "The test.", **_NEW_TEST),
    "automate": link("create_automation", "How to run it.", **_NEW_TEST),
    "change": link("update_test", "Change it.", **_NEW_TEST),
    "remove": link("delete_test", "Remove it.", **_NEW_TEST),
}
_AUTOMATION_LINKS = {
    "automation": link("get_automation", "The automation.", **_BY_AGENT),
    "script": link("attach_script", "Its script.", **_BY_AGENT),
    "change": link("update_automation", "Change it.", **_BY_AGENT),
    "remove": link("delete_automation", "Remove it.", **_BY_AGENT),
}
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
        **_HERE,
        run_id="$request.path.run_id",
        item_id="$response.body#/results/0/id",
    ),
    "correct": link(
        "update_test_run_item",
        "Correct the first test.",
        **_HERE,
        run_id="$request.path.run_id",
        item_id="$response.body#/results/0/id",
    ),
}

_TEST_ANSWER = json_answer("The test.", library.LibraryTest, "test", _TEST_LINKS)
_AUTOMATION_ANSWER = json_answer(
    "The automation.", library.LibraryAutomation, "automation", _AUTOMATION_LINKS
)
_SET_ANSWER = json_answer("The set.", library.TestSet, "test_set", _SET_LINKS)
_RUN_ANSWER = json_answer("The run.", runs.HistoryRun, "history_run", _RUN_LINKS)
_ITEM_ANSWER = json_answer("The item.", runs.HistoryItem, "history_item")
_SCRIPT = either_body(library.ScriptFile, library.ScriptLink, "script_link")
_FILTER = "The vendor documents a `filter` for this list; here it is refused."
_TAGS = {
    "/testruns": "runs",
    "/testsets": "test sets",
    "/automations": "automations",
    "/tests": "tests",
    "/depts": "departments",
}


def _op(
    name: str,
    address: str,
    summary: str,
    answer: Response,
    text: str = "",
    body: RequestBody | None = None,
) -> Described:
    """Describe one; *address* is method and path."""
    method, path = address.split()
    refusals = {}
    if name.startswith("create_automation"):
        refusals[500] = "There is one for that agent already. Also any internal error."
    return Described(
        id=name,
        method=cast("Method", method),
        path=path,
        tag=next(tag for part, tag in _TAGS.items() if part in path),
        summary=summary,
        text=text,
        login="user",
        parameters=(*path_parameters(path), *(PAGING if name.startswith("list_") else ())),
        body=body,
        answers={200: answer},
        refusals=refusals,
    )


_LIBRARY = (
    _op(
        "list_departments",
        "get /v1/depts",
        "The user's departments",
        json_answer(
            "The departments.",
            library.DataDepartments,
            "data_departments",
            {
                "department": link(
                    "get_department", "The first.", dept_id="$response.body#/results/0/id"
                )
            },
        ),
        f"Version 1 is the only one documented. {_FILTER}",
    ),
    _op(
        "get_department",
        "get /v1/depts/{dept_id}",
        "One of the user's departments",
        json_answer("The department.", library.DataDepartment, "data_department"),
    ),
    _op(
        "list_tests",
        f"get {_TESTS}",
        "The library's tests",
        json_answer("The tests, without their steps.", library.LibraryTests, "tests"),
        _FILTER,
    ),
    _op(
        "create_test",
        f"post {_TESTS}",
        "Add a test",
        _TEST_ANSWER,
        body=json_body(library.NewTest, "new_test"),
    ),
    _op("get_test", f"get {_TEST}", "One test", _TEST_ANSWER),
    _op(
        "replace_test",
        f"put {_TEST}",
        "Replace a test",
        _TEST_ANSWER,
        "What is left out becomes what it is in a new test.",
        json_body(library.NewTest, "new_test"),
    ),
    _op(
        "update_test",
        f"patch {_TEST}",
        "Change a test",
        _TEST_ANSWER,
        body=json_body(library.TestChange, "test_change"),
    ),
    _op(
        "delete_test",
        f"delete {_TEST}",
        "Remove a test",
        _GONE,
        "Its automations go with it, and it leaves its sets; runs stay.",
    ),
)

_AUTOMATION_LINES = (
    _op(
        "list_automations",
        f"get {_AUTOMATIONS}",
        "The automations of a test",
        json_answer("At most one for each agent.", library.LibraryAutomations, "automations"),
        _FILTER,
    ),
    _op(
        "create_automation",
        f"post {_AUTOMATIONS}",
        "Add an automation",
        _AUTOMATION_ANSWER,
        "The agent is in the body.",
        json_body(library.NewAutomation, "new_automation"),
    ),
    _op("get_automation", f"get {_AUTOMATION}", "One automation", _AUTOMATION_ANSWER),
    _op(
        "create_automation_for_agent",
        f"post {_AUTOMATION}",
        "Add an automation",
        _AUTOMATION_ANSWER,
        "The agent is in the path.",
        json_body(library.AutomationChange, "automation_change"),
    ),
    _op(
        "replace_automation",
        f"put {_AUTOMATION}",
        "Replace an automation",
        _AUTOMATION_ANSWER,
        "What is left out becomes what it is in a new one; the script stays.",
        json_body(library.AutomationChange, "automation_change"),
    ),
    _op(
        "update_automation",
        f"patch {_AUTOMATION}",
        "Change an automation",
        _AUTOMATION_ANSWER,
        body=json_body(library.AutomationChange, "automation_change"),
    ),
    _op("delete_automation", f"delete {_AUTOMATION}", "Remove an automation", _GONE),
    _op(
        "attach_script",
        f"post {_AUTOMATION}/attachment",
        "Attach the script",
        _AUTOMATION_ANSWER,
        "A zip, or a link to where the script is. It replaces what was attached.",
        _SCRIPT,
    ),
    _op(
        "replace_script",
        f"put {_AUTOMATION}/attachment",
        "Replace the script",
        _AUTOMATION_ANSWER,
        "A zip, or a link to where the script is.",
        _SCRIPT,
    ),
)

_SET_LINES = (
    _op(
        "list_test_sets",
        f"get {_SETS}",
        "The test sets",
        json_answer("The sets, without their tests.", library.ListedSets, "test_sets"),
    ),
    _op(
        "create_test_set",
        f"post {_SETS}",
        "Add a test set",
        _SET_ANSWER,
        body=json_body(library.NewSet, "new_test_set"),
    ),
    _op("get_test_set", f"get {_SET}", "One test set", _SET_ANSWER),
    _op(
        "replace_test_set",
        f"put {_SET}",
        "Replace a test set",
        _SET_ANSWER,
        "Its tests stay.",
        json_body(library.SetReplacement, "test_set_replacement"),
    ),
    _op(
        "update_test_set",
        f"patch {_SET}",
        "Change a test set",
        _SET_ANSWER,
        body=json_body(library.SetChange, "test_set_change"),
    ),
    _op("delete_test_set", f"delete {_SET}", "Remove a test set", _GONE, "Tests and runs stay."),
    _op(
        "list_set_items",
        f"get {_SET}/items",
        "The tests of a set",
        json_answer("The tests, in order.", library.ItemsOfSet, "set_items"),
        _FILTER,
    ),
    _op(
        "add_set_items",
        f"post {_SET}/items",
        "Add tests at the end",
        _SET_ANSWER,
        body=json_body(library.SetItems, "new_set_items"),
    ),
    _op(
        "replace_set_items",
        f"put {_SET}/items",
        "Replace all tests of a set",
        _SET_ANSWER,
        body=json_body(library.SetItems, "new_set_items"),
    ),
    _op(
        "insert_set_item",
        f"post {_PLACE}",
        "Put a test in at a place",
        _SET_ANSWER,
        "Later ones move on by one.",
        json_body(library.NewSetItem, "new_set_item"),
    ),
    _op("delete_set_item", f"delete {_PLACE}", "Take a test out", _SET_ANSWER, "Later ones move."),
)

_RUN_LINES = (
    _op(
        "list_test_runs",
        f"get {_RUNS}",
        "Run History",
        json_answer("The runs.", runs.HistoryRuns, "history_runs"),
    ),
    _op(
        "create_test_run",
        f"post {_RUNS}",
        "Order a run",
        _RUN_ANSWER,
        "It then waits for its host.",
        json_body(runs.RunOrder, "run_order"),
    ),
    _op("get_test_run", f"get {_RUN}", "One run", _RUN_ANSWER),
    _op(
        "delete_test_run",
        f"delete {_RUN}",
        "Remove a run",
        _GONE,
        "Whatever an agent does with it just then.",
    ),
    _op(
        "list_test_run_items",
        f"get {_RUN}/items",
        "The tests of a run",
        json_answer("The tests, in order.", runs.HistoryItems, "history_items", _ITEM_LINKS),
    ),
    _op("get_test_run_item", f"get {_RUN_ITEM}", "One test of a run", _ITEM_ANSWER),
    _op(
        "update_test_run_item",
        f"patch {_RUN_ITEM}",
        "A user's result",
        _ITEM_ANSWER,
        "What follows for the rest of the run is as if an agent had reported it.",
        json_body(runs.Correction, "correction"),
    ),
    _op(
        "restart_test_run",
        f"post {_RUN}/restart",
        "The same again",
        _RUN_ANSWER,
        "Makes a new run; the old one stays as it is.",
    ),
)

OPERATIONS = (*_LIBRARY, *_AUTOMATION_LINES, *_SET_LINES, *_RUN_LINES)
