"""The testing tools labfleet can start, one pure module each."""

from collections.abc import Mapping

from adapters import command, junit, nunit, readyapi, testcomplete, testng
from adapters.base import ToolAdapter

ADAPTERS: Mapping[str, ToolAdapter] = {
    "testcomplete": testcomplete,
    "readyapi": readyapi,
    "junit": junit,
    "testng": testng,
    "nunit": nunit,
    "command": command,
}
