"""What a rehearsal is to be like, as its TOML file says it."""

import tomllib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import ErrorDetails

from orchestrator.standin.faults import Operation

_Id = Annotated[int, Field(ge=0, lt=10**18)]
Share = Annotated[float, Field(gt=0, le=1)]
_Seconds = Annotated[float, Field(ge=0, le=86_400)]


class ScenarioError(Exception):
    """The file cannot be used; the message names every place and what is wrong there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultRule(_Part):
    """What goes wrong with a *share* of some calls, for some time.

    *status* answers one of these codes, by chance; *drop* loses the connection before or after the
    call was acted upon; *wait_s* comes before either, and alone it only delays.
    """

    operations: tuple[Operation, ...] = ()
    """None: all ten."""
    share: Share = 1.0
    status: tuple[Annotated[int, Field(ge=300, le=599)], ...] = ()
    retry_after_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    drop: Literal["before", "after"] | None = None
    wait_s: tuple[_Seconds, _Seconds] = (0, 0)
    """At least and at most."""
    from_s: _Seconds = 0
    """After the rehearsal began."""
    for_s: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.wait_s[0] > self.wait_s[1]:
            raise ValueError("wait_s is [at least, at most]")
        if self.status and self.drop:
            raise ValueError("give either status or drop: a lost connection answers nothing")
        if not (self.status or self.drop or self.wait_s[1]):
            raise ValueError("give a status, a drop or a wait_s, or nothing goes wrong")
        if self.retry_after_s is not None and not self.status:
            raise ValueError("retry_after_s goes with a status")
        return self


class LoadRule(_Part):
    """Runs that come in at a steady pace, on hosts in turn."""

    project: _Id
    runs_per_minute: Annotated[float, Field(gt=0, le=60_000)]
    hosts: Annotated[int, Field(ge=0)] = 0
    """At most so many of the department's active hosts, by id; 0: all of them."""
    tests: tuple[_Id, ...] = ()
    """Ids, chosen by chance; none: every test that has an automation."""
    runs: Annotated[int, Field(gt=0)] | None = None
    """When so many are queued, it is over; none: it goes on until the rehearsal is stopped."""


class Scenario(_Part):
    """A whole rehearsal; the same *seed* makes the same choices for the same calls."""

    seed: _Id = 0
    faults: tuple[FaultRule, ...] = ()
    load: LoadRule | None = None
    _text: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The file as it was written, comments and all; empty if it was made without one."""
        return self._text


def read_scenario(text: str) -> Scenario:
    """Read TOML. Raises ScenarioError with all faults at once."""
    try:
        scenario = Scenario.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise ScenarioError("\n".join(_said(fault) for fault in error.errors())) from error
    except (ValueError, RecursionError) as error:  # also a number of very many digits
        raise ScenarioError(f"this is not TOML: {error}") from error
    scenario._text = text
    return scenario


def _said(fault: ErrorDetails) -> str:
    place = ".".join(str(step) for step in fault["loc"]) or "the file"
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}"
