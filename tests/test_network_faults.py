"""A whole labfleet behind a network and a server in trouble; the proxy makes the trouble."""

import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator.service import Service
from tests.attempts import until
from tests.faults.messages import answer
from tests.faults.proxy import Fault, Proxy
from tests.faults.waiting import (
    owed_on_disk,
    poll_gaps_s,
    sooner_than_asked,
    until_nothing_is_owed,
    until_owed,
    until_started,
    waiting_tool,
)
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.standin.lab import DATA, DEMO, Host
from tests.test_recovery import process

DOWN = Fault(status=503, wait_s=0.05)


def counted(service: Service, operation: str, outcome: str) -> float:
    labels = {"operation": operation, "outcome": outcome}
    found = service.metrics.registry.get_sample_value("labfleet_api_requests_total", labels)
    assert found is not None
    return found


async def answered_polls(proxy: Proxy, host: int, more: int = 2) -> None:
    """Wait until *more* polls of *host* have got the server's own answer."""

    def count() -> int:
        return sum(call.status == 200 for call in proxy.of("current_runs", host=host))

    before = count()
    await until(lambda: count() >= before + more)


async def test_an_answer_lost_after_the_server_acted_doubles_nothing(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await check_lost_answers(fleet, proxy, tmp_path, Fault(lose="answer", reset=True))


async def check_lost_answers(fleet: Fleet, proxy: Proxy, tmp_path: Path, fault: Fault) -> None:
    for operation in ("update_item", "upload_log", "upload_report", "get_script"):
        proxy.rule(fault, operation, times=1)
    (tmp_path / "release").touch()
    run_id = await fleet.queue(waiting_tool(tmp_path))
    async with fleet.running() as service:
        await fleet.until_status(run_id, "Passed")
        await until_nothing_is_owed(service)

    item = await fleet.item(run_id)
    assert len(item["test_run_results"]) == 1  # type: ignore[arg-type]  # a document
    assert await fleet.upload(run_id, "log")
    assert await fleet.upload(run_id, "report")
    made = proxy.counted()
    assert (made["update_item"], made["upload_log"], made["upload_report"]) == (2, 2, 2)


async def test_each_run_is_reported_once_though_a_third_of_all_calls_fail(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await fleet.add_hosts(5, first=2)
    fleet.tool = {"slots": 6}
    (tmp_path / "release").touch()
    script = waiting_tool(tmp_path)
    runs = [await fleet.queue(script, host) for host in fleet.hosts for _ in range(2)]
    for status, rate in ((500, 0.06), (502, 0.064), (503, 0.068), (408, 0.073), (429, 0.08)):
        asked = "1" if status in {503, 429} else None
        proxy.rule(Fault(status=status, retry_after=asked), rate=rate)
    async with fleet.running() as service:
        for run_id in runs:
            await fleet.until_status(run_id, "Passed")
        await until_nothing_is_owed(service)

    failed = Counter(call.fault.status for call in proxy.calls if call.fault)
    assert sum(failed.values()) > 0.15 * len(proxy.calls)
    assert sooner_than_asked(proxy) == []
    # What was acted upon: a result twice only where an answer was lost, and none was here.
    applied = [call.request.path for call in proxy.of("update_item") if call.status == 200]
    assert len(applied) == len(set(applied)) == len(runs)


async def test_an_outage_loses_nothing_and_is_tried_by_one_call_at_a_time(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await fleet.add_hosts(19, first=2)
    fleet.tool = {"slots": 5}
    script = waiting_tool(tmp_path)
    runs = [await fleet.queue(script, host) for host in [*fleet.hosts][:5]]
    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_started(tmp_path, len(runs))
            with proxy.faulty(DOWN):
                began = anyio.current_time()
                (tmp_path / "release").touch()
                await until_owed(service, 3 * len(runs))
                # Half an hour of an interval of a minute.
                await anyio.sleep(max(0.0, began + 3.0 - anyio.current_time()))
                ended = anyio.current_time()
                assert service.metrics.registry.get_sample_value("labfleet_server_away") == 1
                assert owed_on_disk(fleet) == 3 * len(runs)
            await until_nothing_is_owed(service)
            for host in fleet.hosts.values():
                await answered_polls(proxy, host.id, 1)

    assert [await fleet.lab.run_status(run_id) for run_id in runs] == ["Passed"] * len(runs)
    assert min(poll_gaps_s(proxy, began, ended)) >= 0.099
    # Twenty hosts and five results, but all together one at a time, once it is known.
    asked = [call for call in proxy.calls if began + 1.0 <= call.at <= ended]
    assert all(later.at >= earlier.ended for earlier, later in pairwise(asked))
    assert Counter(line["event"] for line in logs)["server.back"] >= 1


async def test_sigterm_while_the_server_is_down_leaves_the_outbox_on_disk(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    await check_sigterm(fleet, proxy, tmp_path, refused=True)


async def check_sigterm(fleet: Fleet, proxy: Proxy, tmp_path: Path, *, refused: bool) -> float:
    """End a labfleet whose server is down; return how long it took, in seconds."""
    script = waiting_tool(tmp_path)
    run_id = await fleet.queue(script)
    with process(fleet) as labfleet:
        with anyio.fail_after(LIMIT_S):
            await until_started(tmp_path, 1)
        if refused:
            await proxy.refuse()
        else:
            proxy.rule(Fault(hole=True))
        (tmp_path / "release").touch()
        with anyio.fail_after(LIMIT_S):
            while owed_on_disk(fleet) < 3:
                await anyio.sleep(0.02)
        labfleet.send_signal(signal.SIGTERM)
        told = anyio.current_time()
        with anyio.fail_after(10):
            await anyio.to_thread.run_sync(labfleet.wait, abandon_on_cancel=True)
        took_s = anyio.current_time() - told

    assert labfleet.returncode == 0
    assert owed_on_disk(fleet) == 3
    assert await fleet.lab.run_status(run_id) != "Passed"
    proxy.rules.clear()
    if refused:
        await proxy.listen()
    with process(fleet), anyio.fail_after(LIMIT_S):
        await fleet.until_status(run_id, "Passed")
        while owed_on_disk(fleet):
            await anyio.sleep(0.02)
    return took_s


async def test_a_host_that_is_served_a_byte_a_second_holds_up_no_other(
    fleet: Fleet, proxy: Proxy
) -> None:
    await check_slow_host(fleet, proxy, Fault(bytes_per_s=1))


async def check_slow_host(fleet: Fleet, proxy: Proxy, fault: Fault) -> None:
    await fleet.add_hosts(9, first=2)
    fleet.server = {"request_timeout_s": 0.3}
    slow, *others = [host.id for host in fleet.hosts.values()]
    proxy.rule(fault, host=slow)
    async with fleet.running() as service:
        await until(lambda: counted(service, "current_runs", "timeout") >= 2)
        for host in others:
            await answered_polls(proxy, host)
        late = "labfleet_poll_lateness_seconds"
        sample = service.metrics.registry.get_sample_value
        within, polls = sample(f"{late}_bucket", {"le": "1.0"}), sample(f"{late}_count")
        assert service.metrics.registry.get_sample_value("labfleet_server_away") == 0

    assert within is not None
    assert polls is not None
    assert within >= 0.95 * polls
    took_s = [call.ended - call.at for call in proxy.of("current_runs", host=slow)[:2]]
    assert all(one_s < 2.0 for one_s in took_s), took_s


@pytest.mark.parametrize("head_at_once", [True, False], ids=["body", "head"])
async def test_a_script_that_drips_frees_its_slot_for_another_run(
    fleet: Fleet, proxy: Proxy, head_at_once: bool
) -> None:
    fleet.server = {"request_timeout_s": 0.2}
    with proxy.faulty(Fault(bytes_per_s=40, head_at_once=head_at_once), "get_script", times=1):
        run_id = await fleet.queue(tool())
        async with fleet.running():
            await fleet.until_status(run_id, "Passed")

    dripped = proxy.of("get_script")[0]
    assert dripped.ended - dripped.at < 4


async def test_a_refused_host_is_asked_rarely_and_recovers_with_a_good_token(
    fleet: Fleet, proxy: Proxy
) -> None:
    await fleet.add_hosts(9, first=2)
    refused = fleet.hosts["lab_001"]
    fleet.hosts["lab_001"] = Host(refused.id, "wrong")
    async with fleet.running() as service:
        others = [host.id for host in fleet.hosts.values() if host.id != refused.id]
        await until(lambda: min(len(proxy.of("current_runs", host=host)) for host in others) >= 12)
        states = {view.key: view.state for view in service.fleet.views()}
        assert states == {"lab_001": "refused"} | dict.fromkeys(list(fleet.hosts)[1:], "polling")
        assert len(proxy.of("current_runs", host=refused.id)) <= 4

        fleet.hosts["lab_001"] = refused
        fleet.write()
        assert await service.reload(fleet.load)
        await answered_polls(proxy, refused.id)
        run_id = await fleet.queue(tool(PASSING))
        await fleet.until_status(run_id, "Passed")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS = HEAD + b"Connection: close\r\n\r\n[[["


@pytest.mark.parametrize(
    "fault",
    [
        Fault(say=HEAD + b'Content-Length: 14\r\n\r\n{"results": 1}'),
        Fault(say=HEAD + b"Content-Length: 52428800\r\n\r\n", repeat=b" " * 1_000_000),
        Fault(say=ENDLESS, repeat=b"[" * 100_000),
        Fault(say=answer(200, body=b"[" * 15_000_000)),
    ],
    ids=["shape", "50 MB", "endless", "deep"],
)
async def test_an_answer_without_sense_or_end_is_refused_counted_and_outlived(
    fleet: Fleet, proxy: Proxy, fault: Fault
) -> None:
    await fleet.add_hosts(1, first=2)
    odd, other = fleet.hosts.values()
    async with fleet.running() as service:
        with proxy.faulty(fault, "current_runs", host=odd.id):
            await until(lambda: counted(service, "current_runs", "decode") >= 2)
            states = {view.key: view.state for view in service.fleet.views()}
            await answered_polls(proxy, other.id)
        assert states == {"lab_001": "backing_off", "lab_002": "polling"}
        run_id = await fleet.queue(tool(PASSING), "lab_001")
        await fleet.until_status(run_id, "Passed")


async def test_a_run_that_is_deleted_while_it_runs_ends_and_its_reports_are_dropped(
    fleet: Fleet, proxy: Proxy, tmp_path: Path
) -> None:
    run_id = await fleet.queue(waiting_tool(tmp_path))
    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_started(tmp_path, 1)
            answer = await fleet.lab.call("DELETE", f"{DATA}/testruns/{run_id}", DEMO)
            assert answer.status < 300, answer.body
            await answered_polls(proxy, fleet.hosts["lab_001"].id)
            (tmp_path / "release").touch()
            await until_nothing_is_owed(service)
            after = await fleet.queue(tool(PASSING))
            await fleet.until_status(after, "Passed")

    dropped = [line for line in logs if line["event"] == "delivery.dropped"]
    assert [line["kind"] for line in dropped] == ["result"]
    assert [line["event"] for line in logs].count("run.finished") == 2
    assert owed_on_disk(fleet) == 0
    assert not list((fleet.folder / "state" / "attempts").glob(f"{1:06}-*"))
