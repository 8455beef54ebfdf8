"""What holds for both versions' documents as such: cut off, damaged, hostile."""

from pathlib import Path

import pytest

from adapters.base import Report, UnreadableReport
from adapters.formats.nunit.nunit2 import read

GOLDEN = Path(__file__).parents[1] / "golden"


def report(body: str) -> Report:
    return read(f"<test-results>{body}</test-results>".encode())


def case(attributes: str, body: str = "") -> str:
    return f'<test-case name="N.F.A" {attributes}>{body}</test-case>'


def statuses(given: Report) -> list[str]:
    return [case.status.value for case in given.cases]


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
