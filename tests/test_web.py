"""What labfleet shows over HTTP while it works."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession

from orchestrator.service import Service, open_service
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_recovery import WAITS, until_there

PROMTOOL = shutil.which("promtool")


@asynccontextmanager
async def watched(fleet: Fleet) -> AsyncIterator[tuple[Service, str, ClientSession]]:
    """A service at work, its address, and somebody who asks it."""
    fleet.write()
    async with (
        open_service(fleet.load(), fleet.locks) as service,
        anyio.create_task_group() as group,
        ClientSession() as session,
    ):
        url = await group.start(service.run)
        with anyio.fail_after(LIMIT_S):
            yield service, url, session
            if not service.draining:
                service.stop()


async def get(session: ClientSession, url: str, **headers: str) -> tuple[int, str, str]:
    async with session.get(url, headers=headers) as response:
        return response.status, response.content_type, await response.text()


async def test_metrics_count_what_happened_and_promtool_accepts_them(fleet: Fleet) -> None:
    if PROMTOOL is None:
        pytest.skip("promtool is not installed: `make tools` as root brings it")
    run_id = await fleet.queue(tool(PASSING))

    async with watched(fleet) as (service, url, session):
        await fleet.until_status(run_id, "Passed")
        while service.reporter.owed:
            await anyio.sleep(0.02)
        _, kind, text = await get(session, f"{url}/metrics")
    checked = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert kind == "text/plain"
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for line in (
        'labfleet_runs_total{tool="quick",verdict="passed"} 1.0',
        'labfleet_runs_total{tool="quick",verdict="failed"} 0.0',
        'labfleet_host_runs_total{host="lab_001",verdict="passed"} 1.0',
        'labfleet_hosts{state="polling"} 1.0',
        'labfleet_api_requests_total{operation="update_item",outcome="2xx"} 1.0',
        "labfleet_outbox_deliveries 0.0",
        "labfleet_process_survivors_total 0.0",
        'labfleet_pool_slots{pool="all"} 32.0',
    ):
        assert line in text.splitlines()
    assert fleet.hosts["lab_001"].token not in text


async def test_openmetrics_is_served_to_who_asks_for_it(fleet: Fleet) -> None:
    async with watched(fleet) as (_, url, session):
        _, kind, text = await get(
            session, f"{url}/metrics", Accept="application/openmetrics-text; version=1.0.0"
        )

    assert kind == "application/openmetrics-text"
    assert text.endswith("# EOF\n")


async def test_it_is_ready_after_a_first_poll_and_not_while_it_drains(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    script = f"    Path({str(tmp_path / 'starts')!r}).touch()\n" + WAITS.format(
        release=str(release)
    )
    await fleet.queue(tool(script + PASSING))

    async with watched(fleet) as (service, url, session):
        await until_there(tmp_path / "starts")
        at_work = await get(session, f"{url}/readyz")
        service.stop()
        while not service.draining:
            await anyio.sleep(0.01)
        draining = await get(session, f"{url}/readyz")
        alive = await get(session, f"{url}/livez")
        release.touch()

    assert (at_work[0], at_work[2]) == (200, "ready\n")
    assert (draining[0], draining[2]) == (503, "draining\n")
    assert alive[0] == 200


async def test_it_is_not_ready_before_any_host_was_polled(fleet: Fleet, unused_url: str) -> None:
    fleet.url = unused_url

    async with watched(fleet) as (_, url, session):
        status, _, text = await get(session, f"{url}/readyz")

    assert status == 503
    assert "polled" in text


async def test_a_wrong_limit_is_refused(fleet: Fleet) -> None:
    async with watched(fleet) as (_, url, session):
        assert (await get(session, f"{url}/api/runs?limit=many"))[0] == 400
