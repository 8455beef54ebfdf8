"""Every reader keeps a failure that comes after too many good cases, and says what it left out."""

from collections.abc import Callable
from types import ModuleType

import pytest

from adapters.formats import read
from adapters.formats.junit import document as junit
from adapters.formats.kept_cases import KeptCases
from adapters.formats.nunit import document as nunit
from adapters.formats.tclogx import items, read_folder
from adapters.formats.tclogx import summary as tclogx_summary
from adapters.formats.testng import results as testng
from adapters.formats.trx import cppunit, vs2005
from adapters.formats.trx import document as trx
from adapters.formats.xunit import document as xunit
from tests.adapters.tclogx_samples import document, header, node, summary

GOOD_OR_BAD = (False, False, False, True, False)


def joined(start: str, good: str, bad: str, end: str) -> bytes:
    cases = "".join(bad if is_bad else good for is_bad in GOOD_OR_BAD)
    return f"{start}{cases}{end}".encode()


def of_junit() -> bytes:
    return joined("<testsuite>", "<testcase/>", "<testcase><failure/></testcase>", "</testsuite>")


def of_nunit() -> bytes:
    case = "<test-case fullname='t' result='{}'/>"
    return joined("<test-run>", case.format("Passed"), case.format("Failed"), "</test-run>")


def of_xunit() -> bytes:
    test = "<test name='t' result='{}'/>"
    return joined("<assembly>", test.format("Pass"), test.format("Fail"), "</assembly>")


def of_trx() -> bytes:
    result = "<UnitTestResult testName='t' outcome='{}'/>"
    good, bad = result.format("Passed"), result.format("Failed")
    return joined("<TestRun><Results>", good, bad, "</Results></TestRun>")


def of_vs2005() -> bytes:
    result = "<UnitTestResult><outcome><value__>{}</value__></outcome></UnitTestResult>"
    return joined("<Tests>", result.format(10), result.format(1), "</Tests>")


def of_cppunit() -> bytes:
    start = "<TestRun><FailedTests><FailedTest/></FailedTests><SuccessfulTests>"
    return f"{start}{'<Test/>' * 4}</SuccessfulTests></TestRun>".encode()


def of_testng() -> bytes:
    method = "<test-method name='m' status='{}'/>"
    start, end = "<testng-results><suite><test><class name='A'>", "</class></test></suite>"
    return joined(start, method.format("PASS"), method.format("FAIL"), f"{end}</testng-results>")


def statuses() -> list[tuple[int, int]]:
    return [(number, 2 if is_bad else 0) for number, is_bad in enumerate(GOOD_OR_BAD)]


def of_a_summary() -> bytes:
    return summary(*(node(f"test{n}", name="t", status=status) for n, status in statuses()))


def of_a_tree() -> bytes:
    rows = (node(f"item {n}", name="t", moniker=f"m{n}", status=s) for n, s in statuses())
    return document(node("root", *rows))


@pytest.mark.parametrize(
    ("module", "written"),
    [
        (junit, of_junit),
        (nunit, of_nunit),
        (xunit, of_xunit),
        (trx, of_trx),
        (vs2005, of_vs2005),
        (cppunit, of_cppunit),
        (testng, of_testng),
        (tclogx_summary, of_a_summary),
        (items, of_a_tree),
    ],
)
def test_a_failure_after_too_many_cases_is_kept_and_the_rest_counted(
    module: ModuleType, written: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KeptCases", lambda: KeptCases(limit=2))

    report = read(written())

    assert sorted(str(case.status) for case in report.cases) in (
        ["Failed", "Passed", "Passed"],
        ["Failed", "Passed"],  # CppUnit lists its failures first
    )
    kept, total = len(report.cases), len(GOOD_OR_BAD)
    left_out = f"left out are {total - kept} Passed"
    assert report.notes == (f"{total} cases are too many: {kept} are kept, {left_out}",)
    assert report.problems == ()


def test_a_log_folder_hands_its_notes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_summary, "KeptCases", lambda: KeptCases(limit=2))

    report = read_folder({"Description.tcLog": header(status=2), "Summary.dat": of_a_summary()})

    assert len(report.notes) == 1
    assert report.problems == ()
