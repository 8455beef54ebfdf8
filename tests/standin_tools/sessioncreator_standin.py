#!/usr/bin/env python3
"""A stand-in for SmartBear's SessionCreator: it opens no session, it only starts the product.

`ExecuteProcess [/v] /c:<command line>` starts the command line, split by Windows' rules.
`RunTest` checks its /UserName:, /Password:, /PasswordFile: and /UseActiveSession and hands all else
to the product, whose command is in SESSIONCREATOR_STANDIN_PRODUCT. The code in
SESSIONCREATOR_STANDIN_FAILS, such as -10, makes it end with that code instead.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

BAD_PARAMETERS, NO_SESSION, NOT_STARTED = -7, -10, -12
OWN_OPTIONS = ("/username:", "/password:", "/passwordfile:", "/useactivesession")


def split(command_line: str) -> list[str]:
    """Split by Windows' rules: before a quote 2n backslashes are n, and an odd one hides it."""
    words: list[str] = []
    word, quoted, begun = "", False, False
    for slashes, sign in re.findall(r"(\\*)([^\\]?)", command_line):
        begun = begun or bool(slashes)
        if sign == '"':
            word += "\\" * (len(slashes) // 2)
            hidden = len(slashes) % 2 == 1
            word += sign if hidden else ""
            quoted, begun = quoted ^ (not hidden), True
        elif sign.isspace() and not quoted:
            words += [word + slashes] if begun else []
            word, begun = "", False
        else:
            word, begun = word + slashes + sign, begun or bool(sign)
    return [*words, word] if begun else words


def start(argv: list[str]) -> int:
    try:
        return subprocess.run(argv, check=False).returncode
    except OSError as error:
        sys.stderr.write(f"SessionCreator stand-in: {error}\n")
        return NOT_STARTED


def execute_process(arguments: list[str]) -> int:
    commands = [a[3:] for a in arguments if a.lower().startswith("/c:")]
    others = [a for a in arguments if a.lower() != "/v" and not a.lower().startswith("/c:")]
    if len(commands) != 1 or others:
        return BAD_PARAMETERS
    return start(split(commands[0]))


def run_test(arguments: list[str]) -> int:
    own = {a.lower().partition(":")[0]: a.partition(":")[2] for a in arguments if is_own(a)}
    password = own.get("/password", "")
    if file := own.get("/passwordfile"):
        password = Path(file).read_text("utf-8").strip()
    if "/useactivesession" not in own and not (own.get("/username") and password):
        return NO_SESSION
    product = os.environ.get("SESSIONCREATOR_STANDIN_PRODUCT", "").split("\n")
    return start([*product, *(a for a in arguments if not is_own(a))])


def is_own(argument: str) -> bool:
    return argument.lower().startswith(OWN_OPTIONS)


def main(argv: list[str]) -> int:
    sys.stderr.write("SessionCreator stand-in: no real session is opened\n")
    if code := os.environ.get("SESSIONCREATOR_STANDIN_FAILS"):
        return int(code)
    command = argv[0].lower() if argv else ""
    if command == "executeprocess":
        return execute_process(argv[1:])
    return run_test(argv[1:]) if command == "runtest" else BAD_PARAMETERS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
