"""One attempt folder and what is alive around it, for the tests of guard and executor."""

import json
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio

from orchestrator import guard
from orchestrator.executors import Exit, Order
from orchestrator.executors.local import LocalExecutor

LIMIT_S = 30  # much more than is needed: the machine may be busy


def alive(tag: str) -> list[str]:
    """Return the command lines that hold *tag*, read from /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if tag in line and "guard.py" not in line and str(os.getpid()) != folder.name:
            found.append(f"{folder.name} {line}")
    return found


async def until(ready: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    with anyio.fail_after(limit_s):
        while not ready():
            await anyio.sleep(0.01)


def order(folder: Path, *argv: str, **changes: object) -> Order:
    fields: dict[str, object] = {
        "argv": argv,
        "environment": {"PATH": os.environ["PATH"]},
        "cwd": folder,
        "timeout_s": 60.0,
        "grace_s": 5.0,
        "output_limit_bytes": 100_000,
        "mark": uuid4().hex,
        "on_orchestrator_exit": "keep",
    }
    return Order(**(fields | changes))  # type: ignore[arg-type]  # a test names what it changes


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", textwrap.dedent(code), *arguments)


def sleeping(tag: str) -> tuple[str, ...]:
    return python("import time; print('up', flush=True); time.sleep(600)", tag)


async def run(folder: Path, what: Order) -> Exit:
    executor = LocalExecutor()
    with anyio.fail_after(LIMIT_S):
        await executor.start(folder, what)
        found = await executor.wait(folder)
    assert found is not None
    return found


def output(folder: Path) -> bytes:
    path = folder / guard.OUTPUT
    return path.read_bytes() if path.exists() else b""


def guard_of(folder: Path) -> int:
    pid: int = json.loads((folder / guard.GUARD).read_bytes())["pid"]
    return pid


def written_order(folder: Path, *argv: str, mark: str = "", **environment: str) -> None:
    """Leave *folder* as an orchestrator does that dies before it starts the guard."""
    document = {
        "argv": argv,
        "environment": environment,
        "cwd": str(folder),
        "timeout_s": 60,
        "grace_s": 1,
        "output_limit_bytes": 1000,
        "mark": mark or uuid4().hex,
        "on_orchestrator_exit": "keep",
    }
    guard.create(str(folder / guard.ORDER), document)
