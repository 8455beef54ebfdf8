"""The classes of a Visual Studio test report's cases, which another part of it names."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.base import Case
from adapters.formats.cases import NAME_CHARS, case_name

DEFINITION_LIMIT = 50_000
"""Of definitions that come before the results, as MSTest's own runner writes them."""


class Names:
    """Joins definitions and cases by the id of the test, whichever of both comes first."""

    def __init__(self) -> None:
        self._test_ids: list[str] = []
        self._wanted: set[str] | None = None
        self._open_id = ""
        self._classes: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def add_case(self, test_id: str) -> None:
        """Take the id of the next case that is kept."""
        self._test_ids.append(test_id)

    def start_definitions(self) -> None:
        """See the definitions begin: after the results only their cases' classes are wanted."""
        self._wanted = set(self._test_ids) or None

    def start_definition(self, test_id: str) -> None:
        """See the definition of one test begin."""
        self._open_id = test_id.strip().lower()

    def add_class(self, class_name: str) -> None:
        """Take the class of the definition that is open."""
        name = _without_assembly(class_name)[:NAME_CHARS]
        if not self._open_id or not name:
            return
        if self._wanted is None:
            kept = len(self._classes) < DEFINITION_LIMIT
        else:
            kept = self._open_id in self._wanted
        if kept:
            self._classes[self._open_id] = self._known.setdefault(name, name)

    def named(self, cases: Sequence[Case]) -> Iterable[Case]:
        """Give *cases*, as many as ids were taken and in that order, by their full names."""
        for case, test_id in zip(cases, self._test_ids, strict=True):
            name = case_name(case.name, self._classes.get(test_id, ""))
            yield case if name == case.name else replace(case, name=name)


def _without_assembly(class_name: str) -> str:
    # "Shop.CartTest, Shop.Tests, Version=1.0"; a generic class has commas in brackets too.
    end = class_name.find(",", class_name.rfind("]") + 1)
    return (class_name if end < 0 else class_name[:end]).strip()
