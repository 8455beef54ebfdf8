#!/usr/bin/env python3
"""A stand-in for ReadyAPI's testrunner: the SoapUI stand-in with a licence, -K, -E and -T.

A key is good when it begins with READYAPI_STANDIN_KEY's value; READYAPI_STANDIN_LICENCE stands
for an activated licence. Without either it asks for a licence file on its output, as the real one
does, and waits; what the real one does at the end of its input is not known, so this one waits on.
Environments and tags are written into the project file in the stand-in's own way, and the exit
code of a bad key, 9, is the documentation's word and no more.
"""

import os
import signal
import sys
import time
from pathlib import Path

from soapui_standin import WITH_VALUE, Choice, Options, Refused, parsed, run
from soapui_standin_project import Project
from soapui_standin_runner import Output

PROMPT = "Please enter absolute path of the license file"
VALUES = WITH_VALUE | frozenset("KETRFq")
BAD_KEY = 9


def main() -> int:
    sys.stdout.write("ReadyAPI 3.50-standin TestCase Runner\n")
    out = Output("SoapUIProTestCaseRunner")
    try:
        options, _ = parsed(sys.argv[1:], VALUES)
    except Refused:
        options = {}
    key = (options.get("K") or [""])[-1]
    if key and not key.startswith(os.environ.get("READYAPI_STANDIN_KEY", "?")):
        out.error("the standin takes no such access key")
        return BAD_KEY
    if not key and not os.environ.get("READYAPI_STANDIN_LICENCE"):
        _ask_for_licence()
    return run(sys.argv[1:], out, VALUES, prepare=_prepare)


def _ask_for_licence() -> None:
    if "ignore-term" in os.environ.get("SOAPUI_STANDIN_MOOD", ""):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout.write(f"The standin has no license. {PROMPT}: ")
    sys.stdout.flush()
    while True:
        answer = sys.stdin.readline().strip()
        if answer and Path(answer).is_file():
            return
        time.sleep(0.2)


def _prepare(project: Project, options: Options) -> Choice:
    environment = (options.get("E") or [""])[-1]
    if environment and environment not in project.environments:
        raise Refused(f"the standin's project has no environment [{environment}]")
    if environment:
        options["e"] = [project.environments[environment]]
    wanted = set()
    for tags in options.get("T", []):
        wanted |= {tag.strip() for tag in tags.removeprefix("TestCase ").split(",")}
    return lambda case: not wanted or bool(wanted & case.tags)


if __name__ == "__main__":
    sys.exit(main())
