"""The API's documents, as they are sent and as they come.

What comes is read with tolerance: much of the answers' shape is not documented, so names have
aliases, absent properties have a meaning and unknown ones are ignored. What we send is exact.
Sources: vendor reference of the Test Automation REST API v2; the readings chosen where it is
silent are those of the decoder rules for `currentruns`.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from orchestrator.api.received import (
    Id,
    Label,
    MalformedAnswer,
    Number,
    Received,
    Seconds,
    Text,
    TextMap,
    Texts,
    Whole,
    YesNo,
    first_fault,
    many,
    read,
    whole,
)

# Statuses are compared by their letters alone.
# In Progress is no state of items in the documents. A server that has it means that a host of
# this identity was told of the item; whether that is known here, the journal says.
_WAITING = frozenset({"", "awaitingrun", "inprogress"})
_FINISHED = frozenset({"passed", "failed", "blocked", "skipped", "na"})

# Long names are the API's own; the short ones are accepted wherever a name is read.
AGENTS = {
    "testcomplete": "TestComplete/TestExecute",
    "junit": "JUnit (Selenium)",
    "nunit": "NUnit (Selenium)",
    "testng": "TestNG (Selenium)",
    "readyapi": "ReadyAPI / SoapUI OS",
}
MOST_RUNS = 20_000
"""Of one answer are read; more pending runs no host has."""
_LONG_NAMES = {long.casefold(): long for long in AGENTS.values()}


def agent_name(name: str) -> str:
    """Return the API's long name for *name*; an unknown one comes back as it is."""
    folded = name.strip().casefold()
    return AGENTS.get(folded) or _LONG_NAMES.get(folded) or name.strip()


def _not_blank(value: object) -> object:
    return value or None


class Department(Received):
    """One of a user's departments."""

    id: Id
    name: Label = ""
    company: Label = ""


class HostDocument(Received):
    """A registered host; the only document that carries a token."""

    id: Id
    host_name: Label = ""
    agents: Texts = ()
    is_active: YesNo = True
    security_token: Annotated[SecretStr | None, BeforeValidator(_not_blank)] = None


class AutomationDocument(Received):
    """What one test says to one kind of tool."""

    agent: Text = ""
    title: Text = ""
    entry_point: Text = ""
    timeout: Seconds = None
    """In seconds; None leaves it to the tool's own ceiling."""
    run_mode: Whole = None
    params: TextMap = Field(default_factory=dict)


class _Step(Received):
    sequence_number: Number = 0


class RunItem(Received):
    """One test of a run; *sequence_number* is 0 until `Run` has settled it."""

    sequence_number: Number = 0
    nested_number: Number = 0
    """What its steps say that its number is; 0 when they do not."""
    by_position: bool = False
    """Whether *sequence_number* is only its place in the list, as no number was told."""
    stop_on_fail: YesNo = False
    test_id: Whole = None
    test_name: Label = ""
    status: Text = Field("", validation_alias=AliasChoices("status", "status_code"))
    automations: tuple[AutomationDocument, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _find_what_moves(cls, data: object) -> object:
        """Bring the places where servers keep number and automation to one."""
        if not isinstance(data, dict):
            return data
        found = data.get("automations") or data.get("automation")
        if not found and any(data.get(name) for name in ("agent", "title", "entry_point")):
            found = data
        number = _nested_number(data.get("test_run_results"))
        ours = {"nested_number": number, "by_position": False}
        return {**data, **ours, "automations": many(found or [])}

    @property
    def pending(self) -> bool:
        """Whether it still wants a verdict; a server that omits the status means so."""
        return self._letters in _WAITING

    @property
    def finished(self) -> bool:
        """Whether it has a verdict; one of an unknown status is neither finished nor pending."""
        return self._letters in _FINISHED

    @property
    def _letters(self) -> str:
        return "".join(filter(str.isalpha, self.status.casefold()))


def _nested_number(steps: object) -> int:
    """Return the item's number as its steps print it, or 0.

    Numbers that differ within one item count its steps, so they do not name the item.
    """
    try:
        found = TypeAdapter(list[_Step]).validate_python(many(steps))
    except ValidationError:
        return 0
    numbers = {step.sequence_number for step in found}
    return numbers.pop() if len(numbers) == 1 else 0


class Run(Received):
    """One pending run with its items, each under a number of its own."""

    id: Id
    test_set_id: Whole = None
    test_set_name: Label = ""
    configuration_name: Label = ""
    release_name: Label = ""
    is_sequential: YesNo = False
    items: Annotated[tuple[RunItem, ...], BeforeValidator(many)] = Field(
        (), validation_alias="test_run_items"
    )
    _document: Any = PrivateAttr(None)

    @property
    def document(self) -> Any:
        """The run as the server sent it; it holds no credentials."""
        return self._document

    @model_validator(mode="after")
    def _number_the_items(self) -> "Run":
        """Settle the numbers: each item's own, else what its steps say, else its position.

        Numbers of the steps count only if they tell all items apart, as they may be those of
        the steps. An item's own number is never replaced: a verdict would go to another test.
        """
        own = [item.sequence_number for item in self.items]
        nested = [item.sequence_number or item.nested_number for item in self.items]
        places = [number or place for place, number in enumerate(own, start=1)]
        for numbers in (own, nested, places):
            if 0 not in numbers and len(set(numbers)) == len(numbers):
                return self._numbered(numbers, guessed=numbers is places)
        raise ValueError("its items cannot be told apart by their sequence numbers")

    def _numbered(self, numbers: Sequence[int], *, guessed: bool) -> "Run":
        items = tuple(
            item.model_copy(
                update={
                    "sequence_number": number,
                    "by_position": item.by_position or (guessed and not item.sequence_number),
                }
            )
            for item, number in zip(self.items, numbers, strict=True)
        )
        return self.model_copy(update={"items": items})


class Page(BaseModel):
    """One page of pending runs; *problems* tell of what could not be read or understood."""

    model_config = ConfigDict(frozen=True)

    runs: tuple[Run, ...]
    count: int
    """How many runs the page lists, readable or not."""
    total: int | None
    """How many there are in all; None when the server does not say."""
    problems: tuple[str, ...] = ()


def read_page(answer: Any) -> Page:
    """Read the decoded body of `currentruns`; one unreadable run does not hide the others."""
    results = _results(answer)
    runs, problems = [], []
    if len(results) > MOST_RUNS:
        problems.append(f"of {len(results)} runs in one answer the first {MOST_RUNS} are read only")
    for result in results[:MOST_RUNS]:
        try:
            run = Run.model_validate(result)
        except ValidationError as error:
            problems.append(f"run {_id_of(result)}: {first_fault(error)}")
            continue
        run._document = result
        runs.append(run)
        problems += [
            f"run {run.id} item {item.sequence_number}: unknown status {item.status[:40]!r}"
            for item in run.items
            if not item.pending and not item.finished
        ]
    return Page(
        runs=tuple(runs), count=len(results), total=_total(answer), problems=tuple(problems)
    )


def _results(answer: Any) -> list[Any]:
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise MalformedAnswer("the answer has no list of results")
    return results


def _total(answer: dict[str, Any]) -> int | None:
    metadata = answer.get("metadata")
    result_set = metadata.get("result_set") if isinstance(metadata, dict) else None
    return whole(result_set.get("total")) if isinstance(result_set, dict) else None


def _id_of(result: object) -> str:
    number = whole(result.get("id")) if isinstance(result, dict) else None
    return "without id" if number is None else str(number)


def read_host(answer: Any) -> HostDocument:
    """Read one host object."""
    return read(HostDocument, answer)


class TakenItem(Received):
    """What the answer to a result tells of its item; that is not documented, and may be nothing."""

    test_id: Whole = None
    test_name: Label = ""


def read_taken(answer: Any) -> TakenItem:
    """Read the answer to a result, whatever it is."""
    try:
        return TakenItem.model_validate(answer)
    except ValidationError:
        return TakenItem()


def read_departments(answer: Any) -> list[Department]:
    """Read the list of a user's departments."""
    return [read(Department, result) for result in _results(answer)]
