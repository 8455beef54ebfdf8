"""Real Ant projects, from build_command to a verdict."""

import pytest

from adapters import junit
from adapters.base import Automation, Outcome, Tool
from tests.adapters.java_runs import GOLDEN, Script, needs, script

SOURCES = GOLDEN / "junit5-console/sources"
TOOL = Tool(("ant",), 60)
BUILD = """<project default="old">
 <path id="junit">
  <fileset dir="/usr/share/java" includes="junit4.jar,hamcrest.jar,junit-jupiter-*.jar,
    junit-platform-*.jar,opentest4j.jar,apiguardian-api.jar"/>
  <pathelement location="classes"/>
 </path>
 <target name="compile">
  <mkdir dir="classes"/><mkdir dir="reports"/>
  <javac srcdir="." destdir="classes" includeantruntime="false" encoding="UTF-8"
         classpathref="junit"/>
 </target>
 <target name="old" depends="compile">
  <junit haltonfailure="no" fork="${fork}" dir="."><classpath refid="junit"/>
   <sysproperty key="env" value="${env}"/>
   <formatter type="xml"/><test name="old.EnvTest" todir="${labfleet.results}"/></junit>
 </target>
 <target name="new" depends="compile">
  <junitlauncher><classpath refid="junit"/>
   <testclasses outputDir="reports"><fileset dir="classes" includes="shop/*Test.class"/>
    <listener type="legacy-xml"/></testclasses></junitlauncher>
 </target>
 <target name="exits" depends="old">
  <junit fork="no"><classpath refid="junit"/>
   <formatter type="xml"/><test name="old.ExitTest" todir="${labfleet.results}"/></junit>
 </target>
 <target name="nothing"/>
</project>"""
OLD = """package old;
public class EnvTest {
  @org.junit.Test public void env() {
    org.junit.Assert.assertEquals("q \\"a\\" $(x)", System.getProperty("env"));
    System.out.println("tmp is " + System.getProperty("java.io.tmpdir"));
  }
}"""
EXITS = """package old;
public class ExitTest { @org.junit.Test public void exits() { System.exit(0); } }"""
PARAMS = {"env": 'q "a" $(x)', "fork": "no"}

pytestmark = needs(
    "/usr/bin/ant",
    "/usr/share/java/ant-junit.jar",
    "/usr/share/java/ant-junitlauncher.jar",
    "/usr/share/java/junit4.jar",
    "/usr/share/java/junit-platform-launcher.jar",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Script:
    folder = tmp_path_factory.mktemp("ant") / "script"
    made = script(junit, folder, {f"shop/{it.name}": it for it in SOURCES.glob("*.java")}, TOOL)
    (folder / "old").mkdir()
    (folder / "old/EnvTest.java").write_text(OLD, "utf-8")
    (folder / "old/ExitTest.java").write_text(EXITS, "utf-8")
    (folder / "build.xml").write_text(BUILD, "utf-8")
    return made


def run(project: Script, title: str = "") -> Outcome:
    return project.run(Automation(title, PARAMS))


def test_the_default_target_reports_to_the_results_folder_with_its_parameters(
    project: Script,
) -> None:
    outcome = run(project)

    assert (outcome.verdict, [it.name for it in outcome.cases]) == ("Passed", ["old.EnvTest.env"])
    assert not list(project.folder.rglob("TEST-*.xml"))


def test_a_named_target_reports_in_the_scripts_folder(project: Script) -> None:
    outcome = run(project, "new")

    assert outcome.verdict == "Failed"
    assert {"shop.CartTest.wrongTotal()", "shop.CartTest.emptyTotal()"} <= {
        case.name for case in outcome.cases
    }
    assert all(case.name.startswith("shop.") for case in outcome.cases)


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("nothing", "the tool left no report (exit code 0)"),
        ("nosuch", 'Target "nosuch" does not exist in the project'),
    ],
)
def test_a_target_without_a_report_is_blocked(project: Script, title: str, reason: str) -> None:
    outcome = run(project, title)

    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith(reason)


def test_what_ends_ant_itself_with_0_is_no_pass(project: Script) -> None:
    outcome = run(project, "exits")

    assert outcome.verdict == "Blocked"
    assert "Ant did not come to its end" in outcome.reason
    assert [case.status.value for case in outcome.cases] == ["Passed"]
