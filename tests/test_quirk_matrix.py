"""labfleet against each way to read the vendor's documents: one small lab for each switch.

Every lab registers its host, polls, fetches scripts, runs tools, and reports statuses, logs and
reports; what counts is what arrived at the stand-in. A switch that no call of labfleet ever
touches is named with the reason; all others have to be met, or the lab has shown nothing.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession

from orchestrator.api.client import HostClient
from orchestrator.api.transport import open_session
from orchestrator.errors import ApiError
from orchestrator.standin import SWITCHES
from orchestrator.standin.quirks.of_runs import RUNS
from tests.attempts import until
from tests.quirk_lab import NAME, QuirkLab, Seen, open_quirk_lab
from tests.quirk_mixtures import faults, mixture
from tests.quirk_page import NEVER_MET, OTHERWISE, PAGE, page
from tests.standin.lab import result

AT_ONCE = 4

Story = Callable[[QuirkLab], Awaitable[Seen]]


async def usual(lab: QuirkLab) -> Seen:
    """From nothing to three verdicts."""
    registered = await lab.register()
    await lab.queue()
    return await _worked_off(lab, registered)


async def _worked_off(lab: QuirkLab, registered: str, *, owed: int = 0) -> Seen:
    async with lab.fleet.running() as service:
        await lab.until_done(service, owed=owed)
        return await lab.seen(registered, service)


async def by_path(lab: QuirkLab) -> Seen:
    """The scripts lie on this machine, in files with a blank and a percent sign."""
    registered = await lab.register()
    await lab.queue(link="here")
    return await _worked_off(lab, registered)


async def by_share(lab: QuirkLab) -> Seen:
    """The scripts lie on a share, which this machine cannot open; labfleet has to say so."""
    registered = await lab.register()
    await lab.queue(link=r"\\srv\share\suite 100%.zip")
    seen = await _worked_off(lab, registered)
    _, reason = await lab.fleet.verdict(lab.runs[0])
    assert r"\\srv\share\suite 100%.zip" in reason
    return seen


async def too_big(lab: QuirkLab) -> Seen:
    """Reports are larger than the server takes; they are asked for again later."""
    registered = await lab.register()
    await lab.queue()
    return await _worked_off(lab, registered, owed=1)


async def in_one_of_two_departments(lab: QuirkLab) -> Seen:
    registered = await lab.register("lead@example.com", "Payments")
    await lab.queue()
    return await _worked_off(lab, registered)


async def with_a_namesake(lab: QuirkLab) -> Seen:
    """Another host's name holds ours."""
    other = await lab.lab.host(f"{NAME}2")
    registered = await lab.register()
    assert lab.host.id != other.id
    await lab.queue()
    return await _worked_off(lab, registered)


async def registered_meanwhile(lab: QuirkLab) -> Seen:
    """Somebody registers the host just after labfleet looked for it."""
    there = await lab.lab.host(NAME)
    lab.lab.faults.answer("find_host", 404)
    assert await lab.register() in {"found", "created"}
    assert lab.host == there
    await lab.queue()
    return await _worked_off(lab, "created")


def losing(operation: str) -> Story:
    """Make a story in which the answer to *operation*, which was acted upon, is lost once."""

    async def story(lab: QuirkLab) -> Seen:
        registered = await lab.register()
        await lab.queue()
        lab.lab.faults.drop(operation, when="after")
        return await _worked_off(lab, registered)

    return story


async def losing_a_log_for_good(lab: QuirkLab) -> Seen:
    """The answer to a log is lost, and the server takes no second one."""
    registered = await lab.register()
    await lab.queue()
    lab.lab.faults.drop("upload_log", when="after")
    async with lab.fleet.running() as service:
        await until(lambda: lab.lab.faults.calls["upload_log"] >= 2)
        await lab.until_done(service, owed=2)
        return await lab.seen(registered, service)


async def many_pages(lab: QuirkLab) -> Seen:
    """More runs than a page may have; most of them no tool of this host can do."""
    registered = await lab.register()
    more = [await lab.lab.scripted_run(lab.host, "testng", b"PK") for _ in range(26)]
    await lab.queue()
    seen = await _worked_off(lab, registered)
    assert {await lab.lab.run_status(run) for run in more} == {"Blocked"}
    return seen


async def switched_off_and_on(lab: QuirkLab) -> Seen:
    """The host is made inactive while its first tool runs, and active again."""
    registered = await lab.register()
    await lab.queue()
    faults = lab.lab.faults
    async with lab.fleet.running() as service:
        while not faults.calls["update_item"]:
            await anyio.sleep(0.01)
        await lab.client.update_host({"is_active": False})
        polls = faults.calls["current_runs"]
        while faults.calls["current_runs"] < polls + 4:
            await anyio.sleep(0.02)
        await lab.client.update_host({"is_active": True})
        await lab.until_done(service)
        return await lab.seen(registered, service)


def refused(status: int, ask: Callable[[QuirkLab], Awaitable[object]]) -> Story:
    """Make a story in which labfleet's client asks what it may not, and is told *status*."""

    async def story(lab: QuirkLab) -> Seen:
        registered = await lab.register()
        await lab.queue()
        with pytest.raises(ApiError) as caught:
            await ask(lab)
        assert caught.value.status == status
        return await _worked_off(lab, registered)

    return story


async def _by_a_wrong_token(lab: QuirkLab) -> object:
    return await HostClient(lab.api, lab.host.id, "wrong").get_host()


async def _for_anothers_run(lab: QuirkLab) -> object:
    other = await lab.lab.host("OTHER")
    run_id = await lab.lab.run(other)
    return await lab.client.update_item(run_id, 1, result())


STORIES: dict[str, Story] = {
    **dict.fromkeys(("file-redirect", "path-as-text", "path-as-json", "see-other"), by_path),
    **dict.fromkeys(
        ("taken-name-400", "taken-name-409", "taken-name-answered"), registered_meanwhile
    ),
    "partial-names": with_a_namesake,
    "first-department": in_one_of_two_departments,
    "limit-25": many_pages,
    "inactive-hides-runs": switched_off_and_on,
    "read-in-progress": losing("current_runs"),
    "results-once": losing("update_item"),
    "overwrite-ignored": losing("upload_log"),
    "overwrite-refused": losing_a_log_for_good,
    "basic-challenge": refused(401, _by_a_wrong_token),
    "path-redirect": by_share,
    "too-big-500": too_big,
    "other-run-403": refused(403, _for_anothers_run),
}
TOGETHER = {name: ["sequence-gaps"] for name in ("nested-sequence", "item-sequence")}
"""Without gaps an item's place would do for its number, and nothing be shown."""
BOUNDS = {"too-big-404": 2000, "too-big-500": 2000}
"""Bytes that a body may have: enough for a result, not for a report."""


async def see(name: str, folder: Path, session: ClientSession) -> Seen:
    """Play the story that meets the switch *name*; a set of two tests where sets matter."""
    bounds = {"max_upload_bytes": BOUNDS[name]} if name in BOUNDS else {}
    tests = ("one", "two") if SWITCHES[name] in RUNS else ("one",)
    names = [name, *TOGETHER.get(name, [])]
    async with open_quirk_lab(folder, names, session, tests=tests, **bounds) as lab:
        return await STORIES.get(name, usual)(lab)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen | Exception]:
    """What was seen with each switch, or what went wrong; some labs at a time, in one loop."""
    found: dict[str, Seen | Exception] = {}

    async def play(name: str, session: ClientSession, limit: anyio.CapacityLimiter) -> None:
        async with limit:
            try:
                found[name] = await see(name, tmp_path_factory.mktemp(name), session)
            except Exception as error:  # noqa: BLE001  # raised by the test of its switch
                found[name] = error

    async def play_all() -> None:
        limit = anyio.CapacityLimiter(AT_ONCE)
        async with open_session() as session, anyio.create_task_group() as labs:
            for name in SWITCHES:
                labs.start_soon(play, name, session, limit)

    anyio.run(play_all)
    return found


@pytest.mark.parametrize("name", SWITCHES)
def test_labfleet_does_its_work_whatever_the_server_is_like(
    matrix: dict[str, Seen | Exception], name: str
) -> None:
    seen = matrix[name]
    if isinstance(seen, Exception):
        raise seen
    told = OTHERWISE[name].told if name in OTHERWISE else ""
    assert seen.told() == told
    assert (name in seen.met) is (name not in NEVER_MET), NEVER_MET.get(name, "never met")


@pytest.mark.parametrize("seed", range(4))
async def test_labfleet_does_its_work_with_many_switches_and_lost_answers(
    tmp_path: Path, seed: int
) -> None:
    async with open_session() as session:
        seen = await mixture(seed).play(tmp_path, session)

    assert faults(seen) == ""


def test_the_page_of_the_matrix_is_what_is_tested_here() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.quirk_page writes it anew"
