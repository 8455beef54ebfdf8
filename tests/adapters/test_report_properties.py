"""What must hold for any bytes at all: no crash, no hang, and no pass out of a damaged report."""

import re
import time
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Report, UnreadableReport, Verdict
from adapters.formats import READERS, read
from tests.adapters.report_samples import GREEN, GREEN_ARCHIVE, REAL, outcome

ONE_READ_S = 2.0
"""Far beyond what any of these needs, of the processor's time."""
EVERY = {**REAL, **{f"green {n}": d for n, d in GREEN.items() if d not in REAL.values()}}
NO_PASS = {n: d for n, d in REAL.items() if outcome(d).verdict in {"Failed", "Blocked"}}
GOOD = {Verdict.PASSED, Verdict.SKIPPED}
# A tag, an attribute or a text ends or begins here: between two of them a cut changes little.
EDGES = re.compile(rb"[<>\"'=/&;?!\]]")
CUT_EVERYWHERE_BYTES = 2500
STRIDE_BYTES = 41
CUTS_A_FILE, MUTATIONS_A_FILE = 700, 150
CASE_TAGS = re.compile(r"case|method|result|test\b|<test |node|prp|outcome|value", re.IGNORECASE)
TAGS = sorted({tag.decode("utf-8", "replace") for data in EVERY.values()
               for tag in re.findall(rb"<[^<>]{1,120}>", data)})  # fmt: skip
ODD = ["<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#1;", "&x;", "text", "\x01", "é", "<a:b/>",
       "<!DOCTYPE a [<!ENTITY x 'y'>]>", "<?xml version='1.0' encoding='UTF-16'?>"]  # fmt: skip
quick = settings(max_examples=200, deadline=None, database=None)


def read_if_possible(data: bytes) -> Report:
    """Read *data*; what is refused is a report of nothing."""
    started_s = time.process_time()
    try:
        report = read(data)
    except UnreadableReport as error:
        assert str(error)
        report = Report((), (str(error),))
    assert time.process_time() - started_s < ONE_READ_S
    return report


def passes(data: bytes) -> bool:
    read_if_possible(data)
    return outcome(data).verdict in GOOD


def test_the_green_reports_pass_and_most_real_ones_do_not() -> None:
    assert [name for name, data in GREEN.items() if not passes(data)] == []
    assert passes(GREEN_ARCHIVE)
    assert len(NO_PASS) > 40
    assert {name.partition("/")[0] for name in REAL} > {"nunit3", "testcomplete", "trx", "xunit"}


@quick
@given(
    st.sampled_from(["", "PK\x03\x04", *(f"<{root}>" for root in READERS)]),
    st.binary(max_size=300),
)
def test_any_bytes_are_read_or_refused(head: str, data: bytes) -> None:
    assert not passes(head.encode() + data)


@quick
@given(
    st.sampled_from([*READERS, ""]),
    st.lists(st.sampled_from(TAGS + ODD * 20), max_size=60).map("".join),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_heap_of_tags_is_read_or_refused(root: str, tags: str, encoding: str) -> None:
    xml = f"<{root}>{tags}</{root}>" if root else tags

    report = read_if_possible(xml.encode(encoding))

    assert CASE_TAGS.search(tags) or not report.cases


def cuts(data: bytes) -> Iterator[int]:
    """Give lengths short of the whole document: all of them, or those at which much changes."""
    whole = len(data.rstrip())
    if whole <= CUT_EVERYWHERE_BYTES:
        return iter(range(whole))
    edges = {place for match in EDGES.finditer(data) for place in match.span()}
    lengths = sorted(n for n in edges | set(range(0, whole, STRIDE_BYTES)) if n < whole)
    return iter(lengths[:: len(lengths) // CUTS_A_FILE + 1])


@pytest.mark.parametrize("name", EVERY)
def test_a_report_that_is_cut_off_never_passes(name: str) -> None:
    data = EVERY[name]
    passed = sum(case.status is Verdict.PASSED for case in read(data).cases)

    for length in cuts(data):
        report = read_if_possible(data[:length])

        # A problem forbids a pass; and no case becomes a pass by what is not there any more.
        assert report.problems, length
        assert sum(case.status is Verdict.PASSED for case in report.cases) <= passed, length


@pytest.mark.parametrize("name", GREEN)
def test_a_report_in_utf_16_that_is_cut_off_never_passes(name: str) -> None:
    text = re.sub(r"""encoding=["']\S+["']""", "", GREEN[name].decode("utf-8-sig")).rstrip()
    data = text.encode("utf-16")

    assert passes(data)
    assert not any(passes(data[:length]) for length in range(0, len(data) - 2, 11))


def test_an_archive_that_is_cut_off_never_passes() -> None:
    assert not any(passes(GREEN_ARCHIVE[:length]) for length in range(0, len(GREEN_ARCHIVE) - 1, 7))


@settings(quick, max_examples=400)
@given(
    st.sampled_from(sorted(NO_PASS)),
    st.lists(
        st.tuples(
            st.integers(0, 10**6),
            st.integers(0, 4),
            st.binary(max_size=4) | st.sampled_from([b"<!--", b"-->", b"'/>", b"<?", b"?>"]),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_small_wounds_make_no_pass_of_a_bad_report(
    name: str, wounds: list[tuple[int, int, bytes]]
) -> None:
    data = NO_PASS[name]
    for somewhere, lost, patch in wounds:
        place = somewhere % len(data)
        data = data[:place] + patch + data[place + lost :]

    assert not passes(data)


@settings(quick, max_examples=400)
@given(st.sampled_from(sorted(EVERY)), st.data(), st.booleans())
def test_a_report_that_lost_a_piece_or_has_one_twice_is_read_or_refused(
    name: str, draw: st.DataObject, doubled: bool
) -> None:
    data = EVERY[name]
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, len(data)))

    read_if_possible(data[:end] + data[start:] if doubled else data[:start] + data[end:])


@settings(quick, max_examples=400)
@given(st.sampled_from(sorted(NO_PASS)), st.sampled_from(sorted(NO_PASS)), st.data())
def test_two_bad_reports_make_no_good_one(head: str, tail: str, draw: st.DataObject) -> None:
    one, other = NO_PASS[head], NO_PASS[tail]
    end = draw.draw(st.integers(0, len(one)))
    start = draw.draw(st.integers(0, len(other)))

    assert not passes(one[:end] + other[start:])


def mutations(root: ElementTree.Element) -> Iterator[str]:
    """Change one thing of the tree at a time, tell what, and put it back after it."""
    for parent, child in [(outer, inner) for outer in root.iter() for inner in outer]:
        place, tag = list(parent).index(child), child.tag
        parent.remove(child)
        yield f"without {tag} {child.attrib}"
        parent.insert(place, child)
        child.tag = "renamed"
        yield f"{tag} {child.attrib} by another name"
        child.tag = tag
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            yield f"{element.tag} without {name}={value}"
            element.attrib["renamed"] = value
            yield f"{element.tag} with {name}={value} by another name"
            del element.attrib["renamed"]
            element.attrib[name] = value


def tree_of(data: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - our own files
    except ElementTree.ParseError:
        return None  # an archive, or a real report that was cut off


@pytest.mark.parametrize("name", [name for name in NO_PASS if tree_of(NO_PASS[name]) is not None])
def test_no_single_element_or_attribute_stands_between_a_bad_report_and_a_pass(name: str) -> None:
    root = tree_of(NO_PASS[name])
    assert root is not None
    total = sum(1 for _ in mutations(root))

    for number, said in enumerate(mutations(root)):
        if number % (total // MUTATIONS_A_FILE + 1) == 0:
            assert not passes(ElementTree.tostring(root)), said
