"""What holds for both versions' documents as such: cut off, damaged, hostile."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Report, UnreadableReport
from adapters.formats.nunit import nunit2, nunit3
from adapters.formats.nunit.nunit2 import read

GOLDEN = Path(__file__).parents[1] / "golden"
REAL: list[tuple[Callable[[bytes], Report], bytes]] = [
    (nunit2.read, (GOLDEN / "nunit2/TestResult.xml").read_bytes()),
    (nunit2.read, (GOLDEN / "nunit2/odd.xml").read_bytes()),
    (nunit3.read, (GOLDEN / "nunit3/TestResult.xml").read_bytes()),
]
GREEN2 = (
    b'<test-results total="2" failures="0"><test-suite type="TestFixture" name="F" '
    b'result="Success"><results><test-case name="N.F.A" result="Success"/>'
    b'<test-case name="N.F.B" executed="True" result="Success" success="True"/>'
    b"</results></test-suite></test-results>"
)
GREEN3 = (
    b'<test-run total="1" failed="0" result="Passed"><test-suite type="Assembly" result="Passed">'
    b'<test-case name="A" fullname="N.F.A" result="Passed"/></test-suite></test-run>'
)
quick = settings(max_examples=150, deadline=None, database=None)


def report(body: str) -> Report:
    return read(f"<test-results>{body}</test-results>".encode())


def case(attributes: str, body: str = "") -> str:
    return f'<test-case name="N.F.A" {attributes}>{body}</test-case>'


def statuses(given: Report) -> list[str]:
    return [case.status.value for case in given.cases]


def is_green(given: Report) -> bool:
    """Whether a verdict could make it a pass."""
    return bool(given.cases) and not given.problems and set(statuses(given)) <= {"Passed"}


def test_a_file_that_is_cut_off_gives_its_whole_cases_and_those_that_failed() -> None:
    text = (
        '<test-results total="3"><test-suite name="F" result="Failure"><results>'
        '<test-case name="N.F.A" result="Success"/>'
        '<test-case name="N.F.B" result="Failure"><failure><message>no'
    )

    given = read(text.encode())

    assert statuses(given) == ["Passed", "Failed"]
    assert given.problems == ("cut off at line 1",)


def test_an_unfinished_good_case_is_no_pass() -> None:
    given = read(b'<test-results><test-case name="N.F.B" result="Success"><categories>')

    assert given.cases == ()
    assert given.problems


def test_a_byte_order_mark_and_illegal_characters_do_no_harm() -> None:
    body = case('result="Success"', "<output>\x01</output>")
    text = f"<test-results>{body}</test-results>"

    assert statuses(read(b"\xef\xbb\xbf" + text.encode())) == ["Passed"]


def test_a_doctype_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="DOCTYPE"):
        read(b'<!DOCTYPE a [<!ENTITY b "c">]><test-results/>')


def test_markup_inside_a_message_is_text() -> None:
    message = "<failure><message>a<b>c</b><test-case/>d</message></failure>"

    [failed] = report(case('result="Failure"', message)).cases

    assert failed.message == "acd"


def test_a_failure_without_a_message_element_is_read() -> None:
    cases = report(
        '<test-case name="N.F.A" result="Failure"><failure>loose</failure></test-case>'
        '<test-case name="N.F.B" result="Failure"><failure message="said"/></test-case>'
    ).cases

    assert [case.message for case in cases] == ["loose", "said"]


@pytest.mark.parametrize(("reader", "data"), [(nunit2.read, GREEN2), (nunit3.read, GREEN3)])
def test_a_green_report_is_none_when_its_end_is_missing(
    reader: Callable[[bytes], Report], data: bytes
) -> None:
    assert is_green(reader(data))
    assert not any(is_green(reader(data[:length])) for length in range(len(data)))


@quick
@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=8),
)
def test_a_damaged_report_with_failures_is_never_green(
    real: tuple[Callable[[bytes], Report], bytes], wounds: list[tuple[int, bytes]]
) -> None:
    reader, data = real
    for somewhere, patch in wounds:
        place = somewhere % len(data)
        data = data[:place] + patch + data[place + len(patch) + 1 :]

    try:
        assert not is_green(reader(data))
    except UnreadableReport as error:
        assert str(error)


@quick
@given(st.binary(max_size=300), st.sampled_from([nunit2.read, nunit3.read]))
def test_any_bytes_are_read_or_refused(data: bytes, reader: Callable[[bytes], Report]) -> None:
    try:
        assert not is_green(reader(data))
    except UnreadableReport as error:
        assert str(error)
