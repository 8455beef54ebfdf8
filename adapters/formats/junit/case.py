"""One test case of a JUnit XML report while it is being read."""

from adapters.base import Case, Verdict
from adapters.formats import environment, soapui
from adapters.formats.attributes import count_of, folded
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import BAD, DETAIL_CHARS, SEVERITY, case_name, not_known
from adapters.formats.durations import seconds_of
from adapters.formats.junit import words
from adapters.formats.junit.attributes import PLAIN, said_of_case

_UNIQUE_ID = "unique-id: "
_DISPLAY_NAME = "\ndisplay-name: "


class OpenCase:
    """Gathers what a `testcase` element says; several results in one fold to the most severe.

    Names and times are worked out at the end only: a huge report drops most of its cases.
    """

    __slots__ = (
        "_attributes",
        "_bad_elements",
        "_detail",
        "_display_name",
        "_message",
        "_raw",
        "_suite",
        "attempts",
        "status",
    )

    def __init__(self, attributes: dict[str, str], suite: str) -> None:
        plain = attributes.keys() <= PLAIN
        self._attributes = attributes if plain else folded(attributes)
        self._suite = suite
        self.status = Verdict.PASSED
        self._raw = ""
        self._message = ""
        self._display_name = ""
        self._detail: CappedText | None = None
        self._bad_elements = 0
        self.attempts = 0
        if not plain:
            for status, raw in said_of_case(attributes):
                self._fold_word(status, raw)

    @property
    def is_bad(self) -> bool:
        """It has a result that no later one can better."""
        return self.status in BAD

    @property
    def failing_results(self) -> int:
        """What a header's failures and errors count: every bad result, no earlier attempt."""
        return self._bad_elements or int(self.is_bad)

    @property
    def assertions(self) -> int:
        """How many assertions it made, if it says so."""
        said = self._attributes.get("assertions")
        return (count_of(said) or 0) if said else 0

    def add_result(self, element: str, attributes: dict[str, str], text: str) -> None:
        """Take a result element at its end, *text* being all that stood in it."""
        message = attributes.get("message", "").strip()
        said, kind = one_line(message or text), element.lower()
        if shown := soapui.readable(text, message):
            said, text = shown.message, shown.detail
        self._add_detail(text if message in text else f"{message}\n{text}")
        if kind in words.FLAKY_ELEMENTS:
            self._add_attempt(element, said)
            return
        status = words.RESULT_ELEMENTS[kind]
        if status is Verdict.FAILED:
            self._count_bad(kind)
            advice = environment.advice(attributes.get("type", ""), message or text)
            said = environment.with_advice(advice, said)
            if advice or self._is_fixture(kind, message or text):
                status = Verdict.BLOCKED
        self._fold(status, element, said)

    def add_unknown(self, element: str) -> None:
        """Take an element that nobody knows: it may be the only sign of a failure."""
        unknown = f"the report holds <{element[:80]}>, an element not known here"
        self._fold(Verdict.BLOCKED, element[:80], unknown)

    def add_output(self, element: str, text: str) -> None:
        """Take `system-out` or `system-err`; the console launcher hides the display name there."""
        start = text.rfind(_UNIQUE_ID)
        cut = text.find(_DISPLAY_NAME, start)
        if start >= 0 and cut >= 0:
            self._display_name = one_line(text[cut + len(_DISPLAY_NAME) :])
            text = text[:start]
        if text.strip():
            self._add_detail(f"{element}:\n{text}")

    def close(self) -> Case:
        """Give the finished case."""
        display = self._useful_display_name()
        detail = self._detail.whole().strip() if self._detail else ""
        if display:
            detail = f"display name: {display}\n{detail}".strip()
        return Case(
            name=case_name(self._name, self._class, self._suite),
            status=self.status,
            raw_status=self._raw or "passed",
            seconds=seconds_of(self._attributes.get("time", "")),
            message=self._message or display,
            detail=detail,
        )

    @property
    def _name(self) -> str:
        return self._attributes.get("name", "")

    @property
    def _class(self) -> str:
        # Older PHPUnit writes `class` alone.
        name = self._attributes.get("classname", "") or self._attributes.get("class", "")
        return name.strip()

    def _is_fixture(self, element: str, message: str) -> bool:
        called = (self._name, self._class, self._suite)
        return words.is_fixture_error(element, called, message)

    def _fold(self, status: Verdict, raw: str, message: str) -> None:
        worse = SEVERITY[status] - SEVERITY[self.status]
        says_more = not self._raw or (bool(message) and not self._message)
        if worse > 0 or (worse == 0 and says_more):
            self.status, self._raw, self._message = status, raw, message

    def _fold_word(self, status: Verdict, raw: str) -> None:
        self._fold(status, raw, not_known(raw) if status is Verdict.BLOCKED else "")

    def _count_bad(self, kind: str) -> None:
        if kind in words.RERUN_ELEMENTS:
            self.attempts += 1
        else:
            self._bad_elements += 1

    def _add_attempt(self, element: str, said: str) -> None:
        self.attempts += 1
        if self.status is Verdict.PASSED:
            self._raw = element
            self._message = f"passed after {self.attempts} failed, the last: {said}"

    def _add_detail(self, text: str) -> None:
        if text.strip():
            self._detail = self._detail or CappedText(DETAIL_CHARS)
            self._detail.add(text.strip("\n") + "\n")

    def _useful_display_name(self) -> str:
        known = {self._name, self._name.removesuffix("()"), ""}
        return "" if self._display_name in known else self._display_name
