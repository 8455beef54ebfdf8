"""Logs that lack what genuine ones have, or hold far too much of it."""

import pytest

from adapters.base import Case, Report
from adapters.formats import read
from adapters.formats.tclogx import read_folder
from adapters.formats.tclogx.tree import DEPTH_LIMIT
from tests.adapters.tclogx_samples import document, golden, header, node, summary


def item(number: int, owner: str = "", **values: object) -> str:
    more = {"status": 0, "name": f"n{number}", "projectkey": "{p}", **values}
    return node(f"item {number}", moniker=f"m{number}", ownermoniker=owner, **more)


def tree(*items: str) -> bytes:
    return document(node("root", *items))


def one_item(details: str = "", **values: object) -> Report:
    files = {"Description.tcLog": header(), "RootLogData.dat": tree(item(0, **values))}
    return read_folder({**files, "d.dat": document(node("root", details))})


def only_case(report: Report) -> Case:
    (case,) = report.cases
    return case


def test_an_item_of_which_nothing_is_said_is_a_blocked_case() -> None:
    report = read(tree(node("item 0", moniker="m")))

    case = only_case(report)
    assert (case.name, case.status, case.raw_status) == ("(no name)", "Blocked", "")
    assert report.problems == ()


def test_a_header_of_which_nothing_is_said_is_a_blocked_case() -> None:
    case = only_case(read(document(node("root", completed="-1"))))

    assert (case.name, case.status, case.raw_status) == ("(no name)", "Blocked", "")
    assert case.message == "it has no status"


def test_a_run_without_a_name_is_named_by_its_kind() -> None:
    assert only_case(read(header(test_type="Keyword Test"))).name == "Keyword Test"


@pytest.mark.parametrize(
    ("start", "stop", "seconds"),
    [("5", None, 0), (None, "5", 0), ("5", "4", 0), ("5", "5", 0), ("5", "5.00001157", 1)],
)
def test_a_time_needs_its_start_and_its_end(
    start: str | None, stop: str | None, seconds: float
) -> None:
    given = {"start_time": start, "stop_time": stop}

    case = only_case(read(header(**{name: at for name, at in given.items() if at})))

    assert case.seconds == seconds


def test_the_tree_is_where_the_header_says() -> None:
    files = golden("single-routine")
    files["Description.tcLog"] = header(root_file_name="Other.dat")
    files["other.DAT"] = files.pop("RootLogData.dat")
    files["Summary.txt"] = b""
    files["RootLogData.dat"] = tree(item(0, name="another"))

    assert [case.status for case in read_folder(files).cases] == ["Failed"]


def test_a_message_without_a_text_or_a_number_says_nothing() -> None:
    report = one_item(
        node("message 0", type=3) + node("message 1", message="lost") + node("message 2", type=0),
        filename="d.dat",
    )

    assert (only_case(report).status, only_case(report).detail) == ("Passed", "")
    assert report.problems == ()


def test_an_error_is_told_with_its_remarks_and_before_warnings() -> None:
    said = [
        node("message 0", type=2, message="careful"),
        node("message 1", type=3, message="no", remarks="at x"),
        node("message 2", type=3, message="never"),
    ]

    case = only_case(one_item("".join(said), filename="d.dat", status=2))

    assert (case.message, case.detail) == ("no", "no\nat x\n\nnever\n\nwarning: careful")


def test_the_logs_of_a_test_and_its_parts_stand_one_below_the_other() -> None:
    files = {
        "Description.tcLog": header(),
        "RootLogData.dat": tree(
            item(0, filename="a.dat", status=2), item(1, "m0", filename="b.dat", status=2)
        ),
    }
    for name in "ab":
        said = node("message 0", type=3, message=name)
        files[f"{name}.dat"] = document(node("root", said))

    assert [case.detail for case in read_folder(files).cases] == ["a\n\nb"]


@pytest.mark.parametrize("rows", ["", node("row 0"), node("row 0", details="x", start_time=1)])
def test_an_item_whose_file_and_time_are_missing_is_a_case_all_the_same(rows: str) -> None:
    files = {
        "Description.tcLog": header(),
        "RootLogData.dat": tree(
            item(0, test="{p}", filename="owner.dat"), item(1, "m0", filename="no-such.dat")
        ),
        "owner.dat": document(node("root", node("child data", rows))),
    }

    case = only_case(read_folder(files))

    assert (case.name, case.status, case.seconds) == ("n0/n1", "Passed", 0.0)


def test_an_empty_message_in_a_case_that_passed_is_no_error() -> None:
    errors = node("errors", node("error0", msg=" "))

    assert read(summary(node("test0", errors, name="a", status=0))).problems == ()


def test_messages_of_a_case_are_kept_up_to_a_limit() -> None:
    warnings = node("warnings", *(node(f"warning{n}", msg=f"w{n}") for n in range(250)))

    case = only_case(read(summary(node("test0", warnings, name="a", status=1))))

    assert case.detail.count("warning: ") == 200


def chain(length: int) -> Report:
    links = (item(n, f"m{n - 1}" if n else "") for n in range(length))
    return read(tree(*links))


def test_items_beyond_the_deepest_that_are_read_are_a_problem() -> None:
    assert chain(DEPTH_LIMIT + 1).problems == ()
    for beyond in (1, 3000):
        assert chain(DEPTH_LIMIT + 1 + beyond).problems == (
            f"{beyond} log items belong to no other",
        )


def test_containers_nested_without_end_come_to_an_end() -> None:
    links = (item(n, f"m{n - 1}" if n else "", test="{p}") for n in range(3000))

    report = read(tree(*links))

    assert report.cases == ()
    assert report.problems == (f"{3000 - DEPTH_LIMIT - 1} log items belong to no other",)
