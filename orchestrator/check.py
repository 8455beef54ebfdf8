"""Look at everything a run will need, before the night: folders, tools, server and tokens."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api
from orchestrator.errors import ApiError, PermanentApiError
from orchestrator.logs import redact, remember_secret
from orchestrator.order import own_environment
from orchestrator.settings import Settings
from orchestrator.settings.sections import ToolSettings

_VERSION_S = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    detail: str


async def check(
    settings: Settings, api: Api, registered: Mapping[str, tuple[int, str]]
) -> AsyncIterator[Finding]:
    """Yield a finding for the state directory, each tool and each host."""
    yield _state_dir(settings.state_dir)
    yield await _server(api)
    for key, tool in settings.tools.items():
        yield await _tool(key, tool)
    if not settings.hosts:
        yield Finding("hosts", False, "none is configured")
    for key, host in settings.hosts.items():
        identity = registered.get(key)
        if host.id is not None and host.token is not None:
            identity = host.id, host.token.get_secret_value()
        if identity is not None:
            # What a server says back may quote it.
            remember_secret(identity[1])
        yield await _host(f"host {key}", api, identity)


def _state_dir(path: Path) -> Finding:
    usable = os.access(path, os.W_OK | os.X_OK)
    return Finding("state_dir", usable, str(path) if usable else f"{path} is not writable")


async def _server(api: Api) -> Finding:
    """See whether the API answers at all: to a stranger it says no, and that is an answer."""
    try:
        await HostClient(api, 0, "nobody").get_host()
    except PermanentApiError as error:
        if error.status in {401, 403, 404}:
            return Finding("server", True, api.url)
        return Finding("server", False, str(error))
    except ApiError as error:
        return Finding("server", False, str(error))
    return Finding("server", False, f"{api.url} lets anybody in; is it QAComplete?")


async def _tool(key: str, tool: ToolSettings) -> Finding:
    what = f"tool {key}"
    program = tool.executable[0]
    path = os.environ.get("PATH") if "PATH" in tool.pass_environment else os.defpath
    found = shutil.which(program, path=tool.environment.get("PATH", path))
    if found is None:
        return Finding(what, False, f"{program} is not there or cannot be run")
    for argument in tool.executable[1:]:
        is_path = argument.startswith("/") and "{" not in argument
        if is_path and not await anyio.Path(argument).exists():
            return Finding(what, False, f"{argument} is not there")
    return Finding(what, True, f"{found}: {await _version(found, tool)}")


async def _version(program: str, tool: ToolSettings) -> str:
    """Return the first line that the program says to --version; any program may be asked."""
    with anyio.move_on_after(_VERSION_S):
        try:
            done = await anyio.run_process(
                [program, "--version"],
                check=False,
                stderr=subprocess.STDOUT,
                # Ours holds tokens: the tool sees here what it will see in a run.
                env=own_environment(tool, os.environ),
            )
        except OSError as error:
            return f"does not start: {error.strerror}"
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        return lines[0][:100] if lines and done.returncode == 0 else "version not told"
    return f"said nothing to --version in {_VERSION_S} s"


async def _host(what: str, api: Api, identity: tuple[int, str] | None) -> Finding:
    if identity is None:
        return Finding(what, False, "has no id and token yet: run `labfleet register`")
    try:
        document = await HostClient(api, *identity).get_host()
    except ApiError as error:
        return Finding(what, False, redact(str(error)))
    if not document.is_active:
        return Finding(what, False, f"{document.host_name} is switched off in QAComplete")
    return Finding(what, True, f"{document.host_name}, id {document.id}")
