"""One `test-method` of a TestNG report while it is read: a test or a configuration method."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

from adapters.base import Case, Verdict
from adapters.formats import environment
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import DETAIL_CHARS, case_name, not_known
from adapters.formats.testng import words

PARAM_TEXT_CHARS = 4096


class Role(Enum):
    """What a result is among the others of its document."""

    FINAL = "final"
    """It stands for itself."""
    UNEXPLAINED = "unexplained"
    """Skipped without a word: a configuration method may be the reason."""
    LIKELY_ATTEMPT = "likely attempt"
    """Skipped by an exception that does not mean it: so are the tries before the last one."""
    ATTEMPT = "attempt"
    """Marked as tried again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a method stands in its document."""

    suite: int
    test: int
    class_name: str
    suite_name: str


class OpenMethod:
    """Gathers what a `test-method` element says; the attribute `status` decides."""

    __slots__ = (
        "_advice",
        "_attributes",
        "_detail",
        "_digest",
        "_exception",
        "_message",
        "_output",
        "_params",
        "_params_left_out",
        "place",
    )

    def __init__(self, attributes: Mapping[str, str], place: Place) -> None:
        self._attributes = attributes
        self.place = place
        self._exception: str | None = None
        self._message = ""
        self._advice = ""
        self._detail = CappedText(DETAIL_CHARS)
        self._output: CappedText | None = None
        self._params: list[str] = []
        self._params_left_out = 0
        self._digest = blake2b(digest_size=16)
        for name in ("name", "signature", "test-instance-name"):
            self._add_to_key(attributes.get(name, ""))

    @property
    def is_config(self) -> bool:
        """It sets up or cleans up: no case."""
        return words.is_true(self._attributes.get("is-config", ""))

    @property
    def word(self) -> str:
        """The report's word for how it ended."""
        return self._attributes.get("status", "").strip().upper()

    @property
    def has_failed(self) -> bool:
        """It says so, be it a test or not."""
        return words.STATUSES.get(self.word) is Verdict.FAILED

    @property
    def name(self) -> str:
        """Its full name without parameters."""
        return case_name(self._short_name, self.place.class_name, self.place.suite_name)

    @property
    def said(self) -> str:
        """Its exception in one line, with advice if one helps; empty when it has none."""
        return environment.with_advice(self._advice, self._message or self._exception or "")

    @property
    def skipped_itself(self) -> bool:
        """It threw an exception that means to skip."""
        return words.is_skip_exception(self._exception or "")

    @property
    def key(self) -> bytes:
        """The same for all tries of one method with one set of parameters."""
        return self._digest.digest()

    def add_param(self, text: str) -> None:
        """Take the next parameter's value."""
        self._add_to_key(words.without_identity(text))
        if len(self._params) < words.PARAMS_NAMED:
            self._params.append(text.strip())
        else:
            self._params_left_out += 1

    def add_exception(self, class_name: str) -> None:
        """Take the beginning of an exception; its texts follow."""
        self._exception = class_name.strip() or "an exception"
        self._advice = environment.advice(self._exception, "")

    def add_message(self, text: str) -> None:
        """Take the exception's message."""
        if not self._message and self._exception is not None:
            self._advice = environment.advice(self._exception, text.strip())
        self._message = self._message or one_line(text)
        self._detail.add(f"{self._exception}: {text.strip()}\n")

    def add_stack(self, text: str) -> None:
        """Take the exception's stack, which repeats class and message."""
        text = text.strip()
        if text:
            self._detail = CappedText(DETAIL_CHARS)
            self._detail.add(text + "\n")

    def add_output(self, text: str) -> None:
        """Take a line that the test gave to TestNG's Reporter."""
        if self._output is None:
            self._output = CappedText(DETAIL_CHARS)
        self._output.add(text.strip() + "\n")

    def result(self) -> tuple[Verdict, str, Role]:
        """Give status, message and role, as far as the element alone tells them."""
        status = words.STATUSES.get(self.word)
        if status is None:
            said = not_known(self.word) if self.word else "it has no status"
            return Verdict.BLOCKED, said, Role.FINAL
        if status is Verdict.SKIPPED:
            return self._skipped()
        if status is Verdict.FAILED:
            return Verdict.BLOCKED if self._advice else status, self.said, Role.FINAL
        # A test that expects an exception passes with it.
        return status, "", Role.FINAL

    def close(self, status: Verdict, message: str) -> Case:
        """Give the finished case of this result."""
        short = words.named(
            self._short_name,
            self._params,
            self._params_left_out,
            self._attributes.get("test-instance-name", ""),
        )
        description = one_line(self._attributes.get("description", ""))
        return Case(
            name=case_name(short, self.place.class_name, self.place.suite_name),
            status=status,
            raw_status=self.word[:80] or "no status",
            seconds=words.seconds_of_ms(self._attributes.get("duration-ms", "")),
            message=message or description,
            detail=self._whole_detail(description),
        )

    @property
    def _short_name(self) -> str:
        return self._attributes.get("name", "").strip() or "(no name)"

    def _skipped(self) -> tuple[Verdict, str, Role]:
        if words.is_true(self._attributes.get("retried", "")):
            return Verdict.BLOCKED, self.said, Role.ATTEMPT
        if self._exception is None:
            return Verdict.BLOCKED, "", Role.UNEXPLAINED
        if self.skipped_itself:
            return Verdict.SKIPPED, self.said, Role.FINAL
        if words.is_missed_dependency(self._message):
            return Verdict.BLOCKED, self.said, Role.FINAL
        # TestNG 7 gives a test the exception of the configuration method that failed.
        return Verdict.BLOCKED, self.said, Role.LIKELY_ATTEMPT

    def _whole_detail(self, description: str) -> str:
        parts = [f"description: {description}" if description else "", self._detail.whole().strip()]
        if self._output is not None:
            output = self._output.whole().strip()
            parts.append(f"reporter-output:\n{output}" if output else "")
        return "\n".join(part for part in parts if part)

    def _add_to_key(self, text: str) -> None:
        # Lone surrogates cannot come out of the parser, but a key must never raise.
        self._digest.update(text.encode("utf-8", "replace"))
        self._digest.update(b"\0")
