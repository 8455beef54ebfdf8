import codecs

import pytest

from adapters.base import Report, UnreadableReport, Verdict
from adapters.formats import OtherDocument, read

ONE = "<testsuite name='s'><testcase name='größe'/></testsuite>"


def names(report: Report) -> list[str]:
    return [case.name for case in report.cases]


@pytest.mark.parametrize(
    "data",
    [
        ONE.encode(),
        codecs.BOM_UTF8 + ONE.encode(),
        f"<?xml version='1.0' encoding='UTF-16'?>{ONE}".encode("utf-16"),
        ONE.encode("utf-16"),
        f"<?xml version='1.0' encoding='UTF-16'?>{ONE}".encode("utf-16-be"),
        f"<?xml version='1.0' encoding='windows-1252'?>{ONE}".encode("cp1252"),
        f"<?xml version='1.0' encoding='gb18030'?>{ONE}".encode("gb18030"),
        f"<?xml version='1.0' encoding='UTF-16'?>{ONE}".encode(),  # as .NET's StringWriter does
        f"<?xml version='1.0' encoding='no-such'?>{ONE}".encode(),
        f"\r\n<?xml version='1.0'?>{ONE}".encode(),
    ],
)
def test_a_report_is_read_in_every_encoding(data: bytes) -> None:
    report = read(data)

    assert names(report) == ["s/größe"]
    assert report.problems == ()


@pytest.mark.parametrize(
    ("bad", "good"),
    [("\x01", "\ufffd"), ("&#1;", "\ufffd"), ("&#xFFFF;", "\ufffd"), ("&#65;\x00", "A\ufffd")],
)
def test_characters_that_xml_forbids_are_replaced(bad: str, good: str) -> None:
    xml = f"<testsuite><testcase name='t'><failure message='a{bad}b'/></testcase></testsuite>"

    report = read(xml.encode())

    assert [case.message for case in report.cases] == [f"a{good}b"]
    assert report.problems == ()


def test_latin_1_bytes_in_a_utf_8_report_are_replaced() -> None:
    assert names(read(ONE.encode("latin-1"))) == ["s/gr\ufffd\ufffde"]


def test_a_character_set_that_does_not_exist_is_read_as_utf_8() -> None:
    xml = "<?xml version='1.0' encoding='iso-8859-99'?><testsuite><testcase name='\u00e9'/>"

    report = read(f"{xml}</testsuite>".encode())

    assert [case.name for case in report.cases] == ["\u00e9"]
    assert report.problems == ()


def test_a_legal_reference_beside_an_illegal_character_stays() -> None:
    xml = b"<testsuite><testcase name='\x01 &#x41; &#65; &#x10FFFF; &#x110000;'/></testsuite>"

    (case,) = read(xml).cases

    assert case.name == "\ufffd A A \U0010ffff \ufffd"


def test_an_illegal_reference_across_two_slices_is_replaced() -> None:
    for padding in range(256 * 1024 - 80, 256 * 1024 - 40):
        xml = f"<testsuite><testcase name='t'/><!--{'x' * padding}-->&#1;</testsuite>"

        assert read(xml.encode()).problems == ()


def test_suites_may_be_nested_and_prefixed() -> None:
    xml = b"""<j:testsuites xmlns:j='urn:j'><j:testsuite name='a'><j:testsuite name='b'>
      <j:testcase name='one'/></j:testsuite><j:testcase name='two'><j:failure/></j:testcase>
      </j:testsuite></j:testsuites>"""

    report = read(xml)

    assert [(case.name, case.status) for case in report.cases] == [
        ("b/one", Verdict.PASSED),
        ("a/two", Verdict.FAILED),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (b"\xef\xbb\xbf", "not XML: cut off at line 1"),
        (b"FAILED: no tests", "not XML: broken at line 1, column 1: syntax error"),
        (b'{"tests": []}', "not XML"),
        (b"\x00\x00\x00", "not XML"),
        (b"%PDF-1.4", "not XML"),
        (b"<?xml version='1.0'?>", "not XML: cut off at line 1"),
        (b"<testsui", "not XML: cut off at line 1"),
        (b"<html><body>502</body></html>", "root element is <html>, not a test report"),
        (b"<!DOCTYPE html><html><br></html>", "root element is <html>, not a test report"),
        (b"<html/>", "root element is <html>, not a test report"),
        (b"<!DOCTYPE testsuite><testsuite/>", "it has a DOCTYPE (testsuite)"),
        (b"<testsuite>" + b"<a>" * 500, "its elements are nested deeper than 200"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableReport) as raised:
        read(data)

    assert str(raised.value).startswith(reason)


BILLION_LAUGHS = """<!DOCTYPE testsuite [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
EXTERNAL = """<!DOCTYPE testsuite [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="t"><failure>&a;</failure></testcase></testsuite>"""
PARAMETER = """<!DOCTYPE testsuite [<!ENTITY % a "x"> %a;]><testsuite><testcase/></testsuite>"""
FOREIGN_DTD = """<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:9/x.dtd"><testsuite/>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("xml", [BILLION_LAUGHS, EXTERNAL, PARAMETER, FOREIGN_DTD])
def test_entities_are_refused_in_every_form(xml: str, encoding: str) -> None:
    with pytest.raises(UnreadableReport, match="DOCTYPE"):
        read(xml.encode(encoding))


def test_an_entity_that_nobody_declared_breaks_the_report() -> None:
    report = read(b"<testsuite><testcase name='a'/><testcase name='&b;'/></testsuite>")

    assert names(report) == ["a"]
    assert report.problems == ("broken at line 1, column 32: undefined entity",)


def test_a_doctype_after_illegal_characters_is_refused_too() -> None:
    with pytest.raises(UnreadableReport, match="DOCTYPE"):
        read(b"<!--\x01-->" + EXTERNAL.encode())


@pytest.mark.parametrize("root", ["coverage", "checkstyle", "suite"])
def test_a_well_known_document_that_is_no_report_is_told_apart(root: str) -> None:
    with pytest.raises(OtherDocument, match=f"root element is <{root}>, a "):
        read(f"<!DOCTYPE {root} SYSTEM 'x.dtd'><{root}/>".encode())


@pytest.mark.parametrize(
    ("header", "content", "problem"),
    [
        ("tests='0' failures='1'", "", "counts 1 failures and errors, its cases show 0"),
        ("tests='2' failures='1' errors='1'", "<testcase><error/></testcase><testcase/>", "show 1"),
        ("tests='3'", "", "counts 3 tests, it holds none"),
        ("", "<system-err>Error - host crashed</system-err>", "Error - host crashed"),
        ("", "<error message='died'/><testcase/>", "error outside any test case: died"),
        ("", "<failure>x\ny</failure><testcase/>", "failure outside any test case: x"),
        ("", "<testsuite failures='1'><testcase/></testsuite><testcase/>", "show 0"),
    ],
)
def test_a_suite_that_contradicts_its_cases_is_a_problem(
    header: str, content: str, problem: str
) -> None:
    report = read(f"<testsuite name='shop' {header}>{content}</testsuite>".encode())

    assert any(problem in said for said in report.problems)


@pytest.mark.parametrize(
    ("header", "content"),
    [
        ("tests='0' failures='1'", "<testcase><failure/></testcase>"),  # Ant, set-up failed
        ("failures='1'", "<testcase status='failed'/>"),
        ("failures='0' errors='' tests='1'", "<testcase/>"),
        ("failures='1'", "<testsuite><testcase><error/></testcase></testsuite>"),
        ("", "<testcase/><system-err>log4j: a line</system-err>"),  # Ant and Gradle
        ("", "<skipped/><testcase/>"),
        ("tests='0'", ""),
    ],
)
def test_what_tools_really_write_is_no_contradiction(header: str, content: str) -> None:
    report = read(f"<testsuite name='shop' {header}>{content}</testsuite>".encode())

    assert report.problems == ()


def test_a_cut_report_keeps_its_complete_cases_and_says_where_it_ends() -> None:
    xml = b"<testsuite>\n<testcase name='a'/>\n<testcase name='b'>\n<testcase name='c'"

    report = read(xml)

    assert names(report) == ["a"]
    assert report.problems == ("cut off at line 4",)


@pytest.mark.parametrize(
    "end", ["<failure message='why'", "<failure message='why'>at", "<failure message='why'/>"]
)
def test_a_failure_before_the_cut_is_not_lost(end: str) -> None:
    whole = end != "<failure message='why'"

    report = read(f"<testsuite><testcase name='a'>{end}".encode())

    assert [case.status for case in report.cases] == [Verdict.FAILED] * whole


def test_a_mismatched_tag_breaks_the_report() -> None:
    report = read(b"<testsuite><testcase name='a'/><testcase name='b'></failure></testsuite>")

    assert names(report) == ["a"]
    assert report.problems == ("broken at line 1, column 53: mismatched tag",)


def test_what_follows_the_root_element_breaks_the_report() -> None:
    report = read(ONE.encode() + b"\n" + ONE.encode())

    assert len(report.cases) == 1
    assert report.problems == ("broken at line 2, column 1: junk after document element",)


def test_problems_are_capped() -> None:
    report = read(b"<testsuite>" + b"<error/>" * 1000 + b"</testsuite>")

    assert len(report.problems) == 21
    assert report.problems[-1] == "980 more problems"
