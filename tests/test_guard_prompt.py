"""A tool that asks what nobody will answer is ended at its question, wherever that comes."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from prometheus_client import generate_latest
from typing_extensions import override

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import Order
from orchestrator.executors.local import LocalExecutor
from orchestrator.service import open_service
from tests.attempts import LIMIT_S, alive, guard_of, order, output, python, run, until
from tests.fleet import Fleet, tool

PROMPT = "Bitte Lizenz wählen: "
# Prints its arguments one by one, as a tool does that writes in pieces, and then hangs.
HANGS = """
    import os, sys, time
    for piece in sys.argv[2:]:
        os.write(1, bytes.fromhex(piece))
        time.sleep(0.05)
    time.sleep(600)
"""


def hanging(folder: Path, tag: str, *pieces: bytes, **changes: object) -> Order:
    argv = python(HANGS, tag, *(piece.hex() for piece in pieces))
    return order(folder, *argv, **({"stop_on": ("License key? ", PROMPT)} | changes))


@pytest.mark.parametrize("cut", [0, 1, 16, 17, len(PROMPT.encode()) - 1])
async def test_a_prompt_ends_a_tool_that_hangs_at_it(folder: Path, tag: str, cut: int) -> None:
    text = PROMPT.encode()  # 16 is in the middle of a letter

    found = await run(folder, hanging(folder, tag, b"x" * 70 + text[:cut], text[cut:]))

    assert (found.ending, found.reason) == (Ending.KILLED, guard.PROMPT)
    assert (found.exit_code, found.kills, alive(tag)) == (None, 1, [])
    assert found.error == f"it printed {PROMPT!r}, which nobody answers"
    assert found.seconds < 5
    assert output(folder) == b"x" * 70 + text


async def test_a_prompt_written_byte_by_byte_is_one(folder: Path, tag: str) -> None:
    found = await run(folder, hanging(folder, tag, *(bytes([byte]) for byte in PROMPT.encode())))

    assert (found.reason, alive(tag)) == (guard.PROMPT, [])


async def test_a_prompt_beyond_the_kept_output_is_seen(folder: Path, tag: str) -> None:
    noise = ("x" * 9_999 + "\n").encode()
    pieces = [noise] * 5 + [PROMPT.encode()]

    found = await run(folder, hanging(folder, tag, *pieces, output_limit_bytes=1000))

    assert (found.reason, found.output_truncated) == (guard.PROMPT, True)


async def test_a_prompt_before_much_other_output_is_seen(folder: Path, tag: str) -> None:
    code = """
        import os, sys
        os.write(1, sys.argv[2].encode())
        while True: os.write(1, b"y" * 65536)
    """

    found = await run(folder, order(folder, *python(code, tag, PROMPT), stop_on=(PROMPT,)))

    assert (found.reason, alive(tag)) == (guard.PROMPT, [])


async def test_a_tool_that_ignores_the_first_signal_at_its_prompt_is_killed(
    folder: Path, tag: str
) -> None:
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); print('?', flush=True);"
    argv = python(code + "time.sleep(600)", tag)

    found = await run(folder, order(folder, *argv, stop_on=("?",), grace_s=0.2))

    assert (found.reason, found.signal, alive(tag)) == (guard.PROMPT, 9, [])


@pytest.mark.parametrize("stop_on", [(PROMPT,), ("",), ()])
async def test_a_tool_that_does_not_ask_is_left_alone(
    folder: Path, stop_on: tuple[str, ...]
) -> None:
    text = PROMPT.encode()
    code = f"import os; os.write(1, {text[:-1]!r}); os.write(1, b'x'); os.write(1, {text[1:]!r})"

    found = await run(folder, order(folder, *python(code), stop_on=stop_on))

    assert (found.ending, found.reason, found.exit_code, found.error) == (Ending.EXITED, "", 0, "")
    assert found.kills == 0


async def test_a_prompt_of_a_step_is_seen_though_the_step_ended_first(
    folder: Path, tag: str
) -> None:
    # It prints and ends while the guard is stopped, and more than the guard takes at once.
    code = """
        import fcntl, os, signal, sys
        fcntl.fcntl(1, 1031, 1 << 20)  # F_SETPIPE_SZ
        os.kill(os.getppid(), signal.SIGSTOP)
        noise = b"x" * 400_000
        os.write(1, noise + sys.argv[1].encode() + noise)
    """
    asks, tool = python(code, PROMPT, tag), python("print('never')")
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *tool, before=(asks, tool), stop_on=(PROMPT,)))
    await until((folder / guard.GUARD).exists)
    stat = Path(f"/proc/{guard_of(folder)}/stat")
    await until(lambda: stat.read_text().rpartition(") ")[2][0] == "T" and not alive(tag))

    os.kill(guard_of(folder), signal.SIGCONT)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason) == (Ending.KILLED, guard.PROMPT)
    assert found.error == (
        f"it did not get beyond step 1 of 3, {asks[0]}; it printed {PROMPT!r}, which nobody answers"
    )


async def test_a_prompt_is_a_verdict_also_for_the_next_orchestrator(folder: Path, tag: str) -> None:
    first = LocalExecutor()
    await first.start(folder, hanging(folder, tag, PROMPT.encode(), on_orchestrator_exit="kill"))
    await until((folder / guard.EXIT).exists)

    with anyio.fail_after(LIMIT_S):
        adopted = await LocalExecutor().wait(folder)

    assert adopted is not None
    assert (adopted.ending, adopted.reason) == (Ending.KILLED, guard.PROMPT)
    assert await first.wait(folder) == adopted


class Asked(LocalExecutor):
    """The real executor, for a tool whose adapter knows its prompt."""

    @override
    async def start(self, folder: Path, what: Order) -> None:
        await super().start(folder, replace(what, stop_on=(PROMPT,)))


async def test_an_item_whose_tool_asks_is_blocked_at_once_and_not_run_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    code = f"""
        open({str(tmp_path / "starts")!r}, "a").write("x")
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
        os.write(1, {PROMPT!r}.encode())
        time.sleep(600)
    """
    run_id = await fleet.queue(tool(code))
    fleet.top = {"max_attempts": 5}
    fleet.write()

    async with open_service(fleet.load(), fleet.locks) as service:
        service._executor = Asked()
        with anyio.fail_after(LIMIT_S):
            await service.run(until_idle=True)
        exposed = generate_latest(service.metrics.registry).decode()

    status, reason = await fleet.verdict(run_id)
    assert (status, (tmp_path / "starts").read_text()) == ("Blocked", "x")
    assert f"it printed {PROMPT!r}, which nobody answers" in reason
    assert 'labfleet_process_kills_total{reason="prompt"} 1.0' in exposed
