"""Logs and reports of agents at the management pages: shown, and harmless."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from orchestrator.standin.pages.log_text import read_log
from orchestrator.standin.pages.mht import read_mht
from tests.standin.lab import PROJECT, Host, Lab, upload
from tests.standin.reader import sign_in

PNG = b"iVBORw0KGgo="


def mht(*parts: tuple[str, str, bytes]) -> bytes:
    """A report of parts, each with a content type, more header lines, and a body."""
    lines = [b"MIME-Version: 1.0", b'Content-Type: multipart/related; boundary="b"', b""]
    for content_type, more, body in parts:
        lines += [b"--b", f"Content-Type: {content_type}".encode(), *more.encode().splitlines()]
        lines += [b"", body]
    return b"\r\n".join([*lines, b"--b--", b""])


def page(html: str, where: str = "file:///C:/r/index.htm") -> tuple[str, str, bytes]:
    return ("text/html; charset=utf-8", f"Content-Location: {where}", html.encode())


def picture(more: str) -> tuple[str, str, bytes]:
    return ("image/png", f"{more}\nContent-Transfer-Encoding: base64", PNG)


DATA = f"data:image/png;base64,{PNG.decode()}"


@pytest.mark.parametrize(
    ("html", "more", "shown"),
    [
        ('<img src="a.png">', "Content-Location: file:///C:/r/a.png", f'<img src="{DATA}">'),
        ("<img alt=x src=a.png>", "Content-Location: a.png", f'<img alt=x src="{DATA}">'),
        ("<img src='cid:1@x'>", "Content-ID: <1@x>", f'<img src="{DATA}">'),
        ('<img src="a%20b.png">', "Content-Location: a b.png", f'<img src="{DATA}">'),
        ('<img src="?a=1&amp;b">', "Content-Location: ?a=1&b", f'<img src="{DATA}">'),
        ('<p style="x:url(a.png)">', "Content-Location: a.png", f'<p style="x:url({DATA})">'),
        ("<p style=\"x:url( 'a.png' )\">", "Content-Location: a.png", f'<p style="x:url({DATA})">'),
        ("<a href='http://[x'>", "Content-Location: a.png", "<a href='http://[x'>"),
        ('<img src="b.png">', "Content-Location: a.png", '<img src="b.png">'),
        ('<a href="#end">', "Content-Location: a.png", '<a href="#end">'),
        (
            '<meta http-equiv="Content-Security-Policy" content="img-src x"><p>',
            "Content-Location: a.png",
            "<p>",
        ),
    ],
)
def test_pages_have_their_pictures_inside(html: str, more: str, shown: str) -> None:
    (found,) = read_mht(mht(page(html), picture(more)))

    assert (found.name, found.html.strip()) == ("index.htm", shown)


def test_names_that_a_tool_writes_as_plain_utf_8_are_read() -> None:
    (found,) = read_mht(
        mht(
            page('<img src="Bär.png">', "file:///C:/Prüfung/Übersicht.htm"),
            picture("Content-Location: file:///C:/Prüfung/Bär.png"),
        )
    )

    assert (found.name, found.html.strip()) == ("Übersicht.htm", f'<img src="{DATA}">')


HTML = b"Content-Type: text/html\r\n\r\n"


@pytest.mark.parametrize(
    "content",
    [
        HTML + b"url(" + b" " * 2500,
        HTML + b"url(" * 20_000,
        HTML + b"<meta " * 40_000,
        b"Content-Type: text/html; charset=punycode\r\n\r\n" + b"a-" * 200_000,
        HTML.replace(b"\r", b";" * 200_000 + b"\r", 1),
        b"Content-Type: multipart/related" + b";" * 200_000 + b"\r\n\r\n",
    ],
    ids=["spaces", "url(", "meta", "punycode", "header", "boundary"],
)
def test_no_report_takes_longer_than_its_size_allows(content: bytes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b'<?xml encoding="punycode"?>' + content)
    began_s = time.perf_counter()

    with suppress(ValueError):
        read_mht(content)
    read_log(log)

    assert time.perf_counter() - began_s < 1


def test_a_picture_cannot_be_multiplied_without_end() -> None:
    large = ("image/png", "Content-Location: a.png", b"x" * 6_000_000)

    (found,) = read_mht(mht(page('<img src="a.png">' * 1000), large))

    assert len(found.html) < 41_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no report",
        b"\xff\xfe\x00" * 100,
        mht(picture("Content-Location: a.png")),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 50,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(2000)
        ),
    ],
)
def test_what_is_no_report_is_called_so(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_mht(content)


def test_texts_are_read_in_the_encoding_that_their_part_names() -> None:
    latin = ("text/html; charset=iso-8859-1", "X: y", "Prüfung".encode("latin-1"))
    unknown = ("text/html; charset=no-such", "X: y", "Prüfung".encode())

    assert [one.html.strip() for one in read_mht(mht(latin, unknown))] == ["Prüfung"] * 2


async def test_a_report_is_shown_in_a_frame_where_nothing_of_it_runs(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    report = mht(page("<script>alert(1)</script><p>All <b>fine</b>"), page("<p>Two", "two.htm"))
    form = upload("r<i>.mht", report)
    await lab.call("POST", f"{host.item(run_id)}/report", host.auth, data=form)
    demo = await sign_in(lab, "demo@example.com")
    path = f"/projects/{PROJECT}/runs/{run_id}/items/1/report"

    frame = await demo.get(f"{path}/1")
    text = await demo.text(path)

    assert b"<p>All <b>fine</b>" in frame.body
    policy = frame.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert "script" not in frame.headers["Content-Security-Policy"]
    assert f'<iframe src="{path}/1" sandbox' in text
    assert "<p>All" not in text
    assert "two.htm" in text
    assert f'src="{path}/2"' in await demo.text(f"{path}?page=2")
    assert (await demo.get(f"{path}/3")).status == 404
    saved = await demo.get(f"{path}/file")
    assert saved.body == report
    assert saved.headers["Content-Disposition"].startswith("attachment;")


async def test_a_report_that_is_none_can_still_be_saved(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    form = upload("r.mht", b"<html><p>not MIME</html>")
    await lab.call("POST", f"{host.item(run_id)}/report", host.auth, data=form)
    demo = await sign_in(lab, "demo@example.com")

    text = await demo.text(f"/projects/{PROJECT}/runs/{run_id}/items/1/report")

    assert "No page was found in this file" in text
    assert "<iframe" not in text


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"<a><b>1 &lt; 2</b></a>", "&lt;a&gt;&lt;b&gt;1 &amp;lt; 2&lt;/b&gt;&lt;/a&gt;"),
        ("<a>é</a>".encode("utf-16"), "&lt;a&gt;é&lt;/a&gt;"),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"),
            "&lt;a&gt;é&lt;/a&gt;",
        ),
        (b'<?xml version="1.0" encoding="hex"?><a/>', "&lt;a/&gt;"),
        (b"<a>" + b'<b c="1"></b>' * 50 + b"</a>", "c=&#34;1&#34;&gt;&lt;/b&gt;\n&lt;b c"),
        (b"x" * 1_200_000, "This is its beginning"),
        (b"PK\x03\x04...", "This file is no text"),
        (b"a\0b", "This file is no text"),
    ],
)
async def test_a_log_is_shown_as_text(lab: Lab, host: Host, content: bytes, shown: str) -> None:
    run_id = await lab.run(host)
    form = upload("a.tcLogX", content)
    await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=form)
    demo = await sign_in(lab, "demo@example.com")
    path = f"/projects/{PROJECT}/runs/{run_id}/items/1/log"

    text = await demo.text(path)

    assert shown in text
    assert len(text) < 1_100_000
    assert (await demo.get(f"{path}/file")).body == content


async def test_files_of_a_run_are_for_its_own_project_only(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    for kind, name in (("logs", "a.xml"), ("report", "a.mht")):
        await lab.call("POST", f"{host.item(run_id)}/{kind}", host.auth, data=upload(name))
    lead = await sign_in(lab, "lead@example.com")

    for path in ("log", "log/file", "report", "report/1", "report/file"):
        wrong = await lead.get(f"/projects/4103/runs/{run_id}/items/1/{path}")
        unknown = await lead.get(f"/projects/{PROJECT}/runs/{run_id}/items/2/{path}")
        assert (wrong.status, unknown.status) == (404, 404)
