"""Departments, tests and automations of the data-access subset, described.

A new route needs an entry here or in the other tables, and a model if it takes or gives something
new; a test holds all to one another. Source: vendor reference of the data-access API.
"""

from . import library_models as library
from .data_entry import FILTER, GONE, HERE, PROJECT, entry
from .described import either_body, json_answer, json_body, link

_TESTS = f"{PROJECT}/tests"
_TEST = f"{_TESTS}/{{test_id}}"
_AUTOMATIONS = f"{_TEST}/automations"
_AUTOMATION = f"{_AUTOMATIONS}/{{agent}}"

_NEW_TEST = {**HERE, "test_id": "$response.body#/id"}
_BY_AGENT = {
    **HERE,
    "test_id": "$request.path.test_id",
    "agent": "$response.body#/agent",
}

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

_TEST_ANSWER = json_answer("The test.", library.LibraryTest, "test", _TEST_LINKS)
_AUTOMATION_ANSWER = json_answer(
    "The automation.", library.LibraryAutomation, "automation", _AUTOMATION_LINKS
)
_SCRIPT = either_body(library.ScriptFile, library.ScriptLink, "script_link")

_LIBRARY = (
    entry(
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
        f"Version 1 is the only one documented. {FILTER}",
    ),
    entry(
        "get_department",
        "get /v1/depts/{dept_id}",
        "One of the user's departments",
        json_answer("The department.", library.DataDepartment, "data_department"),
    ),
    entry(
        "list_tests",
        f"get {_TESTS}",
        "The library's tests",
        json_answer("The tests, without their steps.", library.LibraryTests, "tests"),
        FILTER,
    ),
    entry(
        "create_test",
        f"post {_TESTS}",
        "Add a test",
        _TEST_ANSWER,
        body=json_body(library.NewTest, "new_test"),
    ),
    entry("get_test", f"get {_TEST}", "One test", _TEST_ANSWER),
    entry(
        "replace_test",
        f"put {_TEST}",
        "Replace a test",
        _TEST_ANSWER,
        "What is left out becomes what it is in a new test.",
        json_body(library.NewTest, "new_test"),
    ),
    entry(
        "update_test",
        f"patch {_TEST}",
        "Change a test",
        _TEST_ANSWER,
        body=json_body(library.TestChange, "test_change"),
    ),
    entry(
        "delete_test",
        f"delete {_TEST}",
        "Remove a test",
        GONE,
        "Its automations go with it, and it leaves its sets; runs stay.",
    ),
)

_AUTOMATION_LINES = (
    entry(
        "list_automations",
        f"get {_AUTOMATIONS}",
        "The automations of a test",
        json_answer("At most one for each agent.", library.LibraryAutomations, "automations"),
        FILTER,
    ),
    entry(
        "create_automation",
        f"post {_AUTOMATIONS}",
        "Add an automation",
        _AUTOMATION_ANSWER,
        "The agent is in the body.",
        json_body(library.NewAutomation, "new_automation"),
    ),
    entry("get_automation", f"get {_AUTOMATION}", "One automation", _AUTOMATION_ANSWER),
    entry(
        "create_automation_for_agent",
        f"post {_AUTOMATION}",
        "Add an automation",
        _AUTOMATION_ANSWER,
        "The agent is in the path.",
        json_body(library.AutomationChange, "automation_change"),
    ),
    entry(
        "replace_automation",
        f"put {_AUTOMATION}",
        "Replace an automation",
        _AUTOMATION_ANSWER,
        "What is left out becomes what it is in a new one; the script stays.",
        json_body(library.AutomationChange, "automation_change"),
    ),
    entry(
        "update_automation",
        f"patch {_AUTOMATION}",
        "Change an automation",
        _AUTOMATION_ANSWER,
        body=json_body(library.AutomationChange, "automation_change"),
    ),
    entry("delete_automation", f"delete {_AUTOMATION}", "Remove an automation", GONE),
    entry(
        "attach_script",
        f"post {_AUTOMATION}/attachment",
        "Attach the script",
        _AUTOMATION_ANSWER,
        "A zip, or a link to where the script is. It replaces what was attached.",
        _SCRIPT,
    ),
    entry(
        "replace_script",
        f"put {_AUTOMATION}/attachment",
        "Replace the script",
        _AUTOMATION_ANSWER,
        "A zip, or a link to where the script is.",
        _SCRIPT,
    ),
)

OPERATIONS = (*_LIBRARY, *_AUTOMATION_LINES)
