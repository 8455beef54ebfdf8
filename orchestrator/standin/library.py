"""The test library: tests, their automations, and the scripts attached to those."""

import json
import re
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from .agents import long_name
from .dates import now
from .errors import Refusal
from .store import Part, Store
from .uploads import Upload, drop_files

Steps = Sequence[tuple[str | None, str | None]]
"""What to do, and what to expect, for each step of a test."""

# Stored name and file name, or link and comment.
_Attached = tuple[str | None, str | None, str | None, str | None]

_OF_TEST = (
    "DELETE FROM test_set_items WHERE test_id = ?",
    "DELETE FROM automations WHERE test_id = ?",
    "DELETE FROM test_steps WHERE test_id = ?",
    "DELETE FROM tests WHERE id = ?",
)
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_PATH_OR_ADDRESS = re.compile(r"https?://.|file:.|\\\\.|[a-z]:[\\/]|/", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAutomation:
    """What a test says to one tool; *agent* by its long or short name, in any case."""

    agent: str
    title: str | None = None
    entry_point: str | None = None
    timeout_s: int | None = None
    run_mode: int = 1  # the only value ever seen in the vendor's samples
    params: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "NewAutomation":
        """Read an automation as it is now."""
        return cls(
            agent=row["agent"],
            title=row["title"],
            entry_point=row["entry_point"],
            timeout_s=row["timeout"],
            run_mode=row["run_mode"],
            params=json.loads(row["params"]),
        )


def require_test(store: Store, project_id: int, test_id: int, *, status: int = 404) -> sqlite3.Row:
    """Return a test of that project. Raises Refusal *status* if there is none."""
    test = store.row("SELECT * FROM tests WHERE id = ? AND project_id = ?", test_id, project_id)
    if test is None:
        raise Refusal(status, f"Test with id {test_id} not found")
    return test


def tests_of(store: Store, project_id: int, offset: int, limit: int) -> Part:
    """List tests in ascending order of id."""
    total = store.number("SELECT count(*) FROM tests WHERE project_id = ?", project_id)
    rows = store.rows(
        "SELECT * FROM tests WHERE project_id = ? ORDER BY id LIMIT ? OFFSET ?",
        project_id,
        limit,
        offset,
    )
    return Part(rows, total)


def add_test(store: Store, project_id: int, title: str, steps: Steps = ()) -> int:
    """Add a test and return its id."""
    with store.transaction():
        test_id = store.write(
            "INSERT INTO tests (project_id, title, date_created) VALUES (?, ?, ?)",
            project_id,
            title,
            now(),
        )
        _insert_steps(store, test_id, steps)
    return test_id


def change_test(store: Store, test_id: int, title: str, steps: Steps | None) -> None:
    """Give a test another title, and other *steps* unless they are None; runs keep the old ones.

    Raises Refusal 404 if the test was removed meanwhile.
    """
    with store.transaction():
        _require_still_there(store, test_id)
        store.write("UPDATE tests SET title = ? WHERE id = ?", title, test_id)
        if steps is not None:
            store.write("DELETE FROM test_steps WHERE test_id = ?", test_id)
            _insert_steps(store, test_id, steps)


def remove_test(store: Store, test_id: int) -> None:
    """Remove a test, its automations and scripts, and take it out of its sets.

    Runs keep its name and results; one that still waits has no script any more.
    """
    scripts = [row["stored_name"] for row in automations_of(store, test_id) if row["stored_name"]]
    with store.transaction():
        sets = store.rows(
            "SELECT DISTINCT test_set_id FROM test_set_items WHERE test_id = ?", test_id
        )
        for sql in _OF_TEST:
            store.write(sql, test_id)
        for row in sets:
            _close_gaps(store, row["test_set_id"])
    drop_files(store, scripts)


def steps_in_library(store: Store, test_id: int) -> list[sqlite3.Row]:
    """Return the steps that the test has now: position, step, expected_result."""
    return store.rows("SELECT * FROM test_steps WHERE test_id = ? ORDER BY position", test_id)


def automations_of(store: Store, test_id: int) -> list[sqlite3.Row]:
    """Return the automations of a test, at most one for each agent."""
    return store.rows("SELECT * FROM automations WHERE test_id = ? ORDER BY id", test_id)


def require_automation(store: Store, test_id: int, agent: str) -> sqlite3.Row:
    """Return the automation of that agent. Raises Refusal 404 if there is none."""
    name = _long_name(agent, unknown=404)
    row = store.row("SELECT * FROM automations WHERE test_id = ? AND agent = ?", test_id, name)
    if row is None:
        raise Refusal(404, f"Test {test_id} has no automation for {name}")
    return row


def add_automation(store: Store, test_id: int, new: NewAutomation) -> int:
    """Add an automation and return its id.

    Raises Refusal 400 for an unknown agent, 404 if the test was removed meanwhile, 500 if it has an
    automation for that agent already.
    """
    agent = _long_name(new.agent, unknown=400)
    _require_still_there(store, test_id)
    try:
        return store.write(
            "INSERT INTO automations (test_id, agent, title, entry_point, timeout, run_mode,"
            " params) VALUES (?, ?, ?, ?, ?, ?, ?)",
            test_id,
            agent,
            *_columns(new),
        )
    except sqlite3.IntegrityError as error:
        raise Refusal(500, f"Test {test_id} has an automation for {agent} already") from error


def change_automation(store: Store, test_id: int, agent: str, changed: NewAutomation) -> None:
    """Replace what the automation of *agent* says, but not its agent nor what is attached."""
    row = require_automation(store, test_id, agent)
    store.write(
        "UPDATE automations SET title = ?, entry_point = ?, timeout = ?, run_mode = ?, params = ?"
        " WHERE id = ?",
        *_columns(changed),
        row["id"],
    )


def remove_automation(store: Store, test_id: int, agent: str) -> None:
    """Remove the automation of *agent* and its script. Raises Refusal 404 if there is none."""
    row = require_automation(store, test_id, agent)
    store.write("DELETE FROM automations WHERE id = ?", row["id"])
    _drop_script(store, row)


def attach_file(store: Store, test_id: int, agent: str, upload: Upload) -> None:
    """Make a zip that has arrived the script, in place of what was attached."""
    require_automation(store, test_id, agent)
    stored_name = uuid.uuid4().hex
    upload.path.replace(store.files / stored_name)
    _replace_attachment(store, test_id, agent, (stored_name, upload.file_name, None, None))


def attach_link(store: Store, test_id: int, agent: str, link: str, comment: str | None) -> None:
    """Say where the script lies, in place of what was attached. Raises Refusal as `check_link`."""
    _replace_attachment(store, test_id, agent, (None, None, check_link(link), comment))


def check_link(link: str) -> str:
    """Return *link* without blanks around it.

    It becomes a header value later: nothing in it may end a line.
    Raises Refusal 400 unless it is a web address, a UNC path or an absolute path.
    """
    link = link.strip()
    if _CONTROL_CHARACTER.search(link) or not _PATH_OR_ADDRESS.match(link):
        raise Refusal(400, "link must be a web address, a UNC path or an absolute path")
    return link


def _require_still_there(store: Store, test_id: int) -> None:
    if store.row("SELECT 1 FROM tests WHERE id = ?", test_id) is None:
        raise Refusal(404, f"Test with id {test_id} not found")


def _replace_attachment(store: Store, test_id: int, agent: str, attached: _Attached) -> None:
    row = require_automation(store, test_id, agent)
    store.write(
        "UPDATE automations SET stored_name = ?, file_name = ?, link = ?, comment = ? WHERE id = ?",
        *attached,
        row["id"],
    )
    _drop_script(store, row)


def _drop_script(store: Store, automation: sqlite3.Row) -> None:
    if automation["stored_name"] is not None:
        drop_files(store, [automation["stored_name"]])


def _close_gaps(store: Store, set_id: int) -> None:
    rows = store.rows(
        "SELECT sequence_number FROM test_set_items WHERE test_set_id = ? ORDER BY sequence_number",
        set_id,
    )
    for number, row in enumerate(rows, start=1):
        store.write(
            "UPDATE test_set_items SET sequence_number = ?"
            " WHERE test_set_id = ? AND sequence_number = ?",
            number,
            set_id,
            row["sequence_number"],
        )


def _insert_steps(store: Store, test_id: int, steps: Steps) -> None:
    for position, (step, expected) in enumerate(steps, start=1):
        store.write("INSERT INTO test_steps VALUES (?, ?, ?, ?)", test_id, position, step, expected)


def _columns(new: NewAutomation) -> tuple[str | None, str | None, int | None, int, str]:
    return new.title, new.entry_point, new.timeout_s, new.run_mode, json.dumps(new.params)


def _long_name(agent: str, *, unknown: int) -> str:
    try:
        return long_name(agent)
    except ValueError as error:
        raise Refusal(unknown, str(error)) from error
