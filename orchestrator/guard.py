# ruff: noqa: PTH108, PTH120, PTH123, PTH208 (pathlib would make each start a third slower)
"""Own one tool's process tree; started once per run, alone: `python -I -S guard.py FOLDER`.

The attempt folder is all that guard and orchestrator share, so either may die at any moment:

- `order.json`  what to do (`executors.Order`), there before the guard is started
- `guard.json`  who the guard is and when by the steady clock it began; linked into place, so of a
  guard that comes late and an orchestrator that gave up on it (`{"revoked": true}`) one wins
- `output.log`  what the tool, and what runs before it, printed: up to a limit, then a line that
  says how much is missing
- `exit.json`   how it ended (`executors.Exit`), once nothing of its tree is alive any more

SIGTERM stops the tool. With `on_orchestrator_exit = "kill"` standard input is a pipe whose other
end only the orchestrator holds; its end is the orchestrator's. Linux only (pidfd: 5.3). Elsewhere
`Process` and `Tree` are to be replaced: on Windows by a job object with KILL_ON_JOB_CLOSE.

One long file, on purpose: `python -I` puts no folder of ours on the path, so it finds no sibling,
and without one it works even while the package around it is being replaced. Only the standard
library, and of that only what starts quickly.
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import json
import os
import resource
import selectors
import signal
import stat
import subprocess
import sys
import time

TYPE_CHECKING = False  # importing typing costs as much as starting the interpreter
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

ORDER, GUARD, OUTPUT, EXIT = "order.json", "guard.json", "output.log", "exit.json"
MARK_VARIABLE = "LABFLEET_MARK"
DEADLINE, STOPPED, ORCHESTRATOR_GONE = "deadline", "stopped", "orchestrator gone"
PROMPT = "prompt"
REVOKED_STATUS = 3
SWEEP_S, WRITE_EXIT_S, _LEFTOVER_GRACE_S = 2.0, 60.0, 1.0
_LEFTOVER_SETTLE_S = 0.1  # a helper may be about to end by itself, like `tee` behind a shell
_CHUNK_BYTES, _RESERVED_BYTES, _LAST_BYTES = 65536, 16384, 1024 * 1024
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # Source: linux/prctl.h
# No kernel enforces the one since 2.4.25, the other since 2.4.30; with their names in
# /proc/PID/limits. Source: getrlimit(2), asm-generic/resource.h.
_SEALS = {10: b"Max file locks", 5: b"Max resident set"}
_SEAL_BIT = 60
_REST_BITS = 30
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def seal(mark: str) -> int:
    """Return the number that stands for *mark* in a limit which no kernel enforces.

    A child inherits it whatever it clears, closes or leaves: unlike the mark in its environment.
    Of a mark "OWNER.REST" its upper bits stand for OWNER alone.
    """
    owner, dot, _ = mark.partition(".")
    number = _hash(mark) >> 4
    if dot:
        number = _hash(owner) >> 34 << _REST_BITS | number & (1 << _REST_BITS) - 1
    return number | 1 << _SEAL_BIT


def owner_seal(number: int) -> int:
    """Return what of a seal stands for the owner; two owners share it once in a billion times."""
    return number >> _REST_BITS


def _hash(text: str) -> int:
    number = 0xCBF29CE484222325  # FNV-1a: a module of hashes would make each start slower
    for byte in text.encode():
        number = (number ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return number


def seal_limit() -> int | None:
    """Return the limit that takes a seal; None where the hard ones of all are too low for it."""
    for limit in _SEALS:
        _, hard = resource.getrlimit(limit)
        if hard == resource.RLIM_INFINITY or hard >> _SEAL_BIT > 1:
            return limit
    return None


def put_seal(mark: str) -> None:
    """Let the caller and all that it will start carry the seal of *mark*, if a limit takes it."""
    if (limit := seal_limit()) is None:
        return
    # Of the soft limit alone: the hard one could never be raised again, and this may be nested.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(limit, (seal(mark), resource.getrlimit(limit)[1]))


class Process:
    """One line of the process table; its pid and its start together are an identity."""

    def __init__(self, pid: int) -> None:
        """Read it; raises OSError when there is no such process. Source: proc(5)."""
        with open(f"/proc/{pid}/stat", "rb") as file:
            head, _, tail = file.read().rpartition(b")")
        fields = tail.split()
        self.pid, self.parent, self.start_ticks = pid, int(fields[1]), int(fields[19])
        self.label = f"{pid} {head.partition(b'(')[2].decode(errors='replace')}"
        # The first thread of a process may be a zombie while others run.
        self.alive = fields[0] not in {b"Z", b"X"} or int(fields[17]) > 1

    def carries(self, mark: str) -> bool:
        """Say whether it came of what was started with *mark*; False for one that is gone."""
        return bool(mark) and (mark in self.marks() or self.seal() == seal(mark))

    def marks(self) -> list[str]:
        """Return the marks in its environment: one, or none where that cannot be read."""
        head = f"{MARK_VARIABLE}=".encode()
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/environ", "rb") as file:
            found = [each for each in file.read().split(b"\0") if each.startswith(head)]
            return [each[len(head) :].decode(errors="replace") for each in found]
        return []

    def seal(self) -> int:
        """Return the number that `put_seal` gave it; 0 without one."""
        found = 0
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/limits", "rb") as file:
            for line in file:
                soft = line.split()[3:4] if line.startswith(tuple(_SEALS.values())) else []
                if soft and soft[0].isdigit() and int(soft[0]) >> _SEAL_BIT == 1:
                    found = int(soft[0])
        return found

    def send(self, signum: int) -> None:
        """Signal it, and never a stranger that got its pid meanwhile; what failed still shows."""
        with contextlib.suppress(OSError), open(os.pidfd_open(self.pid), "rb", 0) as pidfd:
            if Process(self.pid).start_ticks == self.start_ticks:
                signal.pidfd_send_signal(pidfd.fileno(), signum)


def each_process() -> Iterator[Process]:
    """Yield every process but the caller, as far as one reading can, and the newest first.

    So what forks and ends all the time is looked at before it has gone on.
    """
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    newest = newest_pid()
    for pid in sorted(pids, key=lambda pid: (pid > newest, -pid)):
        if pid != os.getpid():
            with contextlib.suppress(OSError):
                yield Process(pid)


def newest_pid() -> int:
    """Return the pid that was given last: while it stays, nothing is started. Source: proc(5)."""
    with open("/proc/loadavg", "rb") as file:
        return int(file.read().split()[-1])


def processes() -> list[Process]:
    """List every process but the caller."""
    return list(each_process())


def boot_id() -> str:
    """Return what is new after each start of the machine."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def create(path: str, document: Mapping[str, object], room: str = "") -> None:
    """Make the file *path* with its content at once, and durably; FileExistsError if it exists.

    *room* is a file to use for it, whose space on the disk is taken already.
    """
    temporary, opened = room, _open_room(room)
    if opened is None:
        temporary = f"{path}.{os.urandom(8).hex()}"
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(opened, "w") as file:
            json.dump(document, file)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        os.unlink(temporary)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _open_room(room: str) -> int | None:
    """Open the file *room*; None without one, or where the tool has put something else there."""
    if not room:
        return None
    try:
        opened = os.open(room, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    found = os.fstat(opened)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return opened
    os.close(opened)
    return None


class Tree:
    """One main process after another, the tool the last, and all that came of them."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.main: int | None = None
        self.status: int | None = None  # exit code, or a signal as negative; None while it runs
        self.signalled = set[tuple[int, int, int]]()

    def start(self, argv: list[str], cwd: str, environment: dict[str, str], output: int) -> None:
        """Start the next main process; an OSError names the file that is to blame."""
        self.main = self.status = None
        guard = os.getpid()

        def belong_to_guard() -> None:
            put_seal(self.mark)
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != guard:
                os._exit(1)

        # Orphans of the tool become our children, so none can leave by forking twice.
        if _prctl(_PR_SET_CHILD_SUBREAPER, 1) != 0:
            raise OSError(ctypes.get_errno(), "cannot become subreaper", "prctl")
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env={**environment, MARK_VARIABLE: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=belong_to_guard,  # noqa: PLW1509 - the guard has no second thread
            )
        except OSError as error:
            error.filename = error.filename or argv[0]  # a refused fork names none
            raise
        self.main, process.returncode = process.pid, 0  # reap() collects it, Popen must not

    def running(self) -> bool:
        """Say whether the main process was started and has not ended."""
        return self.main is not None and self.status is None

    def reap(self) -> bool:
        """Collect every child that ended, the adopted ones too; False when no child is left."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.main:
                    self.status = os.waitstatus_to_exitcode(ended[1])
            return True
        return False

    def members(self) -> list[Process]:
        """Find who is alive: all descendants of the guard, and who carries the mark.

        The process table is not read in one instant: nobody is left only when the kernel says,
        too, that the guard has no child (`reap`).
        """
        table, kin = processes(), {os.getpid()}
        while more := {p.pid for p in table if p.parent in kin} - kin:
            kin |= more
        return [p for p in table if p.alive and (p.pid in kin or p.carries(self.mark))]

    def send(self, members: Iterable[Process], signum: int) -> None:
        """Signal each once, not the group: to many tools a second SIGTERM means now."""
        for process in members:
            key = (process.pid, process.start_ticks, signum)
            if key not in self.signalled or signum == signal.SIGKILL:
                self.signalled.add(key)
                process.send(signum)

    def kill_children(self, until_s: float) -> None:
        """Kill every child there is, and who becomes one by that, as fast as that can be.

        What forks on and ends all the time is gone before a look at all processes is done; here
        each link of such a chain comes to us, so a look at our own children is enough.
        """
        seen = set[int]()
        while self.reap() and time.monotonic() < until_s:
            children = _children()
            for pid in children:
                # Nobody else's number: that of a child is free only when we have collected it.
                os.kill(pid, signal.SIGKILL)
            if seen.issuperset(children):
                time.sleep(0.001)
            seen.update(children)


def _children() -> list[int]:
    """Return the children of the caller; none where the kernel does not tell. Source: proc(5)."""
    with contextlib.suppress(OSError), open("/proc/thread-self/children", "rb") as file:
        return [int(pid) for pid in file.read().split()]
    return []


class Output:
    """A pipe that is always drained, and a log of its first and its last words.

    A full disk costs only output. The last words are kept beyond the limit, as a tool says there
    how it ended.

    It has no end, as the guard holds *tool_end* too: for the next process that is started.
    """

    def __init__(self, path: str, limit_bytes: int, stop_on: Sequence[str]) -> None:
        self.pipe, self.tool_end = os.pipe()
        os.set_blocking(self.pipe, False)
        self.log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.limit_bytes, self.total_bytes, self.kept_bytes = limit_bytes, 0, 0
        self.stop_on = [text.encode() for text in stop_on if text]
        self.last_words, self.last_bytes = collections.deque[bytes](), 0
        self.last_limit_bytes = min(_LAST_BYTES, limit_bytes // 4)
        self.last, self.prompt = b"", ""  # prompt: the first text of stop_on that was printed

    def take(self) -> bool:
        """Move what the pipe holds into the log; False when it holds nothing."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.pipe, _CHUNK_BYTES)
        self.total_bytes += len(data)
        if self.stop_on and not self.prompt:
            self.look_for_prompt(data)
        room = max(0, self.limit_bytes - self.kept_bytes)
        keep = data[:room]
        self.remember(data[room:])
        try:
            while keep:
                written = os.write(self.log, keep)
                self.kept_bytes, keep = self.kept_bytes + written, keep[written:]
        except OSError:
            self.limit_bytes = self.kept_bytes
        return bool(data)

    def remember(self, data: bytes) -> None:
        """Keep *data* as the last words, and of earlier ones no more than is worth it."""
        if not data:
            return
        self.last_words.append(data)
        self.last_bytes += len(data)
        while len(self.last_words) > 1 and (
            self.last_bytes - len(self.last_words[0]) >= self.last_limit_bytes
        ):
            self.last_bytes -= len(self.last_words.popleft())

    def look_for_prompt(self, data: bytes) -> None:
        """Note a text to stop on, also one that began in the *data* before."""
        text = self.last + data
        self.prompt = next((each for each in self.stop_on if each in text), b"").decode()
        self.last = text[-max(map(len, self.stop_on)) :]

    def take_all(self) -> None:
        """Take what the pipe holds, within bounds as a survivor may print for ever."""
        for _ in range(64):
            if not self.take():
                break

    def finish(self) -> None:
        """Take the rest and say what is missing."""
        self.take_all()
        if missing := self.total_bytes - self.kept_bytes - self.last_bytes:
            line = f"\n[labfleet: {missing} of {self.total_bytes} bytes of output left out]\n"
            self.last_words.appendleft(line.encode())
        with contextlib.suppress(OSError), open(self.log, "wb", closefd=False) as log:
            log.writelines(self.last_words)


class Run:
    """One tool and what runs before it, from the start to the end of the last process of all."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.ending, self.reason, self.errors = "not_started", "", list[str]()
        self.started_at, self.started_s = time.time(), time.monotonic()
        self.deadline_s, self.step = self.started_s, ""  # step: which one of several, in words
        self.tree, self.survivors = Tree(""), list[str]()
        self.output: Output | None = None
        self.signals, self.signal_end = os.pipe()
        self.stopped = self.orphaned = self.woken = False
        self.events = selectors.DefaultSelector()  # data: what to call; it says False at the end

    def listen(self) -> None:
        """Turn signals into events, by handlers: what is ignored here stays so in the tool."""
        os.set_blocking(self.signal_end, False)
        signal.set_wakeup_fd(self.signal_end, warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, lambda *_: None)
        self.events.register(self.signals, selectors.EVENT_READ, self._hear)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])

    def _hear(self) -> bool:
        self.stopped |= signal.SIGTERM in os.read(self.signals, _CHUNK_BYTES)
        self.woken = True
        return True

    def _feel_lifeline(self) -> bool:
        self.orphaned = not os.read(0, _CHUNK_BYTES)
        return not self.orphaned

    def supervise(self) -> None:
        """Do what is ordered and end the tree; raises OSError for what cannot be started."""
        with open(f"{self.folder}/{ORDER}") as file:
            order = json.load(file)
        with open(f"{self.folder}/{EXIT}.room", "wb") as file:
            file.write(bytes(_RESERVED_BYTES))  # a disk that fills up must not cost the verdict
        if order["on_orchestrator_exit"] == "kill":
            self.events.register(0, selectors.EVENT_READ, self._feel_lifeline)
        self.turn(0)
        self.tree = Tree(order["mark"])
        limit_bytes, stop_on = order["output_limit_bytes"], order.get("stop_on", ())
        self.output = Output(f"{self.folder}/{OUTPUT}", limit_bytes, stop_on)
        self.events.register(self.output.pipe, selectors.EVENT_READ, self.output.take)
        self.deadline_s += order["timeout_s"]
        self._walk(order, self.output)
        self.ending = {"": "exited", DEADLINE: "timed_out"}.get(self.reason, "killed")
        self.end(order["grace_s"])

    def _walk(self, order: Mapping[str, Any], output: Output) -> None:
        """Run step after step; the last is the tool, the others are to end well before it."""
        steps = [*order.get("before", ()), order["argv"]]
        for number, argv in enumerate(steps, 1):
            self.step = f"step {number} of {len(steps)}" if len(steps) > 1 else ""
            self._watch(argv, order, output)
            if number < len(steps) and not self._may_follow(order["grace_s"], output):
                self.errors.append(f"it did not get beyond {self.step}, {argv[0]}")
                break
        if self.reason == PROMPT:
            self.errors.append(f"it printed {output.prompt!r}, which nobody answers")

    def _watch(self, argv: list[str], order: Mapping[str, Any], output: Output) -> None:
        """Start a main process and wait for its end, or for a cause to end it."""
        self.reason = self._cause()
        if not self.reason:
            self.tree.start(argv, order["cwd"], order["environment"], output.tool_end)
        while self.tree.running() and not self.reason:
            self.turn(self.deadline_s - time.monotonic())
            self.reason = self._cause() if self.tree.running() else ""

    def _may_follow(self, grace_s: float, output: Output) -> bool:
        """End what a step left that ended well; False when the next one is not to be started."""
        if not self.reason and self.tree.status == 0:
            self._sweep_leftovers(grace_s)
            output.take_all()
            self.reason = self._cause()
        return not (self.reason or self.tree.status or self.survivors)

    def _cause(self) -> str:
        if self.stopped or self.orphaned:
            return STOPPED if self.stopped else ORCHESTRATOR_GONE
        if self.output and self.output.prompt:
            return PROMPT
        return DEADLINE if time.monotonic() >= self.deadline_s else ""

    def turn(self, limit_s: float) -> None:
        """Wait at most *limit_s* for events and take them in."""
        for key, _ in self.events.select(min(max(limit_s, 0), 3600)):
            if not key.data():
                self.events.unregister(key.fd)
        self.tree.reap()

    def until_gone(self, limit_s: float, signum: int = 0) -> list[str]:
        """Signal the tree and wait up to *limit_s* for its end; return who is left."""
        until_s, pause_s = time.monotonic() + limit_s, 0.01
        while (left := self.tree.members()) or self.tree.reap():
            if (now_s := time.monotonic()) >= until_s:
                return [process.label for process in left] or ["a child that does not show"]
            self.tree.send(left if signum else [], signum)
            if signum == signal.SIGKILL:
                self.tree.kill_children(min(now_s + pause_s, until_s))
            look_s, self.woken = min(now_s + pause_s, until_s), False
            while not self.woken and (rest_s := look_s - time.monotonic()) > 0:
                self.turn(rest_s)
            pause_s = min(2 * pause_s, 0.25)
        return []

    def end(self, grace_s: float) -> None:
        """End what is alive of the tree; what is left after KILL is a survivor."""
        if self.ending == "exited":
            self._sweep_leftovers(grace_s)
        else:
            self._sweep(grace_s)
        if self.output:
            self.output.finish()

    def _sweep_leftovers(self, grace_s: float) -> None:
        self._sweep(min(grace_s, _LEFTOVER_GRACE_S), _LEFTOVER_SETTLE_S)

    def _sweep(self, grace_s: float, settle_s: float = 0.0) -> None:
        self.survivors = self.until_gone(settle_s)
        for limit_s, signum in ((grace_s, signal.SIGTERM), (SWEEP_S, signal.SIGKILL)):
            if self.survivors:
                self.survivors = self.until_gone(limit_s, signum)

    def fail(self, error: Exception) -> None:
        """Keep what went wrong, and end the tree if it had begun."""
        self.ending = "killed" if self.tree.main else "not_started"
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, OSError) and error.filename:
            said = f"{error.filename}: {error.strerror}"
        self.errors.append(f"{self.step}: {said}" if self.step else said)
        try:
            self.end(0)
        except Exception as second:  # noqa: BLE001 - said in exit.json
            self.survivors = [f"unknown: {second}"]

    def exit(self) -> dict[str, object]:
        """Say how it ended; the shape is that of `executors.Exit`."""
        status, output = self.tree.status, self.output
        by_itself = self.ending == "exited" and status is not None and status >= 0
        seconds = time.monotonic() - self.started_s
        return {
            "ending": self.ending,
            "reason": self.reason,
            "exit_code": status if by_itself else None,
            "signal": -status if status is not None and status < 0 else None,
            "error": "; ".join(self.errors)[:1000],
            "started_at": self.started_at,
            "finished_at": self.started_at + seconds,  # ordered, wherever the wall clock jumps
            "seconds": seconds,
            "output_bytes": output.total_bytes if output else 0,
            "output_truncated": bool(output and output.total_bytes > output.kept_bytes),
            "kills": len({key[:2] for key in self.tree.signalled}),
            "survivors": self.survivors[:50],
        }


def main(folder: str) -> int:
    """Be the guard of *folder*; REVOKED_STATUS if that is not wanted any more.

    From the start on the folder is where this process is: it may be moved, with all of a state
    directory, and the verdict is to lie in it all the same.
    """
    os.chdir(folder)
    folder = "."
    run = Run(folder)
    run.listen()
    who = {"pid": os.getpid(), "start_ticks": Process(os.getpid()).start_ticks}
    who["sealed"] = seal_limit() is not None
    try:
        create(f"{folder}/{GUARD}", {**who, "boot_id": boot_id(), "started_s": run.started_s})
    except FileExistsError:
        return REVOKED_STATUS
    try:
        run.supervise()
    except Exception as error:  # noqa: BLE001 - said in exit.json
        run.fail(error)
    until_s = time.monotonic() + WRITE_EXIT_S
    while True:
        try:
            create(f"{folder}/{EXIT}", run.exit(), room=f"{folder}/{EXIT}.room")
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(1)
        else:
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
