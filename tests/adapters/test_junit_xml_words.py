"""Each word of the dialect's tables, one by one: what no other test holds."""

import pytest

from adapters.base import Report
from adapters.formats import read


def suite(content: str, header: str = "") -> Report:
    return read(f"<testsuite name='s' {header}>{content}</testsuite>".encode())


def case(content: str = "") -> str:
    return f"<testcase name='t'>{content}</testcase>"


@pytest.mark.parametrize("element", ["failure", "error", "rerunFailure", "rerunError"])
def test_a_bad_result_element_fails_its_case(element: str) -> None:
    assert suite(case(f"<{element}/>")).cases[0].status == "Failed"


@pytest.mark.parametrize("element", ["skipped", "disabled", "aborted", "ignored", "skip"])
def test_an_element_of_a_skip_skips_its_case(element: str) -> None:
    assert suite(case(f"<{element}/>")).cases[0].status == "Skipped"


HARMLESS = """
    system-out system-err properties property attachments attachment output stdout stderr
    description metadata meta tags tag labels label links link categories category traits trait
    parameters parameter weblink benchmark flakyFailure flakyError
"""


@pytest.mark.parametrize("element", HARMLESS.split())
def test_an_element_that_tells_no_result_leaves_a_pass(element: str) -> None:
    assert suite(case(f"<{element}/>")).cases[0].status == "Passed"


COUNTS = "failures errors failed failure error broken crashed unexpected timeouts"


@pytest.mark.parametrize("count", COUNTS.split())
def test_every_count_of_bad_cases_is_held_against_them(count: str) -> None:
    assert suite(case("<failure/>"), f"{count}='1'").problems == ()
    assert suite(case(), f"{count}='1'").problems == (
        "suite s: its header counts 1 failures and errors, its cases show 0",
    )
    assert suite(case(), f"{count}='many'").problems == (
        f'suite s: it says {count}="many", which is no count',
    )


@pytest.mark.parametrize("count", ["skipped", "ignored", "aborted", "skips", "skip", "disabled"])
def test_a_skipped_test_that_is_counted_need_not_be_there(count: str) -> None:
    assert suite(case(), f"tests='2' {count}='1'").problems == ()
    assert suite(case(), f"tests='3' {count}='1'").problems == (
        "suite s: its header counts 3 tests, it holds 1",
    )


@pytest.mark.parametrize("name", ["QtVersion", "QTestVersion", "QtBuild"])
def test_each_of_qts_properties_tells_its_writer(name: str) -> None:
    properties = f"<properties><property name='{name}' value='5'/></properties>"

    assert suite(properties + case(), "errors='5'").problems == ()


@pytest.mark.parametrize("more", ["", "file", "time", "failures", "skipped", "file time failures"])
def test_mochas_reporter_is_known_by_the_order_of_its_attributes(more: str) -> None:
    rest = " ".join(f"{name}='0'" for name in more.split())

    assert suite(case(), f"timestamp='x' tests='5' {rest}").problems == ()
    assert len(suite(case(), f"timestamp='x' tests='5' {rest} other='0'").problems) == 1
