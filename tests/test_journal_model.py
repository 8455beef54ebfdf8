"""The journal against a small model of itself, in any order of calls."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.base import Verdict
from orchestrator.assignment import Claim
from orchestrator.database import open_database
from orchestrator.journal import Journal
from tests.claims import ALL_OWED, SERVER, all_owed, assignment, settled

Key = tuple[int, int]
KEYS = [(run, item) for run in (1, 2) for item in (1, 2, 3)]


class JournalMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.opened = open_database(Path(self.folder.name))
        self.db = self.opened.__enter__()
        self.db.execute("PRAGMA synchronous = OFF")
        self.journal = Journal(self.db, SERVER)
        self.claims: dict[Key, Claim] = {}
        # The model.
        self.state: dict[Key, str] = {}
        self.owed: dict[Key, list[str]] = {}
        self.dead: set[Key] = set()
        self.stopped_runs: set[int] = set()

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)
        self.loop.close()
        self.folder.cleanup()

    def pick(self, index: int, wanted: Callable[[Key], bool]) -> Key | None:
        found = sorted(filter(wanted, self.state))
        return found[index % len(found)] if found else None

    @rule(key=strategies.sampled_from(KEYS), stops=strategies.booleans())
    def claim(self, key: Key, stops: bool) -> None:
        found = self.loop.run(self.journal.claim([assignment(*key, stop_on_fail=stops)]))

        assert bool(found) == (key not in self.state and key[0] not in self.stopped_runs)
        if found:
            self.claims[key] = found[0]
        if key not in self.state:
            self.state[key] = "claimed" if found else "stopped"

    @precondition(lambda self: self.claims)
    @rule(index=strategies.integers(0, 5))
    def start(self, index: int) -> None:
        key = sorted(self.claims)[index % len(self.claims)]

        begun = self.loop.run(self.journal.start(self.claims[key], "junit"))

        assert bool(begun) == (self.state[key] in {"claimed", "started"})
        if begun:
            assert begun.attempt == self.claims[key].attempt + 1
            self.claims[key], self.state[key] = begun, "started"

    @precondition(lambda self: self.claims)
    @rule(index=strategies.integers(0, 5), verdict=strategies.sampled_from(Verdict))
    def finish(self, index: int, verdict: Verdict) -> None:
        key = sorted(self.claims)[index % len(self.claims)]

        done = self.loop.run(self.journal.finish(self.claims[key], settled(verdict)))

        assert done == (self.state[key] in {"claimed", "started"})
        if not done:
            return
        self.state[key], self.owed[key] = "finished", list(ALL_OWED)
        if verdict is Verdict.FAILED and self.claims[key].assignment.stop_on_fail:
            self.stopped_runs.add(key[0])
            for other, state in self.state.items():
                if other[0] == key[0] and state == "claimed":
                    self.state[other] = "stopped"

    @precondition(lambda self: any(self.owed.values()))
    @rule(index=strategies.integers(0, 5), how=strategies.sampled_from(["done", "dead", "dropped"]))
    def deliver(self, index: int, how: str) -> None:
        key = self.pick(index, lambda key: bool(self.owed.get(key)))
        assert key is not None
        first = next(
            one
            for one in self.loop.run(all_owed(self.journal))
            if one.claim.id == self.claims[key].id
        )

        if how == "done":
            closed = self.loop.run(self.journal.delivered(first))
        else:
            _, closed = self.loop.run(self.journal.given_up(first, "no", state=how))

        ends_all = how != "done" and first.kind == "result"
        self.owed[key] = [] if ends_all else self.owed[key][1:]
        if how == "dead":
            self.dead.add(key)
        if not self.owed[key] and key not in self.dead:
            self.state[key] = "delivered"
        assert closed == (self.state[key] == "delivered")

    @rule()
    def start_anew(self) -> None:
        self.journal = Journal(self.db, SERVER)

    @invariant()
    def open_claims_are_those_without_a_verdict(self) -> None:
        found = self.loop.run(self.journal.open_claims())
        assert [(c, started) for c, started in found] == [
            (self.claims[key], self.state[key] == "started")
            for key in sorted(self.state)
            if self.state[key] in {"claimed", "started"}
        ]

    @invariant()
    def what_is_owed_comes_claim_by_claim_and_in_order(self) -> None:
        found = [(one.claim.id, one.kind) for one in self.loop.run(all_owed(self.journal))]
        assert found == sorted(
            ((self.claims[key].id, kind) for key, kinds in self.owed.items() for kind in kinds),
            key=lambda one: (one[0], list(ALL_OWED).index(one[1])),
        )


TestJournal = JournalMachine.TestCase
TestJournal.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
