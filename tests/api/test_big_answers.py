"""An answer of some megabytes is read beside the loop, and only so far as it can be meant."""

import anyio
from aiohttp import web

from orchestrator.api.wire import MOST_RUNS
from tests.api.servers import open_client, open_web


async def test_a_list_of_a_hundred_thousand_runs_holds_up_nobody_and_is_cut_and_told() -> None:
    runs = [{"id": number} for number in range(1, 100_000)]

    async def answer(request: web.Request) -> web.Response:
        here = [] if request.query["offset"] != "0" else runs
        return web.json_response({"results": here})

    longest_s = took_s = 0.0
    async with open_web(answer) as server, open_client(server.url) as (_, client):

        async def tick() -> None:
            nonlocal longest_s
            while True:
                before = anyio.current_time()
                await anyio.sleep(0.01)
                longest_s = max(longest_s, anyio.current_time() - before)

        async with anyio.create_task_group() as beside:
            beside.start_soon(tick)
            began = anyio.current_time()
            found, problems = await client.pending_runs()
            took_s = anyio.current_time() - began
            beside.cancel_scope.cancel()

    assert len(found) == MOST_RUNS
    assert problems == [f"of 99999 runs in one answer the first {MOST_RUNS} are read only"]
    assert longest_s < 0.6 * took_s
