"""The bounds that all readers share: of cases, of texts, of slices."""

import pytest

from adapters.base import Case, Verdict
from adapters.formats import kept_cases, read, xml_cleaning
from adapters.formats.capped_text import TAIL_CHARS, CappedText, one_line
from adapters.formats.kept_cases import DETAIL_LEFT_OUT, KeptCases

P, F, B, S = Verdict.PASSED, Verdict.FAILED, Verdict.BLOCKED, Verdict.SKIPPED


def kept(statuses: list[Verdict], limit: int = 2) -> KeptCases:
    cases = KeptCases(limit)
    cases.extend(Case(str(number), status, "raw") for number, status in enumerate(statuses))
    return cases


@pytest.mark.parametrize(
    ("statuses", "names", "left_out"),
    [
        ([P, S], "01", ""),
        ([P, P, P, S, S], "01", "1 Passed, 2 Skipped"),
        # Three places beyond the limit are for bad cases.
        ([P, P, F, B, F], "01234", ""),
        ([P, P, B, B, B, B], "01234", "1 Blocked"),
        ([P, P, F, F, F, F], "01234", "1 Failed"),
        ([F, P, B, B, B, F], "01234", "1 Failed"),
        # The first failure has a place of its own.
        ([P, P, B, B, B, F, F], "012345", "1 Failed"),
        ([P, P, P, B, B, B, B], "01345", "1 Passed, 1 Blocked"),
    ],
)
def test_cases_are_kept_up_to_a_limit_and_bad_ones_beyond_it(
    statuses: list[Verdict], names: str, left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_cases, "BEYOND_LIMIT", 3)

    cases = kept(statuses)

    assert "".join(case.name for case in cases.cases) == names
    counts = f"{len(statuses)} cases are too many: {len(names)} are kept"
    said = (f"{counts}, left out are {left_out}",) if left_out else ()
    is_problem = "Failed" in left_out or "Blocked" in left_out
    assert (cases.problems(), cases.notes()) == ((said, ()) if is_problem else ((), said))


def test_details_are_kept_until_all_of_them_reach_their_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_cases, "DETAIL_BUDGET_CHARS", 10)
    cases = KeptCases()

    for detail in ("12345", "67890", "", "1", ""):
        cases.add(Case("t", P, "raw", message="m", detail=detail))

    assert [case.detail for case in cases.cases] == ["12345", "67890", "", DETAIL_LEFT_OUT, ""]
    assert {case.message for case in cases.cases} == {"m"}


def capped(*texts: str, limit: int = 4) -> str:
    text = CappedText(limit)
    for piece in texts:
        text.add(piece)
    return text.whole()


@pytest.mark.parametrize("texts", [("abcd",), ("ab", "cd"), ("abc", "d"), ("", "abcd", "")])
def test_a_text_within_its_limit_is_whole(texts: tuple[str, ...]) -> None:
    assert capped(*texts) == "abcd"


def test_of_a_longer_text_its_start_and_its_end_are_kept() -> None:
    end = "e" * TAIL_CHARS

    assert capped("abcd" + end) == capped("ab", "cd", end) == "abcd" + end
    assert capped("abcdx", end) == f"abcd\n[... 1 characters left out ...]\n{end}"
    assert capped("ab", "cdxyz", *end) == f"abcd\n[... 3 characters left out ...]\n{end}"


@pytest.mark.parametrize(
    ("text", "line"),
    [("abc", "abc"), ("abcd", "abcd"), ("abcde", "abc…"), ("\n ab \nc", "ab"), ("", "")],
)
def test_one_line_is_the_first_that_says_something(text: str, line: str) -> None:
    assert one_line(text, 4) == line


ILLEGAL = """
<testsuite><testcase name='a \x01 &#2; &#x41;&amp;'  time = '1'/>
  <testcase name='b'><failure> one  two </failure></testcase></testsuite>
"""


@pytest.mark.parametrize("length", range(1, 41))
def test_a_document_with_illegal_characters_is_read_in_slices_of_any_length(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_cleaning, "SLICE_BYTES", length)

    report = read(ILLEGAL.encode())

    assert [(case.name, case.message, case.detail) for case in report.cases] == [
        ("a \ufffd \ufffd A&", "", ""),
        ("b", "one  two", "one  two"),
    ]
    assert report.problems == ()
