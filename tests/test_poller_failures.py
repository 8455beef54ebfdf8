"""Hosts that cannot be asked: how often they are tried, and that they hold up nobody."""

import anyio
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from orchestrator.errors import StateError
from orchestrator.poller import POLLS_IN_FLIGHT
from tests.attempts import until
from tests.remote import polling


async def test_failures_back_off_doubling_up_to_ten_intervals_and_are_told_once() -> None:
    with capture_logs() as logs:
        async with polling(1, interval_s=0.02) as here:
            here.remote.status(1, 503)
            await until(lambda: len(here.delays_s.get("h1", [])) >= 7)
            host = here.poller.hosts["h1"]
            assert (host.state, host.failures >= 7) == ("backing_off", True)
            assert "503" in host.error
            delays_s = here.delays_s["h1"][:7]

            here.remote.lists(1)
            await until(lambda: host.state == "polling")
            assert (host.error, host.failures) == ("", 0)

    for number, delay_s in enumerate(delays_s):
        bound_s = min(0.2, 0.02 * 2**number)
        assert 0.7 * bound_s <= delay_s <= bound_s, number
    assert [line["event"] for line in logs] == ["host.unreachable", "host.reachable"]


@pytest.mark.parametrize(
    ("header", "least_s", "most_s"), [("2", 1.9, 2.0), ("999999999", 3590, 3600), ("soon", 0, 0.1)]
)
async def test_a_host_is_not_asked_sooner_than_the_server_wants(
    header: str, least_s: float, most_s: float
) -> None:
    async with polling(1) as here:
        here.remote.status(1, 429, **{"Retry-After": header})
        await until(lambda: here.delays_s.get("h1"))

        assert least_s <= here.delays_s["h1"][0] <= most_s


async def test_a_refused_host_is_asked_rarely_and_told_once_until_it_is_let_in() -> None:
    with capture_logs() as logs:
        async with polling(1, interval_s=0.02) as here:
            here.remote.status(1, 401)
            await until(lambda: len(here.delays_s.get("h1", [])) >= 3)
            assert here.poller.hosts["h1"].state == "refused"
            assert all(0.15 <= delay_s <= 0.2 for delay_s in here.delays_s["h1"])
            assert here.poller.hosts["h1"].asked > 0

            here.remote.lists(1)
            await until(lambda: here.poller.hosts["h1"].state == "polling")

    assert [line["event"] for line in logs] == ["host.refused", "host.reachable"]


async def test_one_refused_and_one_hanging_host_delay_none_of_a_hundred() -> None:
    async with polling(*range(100), interval_s=0.3, request_timeout_s=0.5) as here:
        here.remote.status(0, 401)
        here.remote.answers[1] = here.remote.hang
        await until(lambda: min(here.polls(*range(2, 100))) >= 4)

        samples = next(iter(here.remote.metrics.poll_lateness.collect())).samples
        total = {s.name.removeprefix("labfleet_poll_lateness_seconds_"): s.value for s in samples}
        assert total["sum"] / total["count"] < 0.25
        states = [host.state for host in here.poller.hosts.values()]
        assert states == ["refused", "backing_off"] + ["polling"] * 98


async def test_many_hanging_hosts_hold_up_the_others_by_one_poll_only() -> None:
    hanging, healthy = range(120), range(200, 210)
    async with polling(*hanging, *healthy, interval_s=0.02, request_timeout_s=0.3) as here:
        for host_id in hanging:
            here.remote.answers[host_id] = here.remote.hang
        await until(lambda: all(here.poller.hosts[f"h{n}"].failures for n in hanging))

        before = here.polls(*healthy)
        hung_before = sum(here.polls(*hanging))
        with anyio.fail_after(2):
            await until(lambda: min(map(int.__sub__, here.polls(*healthy), before)) >= 10)

        # In the time of a hundred healthy polls, the hanging had no more than their few slots.
        assert sum(here.polls(*hanging)) - hung_before < 100
        assert here.remote.most_in_flight <= POLLS_IN_FLIGHT


async def test_a_listing_without_end_is_given_up() -> None:
    async with polling(1, longest_poll_s=0.1) as here:
        here.remote.answers[1] = here.remote.hang
        await until(lambda: here.poller.hosts["h1"].state == "backing_off")

        assert "no end" in here.poller.hosts["h1"].error
        assert here.taken == []


async def test_the_old_token_of_a_host_that_got_a_new_one_is_not_complained_about() -> None:
    with capture_logs() as logs:
        async with polling(1) as here:

            async def refuse() -> web.Response:
                await here.remote.release.wait()
                return web.Response(status=401)

            here.remote.answers[1] = refuse
            await until(lambda: here.remote.in_flight)
            here.remote.lists(1)
            here.add(1)
            here.remote.release.set()
            await until(lambda: here.remote.calls[1] >= 4)

    assert logs == []


async def test_an_error_of_our_own_is_told_once_and_the_runs_are_asked_for_again() -> None:
    with capture_logs() as logs:
        async with polling(1, interval_s=0.02) as here:
            here.remote.lists(1, 5)
            here.error = StateError("the disk is full")
            await until(lambda: len(here.taken) >= 3)
            assert here.poller.hosts["h1"].error == "the disk is full"
            assert here.poller.hosts["h1"].asked < 0
            here.error = None
            await until(lambda: here.poller.hosts["h1"].state == "polling")

    assert [line["event"] for line in logs] == ["host.unreachable", "host.reachable"]


async def test_after_an_outage_all_are_asked_soon_but_for_whom_the_server_put_off() -> None:
    async with polling(1, 2, interval_s=0.02) as here:
        here.remote.status(1, 503, **{"Retry-After": "600"})
        here.remote.status(2, 503)
        off, out = here.poller.hosts["h1"], here.poller.hosts["h2"]
        await until(lambda: off.failures and out.failures >= 6 and not out.polling)
        waits = off.due
        here.poller.resume()

        assert off.due == waits > anyio.current_time() + 500
        assert out.due - out.tried >= 0.02
        assert out.due <= max(anyio.current_time(), out.tried + 0.02) + 0.02
