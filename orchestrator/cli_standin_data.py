"""`labfleet standin export`, `import`, `reset` and `password`: the data, for their owner."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from orchestrator import standin
from orchestrator.errors import LabfleetError

# Without a default: `standin --data ONE reset` would empty another folder than ONE.
Data = Annotated[Path, typer.Option(help="The folder of the stand-in's data.")]


def export(
    file: Annotated[Path, typer.Argument(help="The zip file to write.", dir_okay=False)],
    data: Data,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With hashes of passwords and tokens of hosts.")
    ] = False,
) -> None:
    """Write all data, files included, to one zip file; the stand-in may go on meanwhile."""
    with _said():
        _require_data(data)
        standin.export_data(data, file, secrets=secrets)
    if not secrets:
        sys.stdout.write(
            "without passwords and tokens: --secrets takes them along;"
            " where this is imported into another folder, nobody can sign in at first\n"
        )


def import_(
    file: Annotated[Path, typer.Argument(help="What export wrote.", exists=True, dir_okay=False)],
    data: Data,
) -> None:
    """Put an export in place of all data; passwords and tokens that it lacks are kept."""
    with _said(), standin.hold_data(data):
        done = standin.import_data(data, file)
        shut_out = standin.shut_out(data)
    sys.stdout.write(
        f"{done.runs} runs; {done.without_password} users without a password,"
        f" {done.with_new_token} hosts with a new token\n"
    )
    for email in shut_out:
        command = shlex.join(["labfleet", "standin", "password", email, "--data", str(data)])
        sys.stdout.write(f"{email} cannot sign in until: {command}\n")


def reset(
    data: Data,
    everything: Annotated[
        bool, typer.Option("--everything", help="Also departments, users and projects.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove hosts, tests, test sets and runs, with their files; who may sign in stays."""
    with _said():
        _require_data(data)
    with _said(), standin.hold_data(data):
        if not yes:
            typer.confirm(f"Remove what was tested from {data}?", abort=True)
        removed = standin.reset_data(data, everything=everything)
    told = (f"{count} {what.replace('_', ' ')}" for what, count in removed.items())
    sys.stdout.write(f"removed: {', '.join(told)}\n")


def password(
    email: Annotated[str, typer.Argument(help="Whose password it is to be.")],
    data: Data,
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input.")
    ] = False,
) -> None:
    """Give a user another password; the stand-in may go on meanwhile.

    It comes from standard input, LABFLEET_STANDIN_PASSWORD or a prompt, never from an argument:
    those can be read by every user of the machine.
    """
    with _said():
        _require_data(data)
        standin.give_password(data, email, _new_password(from_stdin=password_stdin))
    sys.stdout.write(f"{email} can sign in with it\n")


COMMANDS: dict[str, Callable[..., None]] = {
    "export": export,
    "import": import_,
    "reset": reset,
    "password": password,
}


def _new_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if given := os.environ.get("LABFLEET_STANDIN_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        raise LabfleetError("nobody is there to ask: give --password-stdin")
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))


def _require_data(data: Path) -> None:
    """Refuse a folder without data: opening it would make some."""
    if not (data / "standin.db").is_file():
        raise LabfleetError(f"{data}: there is no data of a stand-in")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (OSError, standin.DataError) as error:
        raise LabfleetError(str(error)) from error
