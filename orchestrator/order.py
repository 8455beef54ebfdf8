"""What the guard is told: the tool's command, its whole environment and its limits."""

import re
from collections.abc import Mapping
from pathlib import Path

from adapters.base import Command
from orchestrator.assignment import Assignment, Wanted
from orchestrator.settings.sections import ToolSettings

OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024
"""A tool's output beyond it is counted and dropped, with a marker in its place."""

_ODD = re.compile(r"[^A-Z0-9]")


def timeout_s(tool: ToolSettings, wanted: Wanted) -> float:
    """Return the time one run gets: the profile's ceiling, or the test's own wish if shorter."""
    if wanted.timeout_s is None or wanted.timeout_s <= 0:
        return tool.timeout_s
    return min(tool.timeout_s, wanted.timeout_s)


def context(assignment: Assignment, wanted: Wanted, host_name: str) -> dict[str, str]:
    """Return the variables by which a tool can know what it runs for."""
    told = {
        "RUN_ID": str(assignment.run_id),
        "ITEM": str(assignment.item),
        "HOST": host_name,
        "TEST_NAME": assignment.test_name,
        "TEST_SET": assignment.test_set,
        "CONFIGURATION": assignment.configuration,
        "RELEASE": assignment.release,
        **{f"PARAM_{_ODD.sub('_', k.upper())}": v for k, v in wanted.params.items()},
    }
    return {f"LABFLEET_{name}": value for name, value in told.items()}


def own_environment(tool: ToolSettings, ours: Mapping[str, str]) -> dict[str, str]:
    """Return what the profile gives a tool in every run."""
    passed = {name: ours[name] for name in tool.pass_environment if name in ours}
    return {**passed, **tool.environment}


def environment(
    tool: ToolSettings,
    command: Command,
    told: Mapping[str, str],
    tmp: Path,
    ours: Mapping[str, str],
) -> dict[str, str]:
    """Return everything the tool will find in its environment, and nothing else.

    Of labfleet's own environment *ours*, which holds tokens, only what the profile names passes.
    """
    passed = own_environment(tool, ours)
    # What a tool forgets in the temporary folder goes with its workspace.
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp))
    all_of_it = {**passed, **temporary, **tool.environment, **command.environment, **told}
    # A NUL would make the whole environment unusable.
    return {name: value.replace("\0", "") for name, value in all_of_it.items()}
