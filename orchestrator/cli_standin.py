"""`labfleet standin`: the stand-in for the QAComplete server, from the command line."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer
from aiohttp import ClientError, ClientSession

from orchestrator import cli_standin_data, standin
from orchestrator.errors import LabfleetError

_PROJECT = standin.PAYMENTS_PROJECT_ID
PUBLIC_EMAIL, PUBLIC_PASSWORD = "demo@example.com", "demo"

app = typer.Typer(help="A stand-in for the QAComplete server, for tests and rehearsals.")
for _name, _command in cli_standin_data.COMMANDS.items():
    app.command(_name)(_command)


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    data: Annotated[Path, typer.Option(help="Where it keeps what it is given.")] = Path("standin"),
    seed: Annotated[
        bool, typer.Option("--seed", help="Begin with a small company and public passwords.")
    ] = False,
    quirk: Annotated[
        list[str] | None,
        typer.Option(help="A way to differ, by name; may be given again. See README."),
    ] = None,
    list_quirks: Annotated[
        bool, typer.Option("--list-quirks", help="Print each quirk with its meaning, and end.")
    ] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="A TOML file: what goes wrong, and which runs come in.")
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="A name that it is called by besides localhost; may be given again."),
    ] = None,
) -> None:
    """Serve until interrupted."""
    if context.invoked_subcommand is not None:
        return
    if list_quirks:
        _print_quirks()
        return
    rehearsed = None if scenario is None else _read(scenario)
    address = standin.Address(host, port, allowed_host or ())
    try:
        if seed:
            with standin.hold_data(data):
                standin.seed(data)
        _run(data, address, _quirks(quirk or []), rehearsed)
    except standin.DataError as error:
        raise LabfleetError(str(error)) from error
    except OSError as error:
        raise LabfleetError(f"the stand-in cannot serve on {host}:{port}: {error}") from error
    except KeyboardInterrupt:
        raise typer.Exit from None


def _run(
    data: Path, address: standin.Address, quirks: standin.Quirks, scenario: standin.Scenario | None
) -> None:
    ready = partial(_say_ready, quirks.names)
    anyio.run(partial(standin.serve, data, address, ready=ready, scenario=scenario, quirks=quirks))


def _quirks(names: list[str]) -> standin.Quirks:
    try:
        return standin.Quirks(names)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--quirk") from error


def _read(path: Path) -> standin.Scenario:
    try:
        return standin.read_scenario(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, standin.ScenarioError) as error:
        raise typer.BadParameter(f"{path}: {error}") from error


def _print_quirks() -> None:
    width = max(map(len, standin.SWITCHES))
    for name, switch in sorted(standin.SWITCHES.items()):
        sys.stdout.write(f"{name:<{width}}  {switch.what}; else {switch.usual}\n")


def _say_ready(quirks: frozenset[str], url: str) -> None:
    differing = f" with the quirks {', '.join(sorted(quirks))}," if quirks else ""
    sys.stdout.write(f"stand-in for QAComplete, not the real one,{differing} at {url}\n")
    sys.stdout.flush()


@app.command()
def queue(
    host_id: Annotated[int, typer.Option(help="The host that is to run it.")],
    url: Annotated[str, typer.Option(help="Where the stand-in is.")] = "http://127.0.0.1:8080",
    script: Annotated[
        str | None, typer.Option(help="A zip file, or a web address or path where the script lies.")
    ] = None,
    agent: Annotated[str, typer.Option(help="The tool, by its name in the API.")] = "junit",
    title: Annotated[str, typer.Option(help="What to run inside the script.")] = "",
    test_id: Annotated[int | None, typer.Option(help="A test that is there already.")] = None,
) -> None:
    """Queue one run, of a test that is there or of a new one made from a script."""

    async def work() -> int:
        async with ClientSession() as session:
            door = standin.Door(session, url, PUBLIC_EMAIL, PUBLIC_PASSWORD)
            test = test_id or await _add_test(door, script or "", agent, title)
            return await door.queue(project=_PROJECT, host_id=host_id, test_id=test)

    if (test_id is None) is (script is None):
        raise typer.BadParameter("give either --test-id or --script")
    try:
        sys.stdout.write(f"run {anyio.run(work)}\n")
    except (standin.DoorError, ClientError, OSError) as error:
        raise LabfleetError(f"cannot queue at {url}: {error}") from error


async def _add_test(door: standin.Door, script: str, agent: str, title: str) -> int:
    test_id = await door.add_test(_PROJECT, title or script)
    await door.add_automation(_PROJECT, test_id, agent, Title=title)
    archive = anyio.Path(script)
    if await archive.is_file():
        await door.attach_zip(_PROJECT, test_id, agent, await archive.read_bytes())
    elif not script.startswith(("/", "\\\\", "file:", "http:", "https:")):
        raise LabfleetError(f"{script}: no such file")
    else:
        await door.attach_link(_PROJECT, test_id, agent, script)
    return test_id
