"""JUnit: its ConsoleLauncher for classes, jars and sources, Maven and Ant for their projects.

What the script is decides how it is run, see `java/script.py`; a profile's executable is the
console launcher, or Maven or Ant where nothing else is wanted.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from adapters.base import (
    AdapterError,
    Automation,
    Command,
    Finished,
    Outcome,
    Report,
    Tool,
    Verdict,
    Workspace,
)
from adapters.expected import with_missing
from adapters.java import ant, maven
from adapters.java.ant import ant_command, is_ant
from adapters.java.at_work import with_classes_at_work
from adapters.java.build_output import build_doubts, build_failure, classes_at_work
from adapters.java.maven import goals_of, is_maven, maven_command
from adapters.java.runner import Runner, runner_of
from adapters.java.script import Kind, java_script
from adapters.java.surefire import surefire_selection
from adapters.junit.console_end import why_unfinished
from adapters.junit.console_output import is_cut, read_console
from adapters.junit.expected import expected_names
from adapters.junit.launcher import console_command
from adapters.junit.reports import engines_reported, own_reports, with_output
from adapters.results import because, read_all
from adapters.verdict import decide

AGENT = "JUnit (Selenium)"
RESULT_FILES = ("**/TEST-*.xml",)
SCRIPT_RESULT_FILES = (*maven.REPORTS, *ant.REPORTS)
OPTIONS: Mapping[str, str] = {
    "launcher": 'the console launcher\'s style: "1.9", or "execute" for 1.10 and newer',
    "class_path": "jars and folders to put behind the script's own, one by one",
    "javac": "the compiler for scripts that are sources; default: the one beside java",
    "kind": 'what scripts are, where their files mislead: "maven", "ant", "sources", "classes"',
    **maven.OPTIONS,
    **ant.OPTIONS,
}
PROGRAM_OPTIONS = ("javac", maven.OPTION, ant.OPTION)
VERSION_ARGUMENTS = ("--list-engines",)
INSTALL = (
    "apt-get install junit5 junit4; for Maven: maven libsurefire-java; for Ant: ant ant-optional"
)
# The launcher's own words for a title that names nothing; they stand below many lines of a stack.
_NOT_FOUND = re.compile(r"Could not (?:find|load) (?:method|class|package) with name[^\n]{1,300}")


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names: nothing for all, or classes, methods and packages by commas.

    For an Ant project the title names targets. Raises AdapterError for a title that names
    none of these, for odd parameters, and for a script that the executable cannot run.
    """
    script = java_script(workspace, _kinds(tool))
    if script.kind is Kind.MAVEN:
        tests = surefire_selection(automation.title, workspace.files, goals_of(tool))
        return maven_command(automation, tool, workspace, script, tests)
    if script.kind is Kind.ANT:
        return ant_command(automation, tool, workspace, script)
    return console_command(automation, tool, workspace, script)


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, and by the launcher's output where it was cut short of them.

    The launcher writes one report for each engine when that is done, so a run that was cut
    may leave the green one of an engine that finished first. Never raises.
    """
    text = finished.output or finished.output_tail
    runner = runner_of(finished.command)
    files = own_reports(finished.files, runner)
    report = read_all(files)
    if runner in {Runner.CONSOLE, Runner.UNKNOWN} and (why := why_unfinished(finished, files)):
        report = with_output(report, read_console(text), engines_reported(files), why)
    report = with_classes_at_work(report, classes_at_work(text, runner))
    doubts = build_doubts(finished, runner)
    seen = replace(finished, problems=(*finished.problems, *doubts))
    return _explained(decide(seen, _complete(report, finished.asked.title)), seen, text)


def _complete(report: Report | None, title: str) -> Report | None:
    """Add the cases that the title names and nothing tells of."""
    if report is None:
        return None
    return with_missing(report, expected_names(title, [case.name for case in report.cases]))


def _explained(outcome: Outcome, finished: Finished, text: str) -> Outcome:
    """Put before the reason what the build tool says of it, or the fixture that failed."""
    if outcome.verdict is not Verdict.BLOCKED or not finished.exit_code:
        return outcome
    fixtures = [] if is_cut(text) else read_console(text).fixture_errors
    not_found = _NOT_FOUND.search(text)
    cause = build_failure(text) or (f"a fixture failed: {fixtures[0]}" if fixtures else "")
    cause = cause or (not_found[0].rstrip(". ") if not_found else "")
    return because(outcome, cause)


def _kinds(tool: Tool) -> Collection[Kind]:
    if is_maven(tool.executable):
        return (Kind.MAVEN,)
    if is_ant(tool.executable):
        return (Kind.ANT,)
    said = tool.options.get("kind")
    if not said:
        return tuple(Kind)
    if said[0] not in set(Kind):
        raise AdapterError(f"the option kind is {said[0]!r}, not one of {', '.join(Kind)}")
    return (Kind(said[0]),)
