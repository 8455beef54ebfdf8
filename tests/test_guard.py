"""What a guard leaves on the disk and in the process table, run as it always is."""

import os
import re
import resource
import signal
import sys
from pathlib import Path

import anyio
import pytest

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors.local import LocalExecutor
from tests.attempts import LIMIT_S, alive, guard_of, order, output, python, run, sleeping, until

# Forks twice and leaves its session, then runs what stands at the end.
ESCAPE = "import os,sys; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); {rest}"


async def test_a_run_brings_back_its_exit_code_and_output(folder: Path) -> None:
    found = await run(folder, order(folder, "/bin/sh", "-c", "echo out; echo err >&2; exit 7"))

    assert (found.ending, found.exit_code, found.signal) == (Ending.EXITED, 7, None)
    assert output(folder) == b"out\nerr\n"
    assert (found.output_bytes, found.output_truncated, found.kills) == (8, False, 0)
    assert found.finished_at >= found.started_at


async def test_a_tool_gets_the_orders_environment_and_no_more(folder: Path) -> None:
    words = {"PATH": os.environ["PATH"], "WÖRD": "ünï\ncode"}
    what = order(folder, "/usr/bin/env", "-0", environment=words, mark="m1")

    await run(folder, what)

    entries = set(output(folder).decode().split("\0")) - {""}
    assert entries == {f"{key}={value}" for key, value in {**words, "LABFLEET_MARK": "m1"}.items()}


async def test_a_tool_has_default_signals_an_empty_stdin_and_no_foreign_files(
    folder: Path,
) -> None:
    code = """
        import os, sys
        files = sorted(os.listdir("/proc/self/fd"))[:-1]  # the last is the listing itself
        print(sys.stdin.read() == "", os.getsid(0) == os.getpid(), files)
        masks = dict(line.split() for line in open("/proc/self/status") if line.startswith("Sig"))
        ignored = int(masks["SigIgn:"], 16)
        print(masks["SigBlk:"], [s for s in (1, 2, 15, 17) if ignored >> (s - 1) & 1])
    """

    await run(folder, order(folder, *python(code)))

    assert output(folder).decode().splitlines() == [
        "True True ['0', '1', '2']",
        "0000000000000000 []",
    ]


async def test_a_tool_that_dies_of_a_signal_is_no_exit_code(folder: Path) -> None:
    found = await run(folder, order(folder, "/bin/sh", "-c", "kill -SEGV $$"))

    assert (found.ending, found.exit_code, found.signal) == (Ending.EXITED, None, signal.SIGSEGV)


@pytest.mark.parametrize(
    ("argv", "cwd", "said"),
    [
        (("no-such-tool",), "", "no-such-tool: No such file or directory"),
        (("/etc/passwd",), "", "/etc/passwd: Permission denied"),
        (("/bin/echo", "x" * 200_000), "", "/bin/echo: Argument list too long"),
        (("/bin/true",), "/no/such/folder", "/no/such/folder: No such file or directory"),
        (("/bin/true", "a\0b"), "", "ValueError: embedded null byte"),
        ((), "", "IndexError: list index out of range"),
    ],
)
async def test_a_tool_that_cannot_be_started_says_why(
    folder: Path, argv: tuple[str, ...], cwd: str, said: str
) -> None:
    found = await run(folder, order(folder, *argv, cwd=Path(cwd or folder)))

    assert (found.ending, found.exit_code, found.error) == (Ending.NOT_STARTED, None, said)


async def test_the_deadline_ends_a_run(folder: Path, tag: str) -> None:
    found = await run(folder, order(folder, *sleeping(tag), timeout_s=0.3))

    assert (found.ending, found.reason) == (Ending.TIMED_OUT, guard.DEADLINE)
    assert (found.exit_code, found.signal, found.kills) == (None, signal.SIGTERM, 1)
    assert alive(tag) == []


async def test_a_tool_that_exits_0_when_told_to_end_has_still_timed_out(folder: Path) -> None:
    code = "import signal,sys; signal.signal(15, lambda *_: sys.exit(0)); signal.pause()"

    found = await run(folder, order(folder, *python(code), timeout_s=0.7))

    assert (found.ending, found.exit_code) == (Ending.TIMED_OUT, None)


async def test_a_tool_is_told_to_end_once_and_killed_after_its_grace(
    folder: Path, tag: str
) -> None:
    code = """
        import os, signal, time
        signal.signal(15, lambda *_: os.write(1, b"told\\n"))
        os.write(1, b"up\\n")
        while True: time.sleep(600)
    """
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code, tag), grace_s=0.4))
    await until(lambda: output(folder))

    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason, found.signal) == (Ending.KILLED, guard.STOPPED, 9)
    assert output(folder) == b"up\ntold\n"
    assert 0.4 <= found.seconds < 2
    assert alive(tag) == []


@pytest.mark.parametrize("end", ["sys.exit(0)", "time.sleep(600)"])
@pytest.mark.parametrize("clear", [True, False])
async def test_nothing_that_left_the_tree_outlives_the_run(
    folder: Path, tag: str, end: str, clear: bool
) -> None:
    environment = "{}" if clear else "os.environ"
    sleeper = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    argv = [sys.executable, "-I", "-S", "-c", sleeper, tag]
    rest = f"os.execve({sys.executable!r}, {argv!r}, {environment})"
    code = f"""
        import subprocess, sys, time
        daemon = subprocess.Popen([sys.executable, "-I", "-S", "-c", {ESCAPE.format(rest=rest)!r}])
        subprocess.Popen({argv!r}, start_new_session=True, env={{}})
        daemon.wait()
        print("up", flush=True)
        {end}
    """

    found = await run(folder, order(folder, *python(code, tag), timeout_s=1.0, grace_s=0.2))

    assert found.ending is (Ending.EXITED if "exit" in end else Ending.TIMED_OUT)
    assert output(folder) == b"up\n"
    assert (found.kills >= 2, found.survivors) == (True, ())
    assert alive(tag) == []


async def test_a_background_process_that_holds_the_output_does_not_hold_the_run(
    folder: Path, tag: str
) -> None:
    code = "import subprocess,sys; subprocess.Popen([*sys.argv[1:]]); print('done')"

    found = await run(folder, order(folder, *python(code, *sleeping(tag))))

    assert (found.ending, found.exit_code) == (Ending.EXITED, 0)
    assert found.seconds < 3
    assert b"done" in output(folder)
    assert alive(tag) == []


async def test_a_helper_that_ends_by_itself_right_after_the_tool_is_not_killed(
    folder: Path,
) -> None:
    found = await run(folder, order(folder, "/bin/sh", "-c", "(sleep 0.03; echo late) & exit 0"))

    assert (found.kills, output(folder)) == (0, b"late\n")


@pytest.mark.parametrize("stop_on", [(), ("License key? ",), ("",)])
async def test_output_beyond_the_limit_is_counted_and_left_out(
    folder: Path, stop_on: tuple[str, ...]
) -> None:
    code = """
        import os
        block = (b"\\0\\xff\\xfe" * 30_000)[:65536]
        for _ in range(800): os.write(1, block) == len(block) or os._exit(1)
    """
    executor = LocalExecutor()
    peak_kb = 0

    def measure() -> bool:
        nonlocal peak_kb
        if (folder / guard.GUARD).exists():
            try:
                status = Path(f"/proc/{guard_of(folder)}/status").read_text()
                peak_kb = max(peak_kb, int(status.partition("VmHWM:")[2].split()[0]))
            except (OSError, IndexError):
                pass
        return (folder / guard.EXIT).exists()

    limits = {"output_limit_bytes": 1_000_000, "stop_on": stop_on}
    await executor.start(folder, order(folder, *python(code), **limits))
    await until(measure)
    found = await executor.wait(folder)

    assert found is not None
    assert (found.exit_code, found.output_bytes) == (0, 800 * 65536)
    assert found.output_truncated
    line = re.search(
        rb"\n\[labfleet: (\d+) of 52428800 bytes of output left out\]\n", output(folder)
    )
    assert line is not None
    first, last = output(folder)[: line.start()], output(folder)[line.end() :]
    assert len(first) == 1_000_000
    assert 250_000 <= len(last) < 250_000 + 65536
    assert len(first) + len(last) + int(line[1]) == 52428800
    assert 0 < peak_kb < 32_000


async def test_a_full_disk_costs_output_and_not_the_verdict(folder: Path) -> None:
    gate = folder / "gate"
    os.mkfifo(gate)
    code = "import sys; print('up', flush=True); open(sys.argv[1]).read(); print('x' * 9000)"
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code, str(gate))))
    await until(lambda: output(folder))

    resource.prlimit(guard_of(folder), resource.RLIMIT_FSIZE, (1000, 1000))
    gate.write_bytes(b"x")
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.exit_code, found.output_bytes, found.output_truncated) == (0, 9004, True)
    assert len(output(folder)) == 1000


async def test_a_guard_that_fails_ends_the_tree_and_says_so(folder: Path, tag: str) -> None:
    code = """
        import subprocess, sys, time
        subprocess.Popen(sys.argv[1:], start_new_session=True, env={})
        time.sleep(600)
    """
    argv = python(code, *sleeping(tag))

    found = await run(folder, order(folder, *argv, timeout_s=0.5, grace_s="soon"))

    assert (found.ending, found.exit_code) == (Ending.KILLED, None)
    assert found.error.startswith("TypeError: ")
    assert alive(tag) == []


async def test_orphans_that_end_are_collected_while_the_tool_runs(folder: Path, tag: str) -> None:
    code = f"""
        import os, subprocess, sys, time
        subprocess.run([sys.executable, "-I", "-S", "-c", {ESCAPE.format(rest="os._exit(0)")!r}])
        print("up", flush=True)
        time.sleep(600)
    """
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code, tag)))
    await until(lambda: output(folder))

    mine = guard_of(folder)
    await until(lambda: len([p for p in guard.processes() if p.parent == mine]) == 1)

    executor.stop(folder)
    await executor.wait(folder)


async def test_a_tool_that_closes_its_output_costs_the_guard_nothing(
    folder: Path, tag: str
) -> None:
    code = "import os,time; print('up', flush=True); os.close(1); os.close(2); time.sleep(600)"
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code, tag)))
    await until(lambda: output(folder))

    def cpu_ticks() -> int:
        fields = Path(f"/proc/{guard_of(folder)}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = cpu_ticks()
    await anyio.sleep(0.4)

    assert cpu_ticks() - before <= 3
    executor.stop(folder)
    await executor.wait(folder)


def test_last_words_on_a_full_disk_end_nothing(folder: Path) -> None:
    Path(folder / "full").symlink_to("/dev/full")
    output = guard.Output(str(folder / "full"), 1_000_000, ())
    try:
        for _ in range(3):
            os.write(output.tool_end, b"words")
            assert output.take()
        assert b"".join(output.last_words).endswith(b"words")
    finally:
        for number in (output.pipe, output.tool_end, output.log):
            os.close(number)


@pytest.mark.parametrize("put", ["os.mkfifo(room)", "os.symlink(own, room)", "os.link(own, room)"])
async def test_what_a_tool_puts_in_the_place_of_the_verdicts_room_is_not_written_to(
    folder: Path, put: str
) -> None:
    (own := folder / "own").write_text("x" * 20_000)
    code = f"import os, sys; own, room = sys.argv[1:]; os.unlink(room); {put}; sys.exit(7)"

    found = await run(folder, order(folder, *python(code, str(own), f"{folder}/exit.json.room")))

    assert found.exit_code == 7
    assert own.read_text() == "x" * 20_000


async def test_a_chain_of_which_each_forks_the_next_and_ends_is_ended(
    folder: Path, tag: str
) -> None:
    code = """
        import ctypes, os, time
        until_s, c = time.monotonic() + 20, ctypes.PyDLL(None)
        if os.fork() == 0:
            for number in range(3): os.close(number)
            while time.monotonic() < until_s:
                c.setsid()
                c.fork() and c._exit(0)  # not Python's, which takes its time
        time.sleep(0.2)
    """

    found = await run(folder, order(folder, *python(code, tag)))

    assert (found.ending, found.exit_code, found.survivors) == (Ending.EXITED, 0, ())
    assert alive(tag) == []
