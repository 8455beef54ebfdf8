"""The testing tools labfleet can start, one pure module each."""

from collections.abc import Mapping

from adapters import command, junit
from adapters.base import ToolAdapter

ADAPTERS: Mapping[str, ToolAdapter] = {
    "junit": junit,
    "command": command,
}
