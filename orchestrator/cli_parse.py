"""`labfleet parse`: try the readers on one's own result files."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.base import Case, Verdict
from orchestrator.parse import Judged, Read, Source, find, judge, read
from orchestrator.plain_text import plain
from orchestrator.tables import STYLES, say, show

COLUMNS = ("name", "status", "raw status", "seconds", "message")
_UNREAD = 1


def parse(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Result files, folders of them, folders of a TestComplete log; - is standard "
            "input. Of a folder the files *.xml, *.trx and *.tcLogX are read.",
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    exit_code: Annotated[
        int, typer.Option(help="What the tool would have exited with.", show_default=True)
    ] = 0,
) -> None:
    """Read result files of any supported tool, and say what verdict labfleet would give.

    Several files make one verdict, as in a run. The exit code is 0 when every file could be
    read, whatever the verdict; 1 when one could not, or none was a report; 2 for a mistake in the
    command.
    """
    done = list(_with_progress(find(files)))
    judged = judge(done, exit_code)
    if as_json:
        sys.stdout.write(json.dumps(_document(done, judged, exit_code), indent=2) + "\n")
    else:
        _print(done, judged, exit_code)
    for file in done:
        if file.error:
            sys.stderr.write(f"labfleet: {file.name}: {plain(file.error)}\n")
    if all(file.left_aside for file in done):
        count = "the one file is" if len(done) == 1 else f"all {len(done)} files are"
        sys.stderr.write(f"labfleet: there is no report: {count} something else\n")
    raise typer.Exit(
        0 if any(f.report for f in done) and not any(f.error for f in done) else _UNREAD
    )


def _with_progress(sources: Sequence[Source]) -> Iterator[Read]:
    """Read each; where a person waits at a terminal, show how far it is."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        for source in progress.track(sources):
            yield read(source)


def _print(files: Sequence[Read], judged: Judged, exit_code: int) -> None:
    reports = [(file.name, file.report) for file in files if file.report]
    for name, report in reports:
        if len(files) > 1:
            say(f"{name}:")
        if report.cases:
            show(COLUMNS, [_row(case) for case in report.cases], as_json=False)
        say("" if report.cases else "no case\n")
    for line in _remarks(files, judged):
        say(line)
    say(_counted(judged))
    verdict = judged.outcome.verdict
    say(f"verdict: {verdict}, had the tool exited with {exit_code}", style=STYLES[verdict])
    if judged.outcome.reason:
        say(f"reason: {judged.outcome.reason}")


def _remarks(files: Sequence[Read], judged: Judged) -> Iterator[str]:
    # What could not be read is told as an error.
    told = {f"{file.name}: {file.error}" for file in files if file.error}
    yield from (f"problem: {line}" for line in judged.problems if line not in told)
    yield from (f"note: {line}" for line in judged.notes)
    yield from (f"left aside: {file.name}: {file.left_aside}" for file in files if file.left_aside)


def _row(case: Case) -> Mapping[str, Any]:
    values = (case.name, case.status, case.raw_status, f"{case.seconds:.3f}", case.message)
    return dict(zip(COLUMNS, values, strict=True))


def _counted(judged: Judged) -> str:
    counts = [f"{judged.counts[word]} {word}" for word in Verdict if word in judged.counts]
    total = sum(judged.counts.values())
    some = "1 case" if total == 1 else f"{total} cases"
    return f"{some}: {', '.join(counts)}; {judged.seconds:.3f} s" if counts else "no case"


def _document(files: Sequence[Read], judged: Judged, exit_code: int) -> Mapping[str, Any]:
    return {
        "verdict": judged.outcome.verdict,
        "reason": judged.outcome.reason,
        "exit_code": exit_code,
        "counts": {word: judged.counts.get(word, 0) for word in Verdict},
        "seconds": judged.seconds,
        "problems": judged.problems,
        "notes": judged.notes,
        "files": [_file(file) for file in files],
    }


def _file(file: Read) -> Mapping[str, Any]:
    report = file.report
    return {
        "file": file.name,
        "error": file.error,
        "left_aside": file.left_aside,
        "cases": [asdict(case) for case in report.cases] if report else [],
        "problems": report.problems if report else (),
        "notes": report.notes if report else (),
    }
