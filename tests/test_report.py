"""The report and the log, read back by other programs than those that wrote them."""

import email
import shutil
import struct
import subprocess
import time
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Case, Ending, Verdict
from orchestrator.report import RunFacts, write_mht, write_xml_log

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

CASES = (
    Case("shop.CartTest.adds", Verdict.PASSED, "passed", 0.25),
    Case("shop.CartTest.<ships>", Verdict.FAILED, "failure", 1.5, "42 & \x01not 41", "a\nstack"),
    Case("shop.OldTest", Verdict.SKIPPED, "disabled", 0.0, "bug 4711"),
    Case("shop.LoginTest", Verdict.BLOCKED, "error", 0.0, "no browser", "no browser"),
)
FACTS = RunFacts(
    host="LAB-01",
    tool="junit",
    run_id=88310,
    item=2,
    attempt=1,
    test_name="Basket regression",
    test_set="Nightly",
    configuration="Windows 11",
    release="2026.11",
    verdict=Verdict.FAILED,
    reason="1 of 4 cases failed",
    cases=CASES,
    started_at=datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC),
    finished_at=datetime(2026, 11, 23, 14, 3, 24, 500_000, tzinfo=UTC),
    command=("java", "-jar", "a b.jar"),
    ending=Ending.EXITED,
    exit_code=1,
    output_tail="[ERROR] <b>2</b> tests failed\n",
    labfleet_version="0.1.0",
)


def png(width: int = 1, height: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    return start + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def parts(path: Path) -> tuple[EmailMessage, list[EmailMessage]]:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    return message, list(message.iter_parts())


def page(folder: Path, facts: RunFacts) -> str:
    write_mht(facts, folder / "page.mht")
    return parts(folder / "page.mht")[1][0].get_content()


def logged(folder: Path, facts: RunFacts) -> ET.Element:
    write_xml_log(facts, folder / "log.xml")
    return ET.parse(folder / "log.xml").getroot()  # noqa: S314 - our own file


# --- the MHT report


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_chromium_shows_the_report_with_its_picture(tmp_path):
    (tmp_path / "login.png").write_bytes(png(3, 2))
    report = tmp_path / "report.mht"
    write_mht(FACTS, report, images=[tmp_path / "login.png"])

    dom = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
            *("--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"),
            *("--dump-dom", report.as_uri()),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=True,
    ).stdout.decode()

    assert "<title>Failed: Basket regression</title>" in dom
    assert "shop.CartTest.&lt;ships&gt;" in dom
    assert "42 &amp; not 41" in dom
    assert "[ERROR] &lt;b&gt;2&lt;/b&gt; tests failed" in dom
    assert 'src="http://labfleet.invalid/pictures/1.png"' in dom
    assert "made by labfleet 0.1.0" in dom


def test_the_report_is_related_mime_with_crlf_and_no_foreign_address(tmp_path):
    (tmp_path / "login.png").write_bytes(png())
    write_mht(FACTS, tmp_path / "report.mht", images=[tmp_path / "login.png"])

    data = (tmp_path / "report.mht").read_bytes()
    message, (html, picture) = parts(tmp_path / "report.mht")

    assert data.count(b"\n") == data.count(b"\r\n")
    assert message.get_content_type() == "multipart/related"
    assert message.get_param("type") == "text/html"
    assert html["Content-Location"] == "http://labfleet.invalid/report.html"
    assert picture["Content-Location"] == "http://labfleet.invalid/pictures/1.png"
    assert picture["Content-Location"] in html.get_content()
    assert picture.get_content() == png()
    assert "<script" not in html.get_content()


def test_what_needs_attention_comes_first(tmp_path):
    text = page(tmp_path, FACTS)

    names = ("&lt;ships&gt;", "shop.LoginTest", "shop.OldTest", "shop.CartTest.adds")
    assert sorted(names, key=text.index) == list(names)


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        (Ending.EXITED, 0, "exited with code 0"),
        (Ending.EXITED, -9, "was ended by signal 9"),
        (Ending.EXITED, None, "how is not known"),
        (Ending.TIMED_OUT, None, "its time was up"),
        (Ending.KILLED, None, "was ended by labfleet"),
        (Ending.NOT_STARTED, None, "could not be started"),
    ],
)
def test_the_report_says_how_the_tool_ended(tmp_path, ending, code, said):
    assert said in page(tmp_path, replace(FACTS, ending=ending, exit_code=code))


def test_a_report_without_cases_gives_the_reason(tmp_path):
    blocked = replace(
        FACTS, verdict=Verdict.BLOCKED, cases=(), reason="no report <x>", command=(), output_tail=""
    )

    text = page(tmp_path, blocked)

    for said in ("Blocked", "no report &lt;x&gt;", "No case was reported", "No command", "nothing"):
        assert said in text


def test_times_are_shown_in_utc_with_their_distance(tmp_path):
    lab = timezone(timedelta(hours=5, minutes=30))
    text = page(tmp_path, replace(FACTS, started_at=FACTS.started_at.astimezone(lab)))

    assert "2026-11-23 14:02:11 UTC" in text
    assert "1 min 14 s" in text


def test_a_picture_that_cannot_be_shown_is_named(tmp_path):
    (tmp_path / "huge.png").write_bytes(png() + b"\0" * 3_000_000)
    (tmp_path / "drawing.svg").write_text("<svg onload='alert(1)'/>")
    (tmp_path / "link.png").symlink_to("huge.png")
    names = ("huge.png", "drawing.svg", "link.png", "absent.png")

    write_mht(FACTS, tmp_path / "r.mht", images=[tmp_path / name for name in names])

    _, found = parts(tmp_path / "r.mht")
    assert len(found) == 1
    text = found[0].get_content()
    assert "huge.png is not shown: it is too large" in text
    assert "drawing.svg is not shown: it is no PNG" in text
    assert "link.png is not shown: it is no regular file" in text
    assert "absent.png is not shown: it is no regular file" in text


def test_a_report_of_many_long_cases_stays_small_quick_and_honest(tmp_path):
    bad = [
        Case(
            f"suite.case_{n:05}_" + "n" * 100, Verdict.FAILED, "failure", 0.1, "m" * 900, "<" * 9**5
        )
        for n in range(12_000)
    ]
    good = [Case(f"suite.good_{n:05}", Verdict.PASSED, "passed") for n in range(8_000)]
    began = time.monotonic()

    text = page(tmp_path, replace(FACTS, cases=good + bad))

    assert time.monotonic() - began < 10
    assert (tmp_path / "page.mht").stat().st_size < 20_000_000
    assert text.count("suite.case_") == 12_000
    assert text.count("suite.good_") == 1_000
    assert "7,000 more cases are not listed here" in text
    assert "more characters]" in text
    assert "cases are left out to keep this page small" in text


# --- the XML log


def test_the_log_holds_every_fact(tmp_path):
    run = logged(tmp_path, FACTS)

    assert " ".join(f"{name}={value}" for name, value in run.attrib.items()) == (
        "made-by=labfleet 0.1.0 format=1 id=88310 item=2 attempt=1 host=LAB-01 tool=junit"
        " verdict=Failed started=2026-11-23T14:02:11.000+00:00"
        " finished=2026-11-23T14:03:24.500+00:00 seconds=73.500 ending=exited exit-code=1"
    )
    test = run.find("test[@name='Basket regression'][@set='Nightly'][@release='2026.11']")
    assert test is not None
    assert test.get("configuration") == "Windows 11"
    assert run.findtext("reason") == "1 of 4 cases failed"
    assert [e.text for e in run.iter("argument")] == ["java", "-jar", "a b.jar"]
    assert run.findtext("output") == "[ERROR] <b>2</b> tests failed\n"


def test_the_log_holds_every_case_in_the_order_they_ran(tmp_path):
    cases = logged(tmp_path, FACTS).find("cases")

    assert cases is not None
    counts = {"count": "4", "passed": "1", "failed": "1", "blocked": "1", "skipped": "1"}
    assert cases.attrib == counts
    assert [(c.get("name"), c.get("status")) for c in cases] == [(c.name, c.status) for c in CASES]
    failed = cases[1]
    assert (failed.get("raw-status"), failed.get("seconds")) == ("failure", "1.500")
    assert failed.findtext("detail") == "a\nstack"


def test_a_character_that_xml_cannot_hold_is_replaced(tmp_path):
    log = logged(tmp_path, replace(FACTS, host="a\x00b", output_tail="\ud800\x1b\uffff"))

    assert log.get("host") == "a\ufffdb"
    assert log.findtext("output") == "\ufffd" * 3
    assert log.findtext("cases/case/message") == "42 & \ufffdnot 41"


def test_a_log_that_grows_too_long_says_how_much_is_missing(tmp_path):
    cases = [Case(f"c{n}", Verdict.FAILED, "x", 0.0, "", "d" * 150_000) for n in range(200)]

    log = logged(tmp_path, replace(FACTS, cases=cases))

    details = list(log.iter("detail"))
    assert len(details) == 200
    assert (len(details[0].text or ""), details[0].get("omitted")) == (100_000, "50000")
    assert (len(details[-1].text or ""), details[-1].get("omitted")) == (0, "150000")
    assert (tmp_path / "log.xml").stat().st_size < 17_000_000


# --- both


@pytest.mark.parametrize("write", [write_mht, write_xml_log])
def test_equal_facts_give_equal_bytes(tmp_path, write):
    write(FACTS, tmp_path / "a")
    write(FACTS, tmp_path / "b")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("write", [write_mht, write_xml_log])
def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path, write):
    target = tmp_path / "out"
    target.write_text("old")
    broken = replace(FACTS, cases=[*CASES, None])  # type: ignore[list-item] # it must break half way

    with pytest.raises(AttributeError):
        write(broken, target)

    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300), other=st.text(max_size=80))
def test_any_text_gives_a_readable_report_and_a_well_formed_log(text, other):
    facts = replace(
        FACTS,
        **dict.fromkeys(("host", "test_name", "test_set", "reason", "output_tail"), text),
        command=(text, other),
        cases=[Case(text, Verdict.FAILED, other, 0.0, other, text)],
    )

    with TemporaryDirectory() as name:
        folder = Path(name)
        assert page(folder, facts).rstrip().endswith("</html>")
        assert parts(folder / "page.mht")[0]["Subject"].startswith("Failed:")
        assert logged(folder, facts).find("cases/case") is not None
