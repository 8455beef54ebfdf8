"""The quirk matrix as a page: each switch of the stand-in, and how labfleet takes it.

`python -m tests.quirk_page` writes it anew; tests/test_quirk_matrix.py sees to it that it is true.
"""

from pathlib import Path
from typing import NamedTuple

import orchestrator.standin
from orchestrator.standin.quirks import SWITCHES, WITHOUT_SWITCH, Switch

PAGE = Path(__file__).parent / "standin" / "QUIRKS.md"
README = Path(orchestrator.standin.__file__).parent / "README.md"


class Otherwise(NamedTuple):
    """What labfleet does with a server that makes a difference which no client could undo."""

    words: str
    seen: dict[str, object]
    """What is not as usual in a whole lab; nothing where none is played."""


NEVER_MET = {
    "limit-zero-default": "always asks for entries",
    "html-unless-json-asked": "names JSON in `Accept`, always",
    "first-department": "names one of several departments, always",
    "case-sensitive-names": "asks by the name that it gave",
    "inactive-by-default": "says `is_active`",
    "agents-required": "sends `agents`",
    "other-host-404": "asks for its own path only",
    "user-on-host-operations": "signs in as the host",
    "long-agents-only": "asks by the long name",
    "run-time-required": "sends `run_time`",
    "refuses-na": "sends none",
    "blocked-stays": "reports nothing for what a failure stopped",
    "result-first": "sends the result first",
    "any-file-type": "sends the documented types only",
}
"""What no call of labfleet touches, and why."""

_STATES = ["Blocked", "Blocked"]
OTHERWISE = {
    "no-automation": Otherwise(
        "tries the tools of the host in turn; title and parameters are not told, and these tests"
        " fail without",
        {"statuses": ["Failed", "Blocked"]},
    ),
    "script-web-page": Otherwise(
        "Blocked, with the reason, after some tries",
        {"statuses": _STATES, "starts": [], "files": []},
    ),
    "path-redirect": Otherwise(
        "read; a share is Blocked on Linux, with its name and what to do",
        {"statuses": _STATES, "starts": [], "files": []},
    ),
    "overwrite-refused": Otherwise(
        "a log whose first sending lost its answer is sent again for an hour, then a dead letter;"
        " the report after it",
        {"files": ["1 log"], "owed": 2},
    ),
    "too-big-404": Otherwise(
        "the verdict stands, the file is dropped with a line in the log",
        {"files": ["1 log"], "dead": ["1.1 report dropped"]},
    ),
    "too-big-500": Otherwise(
        "the verdict stands, the file is sent again for an hour, then a dead letter",
        {"files": ["1 log"], "owed": 1},
    ),
    "small-uploads": Otherwise("of a larger file: as `too-big-404`, which it may go with", {}),
}

DECIDES_NOTHING = {
    "unknown-fields": "properties are looked up by name",
    "reversed-properties": "properties are looked up by name",
    "dates-with-z": "no date is used",
    "dates-with-offset": "no date is used",
    "unset-dates": "no date is used",
    "html-texts": "names are shown, as the text that they are",
    "basic-challenge": "a 401 is one with and without",
    "plain-zip": "its bytes tell that it is a zip",
    "exact-input-names": "sends the documented names",
}
"""What changes answers to labfleet, but nothing that it does: why."""


def page() -> str:
    """Return the page."""
    open_ones = [f"- {number}: {why}." for number, why in WITHOUT_SWITCH.items()]
    return "\n".join(
        [
            "# The quirk matrix",
            "",
            "Each switch of the stand-in (`labfleet standin --quirk NAME`), the number of the",
            "ambiguity in the vendor's documents or the section that leaves it open, and what",
            'labfleet does with such a server. "As usual" is: registered, polled, each tool',
            "started once, statuses, steps, logs and reports at the server, nothing given up.",
            "`tests/test_quirk_matrix.py` plays it all, and writes this page:",
            "`python -m tests.quirk_page`.",
            "",
            "| switch | of | this server | else | labfleet |",
            "|---|---|---|---|---|",
            *(_row(switch) for switch in SWITCHES.values()),
            "",
            "These ambiguities are no switch:",
            "",
            *open_ones,
            "",
        ]
    )


_BEGIN, _END = "<!-- the table of switches", "<!-- end of the table of switches -->"


def standin_readme() -> str:
    """Return the stand-in's README with the table of its switches in the marked place."""
    text = README.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    mark, _, _ = rest.partition("\n")
    _, _, after = rest.partition(_END)
    rows = [f"| `{one.name}` | {one.what} | {one.usual} |" for one in SWITCHES.values()]
    table = ["", "| switch | this server | else |", "|---|---|---|", *rows, ""]
    return before + "\n".join([_BEGIN + mark, *table, _END]) + after


def _row(switch: Switch) -> str:
    cells = (f"`{switch.name}`", switch.about, switch.what, switch.usual, _taken(switch.name))
    return f"| {' | '.join(cells)} |"


def _taken(name: str) -> str:
    if name in OTHERWISE:
        return OTHERWISE[name].words
    if name in DECIDES_NOTHING:
        return f"read, but decides nothing: {DECIDES_NOTHING[name]}"
    return f"never met: {NEVER_MET[name]}" if name in NEVER_MET else "as usual"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(standin_readme(), encoding="utf-8")
