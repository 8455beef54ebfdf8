"""What must hold for any bytes at all: no crash, and no pass out of a damaged log."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Ending, Finished, ResultFile, UnreadableReport, Verdict
from adapters.formats import read
from adapters.results import outcome_of
from tests.adapters.tclogx_samples import golden, zipped

FILES = [data for name in ("failed-and-passed", "single-routine") for data in golden(name).values()]
ARCHIVE = zipped(golden("failed-and-passed"))
PASSED = golden("all-passed")["Summary.dat"]
quick = settings(max_examples=150, deadline=None, database=None)


def verdict(data: bytes) -> Verdict:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("run.tcLogX", data),))).verdict


def read_if_possible(data: bytes) -> None:
    try:
        read(data)
    except UnreadableReport as error:
        assert str(error)


def wounded(data: bytes, wounds: list[tuple[int, bytes]]) -> bytes:
    for somewhere, patch in wounds:
        place = somewhere % len(data)
        data = data[:place] + patch + data[place + len(patch) + 1 :]
    return data


WOUNDS = st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=8)


@quick
@given(st.sampled_from([b"PK\x03\x04", b"<Nodes>", b"<Nodes><Node name='root'>"]), st.binary())
def test_any_bytes_are_read_or_refused(head: bytes, data: bytes) -> None:
    read_if_possible(head + data)

    assert verdict(head + data) is Verdict.BLOCKED


@quick
@given(st.sampled_from([*FILES, ARCHIVE]), WOUNDS)
def test_a_damaged_log_is_read_or_refused(data: bytes, wounds: list[tuple[int, bytes]]) -> None:
    read_if_possible(wounded(data, wounds))


@quick
@given(WOUNDS)
def test_a_damaged_archive_with_a_failure_never_passes(wounds: list[tuple[int, bytes]]) -> None:
    assert verdict(wounded(ARCHIVE, wounds)) is not Verdict.PASSED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_summary_cut_at_any_length_never_passes(encoding: str) -> None:
    text = PASSED.decode("utf-8").replace('encoding="UTF-8" ', "").rstrip()
    data = text.encode(encoding)

    for length in range(0, len(data) - 2, 11):
        assert verdict(data[:length]) is Verdict.BLOCKED, length
    assert verdict(data) is Verdict.PASSED
