#!/usr/bin/env python3
"""A stand-in for SmartBear TestExecute, which needs Windows and a licence. No real product.

It follows what SmartBear's pages say of command line and exit codes, and writes logs in the shape
of genuine ones. What it "runs" stands in `<suite>.standin.json` beside the suite:

    {"projects": [{"name": "Shop", "tests": [{"name": "Cart", "status": "ok", "ms": 1200}]}],
     "access_key": "...", "order": "reversed"}

A test's status is ok, warning, error or incomplete; it may have errors, warnings, unit, routine,
tags, seconds (time it really takes) and enabled. Environment, each with the prefix
TESTEXECUTE_STANDIN_: LOCK (the machine's lock file), LICENCES (a folder: each file in it is one
licence), MOOD (see `Mood`), CHILD (a file for the process id of the mood leave-child).
"""

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path

from testexecute_standin_log import Run, write_log, write_mht

CLEAN, WARNINGS, ERRORS, CANNOT_RUN, TIMED_OUT = 0, 1, 2, 3, 4
DAMAGED, OTHER_RUNNING, NO_LICENCE = 127, 1000, -1
PREFIX = "TESTEXECUTE_STANDIN_"
SHORT = {"r": "run", "e": "exit", "p": "project", "t": "test", "psv": "psvar", "pv": "prjvar"}
KNOWN = {
    *SHORT.values(), "projectitem", "unit", "routine", "tags", "silentmode", "forceconversion",
    "ns", "donotshowlog", "timeout", "exportlog", "skipvisualizerdata", "exportsummary",
    "nosummary", "errorlog", "accesskey", "onpremiseurl",
}  # fmt: skip


class Mood(StrEnum):
    GOOD = ""
    HANG = "hang"
    IGNORE_TERM = "ignore-term"
    LEAVE_CHILD = "leave-child"
    TRUNCATED_LOG = "truncated-log"
    INTERRUPTED = "interrupted"
    LICENCE_PROMPT = "licence-prompt"
    NO_DESKTOP = "no-desktop"
    NO_LOG = "no-log"
    DAMAGED = "damaged"
    QUIET_LICENCE = "quiet-licence"


class CannotRunError(Exception):
    """The run ends with a code of its own and an error log."""

    def __init__(self, said: str, code: int = CANNOT_RUN) -> None:
        super().__init__(said)
        self.code = code


def parse(argv: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Part paths from arguments; names of arguments count in any case of letters."""
    paths, options = [], {}
    for argument in argv:
        match = re.fullmatch(r"/([A-Za-z]+)(?::(.*))?", argument, re.DOTALL)
        name = match[1].lower() if match else ""
        name = SHORT.get(name, name)
        if match and name in KNOWN:
            options.setdefault(name, []).append(match[2] or "")
        else:
            paths.append(argument)
    return paths, options


def setting(name: str) -> str:
    return os.environ.get(PREFIX + name, "")


def say(text: str) -> None:
    sys.stdout.write(f"TestExecute stand-in: {text}\n")
    sys.stdout.flush()


def take_lock(path: Path) -> bool:
    """Hold *path* until this process ends; tell whether it was free."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True


def take_machine_and_licence() -> None:
    lock = Path(setting("LOCK") or Path(tempfile.gettempdir()) / "testexecute-standin.lock")
    if not take_lock(lock):
        raise CannotRunError("Another instance is already running.", OTHER_RUNNING)
    pool = setting("LICENCES")
    if pool and not any(take_lock(licence) for licence in sorted(Path(pool).iterdir())):
        raise CannotRunError("The license check has failed.", NO_LICENCE)


def chosen(plan: dict, options: dict[str, list[str]]) -> tuple[list[dict], bool]:
    """Give the projects with the tests that are wanted, and whether it is one routine alone."""
    projects = plan["projects"]
    narrowing = [name for name in ("test", "routine", "tags", "projectitem") if name in options]
    if "project" not in options:
        if narrowing:
            raise CannotRunError(f"/{narrowing[0]} needs /project.")
        return projects, False
    name = options["project"][-1].lower()
    projects = [p for p in projects if p["name"].lower() == name]
    if not projects:
        raise CannotRunError(f"The project '{name}' does not exist.")
    tests = [t for t in projects[0]["tests"] if is_wanted(t, options)]
    if not tests:
        raise CannotRunError("There are no selected test items to be run.")
    if any(not t.get("enabled", True) for t in tests) and narrowing:
        raise CannotRunError("The test item is disabled.")
    return [{**projects[0], "tests": tests}], "routine" in options


def is_wanted(test: dict, options: dict[str, list[str]]) -> bool:
    if "test" in options:
        return options["test"][-1].rpartition("|")[2].lower() == test["name"].lower()
    if "routine" in options:
        named = (options.get("unit", [""])[-1].lower(), options["routine"][-1].lower())
        return named == (test.get("unit", "").lower(), test.get("routine", "").lower())
    if "tags" in options:
        return options["tags"][-1].lstrip("@") in test.get("tags", [])
    return "projectitem" not in options


def run_tests(projects: list[dict], limit_s: float) -> bool:
    """Take the time that the tests take; tell whether the time was up before their end."""
    deadline = time.monotonic() + limit_s
    up = False
    for test in (test for project in projects for test in project["tests"]):
        left = deadline - time.monotonic()
        wanted = float(test.get("seconds", 0))
        time.sleep(max(0.0, min(wanted, left)))
        if up or wanted > left:
            up = True
            test.update(status="incomplete", errors=[], warnings=[])
    return up


def exit_code(projects: list[dict]) -> int:
    statuses = {test["status"] for project in projects for test in project["tests"]}
    if statuses & {"error", "incomplete"}:
        return ERRORS
    return WARNINGS if "warning" in statuses else CLEAN


def show_mood(mood: Mood) -> None:
    if mood is Mood.DAMAGED:
        raise CannotRunError("Some files of the product are missing.", DAMAGED)
    if mood is Mood.NO_DESKTOP:
        raise CannotRunError("The test cannot be run without an interactive user session.")
    if mood is Mood.QUIET_LICENCE:
        raise CannotRunError("The license check has failed: no free license.", CANNOT_RUN)
    if mood is Mood.IGNORE_TERM:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mood is Mood.LEAVE_CHILD:
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        Path(setting("CHILD")).write_text(str(child.pid), "ascii")
    if mood is Mood.LICENCE_PROMPT:
        say("enter a license key:")
    if mood in {Mood.HANG, Mood.IGNORE_TERM, Mood.LICENCE_PROMPT}:
        time.sleep(600)


def run(paths: list[str], options: dict[str, list[str]]) -> int:
    if setting("MOOD") != Mood.DAMAGED:
        take_machine_and_licence()
    if not paths or not Path(paths[0]).is_file():
        raise CannotRunError(f"The project suite {paths[:1]} does not exist.")
    if taken := [name for name in options.get("exportlog", []) if Path(name).exists()]:
        raise CannotRunError(f"The file {taken[0]} already exists.")
    suite = Path(paths[0])
    plan = json.loads(suite.with_suffix(".standin.json").read_text("utf-8"))
    if plan.get("access_key") and options.get("accesskey") != [plan["access_key"]]:
        raise CannotRunError("The license check has failed.", NO_LICENCE)
    mood = Mood(setting("MOOD") or plan.get("mood", ""))
    show_mood(mood)
    projects, single = chosen(plan, options) if "run" in options else ([], False)
    limit_s = float(options.get("timeout", ["1e9"])[-1])
    timed_out = run_tests(projects, limit_s)
    whole = not timed_out and mood is not Mood.INTERRUPTED
    code = TIMED_OUT if timed_out else exit_code(projects)
    log = Run(suite.stem, projects, single, whole, code, plan.get("order", "reversed"))
    if mood is not Mood.NO_LOG:
        export(log, options, cut=mood is Mood.TRUNCATED_LOG)
    if "exit" not in options:
        time.sleep(600)
    return code


def export(log: Run, options: dict[str, list[str]], *, cut: bool) -> None:
    summary = not log.single and "nosummary" not in options
    variables = options.get("psvar", []) + options.get("prjvar", [])
    for name in options.get("exportlog", []):
        if name.lower().endswith(".tclogx"):
            write_log(Path(name), log, summary=summary, cut=cut)
        else:
            write_mht(Path(name), log, variables)


def main(argv: list[str]) -> int:
    say("no real product")
    paths, options = parse(argv)
    error_log = options.get("errorlog", [""])[-1]
    if error_log and Path(error_log).exists():
        return CANNOT_RUN
    try:
        return run(paths, options)
    except CannotRunError as error:
        if error_log:
            with contextlib.suppress(OSError):
                Path(error_log).write_text(f"{error}\r\n", "utf-16")
        return error.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
