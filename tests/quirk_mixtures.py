"""Labs against stand-ins with many switches at once, and answers that get lost."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import ClientSession

from orchestrator.standin import SWITCHES
from orchestrator.standin.quirks import exclude_each_other
from tests.quirk_lab import Seen, open_quirk_lab
from tests.quirk_page import OTHERWISE

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

    async def play(self, folder: Path, session: ClientSession) -> Seen:
        async with open_quirk_lab(folder, self.names, session) as lab:
            if self.lost in {"register_host", "update_host"}:
                lab.lab.faults.drop(self.lost, when="after")
            registered = await lab.register()
            if registered not in {"created", "found"}:
                registered = await lab.register()  # as its user would, told that it failed
            await lab.queue(self.link)
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


def faults(seen: Seen) -> str:
    """Say what of *seen* no mixture may bring about; empty if all is well."""
    # Where the answer to its registration was lost, the host is found.
    well = {"found": "created"}
    return replace(seen, registered=well.get(seen.registered, seen.registered)).told()
