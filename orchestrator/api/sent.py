"""The documents we send: exact, as the reference prints them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict


def utc_text(moment: datetime) -> str:
    """Write *moment* as the API documents dates: UTC, three fraction digits, a Z."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}Z"


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
