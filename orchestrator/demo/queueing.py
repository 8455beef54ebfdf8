"""Queue the demo's runs at the stand-in, as a user would in the web interface."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread

from orchestrator import standin
from orchestrator.demo import archives
from orchestrator.demo.plan import From, QueuedRun, Test

PROJECT = standin.PAYMENTS_PROJECT_ID


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lab is kept and served, and whether it is to outlive its process."""

    root: Path
    standin_url: str
    web_url: str
    keep: bool

    @property
    def scripts(self) -> Path:
        """The folder of the demo's scripts."""
        return self.root / "scripts"


async def queue(door: standin.Door, run: QueuedRun, host_id: int, place: Place) -> int:
    """Add the tests of *run* and queue it, as a user would in the web interface; its number."""
    test_ids = [await _add(door, test, place) for test in run.tests]
    if run.set_name:
        stops = [(test_id, t.stops) for test_id, t in zip(test_ids, run.tests, strict=True)]
        set_id = await door.add_set(PROJECT, run.set_name, stops)
        return await door.queue(project=PROJECT, host_id=host_id, test_set_id=set_id)
    return await door.queue(project=PROJECT, host_id=host_id, test_id=test_ids[0])


async def _add(door: standin.Door, test: Test, place: Place) -> int:
    test_id = await door.add_test(PROJECT, test.name)
    more = {"Title": test.title, "Timeout": test.timeout_s, "Params": dict(test.params)}
    wanted = {name: value for name, value in more.items() if value}
    await door.add_automation(PROJECT, test_id, test.agent, **wanted)
    packed = await to_thread.run_sync(partial(archives.pack, place.scripts, test.files))
    file = place.root / "www" / f"{test_id}.zip"
    link = {
        From.WEB: f"{place.web_url}/{test_id}.zip",
        From.LOCAL_ZIP: str(file),
        From.FOLDER: str(place.scripts),
        From.NOWHERE: f"{place.web_url}/nowhere.zip",
    }.get(test.source)
    if link is None:
        damaged = packed[: len(packed) // 2] + b"damaged"
        archive = damaged if test.source is From.DAMAGED else packed
        await door.attach_zip(PROJECT, test_id, test.agent, archive)
        return test_id
    await anyio.Path(file).write_bytes(packed)
    await door.attach_link(PROJECT, test_id, test.agent, link)
    return test_id
