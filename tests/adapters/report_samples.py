"""Reports for the properties of all readers: every real one here, and a green one of each dialect.

Most real ones hold failures, so that nothing which is lost of them shows as a pass; of the green
ones everything would.
"""

from pathlib import Path

from adapters.base import Ending, Finished, Outcome, ResultFile, UnreadableReport
from adapters.formats import read
from adapters.results import outcome_of
from tests.adapters.tclogx_samples import golden, zipped

GOLDEN = Path(__file__).parents[1] / "golden"
# What lies beside the reports: what they should say, where they are from, what made them.
_BESIDE = frozenset({".md", ".cases", ".java", ".cs", ".py", ".txt", ".json"})

GREEN: dict[str, bytes] = {
    "junit": b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="s" tests="2" '
    b'failures="0"><properties><property name="a" value="b"/></properties><testcase name="a" '
    b'classname="p.C" time="0.1"/><testcase name="b" classname="p.C"><system-out><![CDATA[x < y]]>'
    b"</system-out></testcase></testsuite></testsuites>",
    "testng": b'<testng-results total="2" passed="2" failed="0" skipped="0"><suite name="S">'
    b'<test name="t"><class name="p.A"><test-method status="PASS" name="a" duration-ms="1"/>'
    b'<test-method status="PASS" name="b" duration-ms="1"><params><param index="0"><value>'
    b"<![CDATA[1]]></value></param></params></test-method></class></test></suite>"
    b"</testng-results>",
    "nunit2": b'<test-results total="2" failures="0"><test-suite type="TestFixture" name="F" '
    b'result="Success"><results><test-case name="N.F.A" result="Success"/>'
    b'<test-case name="N.F.B" executed="True" result="Success" success="True"/>'
    b"</results></test-suite></test-results>",
    "nunit3": b'\xef\xbb\xbf<test-run total="1" failed="0" result="Passed"><test-suite '
    b'type="Assembly" result="Passed"><test-case name="A" fullname="N.F.A" result="Passed">'
    b"<output><![CDATA[x]]></output></test-case></test-suite></test-run>",
    "trx": b'<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>'
    b'<UnitTestResult testId="1" testName="A" outcome="Passed" duration="00:00:01.5"/>'
    b'</Results><TestDefinitions><UnitTest id="1"><TestMethod className="N.F"/></UnitTest>'
    b'</TestDefinitions><ResultSummary outcome="Completed"><Counters total="1" passed="1"/>'
    b"</ResultSummary></TestRun>",
    "vs2005": b"<Tests><TestRun><result><totalTestCount>1</totalTestCount><outcome><value__>10"
    b"</value__></outcome></result></TestRun><UnitTestResult><testName>A</testName><outcome>"
    b"<value__>10</value__></outcome></UnitTestResult></Tests>",
    "cppunit": b"<TestRun><FailedTests/><SuccessfulTests><Test id='1'><Name>A</Name></Test>"
    b"</SuccessfulTests><Statistics><Tests>1</Tests></Statistics></TestRun>",
    "xunit": b'<assemblies><assembly name="a.dll" total="1" failed="0"><collection name="c" '
    b'total="1"><test name="N.F.A" type="N.F" method="A" time="0.1" result="Pass"/>'
    b"</collection></assembly></assemblies>",
    "testcomplete": golden("all-passed")["Summary.dat"],
    "pytest": (GOLDEN / "pytest/all-passed.xml").read_bytes(),
}
"""All of them pass."""


def outcome(data: bytes) -> Outcome:
    """What a run is worth that left this file alone, and exited as if all were well."""
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r", data),)))


def _is_read(data: bytes) -> bool:
    try:
        return bool(read(data))
    except UnreadableReport:
        return False


def _all_real() -> dict[str, bytes]:
    paths = sorted(p for p in GOLDEN.rglob("*") if p.is_file() and p.suffix not in _BESIDE)
    files = {str(path.relative_to(GOLDEN)): path.read_bytes() for path in paths}
    return {name: data for name, data in files.items() if _is_read(data)}


REAL = {**_all_real(), "archive.tcLogX": zipped(golden("failed-and-passed"))}
GREEN_ARCHIVE = zipped(golden("all-passed"))
