"""What Maven, Ant and javac print that their exit codes and reports do not tell.

A forked JVM that dies takes the report of its class along; with failures ignored Maven says
BUILD SUCCESS and exits with 0 all the same. Seen with Surefire 2.22.3 and Maven 3.8.7.
Tests write to the same output, so lines count only where the tool that writes them was started.
"""

import re
from collections.abc import Iterator

from adapters.base import Finished
from adapters.formats.capped_text import one_line
from adapters.java.build_end import began, ended_well, tools_at_work
from adapters.java.runner import Runner

_FORK_DIED = re.compile(
    r"^\[ERROR\] +(?:ExecutionException +)?(?:There was a timeout or other error in the fork"
    r"|There was an error in the forked process|The forked VM terminated without|Crashed tests:)"
    # Behind its first line a message of several has no level before it.
    r"|^The forked VM terminated without (?:properly saying|saying properly) goodbye"
    r"|^Crashed tests:\r?$",
    re.MULTILINE,
)
# A line of the reactor's summary. Maven told to fail never exits with 0 after it.
_MODULE_FAILED = re.compile(r"^\[INFO\] (\S.*?) \.{2,} (?:FAILURE|SKIPPED)(?: \[|$)", re.MULTILINE)
_MAVEN_ERROR = re.compile(r"^\[ERROR\] +(\S.*)$", re.MULTILINE)
_MAVEN_GOAL = re.compile(r"Failed to execute goal\b.*")
_MAVEN_SOURCE = re.compile(r"\S.*\.(?:java|kt|groovy|scala):\[\d+,\d+\] .*")
_MAVEN_ADVICE = re.compile(
    r"To see the full stack|Re-run Maven|For more information|\[Help \d+\]|->"
)
_CLASS = re.compile(
    r"^\[INFO\] Running (?P<began>\S+)$|^\[\w+\] Tests run: .* --? in (?P<ended>\S+)$",
    re.MULTILINE,
)
_NOT_ALL_KEPT = "; not all of the output was kept, see limits.max_output_mb"
_ALL_OF_TESTNG = "TestSuite"  # no class: Surefire's name for whatever TestNG is given
_CLASS_NAME = re.compile(r"(?:[\w$]+\.)+[\w$]+|[A-Z][\w$]*")
_ANT_FAILED = re.compile(r"^BUILD FAILED\n(\S.*)$", re.MULTILINE)
_JAVAC_ERROR = re.compile(r"^(?: *\[javac\] )?(\S.*\.java:\d+: error: .*)$", re.MULTILINE)


def build_doubts(finished: Finished, runner: Runner) -> list[str]:
    """List what forbids a pass though the reports may be good and the exit code may be 0."""
    text = finished.output or finished.output_tail
    if runner in {Runner.CONSOLE, Runner.TESTNG}:
        return []
    doubts = []
    if runner is not Runner.ANT and _FORK_DIED.search(text):
        doubts.append("a JVM with tests ended before its time, and with it their report")
    if finished.exit_code == 0:
        doubts.extend(_doubts_of_success(text, runner, output_cut=finished.output_cut))
    return doubts


def _doubts_of_success(text: str, runner: Runner, *, output_cut: bool) -> Iterator[str]:
    for tool in tools_at_work(text, runner):
        if not ended_well(text, tool):
            yield (
                f"{tool} did not come to its end, or its last lines were held back: a test may "
                f"have ended it{_NOT_ALL_KEPT if output_cut else ''}"
            )
    modules = list(dict.fromkeys(_MODULE_FAILED.findall(text)))
    if modules and runner is not Runner.ANT:
        yield f"parts of the build failed: {', '.join(modules[:10])}"


def build_failure(text: str) -> str:
    """Give in one line what says why a build ended badly; empty when nothing does."""
    found = (_ANT_FAILED.search(text), _JAVAC_ERROR.search(text))
    said = [match[1] for match in found if match] or _maven_failure(text)
    return ": ".join(one_line(line) for line in said)


def classes_at_work(text: str, runner: Runner) -> list[str]:
    """List the classes that Surefire began and did not end, in the words of 2.22 and newer.

    Where Maven seems to have come to its end, a class that began inside another that ended is
    a line of the test's own.
    """
    if runner not in {Runner.MAVEN, Runner.UNKNOWN}:
        return []
    trust_nesting = ended_well(text, Runner.MAVEN) and not _FORK_DIED.search(text)
    at_work: dict[str, None] = {}
    ended = {_ALL_OF_TESTNG}
    for line in _CLASS.finditer(text):
        if line["began"]:
            at_work[line["began"]] = None
            continue
        ended.add(line["ended"])
        while trust_nesting and line["ended"] in at_work:
            at_work.popitem()
    return [
        name
        for name in at_work
        if name not in ended and (not trust_nesting or _CLASS_NAME.fullmatch(name))
    ]


def _maven_failure(text: str) -> list[str]:
    errors = [line.removesuffix(" -> [Help 1]") for line in _MAVEN_ERROR.findall(text)]
    errors = [line for line in errors if not _MAVEN_ADVICE.match(line)]
    goal = next((line for line in errors if _MAVEN_GOAL.match(line)), "")
    source = next((line for line in errors if _MAVEN_SOURCE.match(line)), "")
    if goal:
        return [goal, source] if source else [goal]
    # Tests log such lines too: without Maven's own signs they mean nothing.
    return errors[-1:] if began(text, Runner.MAVEN) or "[Help 1]" in text else []
