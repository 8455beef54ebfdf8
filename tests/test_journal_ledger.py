"""The ledger: whose turn it is, and how much is owed."""

import math

from orchestrator.assignment import Claim, Debt, Owed
from orchestrator.journal.ledger import Ledger
from tests.claims import assignment


def ledger_of(*debts: Debt) -> Ledger:
    ledger = Ledger()
    ledger.learn(debts)
    return ledger


def debt(claim_id: int, deliveries: int = 3, *, result: bool = True, last_id: int = 0) -> Debt:
    return Debt(claim_id, deliveries, result, 100.0 + claim_id, last_id or 3 * claim_id)


def owed(claim_id: int, *kinds: str) -> list[Owed]:
    claim = Claim(claim_id, assignment(), 1, "c0ffee00")
    return [Owed(3 * claim_id, claim, kind, "", 100.0 + claim_id) for kind in kinds]


def test_the_oldest_comes_first_and_no_more_than_may_be_under_way() -> None:
    ledger = ledger_of(*(debt(number) for number in range(1, 5)))

    taken = [ledger.take(0, result=True, limit=3) for _ in range(4)]

    assert taken == [1, 2, 3, None]
    assert ledger.next_due(result=True, limit=3) == math.inf
    assert (ledger.deliveries, ledger.oldest_at, ledger.last_id) == (12, 101.0, 12)


def test_results_and_files_do_not_wait_for_one_another() -> None:
    ledger = ledger_of(debt(1, 2, result=False), debt(2), debt(3))
    assert ledger.take(0, result=False, limit=1) == 1

    assert ledger.take(0, result=True, limit=1) == 2
    ledger.correct(2, owed(2, "log", "report"))
    ledger.put_back(2, -math.inf)

    # Its files wait behind the others'.
    assert ledger.take(0, result=False, limit=1) is None
    assert ledger.take(0, result=True, limit=1) == 3


def test_what_is_put_back_waits_until_it_is_due_or_everything_is() -> None:
    ledger = ledger_of(debt(1))
    ledger.take(0, result=True, limit=1)

    ledger.put_back(1, 50.0)

    assert ledger.take(49.0, result=True, limit=1) is None
    assert ledger.next_due(result=True, limit=1) == 50.0
    ledger.all_due()
    assert ledger.take(49.0, result=True, limit=1) == 1


def test_what_the_journal_says_is_the_sum() -> None:
    ledger = ledger_of(debt(1), debt(2))
    ledger.take(0, result=True, limit=1)

    ledger.correct(1, owed(1, "report"))
    assert ledger.deliveries == 4
    ledger.correct(1, [])
    ledger.put_back(1, 0.0)

    assert (ledger.deliveries, ledger.oldest_at, ledger.busy) == (3, 102.0, False)
    assert [ledger.take(0, result=True, limit=9) for _ in range(2)] == [2, None]


def test_a_result_owed_anew_beside_files_is_counted_once_and_waits_in_one_place() -> None:
    ledger = ledger_of(debt(1, 2, result=False))

    for _ in range(2):
        ledger.learn([debt(1, 1, last_id=9)])

    assert ledger.deliveries == 3
    assert ledger.last_id == 9
    assert ledger.take(0, result=True, limit=1) is None
    assert ledger.take(0, result=False, limit=1) == 1
    ledger.correct(1, owed(1, "result", "log", "report"))
    ledger.put_back(1, -math.inf)
    assert ledger.take(0, result=True, limit=1) == 1
