"""Result files: the dialect is found by the root element, never by a file's name."""

from collections.abc import Callable, Mapping

from adapters.base import Report, UnreadableReport
from adapters.formats import tclogx
from adapters.formats.junit import document as junit
from adapters.formats.nunit import nunit2, nunit3
from adapters.formats.testng import document as testng
from adapters.formats.trx import document as trx
from adapters.formats.xml_events import root_name
from adapters.formats.xunit import document as xunit

READERS: Mapping[str, Callable[[bytes], Report]] = {
    "testsuites": junit.read,
    "testsuite": junit.read,
    "testng-results": testng.read,
    "test-results": nunit2.read,
    "test-run": nunit3.read,
    "test-suite": nunit3.read,
    "TestRun": trx.read,
    "assemblies": xunit.read,
    "assembly": xunit.read,
    "Nodes": tclogx.read,
}

ZIP = b"PK\x03\x04"
"""How a `.tcLogX` begins, the one kind of report that is no XML itself."""

# What tools leave beside their reports. Closed on purpose: an unknown root may be a dialect whose
# failures we would not see.
_OTHER_DOCUMENTS: Mapping[str, str] = {
    "coverage": "a coverage figure",
    "checkstyle": "a style check",
    "pmd": "a style check",
    "suite": "a TestNG suite to run",
}


class OtherDocument(UnreadableReport):
    """A well-known document that no verdict can stand in: no sign that anything is wrong."""


def read(data: bytes) -> Report:
    """Read one result file of any dialect known here.

    Raises UnreadableReport with the reason: empty, not XML, an unknown root element, a DOCTYPE.
    A file that was cut off is no such case: its complete cases are given, with a problem.
    """
    if not data or data.isspace():
        raise UnreadableReport("the file is empty")
    if data.startswith(ZIP):
        return tclogx.read(data)
    root = root_name(data)
    if root in _OTHER_DOCUMENTS:
        raise OtherDocument(f"root element is <{root}>, {_OTHER_DOCUMENTS[root]}")
    if root not in READERS:
        raise UnreadableReport(f"root element is <{root[:80]}>, not a test report")
    return READERS[root](data)
