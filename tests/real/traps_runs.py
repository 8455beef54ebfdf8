"""The runs of the traps: each a script that tempts labfleet to pass it, or to lose something."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fleet import archive
from tests.real import scripts
from tests.real import traps_sources as sources
from tests.real.profiles import CONSOLE, JAVA, MAVEN, TESTNG_JARS, headless

JUNIT, TESTNG, NUNIT = "JUnit (Selenium)", "TestNG (Selenium)", "NUnit (Selenium)"
# The adapter `command` under another agent: a script of the lab's own, which starts what it likes.
PLAIN = "ReadyAPI / SoapUI OS"
HANG_S = 20
# Also for speed: a JVM that lives for a second is quicker without its best compiler.
JVM = {"JAVA_TOOL_OPTIONS": "-Dprofile=kept -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
JUPITER = ("org.junit.jupiter", "junit-jupiter", "5.9.2")
NG = ("org.testng", "testng", "debian")
COMPILED = {
    "PassTest": sources.PASS_TEST,
    "BeforeAllTest": sources.BEFORE_ALL_TEST,
    "IllegalTest": sources.ILLEGAL_TEST,
    "FoldersTest": sources.FOLDERS_TEST,
    "HangTest": sources.HANG_TEST,
    "NoServerTest": sources.NO_SERVER_TEST,
}


@dataclass(frozen=True)
class Queued:
    """What is queued: a script's archive, or a folder where it lies."""

    agent: str
    script: bytes | Path
    title: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def profiles(selenium: Path) -> dict[str, dict[str, Any]]:
    jars = [str(JAVA / "junit4.jar"), str(JAVA / "hamcrest.jar"), str(selenium)]
    return {
        "junit": {
            "executable": ["java", "-jar", str(CONSOLE)],
            "options": {"class_path": jars, "maven": MAVEN},
            "environment": headless() | JVM,
        },
        "testng": {
            "executable": ["java"],
            "options": {"class_path": TESTNG_JARS, "maven": MAVEN},
            "environment": JVM,
        },
        "nunit": {"executable": ["nunit-console"]},
        "plain": {
            "adapter": "command",
            "agent": PLAIN,
            "executable": ["/bin/sh", "run.sh", "{results}"],
            "environment": JVM,
        },
    }


def runs(folder: Path, selenium: Path, tag: str) -> dict[str, Queued]:
    """All runs by name, the longest first; *folder* is for what is made for them.

    The one that hangs has the parameter *tag*.
    """
    hang = {"timeout": HANG_S, "params": {"tag": tag}}
    classes = _compiled(folder / "compiled", selenium)
    return {
        "hangs": Queued(JUNIT, classes("HangTest"), "trap.HangTest", hang),
        **_maven_runs(folder),
        **_ant_runs(folder, classes),
        "folders": Queued(JUNIT, classes("FoldersTest"), "", _marker(folder / "folders.txt")),
        "configuration": Queued(TESTNG, classes("NoServerTest"), "trap.NoServerTest"),
        "no tag": Queued(PLAIN, classes("PassTest", **{"run.sh": _launcher("-t nosuch")})),
        "no fixture": Queued(NUNIT, _assembly(folder / "a"), "Nope.X"),
        "one of two": Queued(NUNIT, _assembly(folder / "b"), "Shop.CalcTests.Adds, Shop.Gone.X"),
        "no assembly": Queued(NUNIT, archive({"Shop.Tests.dll": "not an assembly"})),
        "no class": Queued(JUNIT, classes("PassTest"), "trap.GoneTest"),
    }


def _maven_runs(folder: Path) -> dict[str, Queued]:
    wrong, passing = {"WrongTest": sources.WRONG_TEST}, {"PassTest": sources.PASS_TEST}
    four = _laid(folder / "four", _maven_files(*NG, {"NgTest": sources.NG_TEST}))
    never = {"shop/.mvn/maven.config": "-fn\n"}
    return {
        "failures ignored": Queued(JUNIT, _maven("maven.test.failure.ignore", wrong)),
        "tests skipped": Queued(JUNIT, _maven("maven.test.skip", passing)),
        "filtered": Queued(JUNIT, archive(_maven_files(*JUPITER, passing)), "PassTest, GoneTest"),
        "four dialects": Queued(TESTNG, four),
        "exits": Queued(TESTNG, archive(_modules("ExitTest", sources.EXIT_TEST))),
        "fails never": Queued(
            TESTNG, archive(_modules("BrokenTest", sources.BROKEN_SOURCE) | never)
        ),
    }


def _maven_files(group: str, artifact: str, version: str, tests: dict[str, str]) -> dict[str, str]:
    pom = scripts.POM.format(group=group, artifact=artifact, version=version)
    files = {f"shop/src/test/java/trap/{name}.java": text for name, text in tests.items()}
    return {"shop/pom.xml": pom, **files}


def _maven(switch: str, tests: dict[str, str]) -> bytes:
    """A project whose own pom sets *switch*, as projects do."""
    files = _maven_files(*JUPITER, tests)
    pom = files["shop/pom.xml"]
    stale = {"shop/target/surefire-reports/TEST-shop.OldTest.xml": scripts.STALE}
    set_pom = pom.replace("<properties>", f"<properties><{switch}>true</{switch}>")
    return archive(files | stale | {"shop/pom.xml": set_pom})


def _modules(name: str, source: str) -> dict[str, str]:
    """A module with a test that passes, and one after it that goes wrong."""
    first = _maven_files(*NG, {"NgTest": sources.NG_TEST})
    second = _maven_files(*NG, {name: source})
    moved = {it.replace("shop/", "shop/a/", 1): text for it, text in first.items()}
    moved |= {it.replace("shop/", "shop/b/", 1): text for it, text in second.items()}
    for module in "ab":
        pom = moved[f"shop/{module}/pom.xml"]
        moved[f"shop/{module}/pom.xml"] = pom.replace(">shop</art", f">{module}</art", 1)
    return moved | {"shop/pom.xml": sources.MODULES}


def _ant_runs(folder: Path, classes: "Classes") -> dict[str, Queued]:
    def project(*names: str) -> dict[str, bytes]:
        return {"build.xml": sources.BUILD_XML.encode(), **classes.files(*names)}

    marker = _marker(folder / "forked.txt")
    return {
        "before all": Queued(JUNIT, _laid(folder / "before", project("BeforeAllTest")), "new"),
        "illegal": Queued(JUNIT, _laid(folder / "illegal", project("IllegalTest")), "new"),
        "forked": Queued(JUNIT, _laid(folder / "forked", project("FoldersTest")), "forked", marker),
    }


def _marker(file: Path) -> dict[str, Any]:
    return {"params": {"marker": str(file)}}


def _launcher(options: str) -> str:
    return (
        f"exec java -jar {CONSOLE} -cp classes --scan-class-path {options} "
        '--disable-banner --reports-dir "$1"\n'
    )


def _laid(folder: Path, files: dict[str, Any]) -> Path:
    """Lay a script down to be used where it lies, so that a look at its reports stays possible."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def _assembly(folder: Path) -> bytes:
    return scripts.assembly(sources.CALC_TESTS_CS, folder, "Shop.Tests.dll")


@dataclass(frozen=True)
class Classes:
    """Classes compiled at once; called with names it packs those."""

    folder: Path

    def __call__(self, *names: str, **more: str) -> bytes:
        return archive({**self.files(*names), **more})

    def files(self, *names: str) -> dict[str, bytes]:
        of = {name: self.folder / "trap" / f"{name}.class" for name in names}
        return {f"classes/trap/{name}.class": path.read_bytes() for name, path in of.items()}


def _compiled(folder: Path, selenium: Path) -> Classes:
    files = {f"{name}.java": text for name, text in COMPILED.items()}
    _laid(folder, files)
    jars: Iterable[object] = (CONSOLE, JAVA / "junit4.jar", *TESTNG_JARS, selenium)
    command = ["javac", "-proc:none", "-cp", ":".join(map(str, jars)), "-d", ".", *files]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return Classes(folder)
