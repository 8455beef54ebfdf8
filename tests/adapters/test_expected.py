import pytest

from adapters.base import Case, Ending, Finished, Report, ResultFile, Verdict
from adapters.expected import NO_RESULT, with_missing
from adapters.formats.kept_cases import CASE_LIMIT
from adapters.results import outcome_of


@pytest.mark.parametrize(
    ("expected", "names", "missing"),
    [
        (["shop.Cart"], ["shop.Cart.total()"], []),
        (["shop.Cart#total"], ["shop.Cart.total()"], []),
        (["shop.Cart#total"], ["shop.Cart.total(int)[2]"], []),
        (["shop.Cart#total"], ["shop.Cart.total[2: x]"], []),
        (["shop.Cart"], ["shop.Cart$Empty.total()"], []),
        (["Shop.Cart"], ['Shop.Cart("EUR").Total'], []),
        # What has only begun alike is another one.
        (["shop.Cart#total"], ["shop.Cart.totals()"], ["shop.Cart.total"]),
        (["shop.Cart", "shop.CartItem"], ["shop.CartItem.name()"], ["shop.Cart"]),
        (["shop.Cart#total", "shop.Cart#tax"], ["shop.Cart.tax()"], ["shop.Cart.total"]),
        # The cases of a suite stand under the names of its classes.
        (["shop.AllTests"], ["shop.Cart.total()"], []),
        (["shop.AllTests", "shop.Tax"], ["shop.Cart.total()", "shop.Tax.rate()"], []),
        # Said twice is missing once.
        (["a.B#c", "a.B#c"], ["a.B.d()"], ["a.B.c"]),
        # No case at all has a better reason than a list of names.
        (["shop.Cart"], [], []),
    ],
)
def test_what_the_plan_names_and_the_report_lacks_is_blocked(
    expected: list[str], names: list[str], missing: list[str]
) -> None:
    report = Report(tuple(Case(name, Verdict.PASSED, "passed") for name in names))

    added = with_missing(report, expected).cases[len(names) :]

    assert [case.name for case in added] == missing
    assert {(case.status, case.raw_status, case.message) for case in added} <= {
        (Verdict.BLOCKED, "missing", NO_RESULT)
    }


def test_of_a_report_cut_to_its_limit_what_is_not_seen_is_a_doubt() -> None:
    report = Report((Case("a.B.c", Verdict.PASSED, "passed"),) * CASE_LIMIT)

    doubtful = with_missing(report, ["a.B#d"])

    assert doubtful.cases == report.cases
    assert "a.B#d is not among the cases" in doubtful.problems[0]
    assert with_missing(report, ["a.B#c"]) == report


def test_a_run_that_lacks_a_named_case_does_not_pass() -> None:
    report = ResultFile(
        "TEST-1.xml", b'<testsuite><testcase classname="a.B" name="c"/></testsuite>'
    )
    finished = Finished(Ending.EXITED, 0, files=(report,))

    outcome = outcome_of(finished, ["a.B#c", "a.B#d"])

    assert outcome.verdict is Verdict.BLOCKED
    assert "a.B.d: no result reported" in outcome.reason
