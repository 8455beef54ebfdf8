"""The long faults of network and server; `make faults` runs them, and they print their figures."""

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import fmean, quantiles

import anyio
import pytest

from tests.attempts import until
from tests.faults.proxy import Fault, Proxy
from tests.faults.waiting import (
    poll_gaps_s,
    sooner_than_asked,
    until_nothing_is_owed,
    until_owed,
    until_started,
    waiting_tool,
)
from tests.fleet import Fleet
from tests.remote import Polling, polling
from tests.test_network_faults import check_lost_answers, check_sigterm, check_slow_host

MINUTE_S = 0.25
"""A minute of the fast clock: the interval between polls, to which all pauses are in proportion."""


def figures(fault: str, said: str) -> None:
    sys.stdout.write(f"\n{fault}: {said}\n")


@pytest.mark.parametrize("refused", [True, False], ids=["refuses", "never answers"])
async def test_f4_sigterm_while_the_server_is_down(
    fleet: Fleet, proxy: Proxy, tmp_path: Path, refused: bool
) -> None:
    took_s = await check_sigterm(fleet, proxy, tmp_path, refused=refused)
    figures("F4", f"{'refuses' if refused else 'never answers'}: ended after {took_s:.1f} s")


@pytest.mark.parametrize(
    "fault", [Fault(status=503), Fault(lose="request", reset=True), Fault(hole=True), None],
    ids=["503", "reset", "hole", "refused"],
)  # fmt: skip
async def test_f5_four_hours_without_a_server(
    fleet: Fleet, proxy: Proxy, tmp_path: Path, fault: Fault | None
) -> None:
    hours = 4 if fault and fault.status else 1
    fleet.server = {"poll_interval_s": MINUTE_S, "request_timeout_s": 1.0}
    await _outage(fleet, proxy, tmp_path, fault, hours * 60 * MINUTE_S)


async def test_f5_three_minutes_without_a_server_at_the_pace_of_every_day(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    fleet.server = {"poll_interval_s": 60, "request_timeout_s": 30}
    await _outage(fleet, proxy, tmp_path, Fault(status=503), 180)


async def _outage(
    fleet: Fleet, proxy: Proxy, folder: Path, fault: Fault | None, lasts_s: float
) -> None:
    minute_s = fleet.server["poll_interval_s"]
    await fleet.add_hosts(9, first=2)
    fleet.host, fleet.tool, fleet.top = {"limit": 5}, {"slots": 50}, {"max_running": 50}
    script = waiting_tool(folder)
    async with fleet.running() as service:
        with anyio.CancelScope(deadline=anyio.current_time() + lasts_s + 200, shield=True):
            runs = [await fleet.queue(script, host) for host in fleet.hosts for _ in range(5)]
            await until_started(folder, len(runs))
            began = await _go_away(proxy, fault)
            (folder / "release").touch()
            await until_owed(service, 3 * len(runs))
            await anyio.sleep_until(began + lasts_s)
            back = await _return(proxy)
            await until_nothing_is_owed(service)
            took_s = anyio.current_time() - back
    statuses = Counter([await fleet.lab.run_status(run_id) for run_id in runs])
    said = f"{dict(statuses)}, delivered {took_s:.2f} s after the return"
    _tell_outage(proxy, (began, back), minute_s, said)
    assert statuses == {"Passed": 50}
    assert took_s < 60
    if fault and fault.status:
        assert min(poll_gaps_s(proxy, began, back), default=minute_s) >= 0.99 * minute_s


async def _go_away(proxy: Proxy, fault: Fault | None) -> float:
    if fault:
        proxy.rule(fault)
    else:
        await proxy.refuse()
    return anyio.current_time()


async def _return(proxy: Proxy) -> float:
    if proxy.rules:
        proxy.rules.clear()
    else:
        await proxy.listen()
    return anyio.current_time()


def _tell_outage(proxy: Proxy, outage: tuple[float, float], minute_s: float, said: str) -> None:
    began, back = outage
    asked = [call for call in proxy.calls if began <= call.at < back]
    polls = [call for call in asked if call.operation == "current_runs"]
    minutes = (back - began) / minute_s
    hosts = len({call.host for call in proxy.of("current_runs")})
    figures(
        "F5",
        f"{minutes:.0f} min: {said}; {len(asked)} calls in the outage, {len(polls)} polls = "
        f"{len(polls) / hosts / minutes:.3f} a host and minute, smallest gap "
        f"{min(poll_gaps_s(proxy, began, back), default=0) / minute_s:.2f} min",
    )
    assert len(polls) <= hosts * minutes


async def test_f6_thirty_percent_of_all_calls_fail(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await fleet.add_hosts(9, first=2)
    fleet.host, fleet.tool = {"limit": 2}, {"slots": 8}
    fleet.server = {"poll_interval_s": 1.0}
    (tmp_path / "release").touch()
    script = waiting_tool(tmp_path)
    runs = [await fleet.queue(script, host) for host in fleet.hosts for _ in range(5)]
    left = 1.0
    for status in (500, 502, 503, 408, 429):
        # The rules are asked one after the other: each shall have 6 % of all calls.
        asked = {503: "1", 429: "2"}.get(status)
        proxy.rule(Fault(status=status, retry_after=asked), rate=0.06 / left)
        left -= 0.06
    async with fleet.running() as service:
        with anyio.CancelScope(deadline=anyio.current_time() + 180, shield=True):
            began = anyio.current_time()
            for run_id in runs:
                while not (await fleet.item(run_id))["test_run_results"]:
                    await anyio.sleep(0.05)
                while await fleet.lab.run_status(run_id) == "Awaiting Run":
                    await anyio.sleep(0.05)
            await until_nothing_is_owed(service)
            took_s = anyio.current_time() - began
    statuses = Counter([await fleet.lab.run_status(run_id) for run_id in runs])
    failed = Counter(call.fault.status for call in proxy.calls if call.fault)
    applied = Counter(call.request.path for call in proxy.of("update_item") if call.status == 200)
    early = sooner_than_asked(proxy)
    figures(
        "F6",
        f"{len(runs)} runs in {took_s:.0f} s, {len(proxy.calls)} calls, failed {dict(failed)}: "
        f"{dict(statuses)}, results applied {sum(applied.values())}, "
        f"sooner than Retry-After: {len(early)}",
    )
    assert statuses == {"Passed": len(runs)}
    assert set(applied.values()) == {1}
    assert early == []


async def test_f7_answers_cut_after_the_server_acted(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await check_lost_answers(fleet, proxy, tmp_path, Fault(cut_bytes=60))
    figures("F7", "each answer cut at 60 bytes once: two calls each, one state")


class _Lateness:
    """In place of the histogram: every value."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def observe(self, seconds: float) -> None:
        self.values.append(seconds)


async def test_f8_one_refused_host_of_a_hundred() -> None:
    # Short ones in turn, so that what else the machine does is in both.
    rounds, round_s = 20, 3.0
    seen: dict[bool, list[float]] = {True: [], False: []}
    async with polling(*range(100), interval_s=1.0, limit_s=600) as here:
        late = _Lateness()
        here.remote.metrics.poll_lateness = late  # type: ignore[assignment]  # keeps each value
        await anyio.sleep(2)
        for number in range(rounds):
            refused = number % 2 == 0
            await _refuse(here, refused=refused)
            late.values.clear()
            await anyio.sleep(round_s)
            seen[refused] += late.values
        await _refuse(here, refused=False)
    said, medians = [], dict[bool, float]()
    for refused, values in seen.items():
        cuts = quantiles(values, n=100)
        medians[refused] = cuts[49]
        said.append(
            f"{'one refused' if refused else 'none refused'}: {len(values)} polls, "
            f"mean {1000 * fmean(values):.3f} ms, p50 {1000 * cuts[49]:.3f}, "
            f"p95 {1000 * cuts[94]:.3f}, p99 {1000 * cuts[98]:.3f}"
        )
    change = medians[True] / medians[False] - 1
    figures("F8", "; ".join(said) + f"; change of the median {100 * change:+.1f} %")
    # Of the median, since a few hiccups of a busy machine make up most of the mean.
    assert change < 0.05


async def _refuse(here: Polling, *, refused: bool) -> None:
    if refused:
        here.remote.status(0, 401)
        await until(lambda: here.poller.hosts["h0"].state == "refused")
        return
    here.remote.lists(0)
    # As a reload does with a new token.
    here.add(0)
    await until(lambda: here.poller.hosts["h0"].last_poll_at > 0)


@pytest.mark.parametrize(
    "fault", [Fault(bytes_per_s=1), Fault(first_byte_s=60), Fault(hole=True)],
    ids=["drip", "late", "hole"],
)  # fmt: skip
async def test_f9_a_host_that_is_served_slowly(fleet: Fleet, proxy: Proxy, fault: Fault) -> None:
    await check_slow_host(fleet, proxy, fault)
    slow = fleet.hosts["lab_001"].id
    took_s = [call.ended - call.at for call in proxy.of("current_runs", host=slow)]
    figures("F9", f"slow calls ended after {max(took_s):.2f} s at most (limit 0.3 s)")


async def test_f19_a_thousand_hosts_start_at_once(fleet: Fleet, proxy: Proxy) -> None:
    interval_s = 60.0
    await fleet.add_hosts(999, first=2)
    fleet.server = {"poll_interval_s": interval_s}
    async with fleet.running() as service:
        with anyio.CancelScope(deadline=anyio.current_time() + 180, shield=True):
            began = anyio.current_time()
            await until(lambda: len({call.host for call in proxy.calls}) == 1000, 120)
            all_asked_s = anyio.current_time() - began
            sample = service.metrics.registry.get_sample_value
            late = "labfleet_poll_lateness_seconds_"
            late_s = (sample(late + "sum") or 0.0) / (sample(late + "count") or 1.0)
    firsts: dict[int, float] = {}
    for call in proxy.of("current_runs"):
        firsts.setdefault(call.host, call.at - began)
    tenths = Counter(min(9, int(at * 10 / interval_s)) for at in firsts.values())
    gap_s = max(later - earlier for earlier, later in pairwise(sorted(firsts.values())))
    figures(
        "F19",
        f"1000 first polls in {all_asked_s:.1f} s of an interval of {interval_s:.0f} s, by tenths "
        f"{[tenths[n] for n in range(10)]}, longest gap {gap_s:.2f} s, "
        f"at most {proxy.most_connections} connections, mean lateness {1000 * late_s:.0f} ms",
    )
    assert all(50 < tenths[number] < 170 for number in range(10))
    assert proxy.most_connections <= 64
