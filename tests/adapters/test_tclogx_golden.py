import pytest

from adapters.base import Report, UnreadableReport
from adapters.formats import read
from adapters.formats.tclogx import read_folder
from tests.adapters.tclogx_samples import FOLDERS, GOLDEN, golden, zipped


def rows_of(folder: str) -> list[tuple[str, ...]]:
    """Read the table beside a folder: status | raw status | name | seconds | message."""
    lines = (GOLDEN / f"{folder}.cases").read_text("utf-8").splitlines()
    return [tuple(cell.strip() for cell in line.split(" |")) for line in lines]


def rows_in(report: Report) -> list[tuple[str, ...]]:
    return [
        (case.status, case.raw_status, case.name, f"{case.seconds:g}", case.message)
        for case in report.cases
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_case_of_a_folder_is_read_in_the_order_of_the_run(folder: str) -> None:
    report = read_folder(golden(folder))

    assert rows_in(report) == rows_of(folder)


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_archive_says_what_its_folder_says(folder: str) -> None:
    files = golden(folder)

    assert read(zipped(files)) == read_folder(files)


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_the_interrupted_run_is_in_doubt(folder: str) -> None:
    problems = read_folder(golden(folder)).problems

    expected = ("the run was interrupted before its end",) if folder == "interrupted" else ()
    assert problems == expected


def test_a_failure_tells_all_its_errors_and_where_they_were() -> None:
    by_summary = read_folder(golden("failed-and-passed")).cases[-1]
    by_items = read_folder(golden("single-routine")).cases[0]

    stop = "The test run has stopped because your test project is configured to stop on errors."
    assert by_summary.detail == f'AttributeError: no <card> & no "cash"\n\n{stop}'
    assert by_items.detail == (
        "NameError: name 'card' is not defined\nPython runtime error.\n\n"
        f"{stop}\n\nwarning: The shop was open already."
    )


def test_without_the_summary_the_tree_gives_the_same_verdicts_and_times() -> None:
    files = golden("failed-and-passed")
    del files["Summary.dat"]

    report = read_folder(files)

    assert report.problems == ()
    assert [(c.name.partition(" [")[0], c.status, c.raw_status) for c in report.cases] == [
        ("Web/Open", "Passed", "0"),
        ("Web/Cart", "Passed", "1"),
        ("Web/Pay", "Failed", "2"),
    ]
    assert [case.seconds for case in report.cases] == [8.64, 8.64, 146.88]


@pytest.mark.parametrize("folder", ["all-passed", "failed-and-passed", "interrupted"])
def test_a_summary_by_itself_gives_its_cases(folder: str) -> None:
    report = read(golden(folder)["Summary.dat"])

    assert rows_in(report) == rows_of(folder)
    assert report.problems == ()


@pytest.mark.parametrize(
    ("folder", "row"),
    [
        ("all-passed", ("Passed", "0", "Web", "86.4", "")),
        (
            "interrupted",
            ("Blocked", "2", "Shop", "86.4", "the run was interrupted before its end"),
        ),
        ("single-routine", ("Failed", "2", r"Script Test Log [Pay\test_pay]", "5.184", "")),
    ],
)
def test_a_header_by_itself_gives_one_case(folder: str, row: tuple[str, ...]) -> None:
    assert rows_in(read(golden(folder)["Description.tcLog"])) == [row]


def test_a_tree_by_itself_gives_its_cases() -> None:
    report = read(golden("before-14-10")["RootLogData.dat"])

    assert [(case.name, case.status) for case in report.cases] == [
        ("Web Log/Open", "Passed"),
        ("Web Log/Payments/Pay", "Failed"),
        ("Web Log/Payments/Refund", "Passed"),
    ]


def test_the_details_of_a_log_item_hold_no_verdict() -> None:
    files = golden("failed-and-passed")

    for name in files:
        if name.startswith("{"):
            with pytest.raises(UnreadableReport, match="the details of one log item"):
                read(files[name])
