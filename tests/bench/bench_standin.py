"""What the stand-in takes to answer with few runs behind it, and with many.

Nothing absolute is asserted, as machines differ. What is asserted is the ratio of the two, taken
turn by turn in the same minute: nothing that agents and users ask every day may grow with history.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter

from orchestrator.standin import seed
from orchestrator.standin.host_records import Host as Record
from orchestrator.standin.host_records import add_host
from orchestrator.standin.library import NewAutomation, add_automation, add_test
from orchestrator.standin.ordering import RunWanted, order_run
from orchestrator.standin.store import STORE, Store
from orchestrator.standin.test_sets import SetItem, add_set
from tests.standin.lab import DATA, DEMO, JUNIT, PROJECT, Host, Lab, open_lab, result

FEW, MANY = 100, 20_000
ITEMS, STEPS, HOSTS = 5, 4, 10
ROUNDS = 60
# Twice, for the noise of a busy machine; a scan of the larger table takes 200 times as long.
LIMIT = 2.0

Ask = Callable[[Lab, Host, int], Awaitable[object]]


async def current_runs(lab: Lab, host: Host, turn: int) -> None:
    await lab.pending(host)


async def history(lab: Lab, host: Host, turn: int) -> None:
    assert (await lab.call("GET", f"{DATA}/testruns", DEMO)).status == 200


async def last_page(lab: Lab, host: Host, turn: int) -> None:
    runs = lab.client.app[STORE].number("SELECT max(id) FROM runs")
    assert (await lab.call("GET", f"{DATA}/testruns?offset={runs - 25}", DEMO)).status == 200


async def one_run(lab: Lab, host: Host, turn: int) -> None:
    assert (await lab.call("GET", f"{DATA}/testruns/{turn + 1}/items", DEMO)).status == 200


async def patch(lab: Lab, host: Host, turn: int) -> None:
    """Report an item of one of the runs that wait."""
    run_id = lab.client.app[STORE].number(
        "SELECT min(id) FROM runs WHERE host_id = ? AND is_pending = 1", host.id
    )
    sent = result("Passed" if turn % 2 else "Failed")
    answer = await lab.call("PATCH", host.item(run_id, turn % ITEMS + 1), host.auth, json=sent)
    assert answer.status == 200


async def order(lab: Lab, host: Host, turn: int) -> None:
    await lab.door.queue(project=PROJECT, host_id=host.id + 1, test_set_id=1)


ASKED: dict[str, Ask] = {
    "currentruns of a host": current_runs,
    "PATCH of an item": patch,
    "testruns, first page": history,
    "testruns, last page": last_page,
    "items of a run": one_run,
    "POST testruns": order,
}


def fill(store: Store, runs: int) -> None:
    """Order runs for ten hosts in turn, with the items and steps of a real set; 30 wait."""
    tests = [add_test(store, PROJECT, f"T{n}", [("do", "see")] * STEPS) for n in range(ITEMS)]
    for test_id in tests:
        add_automation(store, test_id, NewAutomation(agent=JUNIT))
    set_id = add_set(store, PROJECT, "S", True, [SetItem(test_id) for test_id in tests])
    project = store.row("SELECT * FROM projects WHERE id = ?", PROJECT)
    assert project is not None
    hosts = [
        add_host(store, 5120, Record(host_name=f"H{n}", host_configuration="c"))
        for n in range(HOSTS)
    ]
    for number in range(runs):
        host_id = hosts[0] if number >= runs - 30 else hosts[number % HOSTS]
        order_run(store, 1, project, RunWanted(host_id=host_id, test_set_id=set_id))
    with store.transaction():
        store.write("UPDATE runs SET is_pending = 0, status = 'Passed' WHERE id <= ?", runs - 30)
        store.write("UPDATE run_items SET status = 'Passed' WHERE run_id <= ?", runs - 30)


@asynccontextmanager
async def lab_with(folder: Path, runs: int) -> AsyncIterator[tuple[Lab, Host]]:
    async with open_lab(folder) as lab:
        store = lab.client.app[STORE]
        fill(store, runs)
        row = store.row("SELECT id, security_token FROM hosts ORDER BY id")
        assert row is not None
        yield lab, Host(row["id"], row["security_token"])


async def timed(ask: Ask, lab: Lab, host: Host, turn: int) -> float:
    begun = perf_counter()
    await ask(lab, host, turn)
    return perf_counter() - begun


async def test_answers_take_no_longer_with_much_behind_them(tmp_path: Path) -> None:
    seed(tmp_path / "few")
    async with AsyncExitStack() as stack:
        few = await stack.enter_async_context(lab_with(tmp_path / "few", FEW))
        many = await stack.enter_async_context(lab_with(tmp_path / "many", MANY))
        say(f"\n| asked | {FEW} runs, ms | {MANY} runs, ms | ratio |\n|---|---|---|---|")
        ratios: dict[str, float] = {}
        for name, ask in ASKED.items():
            pairs = [
                (await timed(ask, *few, turn), await timed(ask, *many, turn))
                for turn in range(ROUNDS)
            ]
            # The best of each: what a busy machine adds says nothing of the stand-in.
            small, large = (min(column) for column in zip(*pairs, strict=True))
            ratios[name] = large / small
            say(f"| {name} | {small * 1e3:.1f} | {large * 1e3:.1f} | {ratios[name]:.2f} |")
    say(f"size of the larger database: {size(tmp_path / 'many') / 1e6:.0f} MB")

    # Skipping rows is what an offset costs: the last page alone may take longer.
    slow = {name: ratio for name, ratio in ratios.items() if ratio > LIMIT}
    assert set(slow) <= {"testruns, last page"}, slow


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("standin.db*"))
