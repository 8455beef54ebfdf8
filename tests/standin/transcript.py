"""Replay what a document shows of a terminal: its commands, one after the other, in one shell."""

import re
import subprocess
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

_LIMIT_S = 60
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGES = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "TOKEN"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{7}"), "DATE"),
    (re.compile(r"127[.]0[.]0[.]1:[0-9]+"), "HERE"),
    (re.compile(r"^(Date|Server|Last-Modified|Etag): .*$", re.MULTILINE), r"\1: ..."),
)


class Step(NamedTuple):
    """One command as typed, and what it printed."""

    command: str
    output: str

    @property
    def lasting(self) -> str:
        """The output without what is another each time: tokens, dates, addresses."""
        text = self.output
        for pattern, word in _CHANGES:
            text = pattern.sub(word, text)
        return text


def shown(document: Path) -> list[Step]:
    """Return the steps of every `console` block of *document*, in order."""
    steps: list[Step] = []
    for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = part.split("\n")
            # What goes on is shown behind the shell's second prompt.
            more = list(takewhile(lambda line: line.startswith("> "), rest))
            command = "\n".join([first, *(line.removeprefix("> ") for line in more)])
            steps.append(Step(command, "\n".join(rest[len(more) :]).strip("\n")))
    return steps


def replay(steps: list[Step], folder: Path, environment: Mapping[str, str]) -> list[Step]:
    """Give the same commands to one shell in *folder*, and return what it printed for each."""
    script = "".join(f"{step.command}\nprintf '\\n\\0'\n" for step in steps)
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert not done.stderr, done.stderr
    printed = done.stdout.replace("\r\n", "\n").split("\0")[:-1]
    return [Step(step.command, text.strip("\n")) for step, text in zip(steps, printed, strict=True)]
