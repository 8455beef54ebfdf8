"""The cases of a log that has no `Summary.dat`: its test items, with what their files say."""

from adapters.base import Case, Report, Verdict
from adapters.formats.capped_text import one_line
from adapters.formats.cases import BAD, case_name
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems
from adapters.formats.tclogx.details import Details
from adapters.formats.tclogx.folder import LogFolder
from adapters.formats.tclogx.header import INTERRUPTED, Header
from adapters.formats.tclogx.status import message_of, verdict_of
from adapters.formats.tclogx.tree import TestItem, Tree


class ItemCases:
    """Makes cases of a tree; *folder* and *header*, where given, say more of them."""

    def __init__(
        self, tree: Tree, folder: LogFolder | None = None, header: Header | None = None
    ) -> None:
        self._tree = tree
        self._folder = folder
        self._header = header
        self._contradictions = Problems()
        self._table_of = ""
        self._table = Details()

    def report(self) -> Report:
        """Give the cases in the order of the log."""
        kept = KeptCases()
        kept.extend(self._case(test) for test in self._tree.test_items())
        lost = self._lost_failure(kept)
        problems = (*self._tree.problems(), *lost, *self._contradictions.all(), *kept.problems())
        return Report(kept.cases, problems, kept.notes())

    def _lost_failure(self, kept: KeptCases) -> tuple[str, ...]:
        none_bad = not any(case.status in BAD for case in kept.cases)
        failed = Verdict.FAILED in map(verdict_of, self._tree.statuses)
        # Every item sums up those below it.
        said = "an item of the log has the status of errors, none of its cases is bad"
        return (said,) if none_bad and failed else ()

    def _case(self, test: TestItem) -> Case:
        item = test.item
        name = case_name(item.name, "", "/".join(test.above))
        details = self._details(item.filename)
        logs = [details, *(self._details(child.filename) for child in item.children)]
        errors = [error for log in logs for error in log.errors]
        # An interrupted run has the status of one with errors, whatever it would have come to.
        interrupted = test.is_whole_run and bool(self._header and not self._header.completed)
        status = Verdict.BLOCKED if interrupted else verdict_of(item.status)
        if errors and status is Verdict.PASSED:
            said_of_it = f"its status is {item.status}, and its log holds an error"
            self._contradictions.add(f"{name}: {said_of_it}")
        said = [INTERRUPTED] if interrupted else []
        said += errors[:1] or [message_of(item.status)]
        return Case(
            name=name,
            status=status,
            raw_status=item.status,
            seconds=self._seconds(test, details),
            message=one_line(": ".join(text for text in said if text)),
            detail="\n\n".join(text for log in logs if (text := log.text())),
        )

    def _details(self, filename: str) -> Details:
        found = self._folder.read_details(filename, Details) if self._folder and filename else None
        return found or Details()

    def _seconds(self, test: TestItem, details: Details) -> float:
        """Take the time from the item's own table, from its owner's, or from the run's header."""
        if test.is_whole_run and self._header:
            return self._header.seconds
        if details.seconds:
            return details.seconds
        if test.owner_file != self._table_of:
            self._table_of, self._table = test.owner_file, self._details(test.owner_file)
        return self._table.seconds_of(test.item.filename)
