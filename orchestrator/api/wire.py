"""The API's documents, as they are sent and as they come.

What comes is read with tolerance: much of the answers' shape is not documented, so names have
aliases, absent properties have a meaning and unknown ones are ignored. What we send is exact.
Sources: vendor reference of the Test Automation REST API v2; the readings chosen where it is
silent are those of the decoder rules for `currentruns`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

AWAITING_RUN = "awaiting run"

# Long names are the API's own; the short ones are accepted wherever a name is read.
AGENTS = {
    "testcomplete": "TestComplete/TestExecute",
    "junit": "JUnit (Selenium)",
    "nunit": "NUnit (Selenium)",
    "testng": "TestNG (Selenium)",
    "readyapi": "ReadyAPI / SoapUI OS",
}
_LONG_NAMES = {long.casefold(): long for long in AGENTS.values()}


_Model = TypeVar("_Model", bound=BaseModel)


class MalformedAnswer(ValueError):
    """An answer that cannot be what was asked for; the message says why, without its content."""


def agent_name(name: str) -> str:
    """Return the API's long name for *name*; an unknown one comes back as it is."""
    folded = name.strip().casefold()
    return AGENTS.get(folded) or _LONG_NAMES.get(folded) or name.strip()


def utc_text(moment: datetime) -> str:
    """Write *moment* as the API documents dates: UTC, three fraction digits, a Z."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}Z"


def _yes(value: object) -> object:
    """Read the product's Y and N; both they and booleans occur."""
    if isinstance(value, str):
        return value.strip().casefold() in {"y", "yes", "true", "1"}
    return bool(value)


def _text(value: object) -> object:
    return "" if value is None else str(value) if isinstance(value, int | float) else value


def _text_map(value: object) -> object:
    if not isinstance(value, dict):
        return {}
    return {str(k): v if isinstance(v, str) else str(v) for k, v in value.items() if v is not None}


def _many(value: object) -> object:
    """Accept one object where a list is expected."""
    return [] if value is None else [value] if isinstance(value, dict) else value


YesNo = Annotated[bool, BeforeValidator(_yes)]
Text = Annotated[str, BeforeValidator(_text)]
TextMap = Annotated[dict[str, str], BeforeValidator(_text_map)]


class _Received(BaseModel):
    # An answer may hold a token: an error about it must not print what it holds.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Department(_Received):
    """One of a user's departments."""

    id: int
    name: Text = ""
    company: Text = ""


class HostDocument(_Received):
    """A registered host; the only document that carries a token."""

    id: int
    host_name: Text = ""
    agents: tuple[str, ...] = ()
    is_active: YesNo = True
    security_token: SecretStr | None = None


class AutomationDocument(_Received):
    """What one test says to one kind of tool."""

    agent: Text = ""
    title: Text = ""
    entry_point: Text = ""
    timeout: float | None = None
    run_mode: int | None = None
    params: TextMap = {}


class _Step(_Received):
    sequence_number: int | None = None


class RunItem(_Received):
    """One test of a run; *sequence_number* is 0 until `Run` has settled it."""

    sequence_number: int = 0
    stop_on_fail: YesNo = False
    test_name: Text = ""
    status: Text = Field("", validation_alias=AliasChoices("status", "status_code"))
    automations: tuple[AutomationDocument, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _find_what_moves(cls, data: object) -> object:
        """Bring the places where servers keep number and automation to one."""
        if not isinstance(data, dict):
            return data
        number = data.get("sequence_number")
        if number is None:
            number = _nested_number(data.get("test_run_results"))
        found = data.get("automations", data.get("automation"))
        if found is None and (data.get("agent") or data.get("title")):
            found = [data]
        return {**data, "sequence_number": number or 0, "automations": _many(found)}

    @property
    def pending(self) -> bool:
        """Whether it still wants a verdict; a server that omits the status means so."""
        return self.status.strip().casefold() in {"", AWAITING_RUN}


def _nested_number(steps: object) -> int:
    """Return the item's number as its steps print it, or 0.

    Numbers that differ within one item count its steps, so they do not name the item.
    """
    try:
        numbers = {s.sequence_number for s in TypeAdapter(list[_Step]).validate_python(steps)}
    except ValidationError:
        return 0
    return next(iter(numbers)) or 0 if len(numbers) == 1 else 0


class Run(_Received):
    """One pending run with its items, each under a number of its own."""

    id: int
    test_set_id: int | None = None
    test_set_name: Text = ""
    configuration_name: Text = ""
    release_name: Text = ""
    is_sequential: YesNo = False
    items: tuple[RunItem, ...] = Field((), validation_alias="test_run_items")

    @model_validator(mode="after")
    def _number_the_items(self) -> "Run":
        """Fall back on the position where an item has no number of its own."""
        numbers = [item.sequence_number for item in self.items]
        if 0 in numbers or len(set(numbers)) < len(numbers):
            numbered = tuple(
                item.model_copy(update={"sequence_number": position})
                for position, item in enumerate(self.items, start=1)
            )
            return self.model_copy(update={"items": numbered})
        return self


class Page(BaseModel):
    """One page of pending runs; *problems* are the runs that could not be read."""

    model_config = ConfigDict(frozen=True)

    runs: tuple[Run, ...]
    count: int
    total: int
    problems: tuple[str, ...] = ()


def read_page(answer: Any) -> Page:
    """Read the decoded body of `currentruns`; one unreadable run does not hide the others."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise MalformedAnswer("the answer has no list of results")
    runs, problems = [], []
    for result in results:
        try:
            runs.append(Run.model_validate(result))
        except ValidationError as error:
            number = result.get("id", "without id") if isinstance(result, dict) else "without id"
            problems.append(f"run {number}: {_first_fault(error)}")
    total = _result_set(answer).get("total")
    return Page(
        runs=tuple(runs),
        count=len(results),
        total=total if isinstance(total, int) else len(results),
        problems=tuple(problems),
    )


def _result_set(answer: dict[str, Any]) -> dict[str, Any]:
    metadata = answer.get("metadata")
    result_set = metadata.get("result_set") if isinstance(metadata, dict) else None
    return result_set if isinstance(result_set, dict) else {}


def read_host(answer: Any) -> HostDocument:
    """Read one host object."""
    return _read(HostDocument, answer)


def read_found_host(answer: Any) -> HostDocument | None:
    """Read the answer to a search by name, or None.

    How the server says that there is none is not documented; these are the candidates.
    """
    if not answer or (isinstance(answer, dict) and answer.get("results") == []):
        return None
    return read_host(answer)


def read_departments(answer: Any) -> list[Department]:
    """Read the list of a user's departments."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise MalformedAnswer("the answer has no list of results")
    return [_read(Department, result) for result in results]


def _read(model: type[_Model], answer: Any) -> _Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise MalformedAnswer(_first_fault(error)) from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the document"
    return f"{place}: {fault['msg']}"


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Sent):
    """One step result of an item: for us, one case of the tool's report."""

    status: str
    step: str
    actual_result: str = ""


class Result(_Sent):
    """The body of an item's PATCH."""

    status: str
    date_started: str
    date_finished: str
    run_time: int
    test_run_results: Sequence[Step] = ()


class HostRegistration(_Sent):
    """The body of a host's POST."""

    host_name: str
    host_configuration: str
    agents: Sequence[str]
    os: str
    is_active: bool = True
    agent_version: str
    dept_id: int | None = None
