"""Which tool runs an item: what the test wants, in the host's order."""

from typing import Any

import pytest

from adapters import command
from orchestrator.assignment import Assignment, Wanted
from orchestrator.choice import NoTool, candidates, chosen_before
from orchestrator.settings import Settings

JUNIT, NUNIT = "JUnit (Selenium)", "NUnit (Selenium)"
TOOLS: dict[str, Any] = {
    "junit": {"executable": ["java"]},
    "second": {"adapter": "command", "agent": "junit", "executable": ["x"]},
    "dotnet": {"adapter": "command", "agent": NUNIT, "executable": ["x"]},
}


def lab(*tools: str) -> Settings:
    return Settings.model_validate(
        {
            "server": {"url": "https://qac.example.com"},
            "tools": TOOLS,
            "hosts": {"lab_01": {"tools": list(tools), "host_name": "LAB-01"}},
        }
    )


def item(*wanted: Wanted) -> Assignment:
    return Assignment("lab_01", 1, 1, wanted=wanted)


@pytest.mark.parametrize(
    ("tools", "wanted", "key", "title"),
    [
        (["junit"], [Wanted(JUNIT, "a")], "junit", "a"),
        (["dotnet", "junit"], [Wanted(JUNIT, "a"), Wanted(NUNIT, "b")], "dotnet", "b"),
        (["second", "junit"], [Wanted(JUNIT, "a")], "second", "a"),
        (["junit"], [Wanted(JUNIT.upper(), "a")], "junit", "a"),
        (["junit"], [Wanted(""), Wanted(JUNIT, "a")], "junit", "a"),
        (["junit"], [Wanted(JUNIT, "first"), Wanted(JUNIT, "second")], "junit", "first"),
    ],
)
def test_the_hosts_first_tool_that_the_test_wants_runs_it(
    tools: list[str], wanted: list[Wanted], key: str, title: str
) -> None:
    [choice] = candidates(lab(*tools), item(*wanted))

    assert (choice.key, choice.wanted.title) == (key, title)


@pytest.mark.parametrize("wanted", [[], [Wanted("", "a"), Wanted("", "b")]])
def test_where_the_server_names_no_agent_each_tool_is_a_candidate(wanted: list[Wanted]) -> None:
    found = candidates(lab("dotnet", "junit"), item(*wanted))

    assert [choice.key for choice in found] == ["dotnet", "junit"]
    assert {choice.wanted.title for choice in found} == {"a" if wanted else ""}
    assert found[0].adapter is command


def test_a_test_that_wants_no_tool_of_the_host_says_what_it_wants_and_what_there_is() -> None:
    with pytest.raises(NoTool) as caught:
        candidates(lab("junit", "second"), item(Wanted(NUNIT), Wanted("Cobol Runner")))

    message = str(caught.value)
    for word in (NUNIT, "Cobol Runner", "LAB-01", "junit", "second"):
        assert word in message


def test_a_run_that_was_started_before_goes_on_with_the_same_tool() -> None:
    settings = lab("dotnet", "junit")

    choice = chosen_before(settings, item(Wanted(NUNIT, "n"), Wanted(JUNIT, "j")), "junit")
    assert (choice.key, choice.wanted.title) == ("junit", "j")
    assert chosen_before(settings, item(Wanted("", "any")), "junit").wanted.title == "any"
    assert chosen_before(settings, item(), "junit").wanted == Wanted("")
    with pytest.raises(NoTool, match="cobol"):
        chosen_before(settings, item(), "cobol")
