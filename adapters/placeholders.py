"""Placeholders in a tool's command line, the same for every adapter.

`{name}` becomes a value, once: braces inside a value mean nothing. Only a word in braces is a
placeholder, so JSON and format strings pass as they are; `{{name}}` is a literal `{name}`.
"""

import re
from collections.abc import Sequence

from adapters.base import AdapterError, Automation, Tool, Workspace

PLACEHOLDERS = frozenset({"workspace", "results", "title", "timeout_s"})

_PLACEHOLDER = re.compile(r"\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}", re.ASCII)


def unknown_placeholders(executable: Sequence[str]) -> list[str]:
    """List the names in braces that mean nothing, each once, in order."""
    found = (match[2] for part in executable for match in _PLACEHOLDER.finditer(part))
    return list(dict.fromkeys(name for name in found if name and name not in PLACEHOLDERS))


def expand(automation: Automation, tool: Tool, workspace: Workspace) -> list[str]:
    """Fill *tool*'s executable in; an argument that becomes empty is left out.

    Raises AdapterError for an unknown placeholder, a title that would become an option of the
    tool, a NUL, and a command line of nothing.
    """
    if unknown := unknown_placeholders(tool.executable):
        raise AdapterError(f"unknown placeholder in the executable: {', '.join(unknown)}")
    values = {
        "workspace": str(workspace.folder),
        "results": str(workspace.results),
        "title": automation.title,
        "timeout_s": _number(tool.timeout_s),
    }
    argv = [_expand_one(part, values) for part in tool.executable]
    if not argv or not argv[0]:
        raise AdapterError("the executable is empty")
    return [given for part, given in zip(tool.executable, argv, strict=True) if given or not part]


def _expand_one(part: str, values: dict[str, str]) -> str:
    given = _PLACEHOLDER.sub(lambda m: f"{{{m[1]}}}" if m[1] else values[m[2]], part)
    if given.startswith("-") and not part.startswith("-"):
        raise AdapterError(f"the title {given[:80]!r} starts with '-': it would become an option")
    if "\0" in given:
        raise AdapterError("an argument holds a NUL character")
    return given


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
