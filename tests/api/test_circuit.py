"""When a server counts as away, who asks it then, and what lets everybody in again."""

import anyio
import pytest

from orchestrator.api.circuit import FAILURES, Circuit
from orchestrator.errors import ServerAwayError


def circuit(interval_s: float = 60.0, *, failures: int = FAILURES) -> Circuit:
    made = Circuit(interval_s)
    for _ in range(failures):
        fail(made)
    return made


def fail(made: Circuit, *, probe: bool = False, wanted_s: float | None = None) -> None:
    made.note(False, "no answer in time", probe=probe, wanted_s=wanted_s)


def answer(made: Circuit, *, probe: bool = False) -> None:
    made.note(True, "", probe=probe, wanted_s=None)


def refused(made: Circuit, *, big: bool = False) -> float:
    """Return for how long *made* wants not to be asked."""
    with pytest.raises(ServerAwayError) as caught:
        made.admit("get_host", big=big)
    assert caught.value.retry_after_s is not None
    return caught.value.retry_after_s


async def test_a_few_failures_or_an_answer_among_them_let_everybody_ask() -> None:
    made = circuit(failures=FAILURES - 1)
    answer(made)
    for _ in range(FAILURES - 1):
        fail(made)

    assert not made.away
    assert made.admit("get_host", big=False) is False


async def test_what_says_nothing_of_the_server_is_neither_failure_nor_answer() -> None:
    made = circuit(failures=FAILURES - 1)
    made.note(None, "too big", probe=False, wanted_s=None)
    assert not made.away

    fail(made)
    made.note(None, "too big", probe=False, wanted_s=None)
    assert made.away


async def test_pauses_grow_to_half_a_minute_and_no_further() -> None:
    made = circuit()
    first_s = refused(made)
    for _ in range(20):
        fail(made, probe=True)

    assert 0 < first_s <= 2
    assert 3 <= refused(made) <= 30


async def test_the_pause_that_the_server_asked_for_is_kept_though_others_fail_later() -> None:
    made = circuit(failures=FAILURES - 1)
    fail(made, wanted_s=120)
    fail(made)

    assert 119 < refused(made) <= 120


async def test_one_small_call_finds_out_and_the_others_wait_for_what_it_brings() -> None:
    made = circuit(interval_s=0.06)
    await anyio.sleep(0.005)

    assert refused(made, big=True) > 0
    assert made.admit("get_host", big=False) is True
    assert refused(made) > 0


async def test_a_call_that_found_nothing_out_leaves_it_to_the_next() -> None:
    made = circuit(interval_s=0.06)
    await anyio.sleep(0.005)
    assert made.admit("get_host", big=False)
    made.note(None, "", probe=True, wanted_s=None)

    assert made.admit("get_host", big=False) is True


@pytest.mark.parametrize("probe", [True, False])
async def test_any_answer_lets_all_in_and_is_told_once(probe: bool) -> None:
    made, told = circuit(), []
    made.returned = (lambda: told.append(made.away),)
    answer(made, probe=probe)
    answer(made)

    assert told == [False]
    assert made.admit("get_host", big=True) is False


async def test_late_failures_of_calls_from_before_do_not_prolong_the_pause() -> None:
    made = circuit()
    left_s = refused(made)
    for _ in range(20):
        fail(made)

    assert refused(made) <= left_s


async def test_a_reload_lets_one_call_find_out_at_once() -> None:
    made = circuit()
    fail(made, probe=True, wanted_s=3600)
    made.pace(60.0)

    assert made.admit("get_host", big=False) is True
    assert refused(made) > 0


async def test_one_host_that_fails_alone_does_not_close_the_server_for_the_others() -> None:
    made = Circuit(60.0)
    for who in ("1", "2"):
        made.note(True, "", probe=False, wanted_s=None, who=who)
    for _ in range(3 * FAILURES):
        made.note(False, "503", probe=False, wanted_s=None, who="1")
    assert not made.away

    made.note(False, "503", probe=False, wanted_s=None, who="2")
    assert made.away


async def test_a_lab_of_one_host_has_a_circuit_too() -> None:
    made = Circuit(60.0)
    for _ in range(FAILURES):
        made.note(False, "503", probe=False, wanted_s=None, who="1")

    assert made.away
