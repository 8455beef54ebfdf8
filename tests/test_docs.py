"""README and CHANGELOG say what the code says: tables, the picture of the demo, the layout."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from adapters import ADAPTERS
from orchestrator import __version__
from orchestrator.cli import app
from orchestrator.demo import plan
from orchestrator.demo.show import COLUMNS, SUMMARY
from orchestrator.metrics import HostFigures, Metrics, PoolFigures
from orchestrator.settings import settings_table
from tests.docs.page import ROOT, blocks, section, table, words_in_code
from tests.test_layering import LEVELS

NEWCOMER_LINES = 800


def test_the_table_of_settings_is_the_settings() -> None:
    written = [
        (key.strip("`"), default.strip("`"), what) for key, default, what in table("Configure")
    ]

    assert written == settings_table()


def test_the_table_of_options_is_what_the_adapters_know() -> None:
    written = [
        (adapter.strip("`"), option.strip("`"), what)
        for adapter, option, what in table("Options of the adapters")
    ]

    assert written == [
        (name, option, what)
        for name, adapter in ADAPTERS.items()
        for option, what in adapter.OPTIONS.items()
    ]


def test_every_adapter_is_told_of_and_what_of_it_was_verified() -> None:
    told = {adapter.strip("`") for adapter, *_ in table("What each tool needs")}
    verified = {name for row in table("What was verified") for name in words_in_code(row[1])}

    assert told == verified == set(ADAPTERS)


def _commands(group: TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    for key, command in group.commands.items():
        assert isinstance(command, TyperCommand | TyperGroup)
        yield f"{name} {key}", command
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{name} {key}")


def test_the_table_of_commands_is_the_commands_with_all_their_options() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    there = {
        name: {param.opts[0] for param in command.params}
        for name, command in _commands(group, "labfleet")
    }

    written = {
        name.strip("`"): set(words_in_code(options)) for name, options, _ in table("Commands")
    }

    assert written == there


def _metrics() -> dict[str, set[str]]:
    """Name, with the ending that a counter and an information get, and labels of every metric."""
    metrics = Metrics(CollectorRegistry(), "0")
    metrics.know_tools(["junit"])
    hosts = [HostFigures("lab_01", "polling", 1.0, {})]
    metrics.watch(lambda: hosts, lambda: [PoolFigures("all", 1, 0, 0)])
    endings = {"counter": "_total", "info": "_info"}
    return {
        family.name + endings.get(family.type, ""): {
            label for sample in family.samples for label in sample.labels if label != "le"
        }
        for family in metrics.registry.collect()
    }


def test_the_table_of_metrics_is_the_metrics_with_all_their_labels() -> None:
    written = {name.strip("`"): set(words_in_code(labels)) for name, labels, _ in table("Metrics")}

    assert written == _metrics()


def _pictures() -> tuple[list[str], list[str]]:
    live, end = (block.splitlines() for block in blocks("text", section("See it run")))
    return live, end


@pytest.mark.parametrize(("picture", "columns"), [(0, COLUMNS), (1, SUMMARY)])
def test_the_pictures_of_the_demo_have_its_columns(picture: int, columns: tuple[str, ...]) -> None:
    head = _pictures()[picture][0]

    assert tuple(re.split(r"\s{2,}", head)) == columns


def test_the_picture_shows_items_of_the_plan_that_ended_as_they_had_to() -> None:
    runs = [*plan.RUNS, *plan.JAVA_RUNS]
    planned = {
        (str(run), str(item), queued.host, test.name, test.expected)
        for run, queued in enumerate(runs, 1)
        for item, test in enumerate(queued.tests, 1)
    }
    line = re.compile(r"(\d+) +(\d+) +(\w+) +(.+?)  +(\w+) +(\w+) +(yes|NO)\b")
    shown = [match.groups() for row in _pictures()[1] if (match := line.match(row))]

    assert len(shown) >= 10
    assert {row[:5] for row in shown} <= planned
    assert all(row[4] == row[5] and row[6] == "yes" for row in shown)
    total = f"{len(planned)} of {len(planned)} items ended as they had to"
    assert any(row.startswith(total) for row in _pictures()[1])


def _layout() -> dict[str, list[str]]:
    """Each folder of the layout's tree, with the lines below it."""
    parts = re.split(r"^(?=\S)", blocks("text", section("Layout"))[0], flags=re.MULTILINE)
    return {part.split()[0]: part.split("\n")[1:] for part in parts if part}


def test_the_layout_names_every_room_with_its_level_and_no_other() -> None:
    entries = [line.split()[:2] for line in _layout()["orchestrator/"] if line]
    written = {(int(level), re.sub(r"(\.py|/)$", "", room)) for level, room in entries}

    assert written == {(level, room) for level, rooms in LEVELS.items() for room in rooms}
    assert len(written) == len(entries)
    for _, room in entries:
        path = ROOT / "orchestrator" / room
        assert path.is_dir() if room.endswith("/") else path.is_file(), room


def test_the_layout_names_every_module_of_the_adapters_and_no_other() -> None:
    written = {line.split()[0] for line in _layout()["adapters/"] if line}
    modules = {path.name for path in (ROOT / "adapters").glob("*.py")} - {"__init__.py"}
    packages = {f"{path.parent.name}/" for path in (ROOT / "adapters").glob("*/__init__.py")}

    assert written == modules | packages


def test_every_line_of_the_layout_says_what_is_there() -> None:
    for top, lines in _layout().items():
        assert (ROOT / top).exists(), top
        assert all(re.search(r"\S {2,}\S", line.strip()) for line in lines if line)


def test_the_five_files_for_a_newcomer_are_short_enough_for_one_sitting() -> None:
    files = re.findall(r"^\d\. `([^`]+)`", section("Read these first"), re.MULTILINE)
    lines = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in files}

    assert len(lines) == 5
    assert sum(lines.values()) < NEWCOMER_LINES, lines


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^## \[(.+?)\]([^#]*)", changelog, re.MULTILINE))

    assert "Unreleased" in versions
    assert __version__ in versions or re.search(
        rf"\b{re.escape(__version__)}\b", versions["Unreleased"]
    )


def test_tools_of_runs_are_started_and_signalled_behind_the_protocol_executor_alone() -> None:
    """As the README says of Windows; `check` asks tools for versions, and the demo compiles."""
    of_processes = re.compile(r"\bimport subprocess\b|\b(os\.kill|killpg|pidfd_\w+|open_process)\(")
    rooms = {
        path.relative_to(ROOT / "orchestrator").parts[0]
        for path in (ROOT / "orchestrator").rglob("*.py")
        if "scripts" not in path.parts and of_processes.search(path.read_text(encoding="utf-8"))
    }

    assert rooms == {"executors", "guard.py", "check", "demo"}
