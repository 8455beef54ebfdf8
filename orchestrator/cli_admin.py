"""The commands for a running labfleet: ask it, follow it, tell it what to do."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from orchestrator import admin, follow
from orchestrator.admin import Address, NobodyThereError
from orchestrator.database import DamagedError, examine, open_database
from orchestrator.errors import LabfleetError, SettingsError, StateError
from orchestrator.executors.seen import seen
from orchestrator.journal import Journal
from orchestrator.journal.reading import look_up
from orchestrator.settings import Settings, load
from orchestrator.status import runs_document
from orchestrator.tables import counted, say, show

TOKEN_VARIABLE = "LABFLEET_WEB__ADMIN_TOKEN"  # noqa: S105 - its name

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The settings file (TOML).", exists=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Url = Annotated[str | None, typer.Option(help="Where the running labfleet listens.")]
Host = Annotated[str, typer.Argument(help="The host's key in the settings.", show_default=False)]
Run = Annotated[int | None, typer.Option("--run", help="Only those of this run.")]
Item = Annotated[int | None, typer.Option("--item", help="Only those of this item of the run.")]

_LISTEN_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where to ask, not listen


def load_settings(config: Path | None, hint: str = "") -> Settings:
    """Load the settings; where no file was named, the faults end with how to name one."""
    try:
        return load(config)
    except SettingsError as error:
        lines = [
            str(error),
            "" if config else "no settings file was given: use --config FILE",
            hint,
        ]
        raise SettingsError("\n".join(filter(None, lines))) from error


def _address(config: Path | None, url: str | None) -> Address:
    """Find the running labfleet; *url* alone needs no settings, and the token is a variable's."""
    if url is not None and config is None:
        return Address(url, os.environ.get(TOKEN_VARIABLE, ""))
    web = load_settings(config, hint="a running labfleet can be named by --url too").web
    token = web.admin_token.get_secret_value() if web.admin_token else ""
    host = _LISTEN_EVERYWHERE.get(web.host, f"[{web.host}]" if ":" in web.host else web.host)
    return Address(url or f"http://{host}:{web.port}", token)


def _asked(config: Path | None, url: str | None, page: str) -> Any:
    return anyio.run(partial(admin.ask, _address(config, url), page))


def _told(config: Path | None, url: str | None, command: str, **arguments: Any) -> Any:
    return anyio.run(partial(admin.tell, _address(config, url), command, arguments))


def _print(answer: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        say(text)


def status(config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """Show a running labfleet at a glance."""
    document = _asked(config, url, "status")
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    rows = [
        {"what": name, "value": _glance(document[name])}
        for name in ("version", "uptime_s", "draining", "hosts", "runs", "owed")
    ]
    rows += [{"what": what, "value": value} for what, value in _troubles(document)]
    show(("what", "value"), rows, as_json=False)
    show(("pool", "slots", "used", "waiting"), document["pools"], as_json=False)


def _troubles(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what keeps the lab from its work, or wants a person."""
    if document["dead"]:
        yield "dead letters", f"{document['dead']} (labfleet runs --dead)"
    if document["server_away"]:
        yield "the server", "is away: one call at a time asks for it"
    for reason, why in document["admission_closed"].items():
        if reason == "paused":
            yield "no new runs are asked for", why
        else:
            yield "nothing is started", f"{reason}: {why}"


def _glance(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items()) or "none"
    return str(value)


def hosts(config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """List the hosts of a running labfleet."""
    columns = ("key", "host_name", "state", "running", "waiting", "last_poll_at", "error")
    show(columns, _asked(config, url, "hosts"), as_json=as_json, cut_last=True)


def runs(
    config: Config = None,
    url: Url = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
    dead: Annotated[
        bool, typer.Option("--dead", help="Only those of which the server refused something.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the newest items of a running labfleet; where none runs, those of its journal."""
    last = "refused" if dead else "reason"
    columns = ("run", "item", "host", "tool", "test", "verdict", "state", last)
    try:
        rows = _asked(config, url, f"runs?limit={limit}{'&dead=1' if dead else ''}")
    except NobodyThereError as error:
        if url is not None:
            raise
        rows = _looked_up(load_settings(config), limit, dead=dead, error=error)
    if not as_json:
        rows = [{**row, "state": row["phase"] or row["state"]} for row in rows]
    show(columns, rows, as_json=as_json, cut_last=True)


def _looked_up(
    settings: Settings, limit: int, *, dead: bool, error: NobodyThereError
) -> list[dict[str, Any]]:
    """Read the journal and say so; raises LabfleetError with both reasons where that fails."""
    damage = _damage(settings)
    try:
        found = look_up(settings.state_dir, settings.server.service_url, limit, dead=dead)
    except StateError as why:
        raise LabfleetError(f"{error}; and {damage or why}") from why
    doubt = f"; {damage}; so rows may be missing or wrong" if damage else ""
    sys.stderr.write(f"labfleet: {error}{doubt}. This is what its journal says:\n")
    return runs_document(found, [], lambda name: seen(settings.state_dir / "attempts" / name))


def _damage(settings: Settings) -> str:
    """Say how the journal is damaged, if it is; what else is wrong with it shows in the reading."""
    try:
        examine(settings.state_dir)
    except DamagedError as error:
        return str(error)
    except StateError:
        pass
    return ""


def tail(
    config: Config = None,
    url: Url = None,
    last: Annotated[
        int, typer.Option(min=0, max=1000, help="How many of the newest items to begin with.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Follow the items of a running labfleet, a line for each change, until Ctrl-C."""
    address = _address(config, url)
    try:
        anyio.run(partial(follow.follow, address, last=last, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit from None
    except BrokenPipeError:
        # Who read along has gone; the interpreter must not stumble over it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def pause(host: Host, config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """Take no more runs of a host, also after a restart; what it has goes on to its end."""
    answer = _told(config, url, "pause", host=host)
    also = "" if answer["state"] == "paused" else f" and paused{_why(answer)}"
    _print(answer, f"{host} is {answer['state']}{also}; {_work(answer)}", as_json=as_json)


def _why(answer: Mapping[str, Any]) -> str:
    return f": {answer['error']}" if answer["error"] else ""


def _work(answer: Mapping[str, Any]) -> str:
    return f"{answer['running']} running, {answer['waiting']} waiting"


def resume(host: Host, config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """Take runs of a paused host again."""
    answer = _told(config, url, "resume", host=host)
    _print(answer, f"{host} is {answer['state']}{_why(answer)}", as_json=as_json)


def reload(config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """Let a running labfleet read its settings again."""
    answer = _told(config, url, "reload")
    _print(
        answer, f"the settings are in force: {counted(answer['hosts'], 'host')}", as_json=as_json
    )


def drain(config: Config = None, url: Url = None, as_json: AsJson = False) -> None:
    """Let a running labfleet take no more, let what runs end, and end like on SIGTERM."""
    answer = _told(config, url, "drain")
    text = f"it drains: {_work(answer)}, {counted(answer['owed'], 'report')} owed"
    _print(answer, text, as_json=as_json)


def redeliver(
    config: Config = None,
    url: Url = None,
    run: Run = None,
    item: Item = None,
    as_json: AsJson = False,
) -> None:
    """Owe dead letters anew, all or those of a run; they are tried from the start.

    Where no labfleet runs, the journal of the settings is told, and the next start delivers.
    """
    if item is not None and run is None:
        raise typer.BadParameter("--item needs --run")
    try:
        again = _told(config, url, "redeliver", run=run, item=item)["redelivered"]
    except NobodyThereError:
        if url is not None:
            raise
        again = anyio.run(partial(_redeliver_offline, load_settings(config), run, item))
    if not again and run is not None:
        raise LabfleetError(f"run {run} has no dead letter{f' at item {item}' if item else ''}")
    show(("run", "item", "letters"), again, as_json=as_json)


async def _redeliver_offline(
    settings: Settings, run: int | None, item: int | None
) -> list[dict[str, int]]:
    """Owe dead letters anew in the journal; its lock keeps a labfleet at another address out."""
    with open_database(settings.state_dir, replace=False) as db:
        return await Journal(db, settings.server.service_url).redeliver(run, item)


COMMANDS: tuple[Callable[..., None], ...] = (
    status,
    hosts,
    runs,
    tail,
    pause,
    resume,
    reload,
    drain,
    redeliver,
)
