"""Which documents are read at all, whatever their letters and their encoding."""

import codecs
from pathlib import Path

import pytest

from adapters.base import Ending, Finished, Outcome, ResultFile, UnreadableReport
from adapters.formats import READERS, OtherDocument, read, reader_of
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
PASSED = ResultFile("r.xml", b"<testsuite><testcase name='t'/></testsuite>")


def outcome(*files: bytes) -> Outcome:
    named = (ResultFile(f"{number}.xml", data) for number, data in enumerate(files))
    return outcome_of(Finished(Ending.EXITED, 0, "", (PASSED, *named)))


@pytest.mark.parametrize(
    "xml",
    [
        "<TestSuites><TestSuite><TestCase name='t'/></TestSuite></TestSuites>",
        "<TESTSUITE><TESTCASE NAME='t'/></TESTSUITE>",
        "<Test-Run><Test-Case fullname='t' result='Passed'/></Test-Run>",
        "<Test-Results><Test-Case name='t' result='Success'/></Test-Results>",
        "<testrun><results><unittestresult testName='t' outcome='Passed'/></results></testrun>",
        "<Assemblies><Assembly><Test name='t' result='Pass'/></Assembly></Assemblies>",
    ],
)
def test_a_root_element_counts_in_any_case_of_letters(xml: str) -> None:
    report = read(xml.encode())

    assert [(case.name, case.status) for case in report.cases] == [("t", "Passed")]
    assert report.problems == ()


def test_every_reader_is_found_by_its_root() -> None:
    assert all(reader_of(root.upper()) is READERS[root] for root in READERS)
    assert reader_of("html") is None


COUNTS = "<completed>3</completed><errors>{}</errors><failures>{}</failures><skipped>0</skipped>"
NIL = "<failureMessage xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>"


@pytest.mark.parametrize(
    "xml",
    [
        f"<failsafe-summary result='null' timeout='false'>{COUNTS.format(0, 0)}{NIL}"
        "</failsafe-summary>",
        f"<failsafe-summary result='3' timeout='false'>{COUNTS.format(0, 0)}</failsafe-summary>",
        "<failsafe-summary result='254'/>",
        "<failsafe-summary><failureMessage> </failureMessage></failsafe-summary>",
    ],
)
def test_the_summary_of_a_good_maven_build_is_no_document_for_a_verdict(xml: str) -> None:
    with pytest.raises(OtherDocument):
        read(xml.encode())
    assert outcome(xml.encode()).verdict == "Passed"


@pytest.mark.parametrize(
    ("attributes", "inside", "said"),
    [
        ("", COUNTS.format(1, 0), "counts 1 errors"),
        ("", COUNTS.format(0, 2), "counts 2 failures"),
        ("", COUNTS.format("some", 0), "counts some errors"),
        ("timeout='true'", COUNTS.format(0, 0), "ran out of time"),
        ("", "<failureMessage>The forked VM\nterminated</failureMessage>", "says: The forked VM"),
    ],
)
def test_the_summary_of_a_bad_maven_build_forbids_a_pass(
    attributes: str, inside: str, said: str
) -> None:
    found = outcome(f"<failsafe-summary {attributes}>{inside}</failsafe-summary>".encode())

    assert found.verdict == "Blocked"
    assert said in found.reason


def test_a_summary_of_maven_that_is_cut_off_forbids_a_pass() -> None:
    assert outcome(b"<failsafe-summary timeout='false'><completed>3").verdict == "Blocked"


NAME = "pr\u00fcft \u20ac"
JUNIT = f"<testsuite tests='1'><testcase name='{NAME}'/></testsuite>"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-8", "utf-16", "UTF-8", "windows-1252", "no-such"])
def test_the_first_bytes_tell_the_encoding_whatever_is_declared(
    mark: bytes, encoding: str, declared: str
) -> None:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""

    report = read(mark + f"{declaration}{JUNIT}".encode(encoding))

    assert [case.name for case in report.cases] == [NAME]
    assert report.problems == ()


@pytest.mark.parametrize(
    ("declared", "written"),
    [("utf-16", "utf-8"), ("ascii", "utf-8"), ("no-such", "utf-8"), ("windows-1252", "cp1252"),
     ("iso-8859-15", "iso-8859-15"), ("gbk", "gbk"), ("utf-16le", "utf-8")],
)  # fmt: skip
def test_a_wrong_or_odd_declaration_does_not_lose_a_case(declared: str, written: str) -> None:
    name = NAME if written != "gbk" else "\u4e2d"
    xml = f"<?xml version='1.0' encoding='{declared}'?><testsuite><testcase name='{name}'/>"

    report = read(f"{xml}</testsuite>".encode(written))

    assert [case.name for case in report.cases] == [name]
    assert report.problems == ()


def test_bytes_that_are_not_of_the_declared_encoding_become_marks() -> None:
    xml = f"<?xml version='1.0' encoding='utf-8'?>{JUNIT}".replace("\u20ac", "").encode("latin-1")

    report = read(xml)

    assert [case.name for case in report.cases] == ["pr\ufffdft"]
    assert report.problems == ()


VS2005 = (GOLDEN / "trx/vs2005.trx").read_bytes()


def test_results_of_visual_studio_2005_are_read() -> None:
    rows = [row.split(" |") for row in (GOLDEN / "trx/vs2005.cases").read_text().splitlines()]

    report = read(VS2005)

    assert report.problems == ()
    assert [
        (str(case.status), case.raw_status, case.name, f"{case.seconds:g}", case.message)
        for case in report.cases
    ] == [tuple(cell.strip() for cell in row) for row in rows]
    assert report.cases[0].detail == "system-out:\ntwo items"
    assert report.cases[1].detail.endswith("at Shop.CartTest.Crashes()")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b">5</totalTestCount>", b">6</totalTestCount>", "claim 6 results, it holds 5"),
        (b"<value__ type=\"System.Int32\">1</value__></outcome>\n    </result>",
         b"<value__>3</value__></outcome></result>", '"Aborted"'),
        (b"</Tests>", b"", "cut off"),
    ],
)  # fmt: skip
def test_a_run_of_visual_studio_2005_that_claims_more_is_doubted(
    old: bytes, new: bytes, problem: str
) -> None:
    assert old in VS2005

    assert problem in read(VS2005.replace(old, new)).problems[0]


@pytest.mark.parametrize(
    ("outcome", "status", "raw"),
    [
        ("<outcome><value__>0</value__></outcome>", "Failed", "Error"),
        ("<outcome><value__>99</value__></outcome>", "Blocked", "99"),
        ("<outcome><value__></value__></outcome>", "Failed", "Error"),
        ("", "Failed", "Error"),
    ],
)
def test_an_odd_outcome_of_visual_studio_2005_is_no_pass(
    outcome: str, status: str, raw: str
) -> None:
    xml = f"<Tests><UnitTestResult><testName>t</testName>{outcome}</UnitTestResult></Tests>"

    (case,) = read(xml.encode()).cases

    assert (case.name, case.status, case.raw_status) == ("t", status, raw)


def test_a_failed_result_of_visual_studio_2005_that_is_cut_off_is_kept() -> None:
    bad = b"<Tests><UnitTestResult><testName>t</testName><outcome><value__>%d</value__></outcome>"

    assert [case.status for case in read(bad % 1).cases] == ["Failed"]
    assert read(bad % 10).cases == ()


def test_another_document_with_that_root_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="no results of Visual Studio"):
        read(b"<Tests><Test name='t'/></Tests>")
