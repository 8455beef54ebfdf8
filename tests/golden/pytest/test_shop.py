"""What pytest's report was made of: run by pytest alone, see SOURCE.md."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def server():
    raise RuntimeError("no server")


@pytest.fixture
def cart() -> Iterator[list[int]]:
    yield []
    raise RuntimeError("cannot clean")


def test_total():
    assert 10 + 20 == 30


def test_wrong_total():
    assert 10 + 10 == 30


def test_crash():
    raise RuntimeError('db <down> & "gone" ]]> \x01')


@pytest.mark.skip(reason="BUG-17 not fixed")
def test_off():
    raise NotImplementedError


@pytest.mark.xfail(reason="BUG-18")
def test_known_bug():
    assert int("1") == 2


@pytest.mark.xfail(reason="BUG-19", strict=True)
def test_bug_that_went_away():
    assert int("1") == 1


def test_set_up_fails(server):
    assert server


def test_tear_down_fails(cart):
    assert cart == []


def test_both_fail(cart):
    assert cart == [1]


@pytest.mark.parametrize("number", [1, 2])
def test_positive(number):
    assert number == 1


class TestCart:
    def test_empty(self):
        assert not []


def test_parts(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number < 3


def test_bad_parts(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number != 1


def test_driver_missing():
    raise SessionNotCreatedException("session not created: Chrome instance exited")


class SessionNotCreatedException(Exception):
    """Stands for Selenium's own, which is not installed here."""
