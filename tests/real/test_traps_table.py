"""The table of rules and tests is held to what is there."""

import re
from pathlib import Path

import pytest

from tests.real.traps_table import TABLE

TESTS = Path(__file__).parents[1]
HERE = "real/test_traps.py"


def _places(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(file or HERE, name) for file, _, name in (it.rpartition("::") for it in names)]


def _tests_of(file: str) -> set[str]:
    return set(
        re.findall(r"^(?:async )?def (test_\w+)", (TESTS / file).read_text("utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("rule", TABLE)
def test_the_tests_that_the_table_names_for_a_rule_are_there(rule: str) -> None:
    gone = [place for place in _places(TABLE[rule]) if place[1] not in _tests_of(place[0])]

    assert gone == []


def test_every_trap_laid_here_is_in_the_table() -> None:
    named = {name for names in TABLE.values() for file, name in _places(names) if file == HERE}

    assert _tests_of(HERE) == named
