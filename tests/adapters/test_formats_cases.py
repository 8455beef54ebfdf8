"""What the readers of all formats share of cases and problems."""

from adapters.base import Case, Verdict
from adapters.formats.cases import NAME_CHARS, case_name, not_known
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems


def test_a_name_is_never_longer_than_its_limit() -> None:
    long = "n" * NAME_CHARS

    assert case_name(long, "C") == f"C.{long}"[:NAME_CHARS]
    assert case_name(long, "", "S") == f"S/{long}"[:NAME_CHARS]
    assert case_name(" ", "", "") == "(no name)"


def test_a_long_word_is_not_repeated_whole() -> None:
    assert not_known("w" * 100) == f'the report calls it "{"w" * 79}…", a word not known here'


def test_a_case_without_room_is_not_even_made() -> None:
    kept, made = KeptCases(limit=1), []

    def close() -> Case:
        made.append("case")
        return Case("t", Verdict.PASSED, "passed")

    assert [kept.offer(Verdict.PASSED, close) for _ in range(3)] == [True, False, False]
    assert made == ["case"]
    assert kept.notes() == ("3 cases are too many: 1 are kept, left out are 2 Passed",)


def test_problems_beyond_the_limit_are_counted() -> None:
    problems, warnings = Problems(), Problems("warnings")
    for number in range(20):
        problems.add(str(number))
        warnings.add(str(number))
    assert problems.all() == tuple(map(str, range(20)))

    problems.add("20")
    warnings.add("20")

    assert problems.all()[19:] == ("19", "1 more problems")
    assert warnings.all()[20:] == ("1 more warnings",)
