"""Command lines as built; those of nunit3-console, dotnet and vstest were never run here."""

from collections.abc import Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import nunit
from adapters.base import AdapterError, Automation, Command, Tool, Workspace

DLL = ("bin/Shop.Tests.dll",)
PROGRAMS = {
    "nunit2": ("nunit-console",),
    "nunit3": ("nunit3-console",),
    "dotnet": ("dotnet", "test"),
    "vstest": ("vstest.console.exe",),
}


def workspace(files: tuple[str, ...] = DLL, kind: type[PurePath] = PurePosixPath) -> Workspace:
    top = "C:/w" if kind is PureWindowsPath else "/w"
    folders = (kind(f"{top}/{name}") for name in ("script", "results", "tmp"))
    return Workspace(*folders, tuple(map(kind, files)))


def built(
    runner: str,
    title: str = "",
    *,
    params: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
    options: Mapping[str, tuple[str, ...]] | None = None,
    place: Workspace | None = None,
) -> Command:
    automation = Automation(title, params or {}, context=context or {})
    tool = Tool(PROGRAMS.get(runner, (runner,)), 60, options or {})
    return nunit.build_command(automation, tool, place or workspace())


NUNIT2 = ("nunit-console", "bin/Shop.Tests.dll", "-nologo", "-labels", "-noshadow")
NUNIT3 = ("nunit3-console", "bin/Shop.Tests.dll", "--noheader", "--labels=BeforeAndAfter")
DOTNET = ("dotnet", "test", "bin/Shop.Tests.dll", "--nologo", "--logger", "trx")
VSTEST = (
    "vstest.console.exe",
    "bin/Shop.Tests.dll",
    "--logger:trx",
    "--ResultsDirectory:/w/results",
)


@pytest.mark.parametrize(
    ("runner", "argv"),
    [
        ("nunit2", (*NUNIT2, "-xml=/w/results/TestResult.xml")),
        ("nunit3", (*NUNIT3, "--result=/w/results/TestResult.xml")),
        ("dotnet", (*DOTNET, "--results-directory", "/w/results")),
        ("vstest", VSTEST),
    ],
)
def test_an_empty_title_runs_all(runner: str, argv: tuple[str, ...]) -> None:
    assert built(runner).argv == argv


@pytest.mark.parametrize(
    ("runner", "title", "argument"),
    [
        ("nunit2", "N.F", "-run=N.F"),
        ("nunit2", "N.F#A", "-run=N.F.A"),
        ("nunit2", 'N.F("x,y").A(1, 2)', '-run=N.F("x,y").A(1, 2)'),
        ("nunit2", 'N.F.A("#")', '-run=N.F.A("#")'),
        ("nunit2", "cat:smoke, category: slow one", "-include=smoke,slow one"),
        ("nunit3", "N.F", "--test=N.F"),
        ("nunit3", "N.F#A, N.G", "--test=N.F.A,N.G"),
        ("nunit3", "N.G<Int32,String>.A, N.H", "--test=N.G<Int32,String>.A,N.H"),
        ("nunit3", r'N.F.A("\",("), N.H', r'--test=N.F.A("\",("),N.H'),
        ("nunit3", "cat:smoke", "--where=cat == 'smoke'"),
        ("nunit3", "Cat:smoke,cat:slow", "--where=cat == 'smoke' || cat == 'slow'"),
        (
            "dotnet",
            "N.F",
            r"FullyQualifiedName=N.F|FullyQualifiedName~N.F.|FullyQualifiedName~N.F\("
            "|FullyQualifiedName~N.F+",
        ),
        ("dotnet", "cat:smoke,cat:slow", "TestCategory=smoke|TestCategory=slow"),
        ("vstest", "cat:smoke", "--TestCaseFilter:TestCategory=smoke"),
    ],
)
def test_a_title_becomes_a_selection(runner: str, title: str, argument: str) -> None:
    assert built(runner, title).argv[-1] == argument


def test_arguments_of_a_test_are_escaped_in_a_filter() -> None:
    given = built("dotnet", "N.F.A(1,2)").argv[-1]

    assert given.startswith(r"FullyQualifiedName=N.F.A\(1%2C2\)|")


def test_several_names_go_into_a_list_for_version_2() -> None:
    command = built("nunit2", "N.F, N.G.A(1, 2)")

    assert command.argv[-1] == "-runlist=/w/tmp/nunit-runlist.txt"
    assert command.files == {PurePosixPath("/w/tmp/nunit-runlist.txt"): "N.F\nN.G.A(1, 2)\n"}


@pytest.mark.parametrize(
    "title",
    [
        "-xml=/etc/x",
        "/exclude",
        "@list",
        "N.F, --where",
        "cat:",
        "cat:a-b",
        "cat:a' || cat == 'b",
        "cat:smoke, N.F",
        "N.F\nN.G",
        "Other.dll: N.F",
        "1.2",
    ],
)
@pytest.mark.parametrize("runner", PROGRAMS)
def test_a_title_that_could_mean_something_else_is_refused(runner: str, title: str) -> None:
    with pytest.raises(AdapterError):
        built(runner, title)


def test_a_quote_is_refused_where_a_filter_cannot_hold_it() -> None:
    with pytest.raises(AdapterError, match="filter"):
        built("dotnet", 'N.F.A("x")')


@pytest.mark.parametrize(
    ("executable", "start"),
    [
        (("mono", "/opt/nunit/nunit-console.exe"), "-nologo"),
        ((r"C:\NUnit 2.6\bin\nunit-console-x86.exe",), "-nologo"),
        (("nunit-console4",), "-nologo"),
        (("/opt/NUnit3-Console.exe",), "--noheader"),
        (("dotnet", "/opt/nunit3-console.dll"), "--noheader"),
        (("/usr/bin/dotnet", "test", "--no-build"), "--nologo"),
        (("dotnet", "vstest"), "--logger:trx"),
    ],
)
def test_the_runner_is_known_by_its_name(executable: tuple[str, ...], start: str) -> None:
    argv = nunit.build_command(Automation(""), Tool(executable, 60), workspace()).argv

    assert argv[: len(executable) + 2] == (*executable, "bin/Shop.Tests.dll", start)


def test_the_option_runner_names_what_a_script_starts() -> None:
    assert "--noheader" in built("run-tests.sh", options={"runner": ("nunit3",)}).argv


@pytest.mark.parametrize("options", [{}, {"runner": ("nunit5",)}])
def test_an_unknown_runner_is_refused(options: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(AdapterError, match="runner"):
        built("run-tests.sh", options=options)


def test_dotnet_alone_is_no_runner() -> None:
    with pytest.raises(AdapterError, match="runner"):
        built("dotnet-other")


def test_windows_paths_are_those_of_the_tools_machine() -> None:
    place = workspace(kind=PureWindowsPath)

    command = built("nunit2", "N.F, N.G", place=place)

    assert command.argv[1] == r"bin\Shop.Tests.dll"
    assert r"-xml=C:\w\results\TestResult.xml" in command.argv
    assert r"-runlist=C:\w\tmp\nunit-runlist.txt" in command.argv
    assert r"--result=C:\w\results\TestResult.xml" in built("nunit3", place=place).argv


def test_a_results_folder_that_the_console_would_misread_is_refused() -> None:
    place = Workspace(
        PurePosixPath("/w"), PurePosixPath("/r;x"), PurePosixPath("/t"), workspace().files
    )

    with pytest.raises(AdapterError, match=";"):
        built("nunit3", place=place)


def test_the_builds_servers_do_not_outlive_dotnet() -> None:
    assert built("dotnet").environment["MSBUILDDISABLENODEREUSE"] == "1"


def test_the_adapter_has_the_name_of_the_api() -> None:
    assert nunit.AGENT == "NUnit (Selenium)"
