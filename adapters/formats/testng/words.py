"""What the words of a TestNG report mean, and how its cases are named."""

import re
from collections.abc import Mapping, Sequence

from adapters.base import Verdict
from adapters.formats.attributes import count_of
from adapters.formats.capped_text import one_line
from adapters.formats.durations import seconds_of

SKIP = "SKIP"
STATUSES: Mapping[str, Verdict] = {
    "PASS": Verdict.PASSED,
    "FAIL": Verdict.FAILED,
    # Failed, though so few that the method's successPercentage forgives it.
    "SUCCESS_PERCENTAGE_FAILURE": Verdict.FAILED,
    SKIP: Verdict.SKIPPED,
}

PARAM_CHARS = 100
PARAMS_NAMED = 20
NULL = "null"

# The class of the exception is all that a report tells of it, so its heirs are known by name:
# TestNG's own TimeBombSkipException, and what projects derive from it.
_CLASS_PARTS = re.compile(r"[.$]")
_CLASS_NAME_CHARS = 500
_DEPENDS_ON = re.compile(r"depends on (?:not successfully finished|nonexistent)")
_IDENTITY = re.compile(r"@[0-9a-f]{1,16}\b")


def is_true(value: str) -> bool:
    """Read a flag; a missing one is false."""
    return value.strip().lower() in {"true", "yes", "1"}


def is_skip_exception(exception: str) -> bool:
    """Tell whether a test threw *exception* to be skipped."""
    name = _CLASS_PARTS.split(exception.strip()[-_CLASS_NAME_CHARS:])[-1]
    return "Skip" in name and name.isidentifier()


def is_missed_dependency(message: str) -> bool:
    """Tell whether a test did not run since another one, or a group, did not succeed."""
    return _DEPENDS_ON.search(message) is not None


def without_identity(text: str) -> str:
    """Leave out what differs between two equal objects: `Order@1b2c3d` becomes `Order`."""
    return _IDENTITY.sub("", text)


def named(method: str, params: Sequence[str], left_out: int, instance: str) -> str:
    """Name a case by its method, its parameters and what its instance calls itself."""
    name = method.strip()
    if params or left_out:
        shown = [*(_named_param(param) for param in params), *(("…",) if left_out else ())]
        name = f"{name}({', '.join(shown)})"
    instance = one_line(instance, PARAM_CHARS)
    return f"{name} [{instance}]" if instance and instance != method.strip() else name


def class_name(attributes: Mapping[str, str]) -> str:
    """Join a class's name with its package, which one setting of the reporter writes apart."""
    name, package = attributes.get("name", "").strip(), attributes.get("package", "").strip()
    return f"{package}.{name}" if name and package and package != "[default]" else name


def seconds_of_ms(duration: str) -> float:
    """Read a duration in milliseconds as seconds; 0 for what is no such number."""
    whole = count_of(duration)
    return seconds_of(str(whole) if whole is not None else duration) / 1000


def _named_param(param: str) -> str:
    text = " ".join(param.split())
    return text if len(text) <= PARAM_CHARS else text[: PARAM_CHARS - 1] + "…"
