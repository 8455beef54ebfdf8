from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import testng
from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.testng.launcher import SUITE_FILE

JARS = ("/opt/testng.jar", "/opt/jcommander.jar")
FOLDER = PurePosixPath("/w/script")
CLASSES = ("classes/shop/CartTest.class", "classes/shop/CartTest$1.class", "lib/selenium.jar")


def tool(*executable: str, **options: tuple[str, ...]) -> Tool:
    return Tool(executable or ("java",), 60, {"class_path": JARS, **options})


def workspace(*files: str) -> Workspace:
    return Workspace(
        FOLDER,
        PurePosixPath("/w/results"),
        PurePosixPath("/w/tmp"),
        tuple(PurePosixPath(file) for file in files),
    )


def build(
    title: str, *files: str, given: Tool | None = None, params: dict[str, str] | None = None
) -> Command:
    automation = Automation(title, params or {})
    return testng.build_command(automation, given or tool(), workspace(*(files or CLASSES)))


def suite(command: Command) -> str:
    return command.files[PurePosixPath(SUITE_FILE)]


def test_the_whole_command_line() -> None:
    command = build("shop.CartTest", params={"env": "qa"})

    assert command.argv == (
        "java",
        "-Denv=qa",
        "-Djava.io.tmpdir=/w/tmp",
        "-cp",
        "/w/script:/w/script/classes:/w/script/lib/selenium.jar:" + ":".join(JARS),
        "org.testng.TestNG",
        "-d",
        "/w/results",
        "-verbose",
        "3",
        f"/w/tmp/{SUITE_FILE}",
    )
    assert command.before == ()
    assert suite(command).splitlines()[1:] == [
        '<suite name="labfleet">',
        '<parameter name="env" value="qa"/>',
        '<test name="selected">',
        "<classes>",
        '<class name="shop.CartTest"/>',
        "</classes>",
        "</test>",
        "</suite>",
    ]


def class_line(name: str, *methods: str) -> str:
    included = "".join(f'<include name="{method}"/>' for method in methods)
    return f'<class name="{name}"><methods>{included}</methods></class>'


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("p.A#m", class_line("p.A", "m")),
        ("p.A.m", class_line("p.A", "m")),
        ("p.A#m(int, java.lang.String)", class_line("p.A", "m")),
        ("p.A#m+n", class_line("p.A", "m", "n")),
        ("p.A.m,p.A#n", class_line("p.A", "m", "n")),
        ("p.A$B#m$1", class_line("p.A$B", "m[$]1")),
        ("shop.CartTest.Pay", class_line("shop.CartTest", "Pay")),
        ("shop", '<packages><package name="shop.*"/></packages>'),
        ("group:a&b", '<groups><run><include name="a&amp;b"/></run></groups>'),
        (
            "group:smoke, groups: slow",
            '<groups><run><include name="smoke"/><include name="slow"/></run></groups>',
        ),
        ("group:smoke", '<class name="shop.CartTest"/>'),
        (" p.A\n", '<class name="p.A"/>'),
    ],
)
def test_a_title_becomes_a_line_of_the_suite(title: str, line: str) -> None:
    assert line in suite(build(title)).splitlines()


@pytest.mark.parametrize(
    "title",
    [
        "-listener evil.L",
        "p.A#",
        "p.A#m+",
        "p..A",
        "p.A m",
        "p.A/../B",
        "group:",
        "missing.xml",
        "a.xml, p.A",
        "p.A#m\0",
        "p.A\nB",
        "p.*Test",
        "/w/script/testng.xml",
    ],
)
def test_a_title_that_names_nothing_is_refused(title: str) -> None:
    with pytest.raises(AdapterError):
        build(title, *CLASSES, "testng.xml", "a.xml")


@pytest.mark.parametrize(
    ("title", "files", "found"),
    [
        ("smoke.xml", ["suites/smoke.xml"], ["suites/smoke.xml"]),
        ("./suites\\smoke.xml", ["suites/smoke.xml"], ["suites/smoke.xml"]),
        ("smoke.xml", ["smoke.xml", "old/smoke.xml"], ["smoke.xml"]),
        ("b.xml, a.xml", ["a.xml", "b.xml"], ["b.xml", "a.xml"]),
        ("", ["testng.xml", "testng-slow.xml", "sub/testng.xml"], ["testng.xml"]),
        ("", ["p/testng-b.xml", "p/testng-a.xml"], ["p/testng-a.xml", "p/testng-b.xml"]),
        ("", ["testng-a.xml", "testng-failed.xml", "testng-results.xml"], ["testng-a.xml"]),
        ("", ["test-output/testng-old.xml", "a/b/c/TestNG.xml"], ["a/b/c/TestNG.xml"]),
    ],
)
def test_suite_files_of_the_script_run_as_they_are(
    title: str, files: list[str], found: list[str]
) -> None:
    command = build(title, *files)

    assert command.argv[-len(found) - 1 :] == ("3", *(f"/w/script/{file}" for file in found))
    assert command.files == {}


def test_a_suite_that_is_there_twice_needs_its_path() -> None:
    with pytest.raises(AdapterError, match="2 times"):
        build("smoke.xml", "a/smoke.xml", "b/smoke.xml")


def test_without_a_title_and_a_suite_all_classes_run_but_no_inner_ones() -> None:
    text = suite(build("", *CLASSES, "test-output/testng-failed.xml", "module-info.class"))

    assert text.count("<class name=") == 1


def test_a_script_of_jars_alone_needs_a_title() -> None:
    with pytest.raises(AdapterError, match="title"):
        build("", "lib/tests.jar")


def test_sources_are_compiled_first_and_searched_where_no_name_is_given() -> None:
    command = build("", "shop/CartTest.java", given=tool("/jdk/bin/java", "-Xmx1g"))

    assert command.before[0][:1] == ("/jdk/bin/javac",)
    assert command.argv[:2] == ("/jdk/bin/java", "-Xmx1g")
    assert command.argv[4].startswith("/w/tmp/classes:/w/script:")
    assert '<package name=".*"/>' in suite(command)
    assert "/w/script/shop/CartTest.java" in "".join(command.files.values())


def test_an_option_names_another_compiler() -> None:
    command = build("", "A.java", given=tool(javac=("ecj", "-17")))

    assert command.before[0][:2] == ("ecj", "-17")


def test_a_class_path_and_main_class_of_the_executable_are_used() -> None:
    given = Tool(("xvfb-run", "-a", "java", "-cp", "/x/testng.jar", "org.testng.TestNG"), 60)

    argv = build("p.A", "p/A.class", given=given).argv

    assert argv.count("org.testng.TestNG") == 1
    assert argv[argv.index("org.testng.TestNG") - 1] == "/w/script:/x/testng.jar"


@pytest.mark.parametrize("executable", [("java", "-jar", "x.jar"), ("testng",), ("mvn",)])
def test_an_executable_that_cannot_start_testng_is_refused(executable: tuple[str, ...]) -> None:
    with pytest.raises(AdapterError):
        build("p.A", given=tool(*executable))


def test_a_parameter_keeps_its_quotes_and_line_breaks() -> None:
    text = suite(build("p.A", params={"a.b": 'x"<&\ny'}))

    assert '<parameter name="a.b" value=\'x"&lt;&amp;&#10;y\'/>' in text


@pytest.mark.parametrize("params", [{"a b": "1"}, {"": "1"}, {"a": "\x01"}, {"a": "\0"}])
def test_a_parameter_that_cannot_be_passed_on_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(AdapterError):
        build("p.A", params=params)


@pytest.mark.parametrize(
    ("title", "selected"),
    [
        ("", []),
        ("shop.CartTest", ["-Dtest=shop.CartTest"]),
        ("shop.CartTest.pay, Other#a+b", ["-Dtest=shop.CartTest#pay,Other#a+b"]),
        ("*CartTest", ["-Dtest=*CartTest"]),
        ("group:smoke, group:slow", ["-Dgroups=smoke,slow"]),
        ("group:smoke, shop.CartTest", ["-Dgroups=smoke", "-Dtest=shop.CartTest"]),
        ("smoke.xml", ["-Dsurefire.suiteXmlFiles=/w/script/p/suites/smoke.xml"]),
    ],
)
def test_a_maven_project_gets_the_selection_as_surefires_properties(
    title: str, selected: list[str]
) -> None:
    files = [
        "p/pom.xml",
        "p/suites/smoke.xml",
        "p/testng.xml",
        "p/src/test/java/shop/CartTest.java",
    ]

    argv = build(title, *files, given=tool(maven=("mvn", "-o"))).argv

    assert argv[:2] == ("mvn", "-o")
    assert argv[argv.index("-Djava.io.tmpdir=/w/tmp") + 1 :] == (*selected, "test")


def test_a_windows_machine_gets_its_own_paths() -> None:
    files: tuple[PurePath, ...] = (PureWindowsPath("classes/p/A.class"),)
    place = Workspace(
        PureWindowsPath(r"C:\w"), PureWindowsPath(r"C:\r"), PureWindowsPath(r"C:\t"), files
    )

    argv = testng.build_command(Automation("p.A"), tool(r"C:\java\bin\java.exe"), place).argv

    assert argv[3] == r"C:\w;C:\w\classes;/opt/testng.jar;/opt/jcommander.jar"
    assert argv[-1] == rf"C:\t\{SUITE_FILE}"
