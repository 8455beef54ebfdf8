"""Nothing new is started while the machine runs short, and nothing is lost by that."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator.admission import MB_BYTES, Admission, Readings, shortages
from orchestrator.admission.readings import read
from orchestrator.service import Service
from orchestrator.settings.sections import LimitSettings
from tests.fleet import PASSING, Fleet, tool
from tests.remote import new_metrics
from tests.test_recovery import WAITS, process, until_there
from tests.test_scarcity import until_logged

GB_BYTES = 1024 * MB_BYTES
ENOUGH = Readings(GB_BYTES, 100_000, GB_BYTES, 1.0)
LIMITS = LimitSettings(
    min_free_disk_mb=100, min_free_inodes=1000, min_free_memory_mb=200, max_load_per_core=10.0
)
# More than any machine has.
ENDLESS = {"min_free_disk_mb": 10**12}


def reading(**changes: float | None) -> Readings:
    return Readings(**{**asdict(ENOUGH), **changes})


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"free_disk_bytes": 99 * MB_BYTES}, "disk", "MB: 99, limits.min_free_disk_mb is 100"),
        ({"free_inodes": 999}, "disk", "free inodes: 999, limits.min_free_inodes is 1000"),
        ({"free_memory_bytes": 7}, "memory", "free MB: 0, limits.min_free_memory_mb is 200"),
        ({"load_per_core": 1e7}, "load", "core: 10000000, limits.max_load_per_core is 10"),
        ({"load_per_core": 10.5}, "load", "of a core: 10.5, limits.max_load_per_core is 10"),
    ],
)
def test_each_limit_gives_its_reason_and_can_be_switched_off(
    changes: dict[str, float], reason: str, said: str
) -> None:
    found = shortages(LIMITS, reading(**changes), ())
    off = LIMITS.model_copy(update=dict.fromkeys(found, 0))

    assert [why for why, _ in found.values()] == [reason]
    assert next(iter(found.values()))[1].endswith(said)
    assert shortages(off, reading(**changes), found) == {}


def test_what_is_not_known_closes_nothing() -> None:
    assert shortages(LIMITS, Readings(), ()) == {}


@pytest.mark.parametrize(
    ("field", "limit", "on_the_edge", "well_off"),
    [
        ("free_disk_bytes", "min_free_disk_mb", 109 * MB_BYTES, 110 * MB_BYTES),
        ("free_inodes", "min_free_inodes", 1099, 1100),
        ("free_memory_bytes", "min_free_memory_mb", 219 * MB_BYTES, 220 * MB_BYTES),
        ("load_per_core", "max_load_per_core", 9.1, 9.0),
    ],
)
def test_it_opens_a_tenth_beyond_the_limit_that_closed_it(
    field: str, limit: str, on_the_edge: float, well_off: float
) -> None:
    edge, well = reading(**{field: on_the_edge}), reading(**{field: well_off})

    assert shortages(LIMITS, edge, ()) == {}
    assert list(shortages(LIMITS, edge, {limit})) == [limit]
    assert shortages(LIMITS, well, {limit}) == {}


def test_this_machine_is_read(tmp_path: Path) -> None:
    found, disk = read(tmp_path), os.statvfs(tmp_path)

    assert found.free_disk_bytes == pytest.approx(disk.f_bavail * disk.f_frsize, rel=0.2)
    assert found.free_inodes is None or found.free_inodes == pytest.approx(disk.f_favail, rel=0.2)
    assert found.free_memory_bytes is not None
    assert found.free_memory_bytes > MB_BYTES
    assert found.load_per_core is not None


def kernel(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MACHINE = {"proc/meminfo": "MemTotal: 9999 kB\nMemAvailable:    2048 kB\n"}
V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


@pytest.mark.parametrize(
    ("files", "left_bytes"),
    [
        (MACHINE, 2048 * 1024),
        # Its own group has no limit, the one above has; what is cached can be had back.
        (
            MACHINE
            | {
                "proc/self/cgroup": "0::/lab/fleet\n",
                f"{V2}/lab/fleet/memory.max": "max\n",
                f"{V2}/lab/fleet/memory.current": "500\n",
                f"{V2}/lab/memory.max": "100000\n",
                f"{V2}/lab/memory.current": "90000\n",
                f"{V2}/lab/memory.stat": "anon 60000\ninactive_file 30000\n",
            },
            40_000,
        ),
        # In a container the path is that of the machine outside, and the top is the own group.
        (
            MACHINE
            | {
                "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/\n0::/\n",
                f"{V1}/memory.limit_in_bytes": "50000\n",
                f"{V1}/memory.usage_in_bytes": "60000\n",
                f"{V1}/memory.stat": "total_inactive_file 5000\n",
            },
            0,
        ),
        (MACHINE | {"proc/self/cgroup": "odd\n0::/../..\n"}, 2048 * 1024),
        ({"proc/meminfo": "MemAvailable: many kB\n"}, None),
        ({"proc/loadavg": ""}, None),
    ],
)
def test_memory_is_that_of_the_machine_or_of_the_group_whichever_is_less(
    tmp_path: Path, files: Mapping[str, str], left_bytes: int | None
) -> None:
    found = read(tmp_path / "gone", kernel(tmp_path, files))

    assert found == Readings(None, None, left_bytes, None)


async def test_both_ways_are_told_once_however_often_it_looks(tmp_path: Path) -> None:
    metrics = new_metrics()
    admission = Admission(tmp_path, LimitSettings(**ENDLESS), metrics)
    with capture_logs() as logs:
        for _ in range(3):
            await admission.look()
        closed = dict(admission.closed)
        for _ in range(3):
            await admission.use(LimitSettings())

    assert list(closed) == ["disk"]
    assert [(line["event"], line["log_level"], line["reason"]) for line in logs] == [
        ("admission.closed", "warning", "disk"),
        ("admission.opened", "info", "disk"),
    ]
    assert admission.closed == {}


def closed_by_metric(service: Service) -> dict[str, float]:
    samples = next(iter(service.metrics.admission_closed.collect())).samples
    return {sample.labels["reason"]: sample.value for sample in samples}


async def test_claims_wait_while_it_is_closed_and_run_by_themselves_when_it_opens(
    fleet: Fleet,
) -> None:
    fleet.top = {"limits": ENDLESS}

    async with fleet.running() as service:
        run_id = await fleet.queue(tool(PASSING))
        while not service.runner.active:
            await anyio.sleep(0.02)
        polls = fleet.lab.faults.calls["current_runs"]
        while fleet.lab.faults.calls["current_runs"] < polls + 3:
            await anyio.sleep(0.02)

        assert [row["state"] for row in await service.recent_runs(9)] == ["claimed"]
        assert closed_by_metric(service) == {"disk": 1, "memory": 0, "load": 0, "paused": 0}
        assert {pool.used for pool in service._pools.figures()} == {0}

        fleet.top = {"limits": {}}
        fleet.write()
        assert await service.reload(fleet.load)
        await fleet.until_status(run_id, "Passed")
        assert set(closed_by_metric(service).values()) == {0}


async def told(fleet: Fleet, *options: str) -> str:
    """Ask the running labfleet for its status, as an operator does."""
    lines = (fleet.folder / "labfleet.log").read_text("utf-8").splitlines()
    url = next(json.loads(line)["url"] for line in lines if "service.started" in line)
    command = [sys.executable, "-m", "orchestrator", "status", "--url", url, *options]
    return (await anyio.run_process(command)).stdout.decode()


async def test_the_status_says_why_nothing_is_started(fleet: Fleet) -> None:
    fleet.top = {"limits": ENDLESS}
    with process(fleet):
        await until_logged(fleet, "service.started")
        shown, document = await told(fleet), json.loads(await told(fleet, "--json"))

    assert "nothing is started" in shown
    assert document["admission_closed"]["disk"].endswith("limits.min_free_disk_mb is 1000000000000")


async def test_what_runs_when_it_closes_goes_on_and_who_waited_for_its_slot_starts_not(
    fleet: Fleet, tmp_path: Path
) -> None:
    release, second_on = tmp_path / "release", tmp_path / "second"
    first = await fleet.queue(
        tool(f"    Path({str(tmp_path / 'on')!r}).touch()\n"
             + WAITS.format(release=str(release)) + PASSING)
    )  # fmt: skip
    second = await fleet.queue(tool(f"    Path({str(second_on)!r}).touch()\n" + PASSING))

    async with fleet.running() as service:
        await until_there(tmp_path / "on")
        fleet.top = {"limits": ENDLESS}
        fleet.write()
        assert await service.reload(fleet.load)
        release.touch()
        await fleet.until_status(first, "Passed")
        # Its slot was free for it, and it did not keep it.
        while {it for it, _ in service.runner.active} != {2} or service._pools.figures()[0].used:
            await anyio.sleep(0.02)
        await anyio.wait_all_tasks_blocked()
        assert not second_on.exists()

        fleet.top = {}
        fleet.write()
        assert await service.reload(fleet.load)
        await fleet.until_status(second, "Passed")


async def test_a_drain_leaves_what_waits_for_admission_in_the_journal(fleet: Fleet) -> None:
    fleet.top = {"limits": ENDLESS}
    async with fleet.running() as service:
        run_id = await fleet.queue(tool(PASSING))
        while not service.runner.active:
            await anyio.sleep(0.02)

    fleet.top = {}
    await fleet.work_off()
    assert (await fleet.verdict(run_id))[0] == "Passed"
