"""A tool that asks what nobody will answer is ended at its question, wherever that comes."""

from pathlib import Path

import anyio
import pytest

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import Order
from orchestrator.executors.local import LocalExecutor
from tests.attempts import LIMIT_S, alive, order, output, python, run, until

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
    assert PROMPT.encode() not in output(folder)


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


async def test_a_prompt_of_a_step_ends_the_command(folder: Path, tag: str) -> None:
    what = hanging(folder, tag)
    asks = ("/usr/bin/printf", PROMPT)

    found = await run(folder, hanging(folder, tag, before=(asks, *[what.argv])))

    assert (found.ending, found.reason) == (Ending.KILLED, guard.PROMPT)
    assert found.error == (
        "it did not get beyond step 1 of 3, /usr/bin/printf; "
        f"it printed {PROMPT!r}, which nobody answers"
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
