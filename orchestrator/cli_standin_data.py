"""`labfleet standin export`, `import` and `reset`: the stand-in's data, as a whole."""

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
        sys.stdout.write("without passwords and tokens: --secrets takes them along\n")


def import_(
    file: Annotated[Path, typer.Argument(help="What export wrote.", exists=True, dir_okay=False)],
    data: Data,
) -> None:
    """Put an export in place of all data; passwords and tokens that it lacks are kept."""
    with _said():
        done = standin.import_data(data, file)
    sys.stdout.write(
        f"{done.runs} runs; {done.without_password} users without a password,"
        f" {done.with_new_token} hosts with a new token\n"
    )


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
        if not yes:
            typer.confirm(f"Remove what was tested from {data}?", abort=True)
        standin.reset_data(data, everything=everything)


COMMANDS: dict[str, Callable[..., None]] = {"export": export, "import": import_, "reset": reset}


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
