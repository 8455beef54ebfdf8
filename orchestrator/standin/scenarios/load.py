"""The work of a rehearsal: runs at a steady pace, for hosts in turn, of tests by chance."""

import random
import sqlite3

from orchestrator.standin.errors import Refusal
from orchestrator.standin.ordering import RunWanted, order_run
from orchestrator.standin.store import Store

from .scenario import LoadRule

_AT_ONCE = 500
"""So many runs are made at one call at most; the rest comes with the next."""


class Load:
    """Queues what is due; *queued* counts it, and *trouble* says why nothing could be."""

    def __init__(self, rule: LoadRule, seed: int) -> None:
        self._rule = rule
        self._chance = random.Random(seed)
        self._gap_s = 60 / rule.runs_per_minute
        self._next_s = 0.0
        self._last_host, self._hosts_in_turn = 0, 0
        self.queued = 0
        self.trouble = ""

    @property
    def is_over(self) -> bool:
        """Whether all runs that the rule asks for are queued."""
        return self._rule.runs is not None and self.queued >= self._rule.runs

    def queue_due(self, store: Store, elapsed_s: float) -> None:
        """Queue what is due *elapsed_s* after the begin."""
        for _ in range(_AT_ONCE):
            if self.is_over or self._next_s > elapsed_s:
                return
            self._queue_one(store, elapsed_s)

    def _queue_one(self, store: Store, elapsed_s: float) -> None:
        try:
            self._order(store)
        except (Refusal, sqlite3.Error) as error:
            # What could not be queued is not made up for: a flood is another rehearsal.
            self.trouble = str(error)
            self._next_s = elapsed_s + self._gap_s
        else:
            self.trouble = ""
            self.queued += 1
            self._next_s += self._gap_s

    def _order(self, store: Store) -> None:
        project = store.row("SELECT * FROM projects WHERE id = ?", self._rule.project)
        if project is None:
            raise Refusal(404, f"there is no project {self._rule.project}")
        user_id = _member(store, project)
        wanted = RunWanted(
            host_id=self._host(store, project["dept_id"]), test_id=self._test(store, project["id"])
        )
        order_run(store, user_id, project, wanted)

    def _host(self, store: Store, dept_id: int) -> int:
        """Return the next active host after the last one, and the first after the last of all."""
        if self._rule.hosts and self._hosts_in_turn >= self._rule.hosts:
            self._last_host = self._hosts_in_turn = 0
        sql = (
            "SELECT id FROM hosts WHERE dept_id = ? AND is_active = 1 AND id > ?"
            " ORDER BY id LIMIT 1"
        )
        found = store.row(sql, dept_id, self._last_host)
        if found is None:
            self._hosts_in_turn = 0
            found = store.row(sql, dept_id, 0)
        if found is None:
            raise Refusal(400, "the department has no active host yet")
        self._last_host = found["id"]
        self._hosts_in_turn += 1
        return self._last_host

    def _test(self, store: Store, project_id: int) -> int:
        if self._rule.tests:
            return self._chance.choice(self._rule.tests)
        automated = store.rows(
            "SELECT id FROM tests t WHERE project_id = ?"
            " AND EXISTS (SELECT 1 FROM automations WHERE test_id = t.id)",
            project_id,
        )
        if not automated:
            raise Refusal(400, "the project has no test with an automation yet")
        return int(self._chance.choice(automated)["id"])


def _member(store: Store, project: sqlite3.Row) -> int:
    """Return a user of the project's department: each run is somebody's."""
    found = store.row(
        "SELECT user_id FROM memberships WHERE dept_id = ? ORDER BY user_id LIMIT 1",
        project["dept_id"],
    )
    if found is None:
        raise Refusal(400, "the project's department has no user")
    return int(found["user_id"])
