"""labfleet against each way to read the vendor's documents.

Every switch: what labfleet's client reads, call by call, is compared with what it reads without
the switch. Where only a whole labfleet shows what comes of it: a story, from the registration to
what arrived at the stand-in. All other switches: in mixtures.
"""

import shutil
from pathlib import Path

import anyio
import pytest

from orchestrator.api.transport import open_session
from orchestrator.standin import SWITCHES
from tests.quirk_calls import Calls, Read, changes
from tests.quirk_lab import Seen, open_quirk_lab
from tests.quirk_mixtures import covering, faults
from tests.quirk_page import (
    DECIDES_NOTHING,
    NEVER_MET,
    OTHERWISE,
    PAGE,
    README,
    page,
    standin_readme,
)
from tests.quirk_reads import READS
from tests.quirk_server import open_server, prepare
from tests.quirk_stories import BOUNDS, REGISTERING, STORIES

AT_ONCE = 4
SMALL, LARGE = {"max_upload_bytes": 100_000}, 4_100_000
ALONE = {"small-uploads", "limit-25"}
"""What is compared with a server of its own, which differs in other things too."""
AS_OTHERS = [*NEVER_MET, "exact-input-names"]
"""What makes no difference to labfleet, and has to make one to others."""
TOGETHER = {name: ["sequence-gaps"] for name in ("nested-sequence", "item-sequence")}
"""With whom; without gaps an item's place would do for its number, and nothing be shown."""
REST = [name for name in SWITCHES if name not in {*NEVER_MET, *OTHERWISE, *REGISTERING, *STORIES}]


async def _call(folder: Path, template: Path, name: str, like: str = "") -> Read:
    """Make all calls to a server with the switch *name*; *like* says for whose sake, without."""
    like = like or name
    shutil.copytree(template, folder)
    bounds = {} if like == "small-uploads" else SMALL
    names = [name, *TOGETHER.get(name, [])] if name else []
    read = Read()
    async with (
        open_session() as session,
        open_server(folder, names, read.answers, **bounds) as lab,
    ):
        big = 2 * SMALL["max_upload_bytes"] if bounds else LARGE
        more = 26 if like == "limit-25" else 0
        calls = Calls(lab, session, folder, big, more, read)
        return await calls.all(as_others_do=like in AS_OTHERS)


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Read, Read] | Exception]:
    """What was read with each switch and without, or what went wrong."""
    base = tmp_path_factory.mktemp("reads")
    found: dict[str, tuple[Read, Read] | Exception] = {}

    async def read_all() -> None:
        await prepare(base / "template")
        usual: dict[str, Read] = {}
        for name in SWITCHES:
            kind = name if name in ALONE else str(name in AS_OTHERS)
            if kind not in usual:
                usual[kind] = await _call(base / f"as {name}", base / "template", "", name)
            try:
                found[name] = usual[kind], await _call(base / name, base / "template", name)
            except Exception as error:  # noqa: BLE001  # raised by the test of its switch
                found[name] = error

    anyio.run(read_all)
    return found


@pytest.mark.parametrize("name", SWITCHES)
def test_labfleet_reads_the_same_with_a_switch_and_without(
    reads: dict[str, tuple[Read, Read] | Exception], name: str
) -> None:
    both = reads[name]
    if isinstance(both, Exception):
        raise both
    usual, read = both
    at_server = "at the server"
    assert (read.answers, read.values[at_server]) != (usual.answers, usual.values[at_server]), (
        "the switch has no effect"
    )
    assert changes(usual.values, read.values) == READS.get(name, {})
    if name != "small-uploads":  # a bound, which nobody asks for
        assert name in read.met_by_others
        assert (name in read.met) is (name not in NEVER_MET or name in READS)


async def _see(name: str, folder: Path) -> Seen:
    bounds = {"max_upload_bytes": BOUNDS[name]} if name in BOUNDS else {}
    async with (
        open_session() as session,
        open_quirk_lab(folder, [name], session, tests=("one",), **bounds) as lab,
    ):
        return await STORIES[name](lab)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen | Exception]:
    """What was seen in each story, or what went wrong; some at a time."""
    found: dict[str, Seen | Exception] = {}

    async def play(name: str, limit: anyio.CapacityLimiter) -> None:
        async with limit:
            try:
                found[name] = await _see(name, tmp_path_factory.mktemp(name))
            except Exception as error:  # noqa: BLE001  # raised by the test of its switch
                found[name] = error

    async def play_all() -> None:
        limit = anyio.CapacityLimiter(AT_ONCE)
        async with anyio.create_task_group() as labs:
            for name in STORIES:
                labs.start_soon(play, name, limit)

    anyio.run(play_all)
    return found


@pytest.mark.parametrize("name", STORIES)
def test_labfleet_does_its_work_whatever_happens(
    stories: dict[str, Seen | Exception], name: str
) -> None:
    seen = stories[name]
    if isinstance(seen, Exception):
        raise seen
    assert seen.changed() == (OTHERWISE[name].seen if name in OTHERWISE else {})
    assert name in seen.met


@pytest.mark.parametrize("name", REGISTERING)
async def test_labfleet_finds_its_own_host_whatever_its_name_leads_to(
    tmp_path: Path, name: str
) -> None:
    async with open_session() as session, open_quirk_lab(tmp_path, [name], session) as lab:
        await REGISTERING[name](lab)
        assert name in lab.lab.quirks.met


async def test_labfleet_at_work_meets_none_of_the_switches_that_it_never_meets(
    tmp_path: Path,
) -> None:
    """A set is stopped by its first test, as some of them are about that."""
    async with (
        open_session() as session,
        open_quirk_lab(tmp_path, NEVER_MET, session, tests=("two", "one")) as lab,
    ):
        registered = await lab.register("lead@example.com", "Payments")
        await lab.queue(stops=True)
        async with lab.fleet.running() as service:
            await lab.until_done(service)
            seen = await lab.seen(registered, service)

    assert seen.met == set()
    assert (seen.statuses, seen.starts) == (["Failed", "Blocked", "Blocked"], ["two"])


@pytest.mark.parametrize("number", range(6))
async def test_labfleet_does_its_work_with_many_switches_and_lost_answers(
    tmp_path: Path, number: int
) -> None:
    mixture = covering(REST)[number]
    async with open_session() as session:
        seen = await mixture.play(tmp_path, session)

    assert faults(seen) == {}
    assert set(mixture.names) - seen.met == set()


def test_each_switch_that_has_no_story_is_in_a_mixture() -> None:
    mixed = [name for mixture in covering(REST) for name in mixture.names]
    played = {*NEVER_MET, *STORIES, *REGISTERING, *mixed}

    assert SWITCHES.keys() - played == {"small-uploads"}
    assert DECIDES_NOTHING.keys().isdisjoint({*NEVER_MET, *OTHERWISE})


def test_the_page_of_the_matrix_is_what_is_tested_here() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.quirk_page writes it anew"
    assert README.read_text("utf-8") == standin_readme(), "python -m tests.quirk_page writes it"
