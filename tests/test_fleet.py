"""Hosts that come, go and change, as the settings say."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, open_session
from orchestrator.api.wire import Run
from orchestrator.fleet import Fleet
from orchestrator.logs import redact
from orchestrator.poller import Poller
from orchestrator.settings import Settings
from tests.attempts import until
from tests.remote import new_metrics
from tests.standin.lab import Host, Lab, open_lab


class Here:
    """A fleet over a stand-in, with the running runs that a test says it has."""

    def __init__(self, lab: Lab, api: Api) -> None:
        self.lab = lab
        self.running: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.poller = Poller(
            interval_s=3600.0, take=self.take, polled=lambda: None, metrics=api.metrics
        )
        self.fleet = Fleet(
            self.poller, lambda *identity: HostClient(api, *identity), self.running.__getitem__
        )

    async def take(self, key: str, _runs: Sequence[Run], _began_at: float) -> bool:
        self.taken[key] += 1
        return False

    def apply(
        self,
        hosts: Mapping[str, Host | None],
        registered: Mapping[str, tuple[int, str]] | None = None,
        interval_s: float = 0.05,
    ) -> None:
        tables: dict[str, Any] = {
            key: {"tools": ["junit"], "host_name": key.upper()}
            | ({"id": host.id, "token": host.token} if host else {})
            for key, host in hosts.items()
        }
        document = {
            "server": {
                "url": self.lab.url,
                "allow_fast_polling": True,
                "poll_interval_s": interval_s,
            },
            "tools": {"junit": {"executable": ["java"]}},
            "hosts": tables,
        }
        self.fleet.apply(Settings.model_validate(document), registered or {})

    def states(self) -> dict[str, str]:
        return {view.key: view.state for view in self.fleet.views()}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    async with open_here(tmp_path) as here:
        yield here


@asynccontextmanager
async def open_here(folder: Path) -> AsyncIterator[Here]:
    async with (
        open_lab(folder) as lab,
        open_session() as session,
        anyio.create_task_group() as tasks,
    ):
        here = Here(lab, Api(session, f"{lab.url}rest-api/service", new_metrics(), 5.0))
        tasks.start_soon(here.poller.run)
        with anyio.fail_after(10):
            yield here
        tasks.cancel_scope.cancel()


async def test_hosts_come_and_go_while_the_others_are_polled_on(here: Here) -> None:
    one, two = await here.lab.host("ONE"), await here.lab.host("TWO")
    with capture_logs() as logs:
        here.apply({"one": one})
        await until(lambda: here.taken["one"])
        here.apply({"one": one, "two": two})
        await until(lambda: here.taken["two"])
        here.apply({"two": two})
        before = here.taken["two"]
        await until(lambda: here.taken["two"] >= before + 3)
        gone = here.taken["one"]
        await until(lambda: here.taken["two"] >= before + 6)

    assert here.taken["one"] == gone
    assert here.states() == {"two": "polling"}
    events = [(line["event"], line["host"]) for line in logs]
    assert events == [("host.added", "one"), ("host.added", "two"), ("host.removed", "one")]


async def test_a_reload_that_changes_nothing_disturbs_no_schedule(here: Here) -> None:
    one = await here.lab.host("ONE")
    here.apply({"one": one})
    polled = here.poller.hosts["one"]

    with capture_logs() as logs:
        here.apply({"one": one})

    assert here.poller.hosts["one"] is polled
    assert logs == []


async def test_a_host_that_left_drains_and_keeps_its_client_until_its_runs_end(here: Here) -> None:
    one = await here.lab.host("ONE")
    here.apply({"one": one})
    here.running["one"] = 2

    here.apply({})

    [view] = here.fleet.views()
    assert (view.state, view.host_name) == ("draining", "ONE")
    assert here.fleet.client_of("one") is not None
    here.running["one"] = 0
    assert here.fleet.views() == []


@pytest.mark.parametrize("with_token", [True, False])
async def test_a_draining_host_that_comes_back_is_shown_once(here: Here, with_token: bool) -> None:
    one = await here.lab.host("ONE")
    here.apply({"one": one})
    here.running["one"] = 1
    here.apply({})

    here.apply({"one": one if with_token else None})

    assert [view.key for view in here.fleet.views()] == ["one"]
    assert here.states()["one"] == ("polling" if with_token else "refused")


async def test_a_changed_token_takes_effect_and_is_secret_at_once(here: Here) -> None:
    one = await here.lab.host("ONE")
    wrong = Host(one.id, "a-token-that-was-mistyped")
    here.apply({"one": wrong})
    assert wrong.token not in redact(f"it says {wrong.token}")
    await until(lambda: here.states() == {"one": "refused"})
    old = here.fleet.client_of("one")

    here.apply({"one": one})

    assert here.fleet.client_of("one") is not old
    assert here.states() == {"one": "polling"}
    await until(lambda: here.taken["one"])


async def test_a_refused_host_is_asked_again_after_a_reload(here: Here) -> None:
    one = await here.lab.host("ONE")
    here.lab.faults.answer("current_runs", 401)
    here.apply({"one": one})
    await until(lambda: here.states() == {"one": "refused"})
    # Long after the next poll of a refused host would be due.
    before = here.poller.hosts["one"].due

    here.apply({"one": one})

    assert here.poller.hosts["one"].due < before
    await until(lambda: here.taken["one"])


async def test_an_unregistered_host_is_refused_until_its_credentials_come(here: Here) -> None:
    one = await here.lab.host("ONE")
    with capture_logs() as logs:
        here.apply({"one": None})
        here.apply({"one": None})

        [view] = here.fleet.views()
        assert (view.state, "labfleet register" in view.error) == ("refused", True)
        assert here.fleet.client_of("one") is None
        assert [line["event"] for line in logs] == ["host.refused"]

        here.apply({"one": None}, {"one": (one.id, one.token)})
        await until(lambda: here.taken["one"])
    assert here.states() == {"one": "polling"}


async def test_the_files_own_identity_wins_over_a_registered_one(here: Here) -> None:
    one, other = await here.lab.host("ONE"), await here.lab.host("OTHER")
    with capture_logs() as logs:
        here.apply({"one": one}, {"one": (other.id, other.token)})

    assert [line["id"] for line in logs] == [one.id]


async def test_a_shorter_interval_holds_from_the_reload_on(here: Here) -> None:
    one = await here.lab.host("ONE")
    here.apply({"one": one}, interval_s=3600)

    here.apply({"one": one}, interval_s=0.05)

    await until(lambda: here.taken["one"] >= 3)
