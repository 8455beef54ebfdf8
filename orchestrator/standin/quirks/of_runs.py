"""Switches for the list of pending runs: paging, numbers, states, automations."""

from .switch import Switch

RUNS = (
    Switch("no-totals", "0.5", "", "lists come without `metadata`", "with count and total"),
    Switch("limit-25", "39", "", "no page has more than 25 entries", "1000 at most"),
    Switch("limit-zero-default", "39", "", "`limit=0` is like no limit", "the totals alone"),
    Switch("newest-first", "1.6", "", "runs come in descending order of id", "ascending"),
    Switch("pending-items-only", "5", "", "finished items are left out", "all of a run are listed"),
    Switch("no-status", "5", "status", "items carry no status", "each has its `status`"),
    Switch("status-code", "2", "status", "an item's state is `status_code`", "it is `status`"),
    Switch(
        "in-progress", "3", "",
        "an item whose script was fetched is In Progress", "Awaiting Run until its result",
    ),
    Switch(
        "read-in-progress", "4", "",
        "an item that was listed once is In Progress", "reading changes nothing",
    ),
    Switch(
        "nested-sequence", "1", "numbers",
        "`sequence_number` stands inside `test_run_results` only", "there and on the item",
    ),
    Switch(
        "item-sequence", "1", "numbers",
        "`sequence_number` stands on the item only", "there and in its steps",
    ),
    Switch(
        "no-sequence", "1", "numbers",
        "no `sequence_number` at all", "on the item and in its steps",
    ),
    Switch(
        "step-numbers", "1", "numbers",
        "`sequence_number` counts an item's steps, the item has none", "it is the item's",
    ),
    Switch("sequence-gaps", "34", "", "items of a set are 10, 20, 30", "1, 2, 3"),
    Switch(
        "automation-object", "2", "automations",
        "`automation` is one object", "`automations` is a list",
    ),
    Switch(
        "automation-list", "2", "automations",
        "the list is called `automation`", "it is called `automations`",
    ),
    Switch(
        "automations-object", "2", "automations",
        "`automations` is one object", "`automations` is a list",
    ),
    Switch(
        "flat-automation", "2", "automations",
        "agent, title and the rest stand on the item", "`automations` is a list",
    ),
    Switch(
        "no-automation", "2", "automations",
        "items name no automation: each agent's script has to be tried", "all of the test's",
    ),
    Switch("short-agents", "2", "", "agents go by their short names", "by their long ones"),
    Switch(
        "title-only", "2", "titles",
        "`title` is the path, without `entry_point`", "both, as set",
    ),
    Switch(
        "entry-point-only", "2", "titles",
        "`entry_point` is the path, without `title`", "both, as set",
    ),
    Switch("timeout-zero", "28", "timeout", "a time-out that is not set is 0", "it is left out"),
    Switch("timeout-null", "28", "timeout", "a time-out that is not set is null", "it is left out"),
    Switch("run-mode-word", "29", "", "`run_mode` is a word", "the number, as set"),
    Switch("typed-params", "30", "params", "parameters are numbers and booleans", "all are text"),
    Switch(
        "params-pairs", "30", "params",
        "`params` is a list of Key and Value", "it is an object",
    ),
)  # fmt: skip
