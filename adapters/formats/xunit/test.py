"""One test of an xUnit.net report while it is being read."""

from collections.abc import Mapping

from adapters.base import Case, Verdict
from adapters.formats import environment
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import BAD, DETAIL_CHARS, case_name, not_known
from adapters.formats.durations import seconds_of

# Version 3 writes NotRun for a test that is only run when asked for by name.
_RESULTS: Mapping[str, Verdict] = {
    "pass": Verdict.PASSED,
    "fail": Verdict.FAILED,
    "skip": Verdict.SKIPPED,
    "notrun": Verdict.SKIPPED,
}


class OpenTest:
    """Gathers what a `test` element says."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._has_failure = False
        self._exception = ""
        self._message = ""
        self._reason = ""
        self._detail = CappedText(DETAIL_CHARS)
        self._output = CappedText(DETAIL_CHARS)

    @property
    def status(self) -> Verdict:
        """What its result means; a failure counts whatever the result says."""
        status = _RESULTS.get(self._word.lower(), Verdict.BLOCKED)
        if status is Verdict.FAILED or self._has_failure:
            return Verdict.BLOCKED if self._advice else Verdict.FAILED
        return status

    @property
    def is_bad(self) -> bool:
        """It failed or was blocked."""
        return self.status in BAD

    def start_failure(self, attributes: Mapping[str, str]) -> None:
        """See a failure begin."""
        self._has_failure = True
        self._exception = attributes.get("exception-type", "").strip()

    def add_text(self, kind: str, text: str) -> None:
        """Take the text of an element; *kind* is its name in small letters."""
        text = text.strip()
        if not text:
            return
        if kind == "output":
            self._output.add(f"system-out:\n{text}\n")
        elif kind == "reason":
            self._reason = self._reason or text
            self._detail.add(text + "\n")
        else:
            if kind == "message":
                self._message = self._message or text
            self._detail.add(text + "\n")

    def close(self) -> Case:
        """Give the finished case."""
        status = self.status
        return Case(
            name=self._name,
            status=status,
            raw_status=(self._word or ("failure" if self._has_failure else "(no result)"))[:80],
            seconds=seconds_of(self._attributes.get("time", "")),
            message=self._said or self._doubt(status),
            detail=(self._detail.whole() + self._output.whole()).strip(),
        )

    @property
    def _advice(self) -> str:
        return environment.advice(self._exception, self._message)

    @property
    def _said(self) -> str:
        if self._has_failure:
            return environment.with_advice(self._advice, self._message or self._reason)
        return one_line(self._message or self._reason)

    @property
    def _word(self) -> str:
        return self._attributes.get("result", "").strip()

    @property
    def _name(self) -> str:
        # `name` is what is displayed: as a rule the class, the method and its arguments.
        type_name = self._attributes.get("type", "").strip()
        name = self._attributes.get("name", "") or self._attributes.get("method", "")
        return case_name(name, type_name)

    def _doubt(self, status: Verdict) -> str:
        if status is not Verdict.BLOCKED:
            return ""
        return not_known(self._word) if self._word else "the report gives it no result"
