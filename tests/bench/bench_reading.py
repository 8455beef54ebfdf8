"""How fast a large report is read, and in how much memory, beside xmllint in the same run.

Nothing absolute is asserted: machines differ, and so does the load on them. What is asserted is
what would be a fault on any machine: memory that grows with the number of cases.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MB = 1_000_000
SIZES_MB = (25, 100)
ROUNDS = 3
READ = """
import sys
from adapters.formats import read
report = read(open(sys.argv[1], "rb").read())
assert len(report.cases) >= 20_000, len(report.cases)
print(open("/proc/self/status").read())
"""
HEADER = "dialect        MB  labfleet MB/s  xmllint MB/s  ratio  peak over the file"


@dataclass(frozen=True)
class Dialect:
    """How a report is made: a head, cases of which one in a hundred is bad, and a tail."""

    head: str
    good: str
    bad: str
    tail: str


def node(called: str, inner: str, **values: str) -> str:
    own = "".join(f'<Prp name="{key}" type="S" value="{value}"/>' for key, value in values.items())
    return f'<Node name="{called}">{inner}{own}</Node>'


DIALECTS = {
    "junit": Dialect(
        '<testsuite name="large">',
        '<testcase classname="shop.cart.CartTest{n}" name="case_{n}()" time="0.0{n}"><system-out>'
        "<![CDATA[line of output {n}: {filling}]]></system-out></testcase>",
        '<testcase classname="shop.cart.CartTest{n}" name="bad_{n}()" time="1.{n}"><failure '
        'message="expected: {n}" type="AssertionError">at shop.Cart.total(Cart.java:{n}){filling}'
        "</failure></testcase>",
        "</testsuite>",
    ),
    "testng": Dialect(
        '<testng-results><suite name="large"><test name="t"><class name="shop.CartTest">',
        '<test-method status="PASS" signature="case_{n}()[pri:0, instance:shop.CartTest@35d176f7]" '
        'name="case_{n}" duration-ms="{n}" started-at="2026-11-23T22:32:21Z"><params>'
        '<param index="0"><value><![CDATA[{n}]]></value></param></params><reporter-output>'
        "</reporter-output></test-method>",
        '<test-method status="FAIL" signature="bad_{n}()" name="bad_{n}" duration-ms="{n}">'
        '<exception class="java.lang.AssertionError"><message><![CDATA[expected {n}]]></message>'
        "<full-stacktrace><![CDATA[at shop.Cart.total {filling}]]></full-stacktrace></exception>"
        "</test-method>",
        "</class></test></suite></testng-results>",
    ),
    "nunit 2": Dialect(
        '<test-results><test-suite type="TestFixture" name="CartTests" result="Failure"><results>',
        '<test-case name="Shop.CartTests.Case{n}" executed="True" result="Success" success="True" '
        'time="0.0{n}" asserts="1"><categories><category name="smoke"/></categories></test-case>',
        '<test-case name="Shop.CartTests.Bad{n}" executed="True" result="Failure" success="False" '
        'time="0.1" asserts="1"><failure><message><![CDATA[expected {n}]]></message><stack-trace>'
        "<![CDATA[at Shop.Cart.Total {filling}]]></stack-trace></failure></test-case>",
        "</results></test-suite></test-results>",
    ),
    "nunit 3": Dialect(
        '<test-run result="Failed"><test-suite type="TestFixture" name="CartTests" result="Failed" '
        'site="Child">',
        '<test-case id="0-{n}" name="Case{n}" fullname="Shop.CartTests.Case{n}" methodname="Case" '
        'classname="Shop.CartTests" runstate="Runnable" seed="{n}" result="Passed" duration="0.0{n}'
        '" asserts="1"><output><![CDATA[line {n}: {filling}]]></output></test-case>',
        '<test-case id="0-{n}" name="Bad{n}" fullname="Shop.CartTests.Bad{n}" result="Failed" '
        'duration="0.1"><failure><message><![CDATA[expected {n}]]></message><stack-trace>'
        "<![CDATA[{filling}]]></stack-trace></failure></test-case>",
        "</test-suite></test-run>",
    ),
    "trx": Dialect(
        "<TestRun><Results>",
        '<UnitTestResult executionId="e{n}" testId="t{n}" testName="Case{n}" computerName="LAB-01" '
        'duration="00:00:00.0{n}" startTime="2026-11-23T22:32:21" outcome="Passed"><Output>'
        "<StdOut>line {n}: {filling}</StdOut></Output></UnitTestResult>",
        '<UnitTestResult executionId="e{n}" testId="t{n}" testName="Bad{n}" outcome="Failed">'
        "<Output><ErrorInfo><Message>expected {n}</Message><StackTrace>{filling}</StackTrace>"
        "</ErrorInfo></Output></UnitTestResult>",
        '</Results><ResultSummary outcome="Failed"/></TestRun>',
    ),
    "xunit": Dialect(
        '<assemblies><assembly name="Shop.dll"><collection name="all">',
        '<test name="Shop.CartTests.Case{n}" type="Shop.CartTests" method="Case{n}" time="0.0{n}" '
        'result="Pass"><traits><trait name="Category" value="smoke"/></traits></test>',
        '<test name="Shop.CartTests.Bad{n}" type="Shop.CartTests" method="Bad{n}" result="Fail">'
        "<failure><message>expected {n}</message><stack-trace>{filling}</stack-trace></failure>"
        "</test>",
        "</collection></assembly></assemblies>",
    ),
    "testcomplete": Dialect(
        '<Nodes><Node name="root"><Node name="projects"><Node name="project0"><Node name="tests">',
        node("test{n}", "", name="Case{n}", status="0", duration="{n}"),
        node("test{n}", node("errors", node("error0", "", msg="{filling}")), name="B", status="2"),
        "</Node></Node></Node></Node></Nodes>",
    ),
}


@dataclass(frozen=True)
class Figures:
    seconds: float
    peak_mb: float


def written(path: Path, dialect: Dialect, size_bytes: int) -> Path:
    """Write a report of *size_bytes*."""
    done = number = 0
    with path.open("w", encoding="utf-8") as file:
        done += file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{dialect.head}\n')
        while done < size_bytes:
            number += 1
            form = dialect.good if number % 100 else dialect.bad
            done += file.write(form.format(n=number, filling="filling " * 20) + "\n")
        file.write(f"{dialect.tail}\n")
    return path


def measured(*argv: str) -> Figures:
    """Run *argv* in a process of its own; seconds are the processor's, as others use it too."""
    process = subprocess.Popen(argv, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    # Not what the kernel says in *usage*: until it starts, a child counts its parent's memory.
    peak = re.search(rb"VmHWM:\s*(\d+) kB", printed)
    return Figures(usage.ru_utime + usage.ru_stime, int(peak[1]) * 1024 / MB if peak else 0.0)


def rounds(*argv: str) -> Figures:
    found = [measured(*argv) for _ in range(ROUNDS)]
    return Figures(median(it.seconds for it in found), max(it.peak_mb for it in found))


def row(name: str, path: Path) -> tuple[str, float]:
    """Measure one report; gives a line of the table, and the peak over the file in MB."""
    ours = rounds(sys.executable, "-c", READ, str(path))
    theirs = rounds("xmllint", "--stream", "--noout", "--huge", str(path))
    size = path.stat().st_size / MB
    above = ours.peak_mb - size
    line = (
        f"{name:12} {size:5.0f} {size / ours.seconds:14.1f} {size / theirs.seconds:13.1f}"
        f" {ours.seconds / theirs.seconds:6.1f} {above:16.0f} MB"
    )
    return line, above


def test_large_reports_are_read_beside_xmllint(tmp_path: Path) -> None:
    version = subprocess.run(["xmllint", "--version"], capture_output=True, text=True, check=True)
    lines = [version.stderr.splitlines()[0], HEADER]
    small, large = SIZES_MB
    above = {}
    for name, size in [*((name, small) for name in DIALECTS), ("junit", large)]:
        path = written(tmp_path / f"{name}-{size}.xml", DIALECTS[name], size * MB)
        line, above[name, size] = row(name, path)
        lines.append(line)
        path.unlink()
    sys.stdout.write("\n".join(["", *lines, ""]))

    grown = above["junit", large] - above["junit", small]
    assert grown < (large - small) / 2, "memory grows with the report"
