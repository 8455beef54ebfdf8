"""One result of a Visual Studio test report while it is being read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.base import Case, Verdict
from adapters.formats import environment
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import BAD, DETAIL_CHARS, SEVERITY, case_name, not_known
from adapters.formats.durations import seconds_between, seconds_of
from adapters.formats.trx import words as trx_words

_OUTPUTS: Mapping[str, str] = {
    "stdout": "system-out",
    "stderr": "system-err",
    "debugtrace": "debug trace",
    "textmessages": "messages",
}
TEXTS = frozenset(_OUTPUTS) | {"message", "stacktrace"}
"""Elements of a result whose text is kept, in small letters."""


@dataclass(slots=True)
class OpenResult:
    """Gathers what a result says: its attributes, by names in small letters, and its texts."""

    attributes: Mapping[str, str]
    rows: int = 0
    """Results inside it: the rows of a data-driven test, the parts of an ordered one."""
    worst_row: int = 0
    _message: str = ""
    _errors: CappedText = field(default_factory=lambda: CappedText(DETAIL_CHARS))
    _outputs: CappedText = field(default_factory=lambda: CappedText(DETAIL_CHARS))

    @property
    def test_id(self) -> str:
        """The id by which the report's definitions name its class."""
        return self.attributes.get("testid", "").strip().lower()

    @property
    def status(self) -> Verdict:
        """What its outcome means, with the fault put where it lies."""
        status, _ = trx_words.status_of(self.attributes.get("outcome"))
        return Verdict.BLOCKED if status is Verdict.FAILED and self._advice else status

    @property
    def _advice(self) -> str:
        return environment.advice("", self._message) if self._message else ""

    @property
    def is_bad(self) -> bool:
        """It failed or was blocked."""
        return self.status in BAD

    @property
    def run_aborted(self) -> bool:
        """It passed and says that its run was aborted."""
        return self.attributes.get("outcome", "").strip().lower() in trx_words.RUN_ABORTED

    @property
    def is_sum(self) -> bool:
        """Its rows say all that it says: it is no case of its own."""
        return self.rows > 0 and (not self.is_bad or SEVERITY[self.status] <= self.worst_row)

    @property
    def _seconds(self) -> float:
        given = self.attributes
        if duration := given.get("duration", "").strip():
            return seconds_of(duration)
        return seconds_between(given.get("starttime", ""), given.get("endtime", ""))

    def add_row(self, status: Verdict) -> None:
        """Take note of a result inside it."""
        self.rows += 1
        self.worst_row = max(self.worst_row, SEVERITY[status])

    def add_text(self, kind: str, text: str) -> None:
        """Take the text of one of `TEXTS`."""
        if not text.strip():
            return
        if kind in _OUTPUTS:
            self._outputs.add(f"{_OUTPUTS[kind]}:\n{text.strip()}\n")
            return
        if kind == "message":
            self._message = self._message or text.strip()
        self._errors.add(text.strip() + "\n")

    def close(self) -> Case:
        """Give the finished case, named as the result alone names it."""
        _, raw = trx_words.status_of(self.attributes.get("outcome"))
        status, message = self.status, one_line(self._message)
        if status is Verdict.BLOCKED:
            message = environment.with_advice(self._advice, message)
        if not message and not trx_words.is_known(raw):
            message = not_known(raw)
        return Case(
            name=case_name(self.attributes.get("testname", "")),
            status=status,
            raw_status=raw,
            seconds=self._seconds,
            message=message,
            detail=(self._errors.whole() + self._outputs.whole()).strip(),
        )
