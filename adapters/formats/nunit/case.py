"""One test case of an NUnit report while it is being read."""

import re
from collections.abc import Sequence

from adapters.base import Case, Verdict
from adapters.formats import environment
from adapters.formats.capped_text import one_line
from adapters.formats.cases import NAME_CHARS, case_name
from adapters.formats.nunit.state import State, duration_s
from adapters.formats.nunit.suite import OpenSuite
from adapters.formats.nunit.texts import Texts

# What NUnit says of a case whose fixture died before it: 2.4 to 2.6 in the first two ways, and 3
# when it writes the format of version 2, which has no place for the site.
_SET_UP_FAILED = re.compile(
    r"\s*((TestFixtureSetUp|Parent SetUp|SetUpFixture) failed\b|(OneTime|TestFixture)SetUp ?: )"
)


class OpenCase:
    """Gathers what a `test-case` element says; names and times are worked out at its end."""

    __slots__ = ("_attributes", "_state", "texts")

    def __init__(self, attributes: dict[str, str], state: State) -> None:
        self._attributes = attributes
        self._state = state
        self.texts = Texts()
        if description := attributes.get("description"):
            self.texts.label("description", description)

    @property
    def status(self) -> Verdict:
        """What is known by now."""
        status = self._state.status
        if status is Verdict.PASSED and self.texts.failed:
            return Verdict.FAILED
        if status is Verdict.FAILED and (self._set_up_failed or self.texts.advice()):
            return Verdict.BLOCKED
        return status

    def close(self, suites: Sequence[OpenSuite]) -> Case:
        """Give the finished case; *suites* are those around it, the innermost last."""
        detail, message, advice = self.texts.detail(), self._message(), self.texts.advice()
        if self._set_up_failed or self._state.site == "parent":
            cause = next((suite for suite in reversed(suites) if suite.cause), None)
            if cause and cause.cause not in message:
                message = f"{message}: {cause.cause}" if message else cause.cause
            detail = f"{detail}\n{cause.texts.detail()}" if cause else detail
            advice = advice or (cause.texts.advice() if cause else "")
        return Case(
            name=self._name(suites)[:NAME_CHARS],
            status=self.status,
            raw_status=self._state.raw,
            seconds=duration_s(self._attributes),
            message=environment.with_advice(advice, message) if advice else message,
            detail=detail.strip(),
        )

    @property
    def _set_up_failed(self) -> bool:
        return bool(_SET_UP_FAILED.match(self.texts.failure))

    def _message(self) -> str:
        said, remark = self.texts.message(), self._state.remark
        return one_line(f"{remark}: {said}") if remark and said else remark or said

    def _name(self, suites: Sequence[OpenSuite]) -> str:
        if full_name := self._attributes.get("fullname", "").strip():
            return full_name
        name = self._attributes.get("name", "").strip()
        class_name = self._attributes.get("classname", "").strip()
        suite = suites[-1] if suites else None
        path = suite.path if suite else ""
        # NUnit 2 has full names only: a dot before the arguments shows that this is one.
        full = "." in name.partition("(")[0] or bool(path and name.startswith(f"{path}."))
        if class_name or full or not name:
            return case_name(name, class_name)
        return f"{path}.{name}" if path else case_name(name, "", suite.name if suite else "")
