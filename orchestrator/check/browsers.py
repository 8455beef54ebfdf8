"""Whether a browser and its driver are there, for tools that may drive one by Selenium."""

import os
from collections.abc import Iterator, Mapping

from orchestrator.check.finding import Finding
from orchestrator.check.tools import found_program
from orchestrator.order import own_environment
from orchestrator.settings.sections import ToolSettings

_MAY_DRIVE_ONE = frozenset({"junit", "testng", "nunit"})
_BROWSERS = ("chromium", "google-chrome", "firefox")
_DRIVERS = ("chromedriver", "geckodriver")
_INSTALL = "apt-get install chromium chromium-driver"


def look_for_browsers(tools: Mapping[str, ToolSettings]) -> Iterator[Finding]:
    """Yield one finding for all profiles that see the same; not every test needs a browser."""
    found: dict[tuple[str, bool], list[str]] = {}
    for key, tool in tools.items():
        if tool.adapter in _MAY_DRIVE_ONE:
            found.setdefault(_seen_by(tool), []).append(key)
    for (detail, complete), keys in found.items():
        yield Finding(f"browser for {', '.join(keys)}", True, detail, hint=not complete)


def _seen_by(tool: ToolSettings) -> tuple[str, bool]:
    environment = own_environment(tool, os.environ)
    there = [
        [path for name in names if (path := found_program(name, environment))]
        for names in (_BROWSERS, _DRIVERS)
    ]
    missing = [
        f"no {what} ({', '.join(names)})"
        for what, names, paths in zip(
            ("browser", "driver"), (_BROWSERS, _DRIVERS), there, strict=True
        )
        if not paths
    ]
    said = ", ".join([*there[0], *there[1], *missing])
    install = f": {_INSTALL}" if missing else ""
    return f"{said}{install}; {_display(environment)}", not missing


def _display(environment: Mapping[str, str]) -> str:
    display = environment.get("DISPLAY")
    return f"DISPLAY is {display}" if display else "no DISPLAY, so browsers must run headless"
