"""Which program a command line starts: only that says what its output can prove.

The words are those that the adapters themselves put into every command line of the kind, so a
wrapper before the program hides nothing.
"""

from collections.abc import Sequence
from enum import StrEnum

MAVEN_SIGN = "-Dstyle.color=never"
ANT_SIGN = "-noinput"
CONSOLE_SIGN = "--details=verbose"
TESTNG_SIGN = "org.testng.TestNG"


class Runner(StrEnum):
    """What runs the tests."""

    MAVEN = "Maven"
    ANT = "Ant"
    CONSOLE = "ConsoleLauncher"
    TESTNG = "TestNG"
    UNKNOWN = "unknown"


_SIGNS = {
    CONSOLE_SIGN: Runner.CONSOLE,
    TESTNG_SIGN: Runner.TESTNG,
    ANT_SIGN: Runner.ANT,
    MAVEN_SIGN: Runner.MAVEN,
}


def runner_of(command: Sequence[str]) -> Runner:
    """Tell by *command* as it was ordered; an empty one is not known any more."""
    return next((runner for sign, runner in _SIGNS.items() if sign in command), Runner.UNKNOWN)
