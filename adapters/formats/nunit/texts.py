"""The texts inside a case or a suite of an NUnit report: message, stack, reason, output, labels."""

import re

from adapters.formats import environment
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import DETAIL_CHARS

MESSAGE_CHARS = 2000
LABEL_LIMIT = 20
LABEL_CHARS = 200

# NUnit 3's headings of several failures in one test: the next line says more.
_HEADING = re.compile(
    r"\s*(One or more failures in Multiple Assert block|"
    r"Multiple failures or warnings in test|One or more child tests had errors):\s*"
)


class Texts:
    """Gathers what the elements inside one `test-case` or `test-suite` say."""

    __slots__ = (
        "_assertions",
        "_detail",
        "_held",
        "_labels",
        "_limit",
        "failed",
        "failure",
        "reason",
    )

    def __init__(self, limit_chars: int = DETAIL_CHARS) -> None:
        self._limit = limit_chars
        self.failed = False
        """It holds a `failure`, with or without text."""
        self.failure = ""
        self.reason = ""
        self._detail: CappedText | None = None
        self._assertions = 0
        self._held: list[str] = []
        self._labels: list[str] = []

    def add(self, place: str, element: str, text: str) -> None:
        """Take the text of an *element* at its end, *place* being the element around it."""
        if not text.strip():
            return
        if place == "assertion":
            self._add_assertion(text)
        elif element == "output":
            self._add_detail(f"output:\n{text}")
        elif element in {"filepath", "description"}:
            self._label("attachment" if element == "filepath" else element, text)
        else:
            self._add_said(place, element, text)

    def begin_assertion(self) -> None:
        """See one of a test's assertions begin."""
        self._assertions += 1

    def label(self, name: str, value: str) -> None:
        """Take a category or a property; NUnit's own begin with an underscore."""
        if name == "_SKIPREASON":
            self.reason = self.reason or value[:MESSAGE_CHARS]
        elif not name.startswith("_"):
            self._label(name.lower() if name == "Category" else name, value)

    def message(self) -> str:
        """Give the line for a table; empty when nothing is said."""
        text = self.failure or self.reason
        heading = _HEADING.match(text)
        return one_line(text[heading.end() :] if heading else text) or one_line(text)

    def advice(self) -> str:
        """Say what to do about a failure that is not the application's; empty when it may be."""
        return environment.advice("", self.failure) if self.failure else ""

    def detail(self) -> str:
        """Give the whole text."""
        parts = [self._detail.whole().strip("\n")] if self._detail else []
        return "\n".join([*parts, *self._labels]).strip()

    def _add_said(self, place: str, element: str, text: str) -> None:
        if element != "stack-trace":
            if place == "failure":
                self.failure = self.failure or text[:MESSAGE_CHARS]
            else:
                self.reason = self.reason or text[:MESSAGE_CHARS]
        self._add_detail(text)

    def _add_assertion(self, text: str) -> None:
        # A lone one repeats the failure's own text; of several each has its own stack.
        self._held.append(text[:MESSAGE_CHARS])
        if self._assertions > 1:
            self._add_detail("\n".join(self._held))
            self._held = []

    def _add_detail(self, text: str) -> None:
        self._detail = self._detail or CappedText(self._limit)
        self._detail.add(text.strip("\n") + "\n")

    def _label(self, name: str, value: str) -> None:
        if len(self._labels) < LABEL_LIMIT:
            self._labels.append(one_line(f"{name}: {value}", LABEL_CHARS))
