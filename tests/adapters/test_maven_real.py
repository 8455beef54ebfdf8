"""Real Maven projects, offline against Debian's repository, from build_command to a verdict."""

from pathlib import Path

import pytest

from adapters import junit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Tool
from tests.adapters.java_runs import CONSOLE, GOLDEN, MAVEN, Script, needs, script

SOURCES = GOLDEN / "junit5-console/sources"
TOOL = Tool(("java", "-jar", str(CONSOLE)), 60, {"maven": MAVEN})
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
 <modelVersion>4.0.0</modelVersion><groupId>lab</groupId><artifactId>lab</artifactId>
 <version>1</version>
 <properties>
  <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
 </properties>
 <dependencies><dependency><groupId>org.junit.jupiter</groupId>
  <artifactId>junit-jupiter</artifactId><version>5.9.2</version><scope>test</scope>
 </dependency></dependencies>
</project>"""
EXITS = """package shop;
class ExitTest { @org.junit.jupiter.api.Test void exits() { System.exit(0); } }"""

pytestmark = needs(
    "/usr/bin/mvn",
    "/usr/share/maven-repo/org/apache/maven/plugins/maven-surefire-plugin/2.22.3",
    "/usr/share/maven-repo/org/junit/jupiter/junit-jupiter/5.9.2",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Script:
    folder = tmp_path_factory.mktemp("maven") / "script"
    files = {f"shop/src/test/java/shop/{it.name}": it for it in SOURCES.glob("*.java")}
    made = script(junit, folder, files, TOOL)
    (folder / "shop/pom.xml").write_text(POM, "utf-8")
    return made


def names(outcome: Outcome, status: str) -> set[str]:
    return {case.name for case in outcome.cases if case.status.value == status}


def test_a_title_runs_one_method_with_its_parameters(project: Script) -> None:
    automation = Automation("CartTest#emptyTotal+readsProperty", {"target.env": "qa"})

    outcome = project.run(automation)

    assert outcome.verdict == "Passed", outcome.reason
    assert names(outcome, "Passed") == {"shop.CartTest.emptyTotal", "shop.CartTest.readsProperty"}


def test_a_package_gives_every_case_that_surefire_reports(project: Script) -> None:
    outcome = project.run(Automation("shop"))

    assert outcome.verdict == "Failed"
    assert names(outcome, "Blocked") == {"shop.BrokenSetupTest"}
    assert names(outcome, "Skipped") == {"shop.CartTest.off", "shop.CartTest.assumed"}
    assert len(outcome.cases) == 11


def test_a_title_that_matches_nothing_is_blocked_whatever_earlier_runs_left(
    project: Script,
) -> None:
    outcome = project.run(Automation("shop.NoSuchTest"))

    assert (outcome.verdict, outcome.cases) == ("Blocked", ())
    assert "No tests were executed!" in outcome.reason.partition("; the tool")[0]


def test_a_test_that_ends_maven_with_0_is_blocked_and_named(
    project: Script, tmp_path: Path
) -> None:
    files = {
        str(it.relative_to(project.folder)): it
        for it in project.folder.rglob("*")
        if it.suffix in {".java", ".xml"} and "target" not in it.parts
    }
    other = script(junit, tmp_path / "script", files, TOOL)
    (other.folder / "shop/src/test/java/shop/ExitTest.java").write_text(EXITS, "utf-8")

    outcome = other.run(Automation("shop.CartTest#emptyTotal, shop.ExitTest"))

    assert outcome.verdict == "Blocked"
    assert "shop.ExitTest" in names(outcome, "Blocked")
    assert "Maven did not come to its end" in outcome.reason


def test_what_a_script_sets_of_mavens_log_does_not_hide_that_a_test_ended_it(
    tmp_path: Path,
) -> None:
    files = {
        "pom.xml": POM,
        "src/test/java/shop/AlphaTest.java": EXITS.replace("Exit", "Alpha").replace(
            "System.exit(0);", ""
        ),
        ".mvn/maven.config": "-q\n-Dorg.slf4j.simpleLogger.levelInBrackets=false\n",
        ".mvn/jvm.config": "-Dorg.slf4j.simpleLogger.showDateTime=true\n",
    }
    quiet = script(junit, tmp_path / "script", {}, TOOL)
    for name, text in files.items():
        (quiet.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (quiet.folder / name).write_text(text, "utf-8")

    assert quiet.run(Automation("")).verdict == "Passed"

    (quiet.folder / "src/test/java/shop/ExitTest.java").write_text(EXITS, "utf-8")
    outcome = quiet.run(Automation("", {"surefire": "no meaning"}))

    assert outcome.verdict == "Blocked"
    assert "Maven did not come to its end" in outcome.reason
    assert names(outcome, "Blocked") == {"shop.ExitTest"}


def test_a_compile_error_is_blocked_with_its_line(tmp_path: Path) -> None:
    broken = script(junit, tmp_path / "script", {}, TOOL)
    source = broken.folder / "src/test/java/shop/BrokenTest.java"
    source.parent.mkdir(parents=True)
    source.write_text("package shop;\nclass BrokenTest { void a() { nosuch(); } }\n", "utf-8")
    (broken.folder / "pom.xml").write_text(POM, "utf-8")

    outcome = broken.run(Automation(""))

    assert outcome.verdict == "Blocked"
    first = outcome.reason.splitlines()[0]
    assert "Compilation failure" in first
    assert "BrokenTest.java:[2,31] cannot find symbol" in first


def test_green_reports_beside_a_dead_jvm_are_no_pass_though_maven_says_success() -> None:
    text = (GOLDEN / "maven-output/fork-died-failures-ignored.txt").read_text("utf-8")
    green = b'<testsuite><testcase classname="shop.CartTest" name="a"/></testsuite>'
    files = (ResultFile("target/surefire-reports/TEST-shop.CartTest.xml", green),)

    outcome = junit.parse_outcome(Finished(Ending.EXITED, 0, text, files, output=text))

    assert outcome.verdict == "Blocked"
    assert "a JVM with tests ended before its time" in outcome.reason
    assert names(outcome, "Blocked") == {"shop.ExitTest"}
