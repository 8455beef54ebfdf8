"""A suite of an NUnit report, or its root: what it claims and what its cases have shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.base import Case, Verdict
from adapters.formats import environment
from adapters.formats.cases import BAD, NAME_CHARS
from adapters.formats.nunit.state import State, duration_s
from adapters.formats.nunit.texts import Texts

SUITE_TEXT_CHARS = 4000

# Types of suites whose names make up the full name of a case.
_NAMED = frozenset({"namespace", "testsuite", "testfixture", "setupfixture"})
# What NUnit says of a suite whose own code did nothing wrong.
_CHILD_MESSAGES = ("One or more child tests had", "Child test failed")


@dataclass(frozen=True, slots=True)
class Claims:
    """The counts of a root element, 0 for what it does not say."""

    tests: int = 0
    bad: int = 0
    not_run: int = 0
    """Some writers leave such cases out and count them among the tests all the same."""
    unreadable: tuple[str, ...] = ()
    """What cannot be read of them, in sentences."""


@dataclass(slots=True)
class OpenSuite:
    """An open `test-suite` element, or the root element around all of them."""

    element: str
    name: str
    path: str
    """The dotted name that its cases begin with; empty in an assembly."""
    kind: str
    """Its `type`, as the report spells it."""
    state: State
    claims: Claims
    seconds: float
    texts: Texts = field(default_factory=lambda: Texts(SUITE_TEXT_CHARS))
    cases: int = 0
    bad: int = 0
    not_run: int = 0

    @property
    def cause(self) -> str:
        """Its own failure in one line; empty when only its children failed."""
        said = self.texts.message() if self.texts.failure else ""
        return "" if said.startswith(_CHILD_MESSAGES) else said

    def add_case(self, status: Verdict) -> None:
        """Count a case that has ended."""
        self.cases += 1
        self.bad += status in BAD
        self.not_run += status in {Verdict.SKIPPED, Verdict.BLOCKED}

    def add_suite(self, inner: "OpenSuite") -> None:
        """Count what an inner suite held."""
        self.cases += inner.cases
        self.bad += inner.bad
        self.not_run += inner.not_run

    def own_failure(self) -> Case | None:
        """Give a case that stands for what went wrong outside any test, if something did.

        A failed tear-down, an assembly that could not be loaded: without it the suite looks green.
        """
        failed = self.state.fault or (self.texts.failed and self.state.status is Verdict.PASSED)
        torn_down = failed and self.state.site == "teardown"
        if not torn_down and (not failed or self.bad):
            return None
        place = {"setup": "SetUp", "teardown": "TearDown"}.get(self.state.site, self.kind)
        told = self.texts.message() or self.state.remark or self._unexplained()
        return Case(
            name=f"{self.path or self.name} ({place or 'suite'})",
            status=self._own_status(),
            raw_status=self.state.raw,
            seconds=self.seconds if not self.cases else 0.0,
            message=environment.with_advice(self.texts.advice(), told),
            detail=self.texts.detail(),
        )

    def problems(self) -> Iterator[str]:
        """Say where a root's claims go beyond its content, its suites' own failures included."""
        yield from self.claims.unreadable
        if self.element != "test-suite" and self.state.fault and not self.bad:
            yield f"its result is {self.state.raw}, none of its cases is bad"
        if self.claims.bad > self.bad:
            yield f"its header counts {self.claims.bad} failures, its cases show {self.bad}"
        excused = max(0, self.claims.not_run - self.not_run)
        if self.claims.tests - excused > self.cases:
            yield f"its header counts {self.claims.tests} tests, it holds {self.cases}"

    def _unexplained(self) -> str:
        # NUnit 2 gives no reason for a failed tear-down.
        if self.cases and self.state.status is Verdict.FAILED:
            return "the suite failed and none of its tests did: most likely its tear-down"
        return "the suite could not run, the report does not say why"

    def _own_status(self) -> Verdict:
        could_not_run = self.state.status is Verdict.BLOCKED or not self.cases
        return Verdict.BLOCKED if could_not_run or self.texts.advice() else Verdict.FAILED


def open_suite(
    element: str, attributes: dict[str, str], outer: OpenSuite | None, state: State, claims: Claims
) -> OpenSuite:
    """Begin a suite inside *outer*; its path is its full name, or made of those around it."""
    name = attributes.get("name", "").strip()[:NAME_CHARS]
    kind = attributes.get("type", "").strip()
    full_name = attributes.get("fullname", "").strip()[:NAME_CHARS]
    path = outer.path if outer else ""
    if kind.lower() in _NAMED and name:
        path = full_name or (f"{path}.{name}" if path else name)
    elif full_name and path:
        path = full_name
    return OpenSuite(element, name or full_name, path, kind, state, claims, duration_s(attributes))
