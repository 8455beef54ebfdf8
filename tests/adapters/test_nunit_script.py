"""Which files of a script a command line names, and the parameters behind them."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from adapters import nunit
from adapters.base import AdapterError, Automation, Tool, Workspace

PROGRAMS = {
    "nunit2": ("nunit-console",),
    "nunit3": ("nunit3-console",),
    "dotnet": ("dotnet", "test"),
    "vstest": ("vstest.console.exe",),
}


def built(
    runner: str,
    title: str = "",
    *,
    files: tuple[str, ...] = ("Shop.Tests.dll",),
    params: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
    options: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[str, ...]:
    folders = (PurePosixPath(f"/w/{name}") for name in ("script", "results", "tmp"))
    place = Workspace(*folders, tuple(map(PurePosixPath, files)))
    tool = Tool(PROGRAMS[runner], 60, options or {})
    asked = Automation(title, params or {}, context=context or {})
    return nunit.build_command(asked, tool, place).argv


@pytest.mark.parametrize(
    ("files", "title", "found"),
    [
        (("Shop.Tests.dll", "Shop.dll", "nunit.framework.dll"), "", ("Shop.Tests.dll",)),
        (("bin/A.Tests.dll", "bin/B.Test.dll"), "", ("bin/A.Tests.dll", "bin/B.Test.dll")),
        (("bin/A.Tests.dll", "obj/A.Tests.dll", "bin/ref/A.Tests.dll"), "", ("bin/A.Tests.dll",)),
        (("A.Tests.dll", "A.Testing.dll"), "", ("A.Tests.dll",)),
        (("A.TestSuite.dll", "A.dll"), "", ("A.TestSuite.dll",)),
        (("A.Tests.dll", "A.Tests.exe"), "", ("A.Tests.dll",)),
        (("A.Tests.exe",), "", ("A.Tests.exe",)),
        (("Shop.dll", "nunit.core.dll"), "", ("Shop.dll",)),
        (("A.Tests.dll", "testhost.dll", "NUnit3.TestAdapter.dll"), "", ("A.Tests.dll",)),
        (("A.Tests.dll", "Microsoft.TestPlatform.CoreUtilities.dll"), "", ("A.Tests.dll",)),
        (("A.Tests.dll", "all.nunit"), "", ("all.nunit",)),
        (("A.Tests.dll", "B.Tests.dll"), "b.tests.dll", ("B.Tests.dll",)),
        (("x/A.dll", "y/A.dll"), "y\\A.dll: N.F", ("y/A.dll",)),
        (("A.Tests.dll", "-x/B.dll"), "B.dll", ("./-x/B.dll",)),
    ],
)
def test_the_assemblies_with_tests_are_found(
    files: tuple[str, ...], title: str, found: tuple[str, ...]
) -> None:
    for runner in ("nunit2", "nunit3", "vstest"):
        argv = built(runner, title, files=files)
        assert argv[1 : 1 + len(found)] == found
        assert argv[1 + len(found)].startswith("-")


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ((), ""),
        (("nunit.framework.dll",), ""),
        (("A.dll", "B.dll"), ""),
        (("bin/Debug/A.Tests.dll", "bin/Release/A.Tests.dll"), ""),
        (("x/A.dll", "y/A.dll"), "A.dll"),
        (("A.Tests.dll",), "B.Tests.dll"),
    ],
)
def test_a_script_whose_tests_are_not_clear_is_refused(files: tuple[str, ...], title: str) -> None:
    with pytest.raises(AdapterError, match="the script holds"):
        built("nunit3", title, files=files)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (("Shop.sln", "Shop/Shop.csproj", "Shop.Tests/Shop.Tests.csproj"), "Shop.sln"),
        (("Shop/Shop.csproj", "T/Shop.Tests.csproj"), "T/Shop.Tests.csproj"),
        (("Shop.fsproj",), "Shop.fsproj"),
        (("bin/Shop.Tests.dll",), "bin/Shop.Tests.dll"),
    ],
)
def test_dotnet_runs_a_solution_a_project_or_an_assembly(
    files: tuple[str, ...], found: str
) -> None:
    assert built("dotnet", files=files)[2] == found


@pytest.mark.parametrize("files", [("a.sln", "b.sln"), ("A.Tests.csproj", "B.Tests.csproj"), ()])
def test_dotnet_is_not_started_where_it_is_not_clear_on_what(files: tuple[str, ...]) -> None:
    with pytest.raises(AdapterError, match="the script holds"):
        built("dotnet", files=files)


def test_the_option_assembly_comes_before_the_script_and_after_the_title() -> None:
    files = ("A.Tests.dll", "B.dll", "C.dll")
    options = {"assembly": ("B.dll", "C.dll")}

    assert built("nunit2", options=options, files=files)[1:3] == ("B.dll", "C.dll")
    assert built("nunit2", "A.Tests.dll", options=options, files=files)[1] == "A.Tests.dll"


def test_parameters_reach_the_console_of_version_3() -> None:
    argv = built("nunit3", "N.F", params={"env": 'a="b" c', "none": ""})

    assert argv[-1] == '--testparam:env=a="b" c'


def test_the_context_reaches_the_console_as_far_as_it_can() -> None:
    context = {"run_id": "7", "test_name": "log in; log out"}

    argv = built("nunit3", context=context)

    assert argv[-1] == "--testparam:labfleet.run_id=7"


def test_parameters_reach_dotnet_behind_all_else() -> None:
    for runner in ("dotnet", "vstest"):
        argv = built(runner, "cat:smoke", params={"env": "qa"})
        assert argv[-2:] == ("--", 'TestRunParameters.Parameter(name="env", value="qa")')


def test_parameters_are_no_part_of_the_command_line_of_version_2() -> None:
    assert built("nunit2", params={"env": "qa", "a b": ";"}) == built("nunit2")


@pytest.mark.parametrize(
    ("runner", "name", "value"),
    [
        ("nunit3", "a=b", "x"),
        ("nunit3", "", "x"),
        ("nunit3", "env", "qa;other=1"),
        ("nunit3", "env", "qa\n--where=x"),
        ("nunit3", "env", "a\0"),
        ("dotnet", "a.b", "x"),
        ("dotnet", "env", 'x")'),
        ("dotnet", "env", "a;b"),
        ("dotnet", "env", "C:\\"),
        ("vstest", "env", 'x")'),
    ],
)
def test_a_parameter_that_would_be_misread_is_refused(runner: str, name: str, value: str) -> None:
    with pytest.raises(AdapterError, match="parameter"):
        built(runner, params={name: value})
