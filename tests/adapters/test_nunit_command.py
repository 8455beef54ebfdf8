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
        argv = built(runner, title, place=workspace(files)).argv
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
        built("nunit3", title, place=workspace(files))


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
    assert built("dotnet", place=workspace(files)).argv[2] == found


@pytest.mark.parametrize("files", [("a.sln", "b.sln"), ("A.Tests.csproj", "B.Tests.csproj"), ()])
def test_dotnet_is_not_started_where_it_is_not_clear_on_what(files: tuple[str, ...]) -> None:
    with pytest.raises(AdapterError, match="the script holds"):
        built("dotnet", place=workspace(files))


def test_the_option_assembly_comes_before_the_script_and_after_the_title() -> None:
    place = workspace(("A.Tests.dll", "B.dll", "C.dll"))
    options = {"assembly": ("B.dll", "C.dll")}

    assert built("nunit2", options=options, place=place).argv[1:3] == ("B.dll", "C.dll")
    assert built("nunit2", "A.Tests.dll", options=options, place=place).argv[1] == "A.Tests.dll"


def test_windows_paths_are_those_of_the_tools_machine() -> None:
    place = workspace(kind=PureWindowsPath)

    command = built("nunit2", "N.F, N.G", place=place)

    assert command.argv[1] == r"bin\Shop.Tests.dll"
    assert r"-xml=C:\w\results\TestResult.xml" in command.argv
    assert r"-runlist=C:\w\tmp\nunit-runlist.txt" in command.argv
    assert r"--result=C:\w\results\TestResult.xml" in built("nunit3", place=place).argv


def test_parameters_reach_the_console_of_version_3() -> None:
    argv = built("nunit3", "N.F", params={"env": 'a="b" c', "none": ""}).argv

    assert argv[-1] == '--testparam:env=a="b" c'


def test_the_context_reaches_the_console_as_far_as_it_can() -> None:
    context = {"run_id": "7", "test_name": "log in; log out"}

    argv = built("nunit3", context=context).argv

    assert argv[-1] == "--testparam:labfleet.run_id=7"


def test_parameters_reach_dotnet_behind_all_else() -> None:
    for runner in ("dotnet", "vstest"):
        argv = built(runner, "cat:smoke", params={"env": "qa"}).argv
        assert argv[-2:] == ("--", 'TestRunParameters.Parameter(name="env", value="qa")')


def test_parameters_are_no_part_of_the_command_line_of_version_2() -> None:
    assert built("nunit2", params={"env": "qa", "a b": ";"}).argv == built("nunit2").argv


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
