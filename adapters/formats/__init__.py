"""Result files: the dialect is found by the root element, never by a file's name."""

from collections.abc import Callable, Mapping

from adapters.base import Report, UnreadableReport
from adapters.formats import failsafe, tclogx
from adapters.formats.junit import document as junit
from adapters.formats.nunit import nunit2, nunit3
from adapters.formats.other_document import OTHER_DOCUMENTS, OtherDocument
from adapters.formats.testng import document as testng
from adapters.formats.trx import document as trx
from adapters.formats.trx import vs2005
from adapters.formats.xml_events import root_name
from adapters.formats.xunit import document as xunit

__all__ = ["READERS", "ZIP", "OtherDocument", "read", "reader_of"]

Reader = Callable[[bytes], Report]

READERS: Mapping[str, Reader] = {
    "testsuites": junit.read,
    "testsuite": junit.read,
    "testng-results": testng.read,
    "test-results": nunit2.read,
    "test-run": nunit3.read,
    "test-suite": nunit3.read,
    "TestRun": trx.read,
    "Tests": vs2005.read,
    "assemblies": xunit.read,
    "assembly": xunit.read,
    "Nodes": tclogx.read,
    "failsafe-summary": failsafe.read,
}
_IN_SMALL_LETTERS: Mapping[str, Reader] = {root.lower(): READERS[root] for root in READERS}

ZIP = b"PK\x03\x04"
"""How a `.tcLogX` begins, the one kind of report that is no XML itself."""


def reader_of(root: str) -> Reader | None:
    """Find the reader for a document by its root element, whatever its letters."""
    return _IN_SMALL_LETTERS.get(root.lower())


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
    if root in OTHER_DOCUMENTS:
        raise OtherDocument(root, OTHER_DOCUMENTS[root])
    reader = reader_of(root)
    if reader is None:
        raise UnreadableReport(f"root element is <{root[:80]}>, not a test report")
    return reader(data)
