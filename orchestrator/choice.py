"""Which of a host's tools runs an item."""

from dataclasses import dataclass

from adapters import ADAPTERS
from adapters.base import ToolAdapter
from orchestrator.api.wire import agent_name
from orchestrator.assignment import Assignment, Wanted
from orchestrator.errors import LabfleetError
from orchestrator.settings import Settings
from orchestrator.settings.sections import HostSettings, ToolSettings


@dataclass(frozen=True, slots=True)
class Choice:
    """The tool that will run an item, and the automation it will run."""

    key: str
    tool: ToolSettings
    wanted: Wanted

    @property
    def adapter(self) -> ToolAdapter:
        """The module that speaks for the tool."""
        return ADAPTERS[self.tool.adapter]


class NoTool(LabfleetError):
    """The host has no tool for what the test wants; the message names both."""


def candidates(settings: Settings, assignment: Assignment) -> list[Choice]:
    """Return the tools that may run *assignment*, in the host's order of preference.

    There is one, unless the server names no agent: then each is asked for its script in turn.
    Raises NoTool when there is none.
    """
    host = settings.hosts[assignment.host]
    profiles = [(key, settings.tools[key]) for key in host.tools]
    # Reversed, so that of two for one agent the first counts.
    named = {w.agent.casefold(): w for w in reversed(assignment.wanted) if w.agent}
    if not named:
        wanted = assignment.wanted[0] if assignment.wanted else Wanted("")
        return [Choice(key, tool, wanted) for key, tool in profiles]
    for key, tool in profiles:
        found = named.get(agent_name(tool.agent).casefold())
        if found:
            return [Choice(key, tool, found)]
    raise NoTool(_none(assignment, host, profiles))


def chosen_before(settings: Settings, assignment: Assignment, key: str) -> Choice:
    """Return the choice of an earlier process, which started the tool *key*."""
    if key not in settings.tools:
        raise NoTool(f"its tool {key} is no longer in the settings")
    tool = settings.tools[key]
    agent = agent_name(tool.agent).casefold()
    named = [wanted for wanted in assignment.wanted if wanted.agent.casefold() in {agent, ""}]
    return Choice(key, tool, named[0] if named else Wanted(""))


def _none(
    assignment: Assignment, host: HostSettings, profiles: list[tuple[str, ToolSettings]]
) -> str:
    wanted = ", ".join(wanted.agent for wanted in assignment.wanted)
    offered = ", ".join(f"{key} ({tool.agent})" for key, tool in profiles)
    return f"the test wants {wanted}, but {host.host_name} offers only {offered}"
