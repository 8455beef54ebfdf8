"""Exit codes of TestComplete, TestExecute and their launchers, and what to do about them.

Sources: SmartBear's pages on exit codes; the service launcher's codes are those that the Jenkins
plugin knows.
"""

import re
from collections.abc import Mapping

from adapters.exit_codes import signed

WARNINGS, CANNOT_RUN, TIMED_OUT = 1, 3, 4

_OTHER_RUNNING = (
    "another TestComplete or TestExecute is running on this machine, which can run only one: "
    "close it, or give the tool a seat that all tools of the machine share"
)
_LICENCE = (
    "no licence was to be had: free one, check the access key and the licence server, "
    "or give the tool as many seats as there are licences"
)
_DESKTOP = (
    "there is no interactive desktop: log a user on, keep the screen unlocked and the remote "
    "session connected, or set the option session_creator"
)
_DISK = "the machine has not enough free disk space"
_CANNOT_RUN = (
    "the test could not be run: look for a wrong name in the title, a disabled or missing item, "
    "a syntax error in a script, or another instance that is running"
)

# What a code says of the run as a whole: with these no verdict stands, whatever the log holds.
_CODES: Mapping[int, str] = {
    CANNOT_RUN: _CANNOT_RUN,
    127: "the installation of the product is damaged: repair or reinstall it",
    1000: _OTHER_RUNNING,
    1001: _DISK,
    -1: _LICENCE,
    -6: "the TestComplete service is not available: start it",
    -7: "the launcher refused its parameters",
    -8: "the launcher failed (internal error)",
    -9: "the launcher failed (internal error)",
    -10: f"no user session could be created; {_DESKTOP}",
    -11: f"the current user session could not be logged off; {_DESKTOP}",
    -12: "the launcher could not start the product: check the executable",
    -13: "the launcher gave up waiting for the product",
    -14: "the TestComplete service is too old for the product: update it",
}
# POSIX keeps only the lowest byte of a code: so it comes through Wine or a wrapper.
_MODULO_256: Mapping[int, int] = {code % 256: code for code in _CODES if not 0 <= code < 256}

# What an error log says, in words; the first that fits tells more than the code 3 does.
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"already running|another instance", re.IGNORECASE), _OTHER_RUNNING),
    (re.compile(r"licen[cs]e|activation|access key", re.IGNORECASE), _LICENCE),
    (
        re.compile(
            r"interactive (user )?session|user session|session 0|desktop|locked (screen|computer)",
            re.IGNORECASE,
        ),
        _DESKTOP,
    ),
    (re.compile(r"disk space", re.IGNORECASE), _DISK),
)


def product_code(code: int | None) -> int | None:
    """Give the code as the product's pages spell it: 4294967295 and 255 are -1, 232 is 1000."""
    return None if code is None else _MODULO_256.get(code, signed(code))


def obstacle(code: int | None, said: str) -> str:
    """Say why the product could not run the test, and what helps; empty when it could.

    *said* is the text of the error log, which tells the cause where the code tells too little.
    """
    number = product_code(code)
    if number is None or number not in _CODES:
        return ""
    if number == CANNOT_RUN:
        return next((cause for words, cause in _WORDS if words.search(said)), _CANNOT_RUN)
    return _CODES[number]
