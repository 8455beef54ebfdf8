from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import ADAPTERS, junit
from adapters.base import AdapterError, Automation, Tool, Workspace
from adapters.java.script import class_path
from adapters.junit.selection import selection

LAUNCHER = ("java", "-jar", "/opt/console.jar")
TMP = "-Djava.io.tmpdir=/w/tmp"


def place(*files: str, flavour: type[PurePath] = PurePosixPath) -> Workspace:
    root = "C:/w" if flavour is PureWindowsPath else "/w"
    paths = tuple(flavour(file) for file in files)
    folders = (flavour(f"{root}/{name}") for name in ("script", "results", "tmp"))
    return Workspace(*folders, paths)


def argv(
    title: str = "",
    *,
    executable: tuple[str, ...] = LAUNCHER,
    where: Workspace | None = None,
    **p: str,
) -> tuple[str, ...]:
    automation = Automation(title, p)
    return junit.build_command(automation, Tool(executable, 60), where or place()).argv


def test_both_adapters_serve_the_agent_of_the_api() -> None:
    assert ADAPTERS["junit"].AGENT == ADAPTERS["command"].AGENT == "JUnit (Selenium)"
    assert ADAPTERS["junit"].RESULT_FILES == ("**/TEST-*.xml",)
    assert ADAPTERS["command"].RESULT_FILES == ("**/*.xml",)


def test_a_whole_script_is_scanned() -> None:
    assert argv() == (
        "java", TMP, "-jar", "/opt/console.jar", "--class-path", "/w/script", "--scan-class-path",
        "--include-classname=.*", "--reports-dir", "/w/results", "--details=verbose",
        "--details-theme=ascii",
        "--disable-banner",
        "--disable-ansi-colors", "--fail-if-no-tests",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("executable", "start"),
    [
        (LAUNCHER, ("java", "-Denv=qa", TMP, "-jar", "/opt/console.jar")),
        (("xvfb-run", "-a", *LAUNCHER), ("xvfb-run", "-a", "java", "-Denv=qa", TMP, "-jar")),
        (("/jdk/bin/java", "-cp", "x.jar", "Main"), ("/jdk/bin/java", "-Denv=qa", TMP, "-cp")),
        ((r"C:\jdk\bin\java.EXE", "@args"), (r"C:\jdk\bin\java.EXE", "-Denv=qa", TMP, "@args")),
    ],
)
def test_parameters_stand_where_java_takes_them(
    executable: tuple[str, ...], start: tuple[str, ...]
) -> None:
    assert argv(executable=executable, env="qa")[: len(start)] == start


def test_a_parameters_value_may_be_anything() -> None:
    assert argv(a="x y=-z; {title} $(id)")[1] == "-Da=x y=-z; {title} $(id)"


@pytest.mark.parametrize("name", ["", "a b", "a=b", "-x", "a\n", "ä", "1a", "a:b"])
def test_a_parameter_with_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(AdapterError, match="cannot be the name of a parameter"):
        argv(**{name: "1"})


def test_a_parameter_needs_a_java_to_take_it() -> None:
    assert argv(executable=("run-tests",))[0] == "run-tests"
    with pytest.raises(AdapterError, match="not java"):
        argv(executable=("run-tests",), env="qa")


def test_a_nul_in_a_parameter_is_refused() -> None:
    with pytest.raises(AdapterError, match="NUL"):
        argv(env="a\0b")


FILES = ("shop/CartTest.class", "shop/cart/SumTest.class", "shop/lower.class", "README.md")


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("", []),
        (" , ", []),
        ("shop.CartTest", ["--select-class", "shop.CartTest"]),
        ("shop.lower", ["--select-class", "shop.lower"]),
        ("shop.CartTest$Inner", ["--select-class", "shop.CartTest$Inner"]),
        ("shop.CartTest#sum", ["--select-method", "shop.CartTest#sum"]),
        ("shop.CartTest#sum(int, int)", ["--select-method", "shop.CartTest#sum(int, int)"]),
        ("shop", ["--select-package", "shop"]),
        ("shop.cart", ["--select-package", "shop.cart"]),
        ("in.jar.Test1", ["--select-class", "in.jar.Test1"]),
        ("in.jar", ["--select-package", "in.jar"]),
        ("shop.A#b(int,int),", ["--select-method", "shop.A#b(int,int)"]),
    ],
)
def test_a_title_selects_classes_methods_and_packages(title: str, options: list[str]) -> None:
    assert selection(title, [PurePosixPath(file) for file in FILES]) == options


def test_a_title_may_name_several_tests() -> None:
    options = selection("shop.CartTest, shop.cart,shop.A#b(int,int)", [PurePosixPath(FILES[1])])

    assert options == [
        "--select-class", "shop.CartTest", "--select-package", "shop.cart",
        "--select-method", "shop.A#b(int,int)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        "-x",
        "--help",
        "shop.A, --help",
        "@file",
        "Login works",
        "a/b",
        "#m",
        "A#",
        "A# ",
        ".A",
        "a\0",
    ],
)
def test_a_title_that_names_no_test_is_refused(title: str) -> None:
    with pytest.raises(AdapterError, match="is not a class, Class#method or package"):
        argv(title)


def test_the_class_path_holds_the_folder_its_class_folders_and_its_jars() -> None:
    where = place(
        "project/target/classes/shop/Cart.class",
        "project/target/test-classes/shop/CartTest.class",
        "build/classes/java/test/shop/ATest.class",
        "lib/selenium.JAR",
        "tests.jar",
        "README.md",
    )

    assert class_path(where).split(":") == [
        "/w/script",
        "/w/script/project/target/classes",
        "/w/script/project/target/test-classes",
        "/w/script/build/classes",
        "/w/script/build/classes/java/test",
        "/w/script/lib/selenium.JAR",
        "/w/script/tests.jar",
    ]


def test_classes_below_a_folder_of_classes_are_known_by_their_name() -> None:
    files = [PurePosixPath("target/test-classes/shop/lower.class")]

    assert selection("shop.lower", files) == ["--select-class", "shop.lower"]
    assert selection("Shop", [PurePosixPath("classes/Shop/A.class")]) == [
        "--select-package",
        "Shop",
    ]


def test_a_windows_machine_gets_windows_paths() -> None:
    where = place("classes/shop/A.class", "lib/a.jar", flavour=PureWindowsPath)

    command = argv(where=where)

    assert command[5] == r"C:\w\script;C:\w\script\classes;C:\w\script\lib\a.jar"
    assert command[command.index("--reports-dir") + 1] == r"C:\w\results"


def test_a_path_that_a_class_path_cannot_hold_is_refused() -> None:
    with pytest.raises(AdapterError, match="parts a class path"):
        argv(where=place("a:b.jar"))
