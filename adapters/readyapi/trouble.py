"""Why testrunner left no report, in words that a person can act on."""

import re
from collections.abc import Mapping

from adapters.formats.capped_text import one_line

LICENCE_PROMPT = "Please enter absolute path of the license file"
"""ReadyAPI without a licence asks for one and waits for an answer.

Source: the plug-in for Jenkins, which ends the runner at this text.
"""

_NO_LICENCE = (
    "ReadyAPI asks for a licence: give the tool an access_key, or activate a licence for the user "
    "that labfleet runs as"
)
_LINES = (
    (re.compile(r"Test(?:Suite|Case) with name \[.*\] is missing in Project \[.*\]"), ""),
    (re.compile(r"Test(?:Suite|Case) with name \[.*\] not found in project.*"), ""),
    (re.compile(r"Missing SoapUI project file.*"), "the runner did not take its command line"),
    (re.compile(r"(?:Unrecognized option|Missing argument for option).*"), ""),
    (re.compile(r"Failed to load (?:SoapUI )?project.*"), "the project cannot be loaded"),
    (re.compile(r"Project \[.*\] finished with status \[FINISHED\].*"), "no case was run"),
    (re.compile(r"TestSuite \[.*\] finished with status \[FINISHED\].*"), "no case was run"),
)
_TITLE_HINT = " (a title is PROJECT\\SUITE\\CASE)"
# 102 is what the official image of the runner makes of 1; 9 is from the vendor's documentation.
_CODES: Mapping[int, str] = {
    1: "the runner did not find its project file",
    102: "the runner did not find its project file",
    9: "the runner has trouble with its licence",
}


def trouble(output: str, exit_code: int | None) -> str:
    """Say why there is no report; empty when nothing known is found."""
    if LICENCE_PROMPT in output:
        return _NO_LICENCE
    for pattern, meaning in _LINES:
        if said := pattern.search(output):
            line = one_line(said[0])
            hint = _TITLE_HINT if "with name" in line else ""
            return f"{meaning}: {line}" if meaning else line + hint
    return _CODES.get(exit_code, "") if exit_code is not None else ""
