"""The command line: read what is asked, load the settings, call, exit. It decides nothing."""

import json
import os
import sys
from collections.abc import Callable, Coroutine
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import typer
from prometheus_client import CollectorRegistry

from orchestrator import __version__, cli_admin, cli_parse, cli_standin, logs
from orchestrator.api.client import UserClient
from orchestrator.api.transport import Api, open_session
from orchestrator.check import check as check_all
from orchestrator.cli_admin import AsJson, Config, load_settings
from orchestrator.database import open_database
from orchestrator.demo import run_demo
from orchestrator.errors import LabfleetError, SettingsError
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.process import run_service
from orchestrator.registration import choose_department, register_hosts
from orchestrator.settings import Settings, json_schema
from orchestrator.tables import show

FAILED = 1
USAGE = 2
# A shorter password is often a word, and would be masked in every message that has the word.
_MASKED_FROM = 8

_T = TypeVar("_T")

app = typer.Typer(
    name="labfleet",
    help="One process that is a whole lab: it runs the automated tests of many QAComplete hosts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(cli_standin.app, name="standin")
app.command()(cli_parse.parse)
for _command in cli_admin.COMMANDS:
    app.command()(_command)


class LogStyle(StrEnum):
    """How log lines look."""

    auto = "auto"
    console = "console"
    json = "json"


def main() -> None:
    """Run the command line; expected errors end it with one message each and no traceback."""
    status = 0
    try:
        app()
    except* LabfleetError as group:
        errors = _flat(group)
        for error in errors:
            sys.stderr.write(f"labfleet: {logs.redact(str(error))}\n")
        faulty_settings = any(isinstance(error, SettingsError) for error in errors)
        status = USAGE if faulty_settings else FAILED
    sys.exit(status)


def _flat(group: BaseExceptionGroup[LabfleetError]) -> list[LabfleetError]:
    found: list[LabfleetError] = []
    for error in group.exceptions:
        found += _flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _run(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    return anyio.run(work)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"labfleet {__version__}\n")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One process that is a whole lab."""


@app.command()
def demo(
    exit_when_done: Annotated[
        bool, typer.Option("--exit", help="End after the summary instead of going on.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            resolve_path=True, help="Keep the lab in this folder; a later start there goes on."
        ),
    ] = None,
) -> None:
    """Run a whole lab here: a stand-in server, a fleet of hosts, and real test runs."""
    well = _run(partial(run_demo, exit_when_done=exit_when_done, data=data))
    raise typer.Exit(0 if well else FAILED)


@app.command()
def run(
    config: Config = None,
    until_idle: Annotated[
        bool, typer.Option(help="End once everything is delivered and nothing new comes.")
    ] = False,
    log_format: Annotated[LogStyle, typer.Option(help="How log lines look.")] = LogStyle.auto,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Poll, run and report until told to stop."""
    logs.configure(style=log_format.value, level=log_level)
    well = _run(partial(run_service, partial(load_settings, config), until_idle=until_idle))
    raise typer.Exit(0 if well or not until_idle else FAILED)


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Look at settings, tools, server and tokens, and say what is missing."""
    settings = load_settings(config)

    async def work() -> list[dict[str, Any]]:
        async with open_session(settings.server.ca_file) as session:
            found = check_all(settings, _api(settings, session))
            return [
                {"what": one.what, "good": one.word, "detail": one.detail} async for one in found
            ]

    rows = _run(work)
    show(("what", "good", "detail"), rows, as_json=as_json)
    raise typer.Exit(FAILED if any(row["good"] == "NO" for row in rows) else 0)


def _api(settings: Settings, session: Any) -> Api:
    server = settings.server
    metrics = Metrics(CollectorRegistry(), __version__)
    return Api(session, server.service_url, metrics, server.request_timeout_s, server.proxy or None)


@app.command()
def register(
    config: Config = None,
    email: Annotated[
        str | None, typer.Option(help="The user's e-mail address; else LABFLEET_USER_EMAIL.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input.")
    ] = False,
    department: Annotated[str | None, typer.Option(help="Its id or name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find or create every host at the server, and keep its identity in the journal.

    The password comes from standard input, LABFLEET_USER_PASSWORD or a prompt, never from an
    argument: those can be read by every user of the machine.
    """
    settings = load_settings(config)
    email = email or os.environ.get("LABFLEET_USER_EMAIL") or _prompted("E-mail", hide=False)
    password = _password(from_stdin=password_stdin)
    if len(password) >= _MASKED_FROM:
        logs.remember_secret(password)

    async def work() -> list[dict[str, Any]]:
        rows = []
        with open_database(settings.state_dir, alone=False) as db:
            journal = Journal(db, settings.server.service_url)
            async with open_session(settings.server.ca_file) as session:
                api = _api(settings, session)
                user = UserClient(api, email, password)
                chosen = await choose_department(user, department)
                dept_id = chosen.id if chosen else None
                async for one in register_hosts(settings, api, user, journal, dept_id):
                    good = "NO" if one.failed else "yes"
                    rows.append(
                        {"host": one.host, "name": one.host_name, "id": one.id}
                        | {"good": good, "outcome": one.outcome}
                    )
        return rows

    rows = _run(work)
    show(("host", "name", "id", "good", "outcome"), rows, as_json=as_json)
    raise typer.Exit(FAILED if any(row["good"] == "NO" for row in rows) else 0)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return os.environ.get("LABFLEET_USER_PASSWORD") or _prompted("Password", hide=True)


def _prompted(what: str, *, hide: bool) -> str:
    if not sys.stdin.isatty():
        raise LabfleetError("nobody is there to ask: give --email and --password-stdin")
    return str(typer.prompt(what, hide_input=hide))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the settings file."""
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
