"""What Maven, Ant and javac print that their exit codes and reports do not tell.

A forked JVM that dies takes the report of its class along; with failures ignored Maven says
BUILD SUCCESS and exits with 0 all the same. A test that calls `System.exit(0)` in Maven's or
Ant's own JVM ends everything with 0. Both were seen with Surefire 2.22.3 and Maven 3.8.7.
"""

import re
from collections.abc import Iterator

from adapters.formats.capped_text import one_line

_FORK_DIED = re.compile(
    r"^(?:\[ERROR\] +)?(?:ExecutionException +)?"
    r"(The forked VM terminated without|There was a timeout or other error in the fork"
    r"|There was an error in the forked process|Crashed tests:)",
    re.MULTILINE,
)
_MAVEN_BEGAN = re.compile(r"^\[INFO\] Scanning for projects\.\.\.$", re.MULTILINE)
_MAVEN_ENDED = re.compile(r"^\[(?:INFO|ERROR)\] BUILD (?:SUCCESS|FAILURE)$", re.MULTILINE)
# A line of the reactor's summary. Maven told to fail never exits with 0 after it.
_MODULE_FAILED = re.compile(r"^\[INFO\] (\S.*?) \.{2,} (?:FAILURE|SKIPPED)(?: \[|$)", re.MULTILINE)
_MAVEN_ERROR = re.compile(r"^\[ERROR\] +(\S.*)$", re.MULTILINE)
_MAVEN_GOAL = re.compile(r"Failed to execute goal\b.*")
_MAVEN_SOURCE = re.compile(r"\S.*\.(?:java|kt|groovy|scala):\[\d+,\d+\] .*")
_MAVEN_ADVICE = re.compile(
    r"To see the full stack|Re-run Maven|For more information|\[Help \d+\]|->"
)
_CLASS_BEGAN = re.compile(r"^\[INFO\] Running (\S+)$", re.MULTILINE)
_ALL_OF_TESTNG = "TestSuite"  # no class: Surefire's name for whatever TestNG is given
_CLASS_ENDED = re.compile(r"^\[\w+\] Tests run: .* --? in (\S+)$", re.MULTILINE)
_ANT_BEGAN = re.compile(r"^Buildfile: ", re.MULTILINE)
_ANT_ENDED = re.compile(r"^BUILD (?:SUCCESSFUL|FAILED)$", re.MULTILINE)
_ANT_FAILED = re.compile(r"^BUILD FAILED\n(\S.*)$", re.MULTILINE)
_JAVAC_ERROR = re.compile(r"^(?: *\[javac\] )?(\S.*\.java:\d+: error: .*)$", re.MULTILINE)


def build_doubts(text: str, exit_code: int | None) -> list[str]:
    """List what forbids a pass though the reports may be good and *exit_code* may be 0."""
    doubts = []
    if _FORK_DIED.search(text):
        doubts.append("a JVM with tests ended before its time, and with it their report")
    if exit_code == 0:
        doubts.extend(_doubts_of_success(text))
    return doubts


def _doubts_of_success(text: str) -> Iterator[str]:
    for tool, began, ended in (
        ("Maven", _MAVEN_BEGAN, _MAVEN_ENDED),
        ("Ant", _ANT_BEGAN, _ANT_ENDED),
    ):
        if began.search(text) and not ended.search(text):
            yield f"{tool} did not come to its end: a test may have ended it"
    modules = list(dict.fromkeys(_MODULE_FAILED.findall(text)))
    if modules:
        yield f"parts of the build failed: {', '.join(modules[:10])}"


def build_failure(text: str) -> str:
    """Give in one line what says why a build ended badly; empty when nothing does."""
    found = (_ANT_FAILED.search(text), _JAVAC_ERROR.search(text))
    said = [match[1] for match in found if match] or _maven_failure(text)
    return ": ".join(one_line(line) for line in said)


def classes_at_work(text: str) -> list[str]:
    """List the classes that Surefire began and did not end, in the words of 2.22 and newer."""
    ended = {*_CLASS_ENDED.findall(text), _ALL_OF_TESTNG}
    return [name for name in dict.fromkeys(_CLASS_BEGAN.findall(text)) if name not in ended]


def _maven_failure(text: str) -> list[str]:
    errors = [line.removesuffix(" -> [Help 1]") for line in _MAVEN_ERROR.findall(text)]
    errors = [line for line in errors if not _MAVEN_ADVICE.match(line)]
    goal = next((line for line in errors if _MAVEN_GOAL.match(line)), "")
    source = next((line for line in errors if _MAVEN_SOURCE.match(line)), "")
    if goal:
        return [goal, source] if source else [goal]
    # Tests log such lines too: without Maven's own signs they mean nothing.
    return errors[-1:] if _MAVEN_BEGAN.search(text) or "[Help 1]" in text else []
