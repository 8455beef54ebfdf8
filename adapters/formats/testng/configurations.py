"""Configuration methods of a TestNG report: no cases, but the reason why cases were skipped."""

from collections.abc import Iterator
from dataclasses import replace

from adapters.base import Case, Verdict
from adapters.formats.testng.method import OpenMethod, Place
from adapters.formats.testng.words import SKIP, STATUSES

SCOPES_KEPT = 5000

_Scope = tuple[int | str, ...]


class Configurations:
    """Remembers which configuration methods went wrong, and answers for whom that matters.

    A report does not say whether a method stands before the suite, a test, a group, a class or
    a method, and lists it under one class alone. So a skipped case is put down to the nearest
    failed one: of its class, of its test, of its suite, of the report. Whichever it was, the case
    did not run and nobody wanted it so.
    """

    def __init__(self) -> None:
        self._failed: dict[_Scope, str] = {}
        self._skipped: dict[_Scope, str] = {}

    def add(self, method: OpenMethod) -> str:
        """Take a finished configuration method; give the problem that it is, if it is one.

        A failure after the tests counts as well: what they left behind is not what they promise.
        """
        status = STATUSES.get(method.word)
        if status is Verdict.PASSED:
            return ""
        if method.word == SKIP:
            if method.skipped_itself:
                said = f"configuration method {method.name} was skipped: {method.said}"
                _remember(self._skipped, method.place, said)
            return ""
        ended = "failed" if status is Verdict.FAILED else f'ended as "{method.word[:80]}"'
        said = f"configuration method {method.name} {ended}"
        said = f"{said}: {method.said}" if method.said else said
        _remember(self._failed, method.place, said)
        return said

    def explain(self, case: Case, place: Place) -> Case:
        """Say why *case* was skipped without an exception of its own.

        Where no configuration method failed, somebody wanted it: TestNG 6 gives no exception to
        a test whose configuration method threw SkipException.
        """
        for scope in _scopes(place):
            # The class of a method that threw SkipException is nearer than another's failure.
            if reason := self._failed.get(scope):
                return replace(case, status=Verdict.BLOCKED, message=reason)
            if reason := self._skipped.get(scope):
                return replace(case, status=Verdict.SKIPPED, message=reason)
        unsaid = f'the report says "{case.raw_status}" and gives no reason'
        return replace(case, status=Verdict.SKIPPED, message=unsaid)


def _remember(reasons: dict[_Scope, str], place: Place, reason: str) -> None:
    for scope in _scopes(place):
        # The narrow scopes go first when there are too many; the report's own is always kept.
        if len(reasons) < SCOPES_KEPT or len(scope) <= 1:
            reasons.setdefault(scope, reason)


def _scopes(place: Place) -> Iterator[_Scope]:
    yield (place.suite, place.test, place.class_name)
    yield (place.suite, place.test)
    yield (place.suite,)
    yield ()
