"""The domain's one noun: one item of one run for one host, and what becomes of it.

claimed    an `Assignment`, which is what the server wants, becomes a `Claim`: it is ours
started    an attempt of it has, or had, a tool; the journal knows which attempt
finished   it is `Settled`: its outcome stands, and with it what is `Owed` for it
delivered  the server has taken the result, then the log, then the report
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from adapters.base import Verdict


@dataclass(frozen=True, slots=True)
class Wanted:
    """One automation of the test; which one is run depends on the tools of the host."""

    agent: str
    """The API's long name, or empty when the server names none."""
    title: str = ""
    timeout_s: float | None = None
    run_mode: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one host has to do for one item of one run; it never changes."""

    host: str
    """The key of the host in the settings."""
    run_id: int
    item: int
    """The item's sequence number in its run."""
    wanted: tuple[Wanted, ...] = ()
    in_order: bool = False
    """The run is sequential, or one of its items may stop it: one item at a time, by number."""
    stop_on_fail: bool = False
    test_name: str = ""
    test_set: str = ""
    configuration: str = ""
    release: str = ""
    problem: str = ""
    """Why it cannot be run whatever the host has; empty when it can."""
    awaited: bool = False
    """The server says in so many words that it awaits a run; many leave the status out."""
    test_id: int = 0
    """The test's own id, which stays with it whatever number a run has; 0 when it is not told."""
    by_position: bool = False
    """*item* is only its place in the list, as the server told no number of its own."""
    withheld: str = ""
    """Why its outcome is not to be told to the server; empty when it is."""


ASSIGNMENT = TypeAdapter(Assignment)


@dataclass(frozen=True, slots=True)
class Claim:
    """An assignment of ours, as the journal knows it."""

    id: int
    assignment: Assignment
    attempt: int
    """How many times its tool was started."""
    mark: str
    """A random word of its own: a fresh or restored journal gives the same ids out again."""
    tool: str = ""
    """The key of the tool that was started last."""

    @property
    def attempt_name(self) -> str:
        """The folder of the current attempt."""
        return folder_name(self.id, self.attempt, self.mark)

    @property
    def next_attempt_name(self) -> str:
        """The folder of the attempt that would come next."""
        return folder_name(self.id, self.attempt + 1, self.mark)

    @property
    def attempt_names(self) -> list[str]:
        """The folders of all its attempts, with one that was made for the next."""
        return [folder_name(self.id, number, self.mark) for number in range(1, self.attempt + 2)]


def folder_name(claim_id: int, attempt: int, mark: str) -> str:
    """Name the folder of one attempt of a claim."""
    return f"{claim_id:06}-{attempt}-{mark}"


@dataclass(frozen=True, slots=True)
class Settled:
    """An outcome to be written: the verdict and what is owed for it."""

    verdict: Verdict
    reason: str
    tool: str
    finished_at: float
    """Unix seconds."""
    owed: Mapping[str, str]
    """Kind to body, in the order of delivery."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One delivery that the server has not taken yet."""

    id: int
    claim: Claim
    kind: str
    body: str
    owed_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Debt:
    """The sum of what is owed for one claim."""

    claim_id: int
    deliveries: int
    result: bool
    """Whether the result itself is still owed."""
    owed_at: float
    """Unix seconds of the oldest."""
    last_id: int
    """The newest of its deliveries; ids only ever grow."""
