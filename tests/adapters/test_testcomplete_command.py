import subprocess
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import testcomplete
from adapters.base import AdapterError, Automation, Tool, Workspace

TESTEXECUTE = r"C:\Program Files\SmartBear\TestExecute 15\x64\Bin\TestExecute.exe"
TESTCOMPLETE = r"C:\Program Files\SmartBear\TestComplete 15\x64\Bin\TestComplete.exe"
FILES = (PureWindowsPath("suite/Shop.pjs"), PureWindowsPath("suite/Web/Web.mds"))
TOOL = Tool((TESTEXECUTE,), 3600)


def workspace(*files: str) -> Workspace:
    folder = PureWindowsPath(r"D:\lab\run 1")
    given = tuple(PureWindowsPath(file) for file in files) or FILES
    return Workspace(folder / "script", folder / "results", folder / "tmp", given)


def argv(title: str = "", tool: Tool = TOOL, *files: str, **asked: object) -> tuple[str, ...]:
    automation = Automation(title, **asked)  # type: ignore[arg-type] - a test names them
    return testcomplete.build_command(automation, tool, workspace(*files)).argv


def selected(title: str, *files: str) -> list[str]:
    """Give the file that is opened and what narrows the run."""
    command = argv(title, TOOL, *files)
    place = command.index("/Timeout:3300")
    return [PureWindowsPath(command[1]).name, *command[place + 1 : -1]]


def test_the_whole_command_line_in_order() -> None:
    tool = Tool((TESTEXECUTE,), 3600, {"arguments": ("/SkipVisualizerData",)}, access_key="k-1")

    assert argv(r"Shop\Web\Login", tool, params={"user": "Ann"}) == (
        TESTEXECUTE,
        r"D:\lab\run 1\script\suite\Shop.pjs",
        "/run",
        "/AccessKey:k-1",
        "/SilentMode",
        "/ForceConversion",
        "/ns",
        "/exit",
        r"/ExportLog:D:\lab\run 1\results\run.tcLogX",
        r"/ExportLog:D:\lab\run 1\results\run.mht",
        r"/ErrorLog:D:\lab\run 1\results\error.log",
        "/Timeout:3300",
        "/project:Web",
        "/test:Login",
        "/PSVar:user=Ann",
        "/DoNotShowLog",
        "/SkipVisualizerData",
    )


def test_testcomplete_is_not_told_to_hide_its_log() -> None:
    assert "/DoNotShowLog" not in argv("", Tool((TESTCOMPLETE,), 3600))


@pytest.mark.parametrize(
    ("title", "narrowed"),
    [
        ("", []),
        ("Shop", []),
        ("shop.PJS", []),
        (r"Shop\Web", ["/project:Web"]),
        (r" Shop \ Web \ ", ["/project:Web"]),
        (r"Shop\Web\Login", ["/project:Web", "/test:Login"]),
        (r"Shop\Web\KeywordTests\Login", ["/project:Web", "/test:KeywordTests|Login"]),
        (r"Shop\Web\Script\Unit1\Main", ["/project:Web", "/unit:Unit1", "/routine:Main"]),
        (r"Shop\Web\item:LoadTests", ["/project:Web", "/projectitem:LoadTests"]),
        (r"Shop\Web\tags:@a and not @b", ["/project:Web", "/tags:@a and not @b"]),
    ],
)
def test_a_title_narrows_the_run(title: str, narrowed: list[str]) -> None:
    assert selected(title) == ["Shop.pjs", *narrowed]


@pytest.mark.parametrize(
    ("title", "files", "opened"),
    [
        (r"B\Web", ("A.pjs", "B.pjs"), ["B.pjs", "/project:Web"]),
        ("A.pjs", ("A.pjs", "A.mds", "B.pjs"), ["A.pjs"]),
        ("", ("Web.mds",), ["Web.mds"]),
        ("Web", ("Web.mds", "Api.mds"), ["Web.mds", "/project:Web"]),
        (r"Web\Login", ("Web.mds",), ["Web.mds", "/project:Web", "/test:Login"]),
        (r"Shop\Web", ("Web.mds", "Api.mds"), ["Web.mds", "/project:Web"]),
        (r"Shop\Web\Login", ("Web.mds",), ["Web.mds", "/project:Web", "/test:Login"]),
        (r"Web\Web\Login", ("Web.mds",), ["Web.mds", "/project:Web", "/test:Login"]),
    ],
)
def test_the_title_chooses_the_file_to_open(
    title: str, files: tuple[str, ...], opened: list[str]
) -> None:
    assert selected(title, *files) == opened


@pytest.mark.parametrize(
    ("title", "files", "said"),
    [
        ("", ("readme.txt",), "no project suite"),
        ("", ("A.pjs", "B.pjs"), "must begin with the suite's name; the script holds A.pjs, B.pjs"),
        ("C", ("A.pjs", "B.pjs"), "no suite is called 'C'"),
        ("Login", ("Shop.pjs",), "no suite is called 'Login'"),
        ("A", ("x/A.pjs", "y/A.pjs"), "'A' names several suites"),
        (r"Shop\Api", ("Web.mds",), "no suite is called 'Shop'"),
        (r"Shop\Web\Script\Unit1", FILES, "a routine is named"),
        (r"Shop\Web\Script\Unit1\Main\More", FILES, "a routine is named"),
        ("tags:@a", FILES, "tags need one project"),
        (r"Shop\tags:@a", FILES, "tags need one project"),
        (r"Shop\Web\Login\tags:@a", FILES, "tags need one project"),
        ('Shop\\Web\\a" /exit', FILES, "the title holds a quote"),
        ("Shop\0", FILES, "the title holds a quote"),
    ],
)
def test_a_title_that_cannot_be_run_is_refused(
    title: str, files: tuple[str, ...], said: str
) -> None:
    with pytest.raises(AdapterError, match=said.replace("\\", "\\\\")):
        argv(title, TOOL, *map(str, files))


@pytest.mark.parametrize(
    ("limit_s", "own_s"), [(3600, 3300), (1500, 1200), (60, 48), (2.5, 2), (1, 1), (0.2, 1)]
)
def test_the_product_ends_before_we_do(limit_s: float, own_s: int) -> None:
    assert f"/Timeout:{own_s}" in argv("", Tool((TESTEXECUTE,), limit_s))


def test_parameters_become_variables_of_the_kind_that_is_asked_for() -> None:
    project = Tool((TESTEXECUTE,), 60, {"variables": ("project",)})

    assert "/PrjVar:a=1 = 2" in argv("", project, params={"a": "1 = 2"})
    assert "/PSVar:ü_1=" in argv("", TOOL, params={"ü_1": ""})


def test_context_becomes_variables_only_where_it_is_asked_for() -> None:
    tool = Tool((TESTEXECUTE,), 60, {"context_variables": ("test_set", "release")})
    context = {"test_set": "Nightly", "host": "L1"}

    given = [word for word in argv("", tool, context=context) if word.startswith("/PSVar")]

    assert given == ["/PSVar:LABFLEET_TEST_SET=Nightly", "/PSVar:LABFLEET_RELEASE="]
    assert not any(word.startswith("/PSVar") for word in argv("", TOOL, context=context))


@pytest.mark.parametrize("name", ["", "a b", "1a", "a=b", "a:b", "a-b"])
def test_an_odd_name_of_a_parameter_is_refused(name: str) -> None:
    with pytest.raises(AdapterError, match="cannot be the name of a variable"):
        argv("", TOOL, params={name: "x"})


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a\0b"])
def test_an_odd_value_of_a_parameter_is_refused(value: str) -> None:
    with pytest.raises(AdapterError, match="the parameter a holds"):
        argv("", TOOL, params={"a": value})


@pytest.mark.parametrize(
    "options",
    [{"variables": ("suit",)}, {"context_variables": ("user",)}, {"warnings_fail": ("maybe",)}],
)
def test_an_odd_option_is_refused(options: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(AdapterError, match=f"the option {next(iter(options))}"):
        argv("", Tool((TESTEXECUTE,), 60, options))


def test_a_session_creator_gets_the_whole_command_line_as_one_argument() -> None:
    creator = r"C:\bin\SessionCreator.exe"
    plain = argv(r"Shop\Web\My test")

    wrapped = argv(r"Shop\Web\My test", Tool((TESTEXECUTE,), 3600, {"session_creator": (creator,)}))

    assert wrapped == (creator, "ExecuteProcess", f"/c:{subprocess.list2cmdline(plain)}")
    assert r'"/ExportLog:D:\lab\run 1\results\run.tcLogX"' in wrapped[2]
    assert '"/test:My test"' in wrapped[2]


def test_a_posix_machine_gets_posix_paths() -> None:
    folder = PurePosixPath("/lab")
    files: tuple[PurePath, ...] = (PurePosixPath("s/Shop.pjs"),)
    place = Workspace(folder / "script", folder / "results", folder / "tmp", files)

    command = testcomplete.build_command(Automation(""), Tool(("testexecute-standin",), 60), place)

    assert command.argv[1] == "/lab/script/s/Shop.pjs"
    assert "/ExportLog:/lab/results/run.tcLogX" in command.argv
