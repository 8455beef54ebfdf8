"""What a tool gets to see of the world, and how long it may take."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.base import CONTEXT, Command
from orchestrator.assignment import Assignment, Wanted
from orchestrator.order import context, environment, known, lay_ready, timeout_s
from orchestrator.settings.sections import ToolSettings

SECRET = "0b7e5a52-token-of-a-host"


def tool(**more: Any) -> ToolSettings:
    return ToolSettings(executable=("x",), **more)


def seen(tmp: Path, given: dict[str, str]) -> dict[str, str]:
    """Start a real process with *given* as its environment and return what it sees."""
    program = (
        "import os, sys; sys.stdout.write('\\0'.join(f'{k}={v}' for k, v in os.environ.items()))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], env=given, capture_output=True, check=True,
        cwd=tmp,
    )  # fmt: skip
    pairs = [pair.split("=", 1) for pair in os.fsdecode(done.stdout).split("\0")]
    return {name: value for name, value in pairs if name != "LC_CTYPE"}


def test_only_what_the_profile_names_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABFLEET_HOSTS__LAB_01__TOKEN", SECRET)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("JAVA_HOME", raising=False)

    given = environment(tool(), Command(("x",)), {}, tmp_path, os.environ)
    found = seen(tmp_path, given)

    assert SECRET not in str(found)
    assert set(found) == {"PATH", "DISPLAY", "TMPDIR", "TEMP", "TMP", "HOME"}
    assert found["DISPLAY"] == ":7"
    assert found["TMPDIR"] == str(tmp_path)


def test_profile_adapter_and_run_set_theirs_in_that_order(tmp_path: Path) -> None:
    profile = tool(
        pass_environment=("A", "B", "C", "D"), environment={"B": "p", "C": "p", "D": "p"}
    )
    command = Command(("x",), {"C": "a", "D": "a"})

    given = environment(profile, command, {"D": "r"}, tmp_path, dict.fromkeys("ABCD", "ours"))

    assert {name: given[name] for name in "ABCD"} == {"A": "ours", "B": "p", "C": "a", "D": "r"}


@pytest.mark.parametrize(
    ("passed", "profiles", "adapters", "joined"),
    [
        ("-Da=lab", "-Da=b -Xss1m", "-Dt=u", "-Da=b -Xss1m -Dt=u"),
        ("-Da=lab", None, "-Dt=u", "-Da=lab -Dt=u"),
        ("", "", "-Dt=u", "-Dt=u"),
        ("-Da=lab", None, None, "-Da=lab"),
        ("-Da=lab", "", None, ""),
        (None, None, None, None),
    ],
)
def test_options_of_every_jvm_are_the_profiles_and_then_the_adapters(
    passed: str | None, profiles: str | None, adapters: str | None, joined: str | None
) -> None:
    def given(options: str | None) -> dict[str, str]:
        return {} if options is None else {"JAVA_TOOL_OPTIONS": options}

    profile = tool(pass_environment=("JAVA_TOOL_OPTIONS",), environment=given(profiles))
    command = Command(("x",), given(adapters))

    found = environment(profile, command, {}, Path("t"), given(passed))

    assert found.get("JAVA_TOOL_OPTIONS") == joined


def test_a_nul_from_anywhere_does_not_make_the_environment_unusable(tmp_path: Path) -> None:
    told = context(Assignment("h", 1, 1, test_name="a\0b"), Wanted("", params={"p": "\0"}), "H")
    command = Command(("x",), {"X": "\0c"})

    found = seen(tmp_path, environment(tool(), command, told, tmp_path, {}))

    assert (found["LABFLEET_TEST_NAME"], found["X"]) == ("ab", "c")
    assert found["LABFLEET_PARAM_P"] == ""


def test_a_tool_is_told_what_it_runs_for() -> None:
    assignment = Assignment(
        "lab_01", 88310, 2, test_name="Add 'item'\n", test_set="Nightly", configuration="Chrome",
        release="2026.3",
    )  # fmt: skip

    assert context(assignment, Wanted(""), "LAB-01") == {
        "LABFLEET_RUN_ID": "88310",
        "LABFLEET_ITEM": "2",
        "LABFLEET_HOST": "LAB-01",
        "LABFLEET_TEST_NAME": "Add 'item'\n",
        "LABFLEET_TEST_SET": "Nightly",
        "LABFLEET_CONFIGURATION": "Chrome",
        "LABFLEET_RELEASE": "2026.3",
    }


def test_a_run_mode_is_told_when_there_is_one() -> None:
    def mode(value: int | None) -> str | None:
        told = context(Assignment("h", 1, 1), Wanted("", run_mode=value), "H")
        return told.get("LABFLEET_RUN_MODE")

    assert (mode(None), mode(0), mode(2)) == (None, "0", "2")


def test_an_adapter_is_told_what_is_known_by_its_own_names() -> None:
    assignment = Assignment("lab_01", 88310, 2, test_name="Add", release="2026.3")
    wanted = Wanted("", run_mode=1, params={"host": "p", "run_id": "p"})

    found = known(context(assignment, wanted, "LAB-01"))

    assert found == {
        "run_id": "88310",
        "item": "2",
        "host": "LAB-01",
        "test_name": "Add",
        "release": "2026.3",
    }
    assert set(found) < set(CONTEXT)


def test_a_tool_has_a_home_of_its_own(tmp_path: Path) -> None:
    ours = {"HOME": "/home/lab", "PATH": os.environ["PATH"]}
    lay_ready(tmp_path, {})
    leave = "import os; os.mkdir(os.path.expanduser('~/.config'))"

    given = environment(tool(), Command(("x",)), {}, tmp_path, ours)
    subprocess.run([sys.executable, "-I", "-S", "-c", leave], env=given, check=True)

    assert given["HOME"] == str(tmp_path / "home")
    assert (tmp_path / "home" / ".config").is_dir()
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert not any(name.startswith("XDG_") for name in given)


@pytest.mark.parametrize(
    ("profile", "adapters", "home"),
    [
        ({"pass_environment": ("HOME",)}, {}, "/home/lab"),
        ({"environment": {"HOME": "/opt/tool"}}, {}, "/opt/tool"),
        ({}, {"HOME": "/adapter"}, "/adapter"),
    ],
)
def test_who_knows_a_better_home_sets_it(
    tmp_path: Path, profile: dict[str, Any], adapters: dict[str, str], home: str
) -> None:
    command = Command(("x",), adapters)

    given = environment(tool(**profile), command, {}, tmp_path, {"HOME": "/home/lab"})

    assert given["HOME"] == home


def test_a_home_that_is_to_be_passed_and_is_not_there_is_a_fresh_one(tmp_path: Path) -> None:
    given = environment(tool(pass_environment=("HOME",)), Command(("x",)), {}, tmp_path, {})

    assert given["HOME"] == str(tmp_path / "home")


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("browser", "LABFLEET_PARAM_BROWSER"),
        ("base-url.test", "LABFLEET_PARAM_BASE_URL_TEST"),
        ("a=b; rm", "LABFLEET_PARAM_A_B__RM"),
        ("größe\0", "LABFLEET_PARAM_GR_SSE_"),
        ("", "LABFLEET_PARAM_"),
    ],
)
def test_a_parameter_becomes_a_variable_that_every_shell_can_read(name: str, variable: str) -> None:
    told = context(Assignment("h", 1, 1), Wanted("", params={name: "v"}), "H")

    assert told[variable] == "v"


@pytest.mark.parametrize(
    ("wish_s", "limit_s"),
    [(None, 600), (60.0, 60), (6000.0, 600), (0.0, 600), (-1.0, 600), (float("nan"), 600)],
)
def test_the_shorter_limit_counts(wish_s: float | None, limit_s: float) -> None:
    assert timeout_s(tool(timeout_s=600.0), Wanted("", timeout_s=wish_s)) == limit_s
