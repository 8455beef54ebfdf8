"""What the elements and attributes of a JUnit XML test case mean."""

import re
from collections.abc import Mapping

from adapters.base import Verdict
from adapters.formats.result_words import is_harm

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

# pytest's words for what is not the test's own body.
_PYTEST_FIXTURE = re.compile(
    r"failed on (setup|teardown) with |collection failure\Z|internal error\Z"
)
_CLASS_NAME = re.compile(r"[\w$]+(\.[\w$]+)*")


def tells_harm(element: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether an element that nobody knows, among the cases of a suite, is no good news."""
    said = [element, *(attributes.get(name, "") for name in ("status", "result", "outcome"))]
    return any(is_harm(word) for word in said)


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
