"""Labs against stand-ins with many switches at once, and answers that get lost."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from orchestrator.api.client import HostClient
from orchestrator.errors import ApiError
from orchestrator.standin import SWITCHES
from orchestrator.standin.quirks import exclude_each_other
from tests.quirk_lab import QuirkLab, Seen, open_quirk_lab
from tests.quirk_page import OTHERWISE
from tests.standin.lab import result

MOST = 25
LOSABLE = (
    "", "register_host", "update_host", "current_runs", "get_script",
    "update_item", "upload_log", "upload_report",
)  # fmt: skip


@dataclass(frozen=True)
class Mixture:
    """A server of many quirks; of the operation *lost* the first answers do not arrive."""

    names: Sequence[str]
    link: str
    lost: str
    refused: bool = False
    """Whether the server is asked for what it refuses, first."""

    async def play(self, folder: Path, session: ClientSession) -> Seen:
        async with open_quirk_lab(folder, self.names, session) as lab:
            if self.lost in {"register_host", "update_host"}:
                lab.lab.faults.drop(self.lost, when="after")
            registered = await lab.register()
            if registered not in {"created", "found"}:
                registered = await lab.register()  # as its user would, told that it failed
            await lab.queue(self.link)
            if self.refused:
                await _be_refused(lab)
            if self.lost and self.lost not in {"register_host", "update_host"}:
                # Twice: the first result, say, is that of the run that is Blocked.
                lab.lab.faults.drop(self.lost, when="after", times=2)
            async with lab.fleet.running() as service:
                await lab.until_done(service)
                return await lab.seen(registered, service)


def mixture(seed: int) -> Mixture:
    """Return the mixture of *seed*: up to MOST switches that can be together."""
    dice = random.Random(seed)
    pool = [name for name in SWITCHES if name not in OTHERWISE]
    dice.shuffle(pool)
    names: list[str] = []
    for name in pool[: dice.randint(2, 2 * MOST)]:
        if len(names) < MOST and not any(exclude_each_other(name, other) for other in names):
            names.append(name)
    made = Mixture(tuple(names), dice.choice(["", "", "here"]), dice.choice(LOSABLE))
    if made.lost == "update_item" and "results-once" in names:
        # Whether a result had arrived that is refused now, only the item's status can tell.
        return replace(made, names=tuple(name for name in names if name != "no-status"))
    return made


def covering(names: Sequence[str], count: int = 6) -> list[Mixture]:
    """Return *count* mixtures that have each of *names* once; the last answers lost differ."""
    piles: list[list[str]] = [[] for _ in range(count)]
    for name in names:
        open_ones = [p for p in piles if not any(exclude_each_other(name, one) for one in p)]
        min(open_ones, key=len).append(name)
    losses = ("", *LOSABLE[-count + 1 :])
    return [
        Mixture(pile, "here", lost, refused=True) for pile, lost in zip(piles, losses, strict=True)
    ]


async def _be_refused(lab: QuirkLab) -> None:
    """Ask with a wrong token, and for another host's run."""
    with pytest.raises(ApiError):
        await HostClient(lab.api, lab.host.id, "wrong").get_host()
    run = await lab.lab.run(await lab.lab.host("OTHER"))
    with pytest.raises(ApiError):
        await lab.client.update_item(run, 1, result())


def faults(seen: Seen) -> dict[str, object]:
    """Return what of *seen* no mixture may bring about."""
    # Where the answer to its registration was lost, the host is found.
    well = {"found": "created"}
    return replace(seen, registered=well.get(seen.registered, seen.registered)).changed()
