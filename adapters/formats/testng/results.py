"""The results of a TestNG report, from the end of each method to the report's cases."""

from collections.abc import Iterator
from dataclasses import replace

from adapters.base import Case, Verdict
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems
from adapters.formats.testng.configurations import Configurations
from adapters.formats.testng.counts import Counts
from adapters.formats.testng.method import OpenMethod, Role
from adapters.formats.testng.retries import Entry, Tries, with_remark


class Results:
    """Takes methods one by one and settles at the end what only the whole document tells."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._kept = KeptCases()
        self._entries: list[Entry] = []
        """One for each kept case, in the same order."""
        self._configurations = Configurations()
        self._tries = Tries()
        self._problems = Problems()

    def add(self, method: OpenMethod) -> None:
        """Take a method that has ended."""
        if method.is_config:
            if said := self._configurations.add(method):
                self.problem(said)
            return
        self.counts.add(failed=method.has_failed)
        status, message, role = method.result()
        entry = Entry(role, method.place, None)
        if self._kept.offer(status, lambda: method.close(status, message)):
            entry.index = len(self._entries)
            self._entries.append(entry)
        self._tries.add(method.key, entry, status)

    def end_class(self) -> None:
        """See a class end: no try of its tests can follow."""
        self._tries.close()
        self._tries = Tries()

    def problem(self, problem: str) -> None:
        """Take what casts doubt on the whole report."""
        self._problems.add(problem)

    def cases(self) -> tuple[Case, ...]:
        """Give the cases, each with its last word; call it at the end only."""
        return tuple(self._settled())

    def problems(self) -> tuple[str, ...]:
        """List what casts doubt on the cases."""
        return (*self._problems.all(), *self._kept.problems())

    def notes(self) -> tuple[str, ...]:
        """List what a reader should know besides."""
        return self._kept.notes()

    def _settled(self) -> Iterator[Case]:
        cases = self._kept.cases
        for case, entry in zip(cases, self._entries, strict=True):
            if entry.folded:
                continue
            if entry.role is Role.UNEXPLAINED:
                yield self._configurations.explain(case, entry.place)
            elif entry.role is Role.ATTEMPT:
                unended = f"tried again, and no result of that is reported: {case.message}"
                yield replace(case, status=Verdict.BLOCKED, message=unended.removesuffix(": "))
            else:
                yield with_remark(case, entry, cases)
