"""What README tells to type can be typed: commands parse, settings load, paths are there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from orchestrator.cli import app
from orchestrator.settings import load
from tests.docs.page import README, ROOT, blocks, words_in_code

ASSIGNMENT = re.compile(r"[A-Z_]+=")
# What a reader makes, or what lies in a place of its own.
NOT_OF_THE_REPOSITORY = {
    ".venv/bin",
    "labfleet.toml",
    "tests.zip",
    "exit.json",
    "guard.json",
    "journal.db",
    "SOURCE.md",
    "tool/X",
    "seat/X",
}
ENDINGS = r"\.(py|toml|ya?ml|md|sh|lock|json|zip|db)"
OF_A_PATH = re.compile(rf"[\w.-]+/[\w./-]*|[\w-]+{ENDINGS}|\.[a-z]+/[\w./-]+")
SETTINGS_AROUND = {
    "server": '[server]\nurl = "https://qacomplete.example.com"\n',
    "tools": '[tools.pytest]\nadapter = "command"\nexecutable = ["pytest"]\n',
}


def _command_lines() -> Iterator[list[str]]:
    """Yield the words of every command of every shell block, without what surrounds them."""
    for line in "".join(blocks("sh")).splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        command: list[str] = []
        for word in [*words, ";"]:
            if set(word) <= set("<>|&;()"):
                yield _without_assignments(command)
                command = []
            else:
                command.append(word)


def _without_assignments(command: list[str]) -> list[str]:
    while command and ASSIGNMENT.match(command[0]):
        command = command[1:]
    return command


LABFLEET = sorted({shlex.join(words) for words in _command_lines() if words[:1] == ["labfleet"]})
MAKE = [command for command in _command_lines() if command[:1] == ["make"]]


def _parse(group: Any, name: str, args: list[str]) -> None:
    """Read *args* as the command line does, with every option's type, and run nothing."""
    context = group.make_context(name, list(args))
    rest = [*context._protected_args, *context.args]
    if isinstance(group, TyperGroup) and rest:
        key, command, rest = group.resolve_command(context, rest)
        assert command is not None
        _parse(command, str(key), rest)


@pytest.mark.parametrize("line", LABFLEET)
def test_a_labfleet_command_of_the_readme_can_be_parsed(line: str) -> None:
    name, *args = shlex.split(line)

    _parse(get_command(app), name, args)


def test_the_readme_shows_commands() -> None:
    assert len(LABFLEET) > 3
    assert ["make", "demo"] in MAKE
    assert ["make", "test"] in MAKE


def test_every_make_target_of_the_readme_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    said = [word.split()[1] for word in words_in_code(README) if word.startswith("make ")]

    assert {*said, *(command[1] for command in MAKE)} <= targets


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.split("]")[0].strip("["))
def test_settings_of_the_readme_load(block: str, tmp_path: Path) -> None:
    given = tomllib.loads(block)
    around = [text for name, text in SETTINGS_AROUND.items() if name not in given]
    file = tmp_path / "labfleet.toml"
    file.write_text("\n".join([block, *around]), encoding="utf-8")
    for name in re.findall(r'(?:token|access_key)_file = "([^"]+)"', block):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a-token-for-this-test", encoding="utf-8")

    settings = load(file, {})

    assert set(given.get("hosts", {})) == set(settings.hosts)


def test_variables_of_the_readme_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "labfleet.toml"
    file.write_text("".join(SETTINGS_AROUND.values()), encoding="utf-8")
    exports = re.findall(r"^export (LABFLEET_\w+__\w+)=(\S+)", "".join(blocks("sh")), re.MULTILINE)

    settings = load(file, dict(exports))

    assert exports
    assert settings.server.url == dict(exports)["LABFLEET_SERVER__URL"]


def _paths() -> list[str]:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    said = [word for word in words_in_code(README) if OF_A_PATH.fullmatch(word)]
    return sorted({*links, *said} - NOT_OF_THE_REPOSITORY)


def test_every_path_of_the_readme_is_there() -> None:
    missing = [path for path in _paths() if not (ROOT / path).exists()]

    assert len(_paths()) > 10
    assert not missing
