#!/usr/bin/env python3
"""A stand-in for SoapUI OS' testrunner: command line, output, files and exit codes of 5.7.

Rests on what the source of SmartBear/soapui says, not on a run of it. Its moods, in the variable
SOAPUI_STANDIN_MOOD: `hang` after the first case, `ignore-term`, `killed-before-report`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from soapui_standin_project import Case, Project, read_project
from soapui_standin_report import JUnitFiles
from soapui_standin_runner import Output, Runner

VERSION = "5.7.2-standin"
WITH_VALUE = frozenset("secudhpwfmtxvDGPH")
FLAGS = frozenset("rjJaAMISi")
ABNORMAL = 255
NO_PROJECT = 1
Options = dict[str, list[str]]
Choice = Callable[[Case], bool]


class Refused(Exception):
    """The command line or the project is none that can be run."""


def main() -> int:
    sys.stdout.write(f"SoapUI {VERSION} TestCase Runner\n")
    return run(sys.argv[1:], Output("SoapUITestCaseRunner"), WITH_VALUE)


def run(
    arguments: list[str],
    out: Output,
    with_value: frozenset[str],
    *,
    prepare: Callable[[Project, Options], Choice] = lambda _project, _options: lambda _case: True,
) -> int:
    """Do a whole run; *prepare* may change the project and chooses among its cases."""
    try:
        options, rest = parsed(arguments, with_value)
        if len(rest) != 1:
            sys.stderr.write("Missing SoapUI project file..\n")
            return ABNORMAL
        if not Path(rest[0]).exists():
            out.error(f"the standin finds no project file [{rest[0]}]")
            return NO_PROJECT
        return _run_project(Path(rest[0]), options, out, prepare)
    except (Refused, ValueError) as error:
        out.error(f"java.lang.Exception: {error}")
        return ABNORMAL


def parsed(arguments: list[str], with_value: frozenset[str]) -> tuple[Options, list[str]]:
    """Read options as commons-cli does: a value may not begin with a dash and loses quotes."""
    options: Options = {}
    rest = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-"):
            rest.append(word)
        elif word[1:] in with_value:
            if not waiting or waiting[0].startswith("-"):
                raise Refused(f"Missing argument for option:{word[1:]}")
            value = waiting.pop(0).removeprefix('"').removesuffix('"')
            options.setdefault(word[1:], []).append(value)
        elif word[1:] in FLAGS:
            options[word[1:]] = [""]
        else:
            raise Refused(f"Unrecognized option: {word}")
    return options, rest


def _run_project(
    path: Path, options: Options, out: Output, prepare: Callable[[Project, Options], Choice]
) -> int:
    project = read_project(path / "settings.xml" if path.is_dir() else path)
    project.properties.update(_pairs(options, "P", "project property", out))
    chosen = prepare(project, options)
    for suite in project.suites:
        suite.cases = [case for case in suite.cases if chosen(case)]
    folder = Path(_value(options, "f") or path.parent)
    folder.mkdir(parents=True, exist_ok=True)
    runner = Runner(
        project,
        out,
        folder,
        JUnitFiles(project.name, "J" in options) if "j" in options else None,
        endpoint=(options.get("e") or [""])[-1],
        host=(options.get("h") or [""])[-1],
        export_all="a" in options,
        global_properties=_pairs(options, "G", "global property", out),
    )
    out.info(f"Running SoapUI tests in project [{project.name}]")
    begun = time.monotonic()
    _be_moody_at_start()
    _run_chosen(runner, _value(options, "s"), _value(options, "c"))
    if "r" in options:
        _print_summary(runner, round((time.monotonic() - begun) * 1000))
    if "killed-before-report" in _moods():
        os.kill(os.getpid(), signal.SIGKILL)
    if runner.files:
        runner.files.save(folder)
    if "M" in options:
        (folder / "test_case_run_log_report.xml").write_text("<testCaseRunLog/>", "utf-8")
    return _end(runner, ignore="I" in options)


def _run_chosen(runner: Runner, suite_name: str, case_name: str) -> None:
    project = runner.project
    suites = [suite for suite in project.suites if suite_name in {"", suite.name}]
    where = f"is missing in Project [{project.name}]"
    if suite_name and not suites:
        raise Refused(f"TestSuite with name [{suite_name}] {where}")
    cases = [case for suite in suites for case in suite.cases if case.name == case_name]
    if case_name and not cases:
        of_suite = f" in TestSuite [{suite_name}]" if suite_name else ""
        raise Refused(f"TestCase with name [{case_name}]{of_suite} {where}")
    if case_name:
        for case in cases:
            runner.run_case_alone(case)
    elif suite_name:
        runner.run_suite(suites[0])
    else:
        runner.run_project()
    if "hang" in _moods():
        sys.stdout.write("the standin hangs\n")
        sys.stdout.flush()
        time.sleep(3600)


def _print_summary(runner: Runner, millis: int) -> None:
    lines = (
        "",
        f"SoapUI {VERSION} TestCaseRunner Summary",
        "-----------------------------",
        f"Time Taken: {millis}ms",
        f"Total TestSuites: {runner.suites_run}",
        f"Total TestCases: {runner.cases_run} ({len(runner.failed_cases)} failed)",
        f"Total TestSteps: {runner.steps_run}",
        f"Total Request Assertions: {runner.assertions_run}",
        f"Total Failed Assertions: {len(runner.failed_assertions)}",
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _end(runner: Runner, *, ignore: bool) -> int:
    if ignore or not (runner.failed_assertions or runner.failed_cases):
        return 0
    without = [f"TestCase [{name}] failed without assertions" for name in runner.failed_cases]
    said = "\n".join([*runner.failed_assertions, *([] if runner.failed_assertions else without)])
    runner.out.error(f"java.lang.Exception: {said}")
    return ABNORMAL


def _value(options: Options, name: str) -> str:
    return (options.get(name) or [""])[-1].replace("%20", " ")


def _pairs(options: Options, letter: str, what: str, out: Output) -> dict[str, str]:
    found = {}
    for given in options.get(letter, []):
        name, equals, value = given.partition("=")
        if equals:
            out.info(f"Setting {what} [{name}] to [{value}]")
            found[name] = value
    return found


def _moods() -> list[str]:
    return os.environ.get("SOAPUI_STANDIN_MOOD", "").split(",")


def _be_moody_at_start() -> None:
    if "ignore-term" in _moods():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
