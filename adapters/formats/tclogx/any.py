"""One file of a log folder by itself, whichever it is."""

from adapters.base import Report, UnreadableReport
from adapters.formats.tclogx.details import Details
from adapters.formats.tclogx.header import Header
from adapters.formats.tclogx.items import ItemCases
from adapters.formats.tclogx.nodes import Path, Values
from adapters.formats.tclogx.summary import Summary
from adapters.formats.tclogx.tree import Tree


class AnyFile:
    """Lets every reader see the file, then asks the one that knows it."""

    def __init__(self) -> None:
        self._summary = Summary()
        self._header = Header()
        self._tree = Tree()
        self._details = Details()

    def node(self, path: Path, values: Values) -> None:
        """See a node."""
        for reader in (self._summary, self._header, self._tree, self._details):
            reader.node(path, values)

    def open_node(self, path: Path, values: Values) -> None:
        """See a node that was cut off."""
        for reader in (self._summary, self._header, self._tree, self._details):
            reader.open_node(path, values)

    def report(self, broken: str) -> Report:
        """Give what the file says; *broken* says where it was cut off, if it was.

        Raises UnreadableReport for the details of a log item, in which no verdict stands, and for
        a file of another kind.
        """
        if self._summary.seen:
            return self._summary.report(broken)
        doubts = (broken,) if broken else ()
        if self._tree.seen:
            report = ItemCases(self._tree).report()
            return Report(report.cases, (*doubts, *report.problems), report.notes)
        if self._header.seen:
            return self._header.report(doubts)
        if broken:
            raise UnreadableReport(f"a TestComplete log without a verdict, {broken}")
        if self._details.seen:
            raise UnreadableReport("the details of one log item: the verdict stands in other files")
        raise UnreadableReport("a TestComplete log without a verdict")
