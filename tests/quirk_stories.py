"""What happens in labs where it takes a story to meet a switch."""

from collections.abc import Awaitable, Callable

import anyio

from tests.attempts import until
from tests.quirk_lab import NAME, QuirkLab, Seen

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


async def with_a_namesake(lab: QuirkLab) -> None:
    """Another host's name holds ours."""
    other = await lab.lab.host(f"{NAME}2")
    assert await lab.register() == "created"
    assert lab.host.id != other.id


async def registered_meanwhile(lab: QuirkLab) -> None:
    """Somebody registers the host just after labfleet looked for it."""
    there = await lab.lab.host(NAME)
    lab.lab.faults.answer("find_host", 404)
    assert await lab.register() in {"found", "created"}
    assert lab.host == there


async def begun(lab: QuirkLab) -> Seen:
    """Two polls go by while a tool works, and its script has been fetched twice."""
    registered = await lab.register()
    await lab.queue()
    lab.hold.touch()
    faults = lab.lab.faults
    faults.drop("get_script", when="after")
    async with lab.fleet.running() as service:
        await until(lambda: faults.calls["get_script"] >= 2)
        polls = faults.calls["current_runs"]
        await until(lambda: faults.calls["current_runs"] >= polls + 3)
        assert "in-progress" in lab.lab.quirks.met
        lab.hold.unlink()
        await lab.until_done(service)
        return await lab.seen(registered, service)


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
        await until(lambda: "overwrite-refused" in lab.lab.quirks.met)
        await lab.until_done(service, owed=2)
        return await lab.seen(registered, service)


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


REGISTERING: dict[str, Callable[[QuirkLab], Awaitable[None]]] = {
    "partial-names": with_a_namesake,
    "taken-name-400": registered_meanwhile,
    "taken-name-409": registered_meanwhile,
    "taken-name-answered": registered_meanwhile,
}
"""Stories that end once the host has its identity."""

STORIES: dict[str, Story] = {
    "inactive-hides-runs": switched_off_and_on,
    "in-progress": begun,
    "read-in-progress": losing("current_runs"),
    "results-once": losing("update_item"),
    "overwrite-ignored": losing("upload_log"),
    "overwrite-refused": losing_a_log_for_good,
    "path-redirect": by_share,
    "too-big-404": usual,
    "too-big-500": too_big,
    "no-automation": usual,
    "script-web-page": usual,
}
BOUNDS = {"too-big-404": 2000, "too-big-500": 2000}
"""Bytes that a body may have: enough for a result, not for a report."""
