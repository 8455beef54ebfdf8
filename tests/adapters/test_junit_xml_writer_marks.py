"""The marks by which writers of JUnit XML are told apart, and what they do not excuse."""

import pytest

from adapters.base import Report
from adapters.formats import read

ONE = "<testcase name='a'/>"


def read_text(text: str) -> Report:
    return read(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        # Like the documents above, but for the mark that tells their writer.
        f"<testsuite name='unit' errors='0' failures='0' tests='40'>{ONE}</testsuite>",
        "<testsuite errors='7' tests='1' name='t'><testcase result='pass' name='a'/></testsuite>",
        f"<testsuites name='AllTests' tests='9'><testsuite>{ONE}</testsuite></testsuites>",
        "<testsuite tests='5'><testcase name='a' assertions='3'/></testsuite>",
        "<testsuites name='UI' tests='2'><testsuite name='Cart' tests='2' timestamp='t'>"
        f"{ONE}</testsuite></testsuites>",
        "<testsuite name='Mocha Tests' tests='2'/>",
        f"<testsuite name='s' timestamp='t' tests='2' hostname='h'>{ONE}</testsuite>",
        "<testsuite tests='2' skipped='1'/>",
    ],
)  # fmt: skip
def test_a_writer_that_is_not_known_is_held_to_its_counts(text: str) -> None:
    assert len(read_text(text).problems) >= 1


@pytest.mark.parametrize(
    "lost",
    [
        f"<testsuite name='u' failures='1' tests='9' doctest_version='2'>{ONE}</testsuite>",
        f"<testsuite name='Mocha Tests' tests='2' failures='1'>{ONE}</testsuite>",
        "<testsuite name='t' errors='0' failures='1' tests='1'>"
        "<properties><property name='QtVersion'/></properties>"
        "<testcase name='a' result='pass'/></testsuite>",
    ],
)  # fmt: skip
def test_a_lost_failure_of_a_known_writer_is_a_problem(lost: str) -> None:
    report = read_text(lost)

    (problem,) = report.problems
    assert "failures and errors, its cases show 0" in problem


@pytest.mark.parametrize("word", ["-", "_ _", "not", "passed?"])
def test_a_word_that_says_nothing_is_no_pass(word: str) -> None:
    (case,) = read_text(f"<testsuite><testcase name='a' status='{word}'/></testsuite>").cases

    assert case.status == "Blocked"


@pytest.mark.parametrize("word", ["Not Run", "not-executed", "NOT_RUN", "pending", "Pending"])
def test_a_word_of_a_case_not_run_is_known_in_every_spelling(word: str) -> None:
    (case,) = read_text(f"<testsuite><testcase name='a' status='{word}'/></testsuite>").cases

    assert case.status == "Skipped"


@pytest.mark.parametrize(
    ("name", "classname", "suite", "attributes", "status"),
    [
        ("shop.CartTest", "shop.CartTest", "Surefire", "", "Blocked"),
        ("CartTest", "CartTest", "CartTest", "", "Blocked"),
        ("Outer$Inner", "Outer$Inner", "Outer", "", "Blocked"),
        ("Works", "Works", "Root Suite", "", "Failed"),
        ("shop.CartTest", "shop.CartTest", "shop.CartTest", "status='fail'", "Failed"),
        ("initializationError", "shop.CartTest", "x", "", "Blocked"),
    ],
)
def test_a_case_called_as_its_class_is_a_fixture_only_where_java_is_likely(
    name: str, classname: str, suite: str, attributes: str, status: str
) -> None:
    (case,) = read_text(
        f"<testsuite name='{suite}'><testcase name='{name}' classname='{classname}' {attributes}>"
        "<failure/></testcase></testsuite>"
    ).cases

    assert case.status == status


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("00:00:01.5", 1.5),
        ("1:02:03", 3723.0),
        ("02:03,25", 123.25),
        ("1:2:3:4", 0.0),
        ("a:1", 0.0),
        ("-1:00", 0.0),
        ("9999999:00:00", 0.0),
        (":1", 0.0),
    ],
)
def test_a_time_with_hours_and_minutes_is_read(time: str, seconds: float) -> None:
    (case,) = read_text(f"<testsuite><testcase name='a' time='{time}'/></testsuite>").cases

    assert case.seconds == seconds
