"""All pending runs are read, however the server pages, and no server reads us to death."""

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from orchestrator.api.client import HostClient
from tests.api.servers import Web, open_client, open_web
from tests.standin.lab import Host, Lab

Serve = Callable[[int, int], Any]


async def read(serve: Serve) -> tuple[list[int], list[str], Web]:
    """Read the runs of a server that answers *serve*(offset, limit) as its document."""

    def answer(request: web.Request) -> web.Response:
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        return web.Response(text=json.dumps(serve(offset, limit)))

    async with open_web(answer) as server, open_client(server.url) as (_, client):
        runs, problems = await client.pending_runs()
    return [run.id for run in runs], problems, server


def page(ids: Sequence[int], **result_set: Any) -> dict[str, Any]:
    return {
        "metadata": {"result_set": {"count": len(ids), **result_set}},
        "results": [{"id": number, "test_run_items": [{}]} for number in ids],
    }


async def test_more_than_two_pages_of_pending_runs_are_all_read(
    lab: Lab, host: Host, client: HostClient
) -> None:
    test_id = await lab.door.add_test(4102, "Add item")
    queued = [
        await lab.door.queue(project=4102, host_id=host.id, test_id=test_id) for _ in range(203)
    ]

    runs, problems = await client.pending_runs()

    assert [run.id for run in runs] == queued
    assert problems == []
    assert lab.faults.calls["current_runs"] == 3


async def test_an_idle_host_costs_one_call(lab: Lab, client: HostClient) -> None:
    assert await client.pending_runs() == ([], [])
    assert lab.faults.calls["current_runs"] == 1


async def test_a_server_that_gives_less_than_asked_is_read_to_its_end() -> None:
    every = range(1, 61)

    ids, problems, server = await read(lambda at, _: page(every[at : at + 25], total=60))

    assert (ids, problems, len(server.seen)) == (list(every), [], 3)


async def test_a_server_that_tells_no_total_is_read_to_an_empty_page() -> None:
    every = range(1, 61)

    ids, problems, server = await read(lambda at, _: page(every[at : at + 25]))

    assert (ids, problems, len(server.seen)) == (list(every), [], 4)


async def test_runs_that_shift_between_pages_are_listed_once_and_in_order() -> None:
    pages = iter([page([1, 2, 3], total=5), page([3, 4], total=5)])

    ids, problems, _ = await read(lambda *_: next(pages))

    assert (ids, problems) == ([1, 2, 3, 4], [])


async def test_a_run_that_is_skipped_as_the_list_shrinks_comes_with_the_next_poll() -> None:
    pending = list(range(1, 151))

    def serve(offset: int, limit: int) -> dict[str, Any]:
        answer = page(pending[offset : offset + limit], total=len(pending))
        if offset == 0 and len(pending) == 150:
            del pending[:10]
        return answer

    first, problems, _ = await read(serve)
    second, _, _ = await read(serve)

    assert problems == []
    assert set(range(11, 151)) <= {*first, *second}
    assert set(second) == set(range(11, 151))


async def test_a_list_without_end_is_cut_and_told() -> None:
    ids, problems, server = await read(lambda at, _: page([at + 1], total=10**9))

    assert len(ids) == len(server.seen) == 200
    assert problems == ["the list does not end after 200 runs"]


async def test_a_server_that_repeats_its_first_page_is_not_asked_for_ever() -> None:
    ids, problems, server = await read(lambda *_: page([1, 2], total=10**9))

    assert (ids, len(server.seen)) == ([1, 2], 2)
    assert problems == ["of 1000000000 runs the server lists the first only"]


async def test_a_server_that_does_not_page_at_all_is_no_problem() -> None:
    assert (await read(lambda *_: page([1, 2])))[:2] == ([1, 2], [])
    assert (await read(lambda *_: {"results": [{"id": 5}]}))[:2] == ([5], [])


async def test_a_page_of_unreadable_runs_does_not_end_the_list() -> None:
    pages = itertools.chain([page([0, 0], total=3), page([7], total=3)])

    ids, problems, _ = await read(lambda *_: next(pages))

    assert ids == [7]
    assert len(problems) == 1
