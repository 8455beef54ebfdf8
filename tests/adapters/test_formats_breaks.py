"""Documents that break off: what was whole before the break is kept, whichever reading saw it."""

import pytest

from adapters.base import Report, UnreadableReport
from adapters.formats import read, xml_cleaning, xml_events
from tests.adapters.tclogx_samples import node, summary, zipped

BAD = "<testcase name='{}'><failure/></testcase>\n"


def rows(report: Report) -> list[tuple[str, str]]:
    return [(case.name, str(case.status)) for case in report.cases]


@pytest.mark.parametrize("start", ["", "\n\n\n", "\ufeff\n\n"])
@pytest.mark.parametrize("declared", ["", "version='1.0'", "version='1.0' encoding='no-such'"])
@pytest.mark.parametrize("end", ["", "</no></testsuite>", "<testcase name='c"])
@pytest.mark.parametrize("name", ["b", "a long name \x01"])
def test_whole_cases_before_a_break_are_kept(
    start: str, declared: str, end: str, name: str
) -> None:
    declaration = f"<?xml {declared}?>" if declared else ""
    xml = f"{start}{declaration}<testsuite>{BAD.format(name)}{BAD.format('c')}{end}"

    report = read(xml.encode())

    assert rows(report) == [(name.replace("\x01", "\ufffd"), "Failed"), ("c", "Failed")]
    (problem,) = report.problems
    assert problem.startswith(("cut off at line 3", "broken at line 3, column")) or start


def test_a_break_says_what_is_wrong_and_where() -> None:
    (mismatched,) = read(f"<testsuite>{BAD.format('a')}</no>".encode()).problems

    assert mismatched == "broken at line 2, column 3: mismatched tag"


def nested(depth: int, before: str = "") -> bytes:
    names = ["testsuites"] + ["testsuite"] * (depth - 1)
    opened = "".join(f"<{name}>" for name in names[:-1])
    closed = "".join(f"</{name}>" for name in reversed(names[:-1]))
    return (
        f"<testsuites>{before}</testsuites>".encode()
        if not depth
        else (f"{opened[:12]}{before}{opened[12:]}<testcase name='t'/>{closed}".encode())
    )


@pytest.mark.parametrize("before", ["", "<testsuite/>" * 500, "<testsuite></testsuite>" * 500])
def test_elements_may_be_nested_to_a_limit_whatever_came_before(before: str) -> None:
    limit = xml_events.DEPTH_LIMIT

    assert rows(read(nested(limit, before))) == [("t", "Passed")]
    with pytest.raises(UnreadableReport, match=f"nested deeper than {limit}"):
        read(nested(limit + 1, before))


TOKENS = {
    "attribute": ("<testcase name='a'><failure message='", "'/></testcase>"),
    "comment": ("<testcase name='a'><failure/></testcase><!--", "-->"),
    "instruction": ("<testcase name='a'><failure/></testcase><?a ", "?>"),
}


def long_token(token: str, length: int) -> bytes:
    head, tail = TOKENS[token]
    return f"<testsuite>{head}{'a' * length}{tail}{BAD.format('b')}</testsuite>".encode()


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("slice_bytes", [1, 3, 7, 64])
def test_a_token_longer_than_many_slices_is_read_whole(
    token: str, slice_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_cleaning, "SLICE_BYTES", slice_bytes)

    for length in (0, 1, 50, 200, 1000):
        report = read(long_token(token, length))

        assert rows(report) == [("a", "Failed"), ("b", "Failed")]
        assert report.problems == ()
        assert token != "attribute" or len(report.cases[0].detail) == length


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_longer_than_the_limit_is_refused(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_cleaning, "SLICE_BYTES", 1000)
    monkeypatch.setattr(xml_events, "TOKEN_BYTES", 3 * 1024 * 1024)

    assert len(rows(read(long_token(token, 2 * 1024 * 1024)))) == 2
    with pytest.raises(UnreadableReport) as refused:
        read(long_token(token, 8 * 1024 * 1024))
    assert str(refused.value) == (
        "a tag, an attribute or a comment of it is longer than 3 MiB: refused"
    )


def test_prefixes_of_any_element_mean_nothing() -> None:
    data = summary(node("test0", name="a", status=2))
    for tag in (b"Node", b"Prp"):
        data = data.replace(b"<" + tag, b"<n:" + tag).replace(b"</" + tag, b"</n:" + tag)

    assert rows(read(data)) == [("Web/a", "Failed")]


def test_illegal_characters_do_no_harm_to_a_document_whose_doctype_does_nothing() -> None:
    data = summary(node("test0", name="a", status=2)).replace(b'value="a"', b'value="a\x01"')

    assert rows(read(data)) == [("Web/a\ufffd", "Failed")]


def test_an_archive_is_known_by_its_first_bytes() -> None:
    archive = zipped({"Summary.dat": summary(node("test0", name="a", status=2))})

    assert rows(read(archive)) == [("Web/a", "Failed")]
