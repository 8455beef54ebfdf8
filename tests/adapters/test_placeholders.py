from pathlib import PurePosixPath, PureWindowsPath

import pytest

from adapters.base import AdapterError, Automation, Tool, Workspace
from adapters.placeholders import expand, unknown_placeholders

PLACE = Workspace(*(PurePosixPath("/w") / name for name in ("script", "results", "tmp")))


def filled(*executable: str, title: str = "t", timeout_s: float = 60, place=PLACE) -> list[str]:
    return expand(Automation(title), Tool(executable, timeout_s), place)


@pytest.mark.parametrize(
    ("part", "given"),
    [
        ("{title}", "t"),
        ("--junitxml={results}/junit.xml", "--junitxml=/w/results/junit.xml"),
        ("{workspace}/run-{title}-{title}", "/w/script/run-t-t"),
        ("{timeout_s}", "60"),
        ("{{title}}", "{title}"),
        ("{{{title}}}", "{{title}}"),
        ('{"browser": {"name": 1}}', '{"browser": {"name": 1}}'),
        ("{} {0} { title } a{2,3}", "{} {0} { title } a{2,3}"),
    ],
)
def test_a_placeholder_becomes_its_value_and_other_braces_stay(part: str, given: str) -> None:
    assert filled("tool", part) == ["tool", given]


def test_a_value_is_not_expanded_again() -> None:
    assert filled("tool", "{title}", title="{results} {{title}}")[1] == "{results} {{title}}"


def test_an_argument_that_becomes_empty_is_left_out_and_a_given_empty_one_stays() -> None:
    assert filled("tool", "{title}", "", "-q", title="") == ["tool", "", "-q"]


def test_windows_paths_keep_their_form() -> None:
    place = Workspace(*(PureWindowsPath("C:/lab") / name for name in ("script", "results", "tmp")))

    assert filled("tool.exe", "{results}", place=place)[1] == r"C:\lab\results"


@pytest.mark.parametrize(("timeout_s", "given"), [(3600.0, "3600"), (0.5, "0.5"), (1e6, "1000000")])
def test_a_timeout_is_written_as_a_plain_number(timeout_s: float, given: str) -> None:
    assert filled("tool", "{timeout_s}", timeout_s=timeout_s)[1] == given


@pytest.mark.parametrize("title", ["-x", "--junitxml=/etc/passwd", "-"])
def test_a_title_cannot_become_an_option(title: str) -> None:
    with pytest.raises(AdapterError, match="would become an option"):
        filled("tool", "{title}", title=title)

    assert filled("tool", "--grep={title}", title=title)[1] == f"--grep={title}"


def test_a_title_cannot_hold_a_nul() -> None:
    with pytest.raises(AdapterError, match="NUL"):
        filled("tool", "{title}", title="a\0b")


@pytest.mark.parametrize("executable", [(), ("{title}",), ("{title}", "x"), ("",)])
def test_a_command_of_nothing_is_refused(executable: tuple[str, ...]) -> None:
    with pytest.raises(AdapterError, match="executable is empty"):
        filled(*executable, title="")


def test_unknown_placeholders_are_listed_once_and_refused() -> None:
    executable = ("{tool}", "{title} {Title}", "{HOME}{tool}", "{{name}}", "{1}")

    assert unknown_placeholders(executable) == ["tool", "Title", "HOME"]
    with pytest.raises(AdapterError, match="unknown placeholder in the executable: tool, Title"):
        filled(*executable)
