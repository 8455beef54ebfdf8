"""TestComplete's logs have a DOCTYPE, and none of what a DOCTYPE can do is done."""

import pytest

from adapters.base import UnreadableReport
from adapters.formats import read
from adapters.formats.xml_events import DoctypeRefused, walk
from tests.adapters.tclogx_samples import DOCTYPE, node

TEST = node("test0", name="a", status=0)
PROJECT = node("root", node("projects", node("project0", node("tests", TEST), name="Web")))
DECLARED = '<?xml version="1.0" standalone="no"?>'


def log(doctype: str, root: str = PROJECT, declared: str = DECLARED) -> bytes:
    return f"{declared}{doctype}<Nodes>{root}</Nodes>".encode()


def test_a_doctype_with_idle_parameter_entities_is_read() -> None:
    assert len(read(log(DOCTYPE)).cases) == 1
    assert len(read(log("")).cases) == 1
    assert len(read(log("<!DOCTYPE Nodes>")).cases) == 1


@pytest.mark.parametrize("declared", ["", DECLARED, DECLARED.replace("no", "yes")])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Nodes SYSTEM "http://127.0.0.1:1/a.dtd">',
        '<!DOCTYPE Nodes PUBLIC "a" "http://127.0.0.1:1/a.dtd" [<!ENTITY % a "CDATA">]>',
        '<!DOCTYPE Nodes [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>',
        '<!DOCTYPE Nodes [<!ENTITY % a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Nodes [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Nodes [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE Nodes [<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "b.gif" NDATA n>]>',
    ],
)
def test_whatever_could_be_fetched_or_expanded_is_refused(declared: str, doctype: str) -> None:
    with pytest.raises(UnreadableReport, match="refused"):
        read(log(doctype, declared=declared))


@pytest.mark.parametrize("declared", [DECLARED, DECLARED.replace("no", "yes")])
@pytest.mark.parametrize("doctype", [DOCTYPE, DOCTYPE.replace("]>", " %NameValue;]>")])
@pytest.mark.parametrize("place", ["text", "attribute"])
def test_a_reference_to_an_entity_never_becomes_something(
    declared: str, doctype: str, place: str
) -> None:
    root = PROJECT.replace('value="0"', 'value="&NameValue;"') if place == "attribute" else PROJECT
    text = "&NameValue;" if place == "text" else ""

    try:
        report = read(log(doctype, text + root, declared))
    except UnreadableReport:
        return

    assert report.cases == ()
    assert "undefined entity" in report.problems[0]


def test_default_values_of_attributes_are_not_applied() -> None:
    doctype = '<!DOCTYPE Nodes [<!ATTLIST Prp value CDATA "0">]>'
    root = PROJECT.replace('<Prp name="status" type="S" value="0"/>', '<Prp name="status"/>')

    (case,) = read(log(doctype, root)).cases

    assert (case.status, case.raw_status) == ("Blocked", "")


def test_a_doctype_of_another_dialect_is_refused_as_before() -> None:
    with pytest.raises(DoctypeRefused):
        read(b"<!DOCTYPE testsuite [<!ENTITY % a 'b'>]><testsuite><testcase name='a'/></testsuite>")
    with pytest.raises(UnreadableReport, match="root element is <testsuite>, not <Nodes>"):
        read(b"<!DOCTYPE Nodes><testsuite><testcase name='a'/></testsuite>")


def test_elements_nested_without_end_are_refused() -> None:
    class Nothing:
        def start(self, name: str, attributes: dict[str, str]) -> None: ...
        def end(self, name: str) -> None: ...
        def text(self, text: str) -> None: ...

    with pytest.raises(UnreadableReport, match="nested deeper"):
        walk(b"<!DOCTYPE a>" + b"<a>" * 300, Nothing, idle_doctype=True)
