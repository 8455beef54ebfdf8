"""What the script is decides how it is run."""

import re
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import junit
from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.java.script import Kind, java_script
from adapters.java.surefire import surefire_selection

LAUNCHER = ("java", "-jar", "/opt/console.jar")
TMP = "-Djava.io.tmpdir=/w/tmp"
PLAIN_LOG = (
    "-Dstyle.color=never",
    "-Dorg.slf4j.simpleLogger.log.org.apache.maven=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=false",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
    "-Dorg.slf4j.simpleLogger.showLogName=false",
    "-Dorg.slf4j.simpleLogger.showShortLogName=false",
    "-Dorg.slf4j.simpleLogger.levelInBrackets=true",
)
JVM = {"JAVA_TOOL_OPTIONS": "-Djava.io.tmpdir=/w/tmp"}


def place(*files: str, flavour: type[PurePath] = PurePosixPath) -> Workspace:
    root = "C:/w" if flavour is PureWindowsPath else "/w"
    folders = (flavour(f"{root}/{name}") for name in ("script", "results", "tmp"))
    return Workspace(*folders, tuple(flavour(file) for file in files))


def command(
    where: Workspace,
    title: str = "",
    *,
    executable: tuple[str, ...] = LAUNCHER,
    automation: Automation | None = None,
    **options: tuple[str, ...],
) -> Command:
    tool = Tool(executable, 60, options)
    return junit.build_command(automation or Automation(title), tool, where)


@pytest.mark.parametrize(
    ("files", "kind", "build_file"),
    [
        (("pom.xml", "src/test/java/ATest.java"), "maven", "pom.xml"),
        (("shop/pom.xml", "shop/lib/pom.xml"), "maven", "shop/pom.xml"),
        (("shop/pom.xml", "__MACOSX/shop/._pom.xml", ".DS_Store"), "maven", "shop/pom.xml"),
        (("pom.xml", "build.xml"), "maven", "pom.xml"),
        (("a/build.xml", "a/ATest.java"), "ant", "a/build.xml"),
        (("a/pom.xml", "b/B.class"), "classes", None),
        (("a/b/pom.xml",), "classes", None),
        (("ATest.java",), "sources", None),
        (("src/ATest.java", "lib/x.jar"), "sources", None),
        (("src/ATest.java", "bin/ATest.class"), "classes", None),
        (("tests.jar",), "classes", None),
        ((), "classes", None),
    ],
)
def test_a_script_is_what_its_files_are(
    files: tuple[str, ...], kind: str, build_file: str | None
) -> None:
    found = java_script(place(*files))

    assert (found.kind, found.build_file and str(found.build_file)) == (kind, build_file)


def test_a_maven_project_is_run_by_maven() -> None:
    made = command(place("shop/pom.xml"), "shop.CartTest#a+b")

    assert made == Command(
        ("mvn", "-B", *PLAIN_LOG, "-f", "/w/script/shop/pom.xml", TMP,
         "-Dtest=shop.CartTest#a+b", "test"),
        environment=JVM,
    )  # fmt: skip


def test_maven_gets_parameters_context_program_and_goals() -> None:
    automation = Automation("", {"env": "a b"}, context={"run_id": "7", "test_set": "n & m"})

    made = command(
        place("pom.xml"), automation=automation, maven=("/opt/mvn", "-o"), goals=("clean", "verify")
    )

    assert made.argv == (
        "/opt/mvn", "-o", "-B", *PLAIN_LOG, "-f", "/w/script/pom.xml",
        "-Denv=a b", "-Dlabfleet.run_id=7", "-Dlabfleet.test_set=n & m", TMP,
        "clean", "verify",
    )  # fmt: skip


@pytest.mark.parametrize("maven", ["mvn", "/opt/maven/bin/mvn", "mvnd", r"C:\maven\bin\mvn.cmd"])
def test_an_executable_that_is_maven_runs_maven_projects_alone(maven: str) -> None:
    assert command(place("pom.xml"), executable=(maven, "-o")).argv[:3] == (maven, "-o", "-B")
    with pytest.raises(AdapterError, match=r"holds no pom\.xml"):
        command(place("build.xml", "ATest.class"), executable=(maven,))


def test_an_executable_that_is_ant_runs_ant_projects_alone() -> None:
    assert command(place("pom.xml", "build.xml"), executable=("ant", "-v")).argv[:2] == (
        "ant",
        "-v",
    )
    with pytest.raises(AdapterError, match=r"holds no build\.xml"):
        command(place("pom.xml"), executable=("/usr/bin/ant",))


@pytest.mark.parametrize(
    ("title", "test"),
    [
        ("shop.CartTest", "shop.CartTest"),
        ("CartTest", "CartTest"),
        ("shop.CartTest#sum(int, int), shop.ATest", "shop.CartTest#sum,shop.ATest"),
        ("shop.cart", "shop/cart/**"),
        ("shop, other.ATest", "shop/**,other.ATest"),
        ("lower", "lower"),
        ("shop/*Test,!shop.SlowTest", "shop/*Test,!shop.SlowTest"),
        ("shop.CartTest$Inner#deep*+off", "shop.CartTest$Inner#deep*+off"),
        ("%regex[shop.(A|B),.*Test.class]", "%regex[shop.(A|B),.*Test.class]"),
    ],
)
def test_a_title_is_put_in_surefires_words(title: str, test: str) -> None:
    files = [PurePosixPath("src/test/java/shop/CartTest.java"), PurePosixPath("a/lower.java")]

    assert surefire_selection(title, files) == [f"-Dtest={test}"]


@pytest.mark.parametrize(
    "title", ["-x", "A, -DskipTests", "Login works", "A#", "a\nb", "a\0", "@f", "A;B"]
)
def test_a_title_that_surefire_cannot_mean_is_refused(title: str) -> None:
    with pytest.raises(AdapterError):
        command(place("pom.xml"), title)


def test_modules_without_the_named_class_do_not_end_the_build() -> None:
    made = command(place("pom.xml", "a/pom.xml"), "ATest")

    assert made.argv[-4:-1] == (
        "-Dtest=ATest",
        "-DfailIfNoTests=false",
        "-Dsurefire.failIfNoSpecifiedTests=false",
    )


def test_integration_tests_are_left_to_failsafe() -> None:
    made = command(place("pom.xml"), "shop.CartIT#a", goals=("verify",)).argv

    assert "-Dit.test=shop.CartIT#a" in made
    assert "-Dtest=labfleet.NoUnitTest" in made
    assert (
        "-Dtest=shop.CartTest" in command(place("pom.xml"), "shop.CartTest", goals=("verify",)).argv
    )
    for goals in (("test",), ("clean", "test")):
        assert "-Dtest=shop.CartIT" in command(place("pom.xml"), "shop.CartIT", goals=goals).argv


def test_an_ant_project_is_run_by_ant() -> None:
    made = command(place("shop/build.xml"), "compile, ui-tests", class_path=("/opt/junit4.jar",))

    assert made == Command(
        ("ant", "-noinput", "-lib", "/opt/junit4.jar", "-f", "/w/script/shop/build.xml",
         TMP, "-Dlabfleet.results=/w/results", "compile", "ui-tests"),
        environment=JVM,
    )  # fmt: skip
    assert command(place("build.xml")).argv[-1] == "-Dlabfleet.results=/w/results"


@pytest.mark.parametrize("title", ["-f other.xml", "-diagnostics", "a, -b", "a b", "@x", "1a"])
def test_a_title_that_is_no_target_is_refused(title: str) -> None:
    with pytest.raises(AdapterError, match="is not the name of an Ant target"):
        command(place("build.xml"), title)


def test_sources_are_compiled_first() -> None:
    made = command(place("src/shop/CartTest.java", "lib/x.jar"), class_path=("/opt/junit4.jar",))

    path = "/w/script:/w/script/lib/x.jar:/opt/junit4.jar"
    assert made.before == (
        ("javac", "-encoding", "UTF-8", "-d", "/w/tmp/classes", "-cp",
         f"{path}:/opt/console.jar", "@/w/tmp/sources.args"),
    )  # fmt: skip
    assert made.files[PurePosixPath("sources.args")] == '"/w/script/src/shop/CartTest.java"\n'
    assert made.argv[3:7] == (
        "/opt/console.jar",
        "--class-path",
        f"/w/tmp/classes:{path}",
        "--scan-class-path=/w/tmp/classes",
    )


@pytest.mark.parametrize(
    ("executable", "compiler"),
    [
        (LAUNCHER, "javac"),
        (("/jdk 8/bin/java", "-cp", "a.jar:b.jar", "Main"), "/jdk 8/bin/javac"),
        ((r"C:\jdk\bin\javaw.exe", "-jar", "c.jar"), r"C:\jdk\bin\javac.exe"),
        (("xvfb-run", "-a", "/jdk/bin/java", "-jar", "c.jar"), "/jdk/bin/javac"),
        (("run-tests",), "javac"),
    ],
)
def test_the_compiler_is_the_one_beside_java(executable: tuple[str, ...], compiler: str) -> None:
    where = place("A.java")

    assert command(where, executable=executable).before[0][0] == compiler
    assert command(where, executable=executable, javac=("jikes",)).before[0][0] == "jikes"


def test_sources_on_windows_are_named_as_the_compiler_reads_them() -> None:
    made = command(place("a b/Ä.java", flavour=PureWindowsPath), class_path=(r"C:\j.jar",))

    assert made.files[PureWindowsPath("sources.args")] == '"C:\\\\w\\\\script\\\\a b\\\\Ä.java"\n'
    assert made.before[0][6] == r"C:\w\script;C:\j.jar;/opt/console.jar"


def test_a_package_of_sources_is_a_package() -> None:
    made = command(place("src/shop/CartTest.java"), "shop, shop.CartTest, CartTest")

    at = made.argv.index("--select-package")
    assert made.argv[at : at + 6] == (
        "--select-package", "shop", "--select-class", "shop.CartTest",
        "--select-class", "CartTest",
    )  # fmt: skip


def test_libraries_are_not_scanned_for_tests() -> None:
    made = command(place("classes/ATest.class"), class_path=("/opt/junit4.jar",))

    assert "--scan-class-path=/w/script:/w/script/classes" in made.argv
    assert "/w/script:/w/script/classes:/opt/junit4.jar" in made.argv


@pytest.mark.parametrize(
    ("executable", "options", "is_new"),
    [
        (LAUNCHER, {}, False),
        (("java", "-jar", "/o/junit-platform-console-standalone-1.9.3.jar"), {}, False),
        (("java", "-jar", "/o/junit-platform-console-standalone-1.10.0.jar"), {}, True),
        (("java", "-jar", "/o/junit-platform-console-standalone-6.0.1.jar"), {}, True),
        (("java", "-cp", "a.jar:/o/junit-platform-console-1.12.2.jar", "Main"), {}, True),
        (LAUNCHER, {"launcher": ("execute",)}, True),
        (("java", "-jar", "/o/junit-platform-console-1.12.2.jar"), {"launcher": ("1.9",)}, False),
    ],
)
def test_a_new_launcher_gets_its_sub_command(
    executable: tuple[str, ...], options: dict[str, tuple[str, ...]], *, is_new: bool
) -> None:
    argv = command(place(), executable=executable, **options).argv

    behind = argv[argv.index("-Djava.io.tmpdir=/w/tmp") + len(executable) :]
    assert (behind[0] == "execute", behind[is_new]) == (is_new, "--class-path")


def test_a_sub_command_in_the_executable_is_not_doubled() -> None:
    made = command(
        place(), executable=("java", "-jar", "junit-platform-console-1.12.2.jar", "execute")
    )

    assert made.argv.count("execute") == 1


def test_a_wrong_option_is_refused() -> None:
    with pytest.raises(AdapterError, match="launcher is '2'"):
        command(place(), launcher=("2",))
    with pytest.raises(AdapterError, match="kind is 'gradle'"):
        command(place(), kind=("gradle",))


def test_the_profile_may_say_what_scripts_are() -> None:
    where = place("pom.xml", "build.xml", "src/ATest.java", "target/classes/A.class")

    assert command(where, kind=("ant",)).argv[0] == "ant"
    assert command(where, kind=("classes",)).before == ()
    assert command(where, kind=("sources",)).before[0][0] == "javac"
    assert {kind.value for kind in Kind} == {"maven", "ant", "sources", "classes"}


@pytest.mark.parametrize("value", ['a"b', "a&calc", "%PATH%", "a|b", "a\nb", "^", "!x!"])
def test_a_batch_file_gets_nothing_that_it_would_act_on(value: str) -> None:
    automation = Automation("", {"a": value})

    with pytest.raises(AdapterError, match="a batch file would act on it"):
        command(place("pom.xml"), automation=automation, maven=(r"C:\mvn\bin\mvn.cmd",))
    assert f"-Da={value}" in command(place("pom.xml"), automation=automation).argv


def test_a_folder_with_a_space_stays_one_option_of_the_jvm() -> None:
    where = Workspace(PurePosixPath("/a b/s"), PurePosixPath("/a b/r"), PurePosixPath("/a b/t"),
                      (PurePosixPath("pom.xml"),))  # fmt: skip

    assert command(where).environment == {"JAVA_TOOL_OPTIONS": '"-Djava.io.tmpdir=/a b/t"'}


@pytest.mark.parametrize("word", ["-q", "--quiet", "-l", "--log-file=build.log"])
def test_maven_must_say_how_it_ends(word: str) -> None:
    with pytest.raises(AdapterError, match="Maven must not be given"):
        command(place("pom.xml"), maven=("mvn", word))
    with pytest.raises(AdapterError, match="Maven must not be given"):
        command(place("pom.xml"), goals=("test", word))


@pytest.mark.parametrize("word", ["-q", "-quiet", "-S", "-silent", "-l", "-logfile"])
def test_ant_must_say_how_it_ends(word: str) -> None:
    with pytest.raises(AdapterError, match="Ant must not be given"):
        command(place("build.xml"), ant=("ant", word))


def class_names(where: Workspace, title: str = "") -> list[str]:
    options = (it.partition("=") for it in command(where, title).argv)
    return [value for name, _, value in options if name == "--include-classname"]


@pytest.mark.parametrize(
    ("files", "title"),
    [
        (("A.java", "lib/x.jar"), ""),
        (("shop/LoginIT.class",), ""),
        (("shop/LoginIT.class", "lib/x.jar"), "shop"),
        ((), ""),
    ],
)
def test_every_class_of_a_script_is_meant(files: tuple[str, ...], title: str) -> None:
    assert class_names(place(*files), title) == [".*"]


def test_in_jars_beside_it_only_names_of_tests_are_meant() -> None:
    where = place("shop/a/B.class", "odd(name/C.class", "bin/Top.class", "lib/x.jar")

    likely, ends, *packages = class_names(where)

    assert packages == ["[^.]*", "shop[.]a[.][^.]*"]
    for name in ("a.LoginIT", "a.ITLogin", "a.TestCart", "CartTests", "a.A$TestB", "ACase.ASpec"):
        assert re.fullmatch(likely, name) or re.fullmatch(ends, name), name
    for name in ("io.netty.Channel", "a.UNIT", "a.Item", "a.Latest"):
        assert not (re.fullmatch(likely, name) or re.fullmatch(ends, name)), name
