"""Hosts, departments and results on the wire."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from orchestrator.api import sent, wire
from orchestrator.api.found_host import read_found_host
from orchestrator.api.received import MalformedAnswer
from tests.standin.lab import golden


def test_a_host_is_read_with_its_token_hidden() -> None:
    host = wire.read_host(golden("host.json"))

    assert (host.id, host.host_name, host.is_active) == (207, "LAB-W11-03", True)
    assert host.agents == ("TestComplete/TestExecute", "JUnit (Selenium)")
    assert host.security_token is not None
    assert host.security_token.get_secret_value() == "9b7d6c1e-2f40-4a53-8e61-0c5a7d4b3f12"
    assert "9b7d6c1e" not in repr(host)


@pytest.mark.parametrize("absent", [{}, {"is_active": None, "agents": None, "host_name": None}])
def test_a_host_that_says_little_is_taken_as_active(absent: dict[str, Any]) -> None:
    host = wire.read_host({"id": 1, "security_token": "", **absent})

    assert (host.is_active, host.agents, host.security_token) == (True, (), None)


@pytest.mark.parametrize("answer", [None, [], {}, "x", {"id": None}, {"id": 0}, {"id": 2**70}])
def test_a_host_without_a_usable_id_is_malformed(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        wire.read_host(answer)


@pytest.mark.parametrize(
    "answer",
    [
        None, "", {}, [], {"results": []}, {"results": None}, {"results": [], "metadata": {}},
        {"id": 0, "is_active": False}, {"id": None, "host_name": None}, {"row_version": "x"},
        {"owner": {"id": 1, "name": "x"}, "tags": ["a", {"b": [1]}]}, {"host": None},
    ],
)  # fmt: skip
def test_every_form_of_no_such_host_is_understood(answer: Any) -> None:
    assert read_found_host(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"errors": [{"message": "x"}]}, {"ResponseStatus": {}}, {"response_status": {}},
        {"id": "x"}, {"host_name": "LAB-01"}, [{"id": 1}], "x",
        {"host": {"id": 5, "host_name": "LAB-01"}}, {"host": {"id": 5}}, {"d": {"HostName": "x"}},
        {"results": [{"id": 5, "host_name": "LAB-01"}]}, {"Id": 5}, {"SecurityToken": "t"},
    ],
)  # fmt: skip
def test_what_may_be_an_error_or_a_host_elsewhere_is_not_taken_for_no_such_host(
    answer: Any,
) -> None:
    with pytest.raises(MalformedAnswer):
        read_found_host(answer)


def test_departments_are_read() -> None:
    found = wire.read_departments(golden("departments.json"))

    assert [(one.id, one.name) for one in found] == [(5120, "Payments"), (5121, "Logistics")]
    assert wire.read_departments({"results": [{"id": "3", "name": None}]})[0].id == 3


@pytest.mark.parametrize("answer", [None, {}, {"results": [{}]}, {"results": {}}])
def test_departments_that_cannot_be_read_are_malformed(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        wire.read_departments(answer)


def test_a_result_is_written_as_documented() -> None:
    started = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    expected = golden("item_result.json")
    for step in expected["test_run_results"]:
        del step["expected_result"]  # a tool does not say what it expected

    result = sent.Result(
        status="Failed",
        date_started=sent.utc_text(started),
        date_finished=sent.utc_text(started + timedelta(seconds=72)),
        run_time=72,
        test_run_results=[
            sent.Step(
                status="Passed", step="Open the shop", actual_result="Home page shown in 1.2 s"
            ),
            sent.Step(status="Failed", step="Add one item", actual_result="Basket shows 0"),
        ],
    )

    assert result.model_dump() == expected


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 4, 5, 6, 7, 89_999, tzinfo=UTC), "2026-03-04T05:06:07.089Z"),
        (datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), "2026-03-04T05:06:07.000Z"),
        (
            datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T23:30:00.000Z",
        ),
    ],
)
def test_dates_are_sent_in_utc_with_three_digits_and_z(moment: datetime, text: str) -> None:
    assert sent.utc_text(moment) == text


@pytest.mark.parametrize("short", wire.AGENTS)
def test_agents_are_known_by_long_and_short_name_in_any_case(short: str) -> None:
    long = wire.AGENTS[short]

    for name in (short, short.upper(), long, long.lower(), f" {long} "):
        assert wire.agent_name(name) == long


def test_an_unknown_agent_keeps_its_name() -> None:
    assert wire.agent_name(" Robot ") == "Robot"
    assert wire.agent_name("") == ""
