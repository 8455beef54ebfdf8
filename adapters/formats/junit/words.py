"""What the elements and attributes of a JUnit XML test case mean."""

import re
from collections.abc import Mapping

from adapters.base import Verdict
from adapters.formats import environment

# Element of a test case, in small letters -> status. `aborted` is Ant's word for a failed
# assumption, `skip` is subunit's junitxml's; a rerun is only written beside the first failure, and
# stays one if it stands alone.
RESULT_ELEMENTS: Mapping[str, Verdict] = {
    "failure": Verdict.FAILED,
    "error": Verdict.FAILED,
    "rerunfailure": Verdict.FAILED,
    "rerunerror": Verdict.FAILED,
    "skipped": Verdict.SKIPPED,
    "disabled": Verdict.SKIPPED,
    "aborted": Verdict.SKIPPED,
    "ignored": Verdict.SKIPPED,
    "skip": Verdict.SKIPPED,
}
# Attempts that failed before one that passed (Surefire, Gradle).
FLAKY_ELEMENTS = frozenset({"flakyfailure", "flakyerror"})
RERUN_ELEMENTS = frozenset({"rerunfailure", "rerunerror"})
OUTPUT_ELEMENTS = frozenset({"system-out", "system-err"})
# What else a case may hold without a word on its result. Closed on purpose: another element may be
# the only sign of a failure (`crash`, `timeout`, PHPUnit's `warning`).
HARMLESS_ELEMENTS = OUTPUT_ELEMENTS | frozenset(
    {"properties", "property", "attachments", "attachment", "output", "stdout", "stderr"}
    | {"description", "metadata", "meta", "tags", "tag", "labels", "label", "links", "link"}
    | {"categories", "category", "traits", "trait", "parameters", "parameter"}
    # Flank's link to a device's log, Qt Test's measurements.
    | {"weblink", "benchmark"}
)

SEVERITY: Mapping[Verdict, int] = {
    Verdict.PASSED: 0,
    Verdict.SKIPPED: 1,
    Verdict.BLOCKED: 2,
    Verdict.FAILED: 3,
}

_PASSED_WORDS = frozenset(
    {"run", "passed", "pass", "success", "successful", "succeeded", "ok", "completed", "complete"}
    # A warning is a pass, as in NUnit 3 and TRX, whose transforms put the word here.
    | {"executed", "fixed", "xfail", "bpass", "warning"}
)
_SKIPPED_WORDS = frozenset(
    {"disabled", "notrun", "notexecuted", "skipped", "skip", "ignored", "suppressed"}
    # Ginkgo, Jasmine, Mocha, phpspec: written, and not to be run yet.
    | {"pending"}
)
_FAILED_WORDS = frozenset(
    {"failed", "fail", "failure", "error", "errored", "broken", "regression", "timeout", "timedout"}
    | {"crashed", "xpass", "bfail", "panicked", "interrupted"}
)
_HARM_WORDS = _FAILED_WORDS | {"crash", "fatal", "exception", "abort", "aborted", "panic"}
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_WORDS: Mapping[str, Verdict] = {
    **dict.fromkeys(_PASSED_WORDS, Verdict.PASSED),
    **dict.fromkeys(_SKIPPED_WORDS, Verdict.SKIPPED),
    **dict.fromkeys(_FAILED_WORDS, Verdict.FAILED),
}

# pytest's words for what is not the test's own body.
_PYTEST_FIXTURE = re.compile(
    r"failed on (setup|teardown) with |collection failure\Z|internal error\Z"
)
_CLASS_NAME = re.compile(r"[\w$]+(\.[\w$]+)*")


def tells_harm(element: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether an element that nobody knows, among the cases of a suite, is no good news."""
    said = [element, *(attributes.get(name, "") for name in ("status", "result", "outcome"))]
    return any(_BETWEEN_WORDS.sub("", word.lower()) in _HARM_WORDS for word in said)


def status_of_word(word: str) -> Verdict:
    """Give the meaning of a `status` or `result` attribute; an unknown word cannot be a pass."""
    if not word.strip():
        return Verdict.PASSED
    return _WORDS.get(_BETWEEN_WORDS.sub("", word.lower()), Verdict.BLOCKED)


def is_environment_error(error_type: str, message: str) -> bool:
    """Tell whether the fault lies in driver, browser, network or class path."""
    return bool(environment.advice(error_type, message))


def is_fixture_error(element: str, called: tuple[str, str, str], message: str) -> bool:
    """Tell whether a set-up died in place of a test.

    *called* is the names of case, class and suite. Surefire and Ant's launcher name the case as its
    class, JUnit 4 `initializationError`, Ant's junit task sets the class
    `junit.framework.TestSuite`; pytest says it in the message. Jest, Mocha and CTest name cases as
    their class too, with sentences or single words for names.
    """
    name, classname, suite = called
    if name == "initializationError" or classname == "junit.framework.TestSuite":
        return True
    if name == classname and _CLASS_NAME.fullmatch(name):
        return "." in name or "$" in name or name == suite
    return element == "error" and bool(_PYTEST_FIXTURE.match(message))


def case_name(name: str, classname: str, suite: str) -> str:
    """Join a case's full name: class.name, or suite/name where no class is given."""
    name = name.strip() or "(no name)"
    if classname in {"junit.framework.TestSuite", name} or name.startswith(f"{classname}."):
        return name
    if classname:
        return f"{classname}.{name}"
    return f"{suite}/{name}" if suite else name
