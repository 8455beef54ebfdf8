"""What stands inside a case: markup in texts, results in results, the console launcher's lines."""

import pytest

from adapters.base import Case
from adapters.formats import read


def only_case(content: str, attributes: str = "name='t'") -> Case:
    (case,) = read(
        f"<testsuite><testcase {attributes}>{content}</testcase></testsuite>".encode()
    ).cases
    return case


@pytest.mark.parametrize("text", ["<a><b/></a>", "<a><b><c/></b></a>", "<a/><b/>", "<failure/>"])
def test_markup_in_an_output_does_not_end_its_case(text: str) -> None:
    case = only_case(f"<system-out>{text}</system-out><failure/>")

    assert case.status == "Failed"


def test_a_result_is_seen_however_deep_it_is_in_others() -> None:
    assert only_case("<skipped><skipped><failure/></skipped></skipped>").status == "Failed"


@pytest.mark.parametrize("empty", ["status=''", "result=' '"])
def test_an_attribute_that_is_empty_does_not_hide_the_next(empty: str) -> None:
    assert only_case("", f"name='t' {empty} state='failed'").status == "Failed"


@pytest.mark.parametrize(
    ("names", "value", "status"),
    [
        ("success successful passed", "false", "Failed"),
        ("failed failure failures error errors crashed", "true", "Failed"),
        ("failed failure failures error errors crashed", "2", "Failed"),
        ("skipped ignored disabled", "yes", "Skipped"),
        ("executed", "no", "Skipped"),
        ("success failed skipped executed", "perhaps", "Blocked"),
        ("status result outcome verdict state", "failed", "Failed"),
    ],
)
def test_every_attribute_that_can_tell_a_result_is_heard(
    names: str, value: str, status: str
) -> None:
    for name in names.split():
        assert only_case("", f"name='t' {name}='{value}'").status == status, name


def test_outputs_are_told_apart() -> None:
    case = only_case("<system-out>good</system-out><system-err>bad</system-err>")

    assert case.detail == "system-out:\ngood\nsystem-err:\nbad"


def test_a_detail_of_some_pages_is_kept_whole() -> None:
    text = "line\n" * 4000

    assert only_case(f"<failure>{text}</failure>").detail == text.strip()


@pytest.mark.parametrize(
    ("output", "message", "detail"),
    [
        ("unique-id: [m]\ndisplay-name: it adds\n", "it adds", ""),
        # What the test itself printed comes first, and stays.
        (
            "unique-id: 7\ndisplay-name: mine\nunique-id: [m]\ndisplay-name: it adds\n",
            "it adds",
            "system-out:\nunique-id: 7\ndisplay-name: mine",
        ),
        ("display-name: x\nunique-id: 7\n", "", "system-out:\ndisplay-name: x\nunique-id: 7"),
        ("a\ndisplay-name: mine\n", "", "system-out:\na\ndisplay-name: mine"),
    ],
)
def test_only_the_launchers_own_last_lines_are_a_display_name(
    output: str, message: str, detail: str
) -> None:
    case = only_case(f"<system-out>{output}</system-out>")

    assert case.message == message
    assert case.detail == f"display name: {message}\n{detail}".strip() if message else detail


@pytest.mark.parametrize(("name", "message"), [("t", ""), ("t()", ""), ("()t", "t"), ("u", "t")])
def test_a_display_name_that_is_the_name_says_nothing(name: str, message: str) -> None:
    output = "<system-out>unique-id: [m]\ndisplay-name: t\n</system-out>"

    assert only_case(output, f"name='{name}'").message == message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("999999:00", 59_999_940), ("1000000:00", 0), ("999999:59:59", 0), ("1:2:3:4", 0)],
)
def test_hours_and_minutes_that_no_clock_shows_are_no_time(text: str, seconds: float) -> None:
    assert only_case("", f"name='t' time='{text}'").seconds == seconds
