"""The schedule of all hosts, against a server that answers each of them differently."""

import time

import anyio

from tests.attempts import until
from tests.remote import INTERVAL_S, Polling, open_remote, polling


async def test_first_polls_are_spread_over_one_interval() -> None:
    async with polling(*range(400), interval_s=100.0) as here:
        now = anyio.current_time()
        due = [host.due - now for host in here.poller.hosts.values()]

    assert all(-1 < wait_s <= 100 for wait_s in due)
    assert all(sum(q * 25 <= wait_s < q * 25 + 25 for wait_s in due) > 50 for q in range(4))


async def test_an_idle_host_is_asked_every_interval_give_or_take_a_tenth() -> None:
    async with polling(1) as here:
        await until(lambda: len(here.delays_s.get("h1", [])) >= 8)

        assert all(0.85 * INTERVAL_S <= s <= 1.1 * INTERVAL_S for s in here.delays_s["h1"])
        assert max(here.delays_s["h1"]) - min(here.delays_s["h1"]) > 0.001


async def test_a_poll_that_brought_work_is_followed_at_once() -> None:
    async with polling(1) as here:
        here.remote.lists(1, 7)
        here.new.add("h1")
        here.poller.interval_s = 60.0
        await until(lambda: here.delays_s.get("h1"))

        assert here.taken[0][:2] == ("h1", [7])
        assert here.delays_s["h1"][0] <= 1.0
        assert here.poller.hosts["h1"].asked < 0


async def test_what_a_poll_brings_is_kept_although_its_host_was_removed_meanwhile() -> None:
    async with polling(1, 2) as here:
        here.remote.answers[1] = here.remote.hang
        await until(lambda: here.remote.in_flight)
        here.poller.remove("h1")
        calls = here.remote.calls[1]
        here.remote.release.set()
        await until(lambda: any(key == "h1" for key, _, _ in here.taken))

        polled = here.remote.calls[2]
        await until(lambda: here.remote.calls[2] >= polled + 3)
        assert here.remote.calls[1] == calls
        assert set(here.poller.hosts) == {"h2"}


async def test_a_poll_for_an_identity_that_its_key_lost_in_a_pause_is_left_alone() -> None:
    async with polling(1, 2) as here:
        here.remote.answers[1] = here.remote.hang
        await until(lambda: here.remote.in_flight)
        here.poller.remove("h1")
        here.poller.disown("h1")
        here.poller.add("h1", here.remote.client(3))
        here.remote.release.set()
        await until(lambda: here.remote.calls[3] >= 3 and not here.remote.in_flight)

    assert not any(runs for _, runs, _ in here.taken)


async def test_a_poll_is_said_to_have_begun_before_the_server_answered() -> None:
    async with polling(1) as here:
        here.remote.answers[1] = here.remote.hang
        await until(lambda: here.remote.in_flight)
        asked_at = time.time()
        here.remote.release.set()
        await until(lambda: here.taken)

        assert asked_at - 5 < here.taken[0][2] <= asked_at


async def test_ten_thousand_hosts_added_again_and_again_leave_no_entries_behind() -> None:
    async with open_remote() as remote:
        here = Polling(remote, 60.0, 300.0)
        for _ in range(6):
            here.add(*range(10_000))

        assert len(here.poller) <= 30_100


async def test_a_shorter_interval_counts_at_once() -> None:
    async with polling(1, interval_s=3600.0) as here:
        here.poller.pace(INTERVAL_S)

        await until(lambda: here.remote.calls[1] >= 3)
