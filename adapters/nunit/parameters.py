"""The run's parameters and context, as the runners of NUnit 3 take them.

NUnit 2 takes none: its tests read the run's environment.
"""

import re
from collections.abc import Mapping

from adapters.base import AdapterError, Automation

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_DOTNET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# `;` parts the parameters of frameworks before 3.7 and of MSBuild, which `dotnet test` goes
# through; the console's parser does not read past the end of a line.
_UNSAFE = re.compile(r"[;\x00-\x08\x0a-\x1f\x7f]")
_DOTNET_UNSAFE = re.compile(r'["%]|\\\Z')


def console_parameters(automation: Automation) -> list[str]:
    """Give `--testparam:` options; the context by the names `labfleet.run_id` and so on.

    A context value that cannot be passed on is left out: the environment has it. An empty value is
    left out, since the console takes none. Raises AdapterError for a parameter it would misread.
    """
    context = {
        f"labfleet.{name}": value
        for name, value in automation.context.items()
        if not _UNSAFE.search(value)
    }
    own = {_checked(name, _NAME): _safe(name, value) for name, value in automation.params.items()}
    return [f"--testparam:{name}={value}" for name, value in {**context, **own}.items() if value]


def run_settings(params: Mapping[str, str]) -> list[str]:
    """Give the arguments behind `--` that make *params* test run parameters.

    Raises AdapterError for a name or a value that they would misread.
    """
    given = []
    for name, value in params.items():
        _checked(name, _DOTNET_NAME)
        if _DOTNET_UNSAFE.search(_safe(name, value)):
            raise AdapterError(f'the parameter {name} holds what dotnet cannot be given: " % or \\')
        given.append(f'TestRunParameters.Parameter(name="{name}", value="{value}")')
    return ["--", *given] if given else []


def _checked(name: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(name):
        raise AdapterError(f"{name[:80]!r} cannot be the name of a parameter")
    return name


def _safe(name: str, value: str) -> str:
    if _UNSAFE.search(value):
        raise AdapterError(
            f"the parameter {name} holds ';' or a control character, which a runner would misread"
        )
    return value
