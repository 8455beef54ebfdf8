"""Files of a log by themselves, damaged, and contradictions between what they say."""

import pytest

from adapters.base import Report, UnreadableReport
from adapters.formats import read
from adapters.formats.tclogx import folder as tclogx_folder
from adapters.formats.tclogx import read_folder
from adapters.formats.tclogx import tree as tclogx_tree
from tests.adapters.tclogx_samples import document, golden, header, node, summary


def item(number: int, owner: str = "", **values: object) -> str:
    more = {"status": 0, "name": f"n{number}", "projectkey": "{p}", **values}
    return node(f"item {number}", moniker=f"m{number}", ownermoniker=owner, **more)


def tree(*items: str) -> bytes:
    return document(node("root", *items))


def statuses(report: Report) -> list[str]:
    return [str(case.status) for case in report.cases]


def test_a_lone_tree_that_is_cut_off_is_in_doubt() -> None:
    whole = tree(item(0), item(1))

    report = read(whole[: whole.index(b'<Node name="item 1"')])

    assert statuses(report) == ["Passed"]
    assert report.problems == ("cut off at line 1",)


def test_a_container_with_errors_over_good_cases_is_a_problem() -> None:
    def problems(status: int, of_test: int) -> tuple[str, ...]:
        container = item(0, test="{p}", status=status)
        return read(tree(container, item(1, "m0", status=of_test))).problems

    assert problems(2, 0) == (
        "an item of the log has the status of errors, none of its cases is bad",
    )
    assert problems(2, 2) == problems(2, 3) == problems(1, 0) == problems(0, 0) == ()


@pytest.mark.parametrize("count", ["tests", "failedtests", "warningtests", "incompletedtests"])
def test_a_count_that_cannot_be_read_is_a_problem(count: str) -> None:
    report = read(summary(node("test0", name="a", status=0), **{count: "many"}))

    assert report.problems == (f'it says {count}="many", which is no count',)


def test_a_number_without_its_fraction_is_a_count() -> None:
    assert read(summary(node("test0", name="a", status=0), tests="1.0")).problems == ()


def test_a_warning_does_not_explain_a_run_with_errors() -> None:
    warned = node("test0", name="a", status=1)

    assert read(summary(warned, executionstatus=2)).problems == (
        "its header says that the run had errors, none of its cases is bad",
    )


def test_two_cases_in_one_place_are_two() -> None:
    twice = [node("test0", name=name, status=0) for name in "ba"]

    assert [case.name for case in read(summary(*twice)).cases] == ["Web/b", "Web/a"]


def test_a_case_without_a_number_is_a_case() -> None:
    given = read(summary(node("test1", name="a", status=0), node("test", name="b", status=0)))

    assert [case.name for case in given.cases] == ["Web/b", "Web/a"]


def test_a_summary_of_nothing_holds_no_case() -> None:
    assert read(document(node("root", node("projects")))) == Report(())


@pytest.mark.parametrize(
    "odd",
    [
        '<Prp name="status" type="S" value="2"/>',
        "<Node/>",
        '<Node><Prp/><Prp value="2"/><Prp name="status"/></Node>',
        '<Node name="root"><Prp/><Node><Prp name="status" value="2"/></Node></Node>',
    ],
)
def test_nodes_and_values_without_names_or_places_do_no_harm(odd: str) -> None:
    test = node("test0", name="a", status=0)
    project = node("project0", node("tests", test), name="Web")

    report = read(document(odd + node("root", node("projects", project))))

    assert [(case.name, case.status) for case in report.cases] == [("Web/a", "Passed")]
    assert report.problems == ()


def test_a_picture_is_no_value() -> None:
    blob = '<Node name="test0"><Prp name="name" type="H" value="ff"/></Node>'

    assert [case.name for case in read(summary(blob)).cases] == ["Web/(no name)"]


def test_a_file_of_a_folder_that_is_no_xml_is_a_problem() -> None:
    files = golden("all-passed")

    no_xml, nothing = (read_folder({**files, "Summary.dat": data}) for data in (b"</a>", b""))

    assert no_xml.problems[0].startswith("Summary.dat: not XML: broken at line 1")
    assert nothing.problems[0].startswith("Summary.dat: not XML: cut off at line 1")


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (node("message 0", type=3, message="no"), "the details of one log item"),
        (node("units"), "the details of one log item"),
        (node("others"), "a TestComplete log without a verdict$"),
    ],
)
def test_the_details_of_an_item_alone_are_refused(details: str, reason: str) -> None:
    with pytest.raises(UnreadableReport, match=f"^{reason}"):
        read(document(node("root", details)))


def test_details_that_are_cut_off_are_refused_with_their_place() -> None:
    with pytest.raises(
        UnreadableReport, match=r"^a TestComplete log without a verdict, cut off at"
    ):
        read(document(node("root", node("message 0", message="no")))[:-20])


def test_items_beyond_the_limit_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_tree, "ITEM_LIMIT", 2)

    assert read(tree(item(0), item(1))).problems == ()
    assert read(tree(*map(item, range(5)))).problems == ("3 log items are too many",)


def test_files_of_items_are_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_folder, "DETAIL_FILES", 2)
    said = document(node("root", node("message 0", type=2, message="careful")))
    items = (item(n, filename=f"{n}.dat") for n in range(4))
    details = {f"{n}.dat": said for n in range(4)}

    report = read_folder(
        {"Description.tcLog": header(), "RootLogData.dat": tree(*items), **details}
    )

    assert [case.detail for case in report.cases] == ["warning: careful"] * 2 + [""] * 2
