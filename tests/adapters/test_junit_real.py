"""The real ConsoleLauncher, from build_command to a verdict."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import junit
from adapters.base import Automation, Outcome, Tool
from tests.adapters.java_runs import CONSOLE, GOLDEN, Script, needs, needs_console, script

SOURCES = GOLDEN / "junit5-console/sources"
MIXED = GOLDEN / "junit-console-output/sources"
JUNIT4 = "/usr/share/java/junit4.jar"
# On Debian the launcher's jar is thin and its parts lie beside it.
LIBRARIES = "/usr/share/java/*"
TOOL = Tool(("java", "-XX:TieredStopAtLevel=1", "-jar", str(CONSOLE)), timeout_s=60)
OLD_TOOL = Tool(TOOL.executable, 60, {"class_path": (JUNIT4,)})

pytestmark = needs_console


def compiled(folder: Path, sources: Path, tool: Tool) -> Script:
    classes = folder / "classes"
    command = ["javac", "-encoding", "UTF-8", "-cp", LIBRARIES, "-d", str(classes)]
    subprocess.run([*command, *map(str, sources.glob("*.java"))], check=True, timeout=60)
    return script(junit, folder, {}, tool)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Script:
    return compiled(tmp_path_factory.mktemp("shop") / "script", SOURCES, TOOL)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Script:
    return compiled(tmp_path_factory.mktemp("mixed") / "script", MIXED, OLD_TOOL)


def said(outcome: Outcome) -> dict[str, str]:
    return {case.name: case.status.value for case in outcome.cases}


def test_a_whole_script_gives_every_case_of_the_golden_report(shop: Script) -> None:
    table = (SOURCES.parent / "TEST-junit-jupiter.cases").read_text("utf-8").splitlines()
    expected = {tuple(cell.strip() for cell in row.split(" |"))[::2][:2] for row in table}

    outcome = shop.run(Automation("", {"target.env": "qa"}))

    assert outcome.verdict == "Failed"
    assert {(case.status.value, case.name) for case in outcome.cases} == expected


@pytest.mark.parametrize(
    ("title", "params", "verdict", "count"),
    [
        ("shop.CartTest#readsProperty", {"target.env": "qa"}, "Passed", 1),
        ("shop.CartTest#off, shop.CartTest#assumed", {}, "Skipped", 2),
        ("shop.CartTest#positive(int)", {}, "Failed", 3),
        ("shop", {}, "Failed", 12),
        ("shop.NoSuchTest", {}, "Blocked", 0),
        ("no.such.place", {}, "Blocked", 0),
    ],
)
def test_a_title_runs_what_it_names(
    shop: Script, title: str, params: dict[str, str], verdict: str, count: int
) -> None:
    outcome = shop.run(Automation(title, params))

    assert (outcome.verdict, len(outcome.cases)) == (verdict, count), outcome.reason
    assert verdict != "Blocked" or outcome.reason


@needs(JUNIT4)
def test_junit_4_runs_by_the_vintage_engine(mixed: Script) -> None:
    outcome = mixed.run(Automation("mix.OldTest, mix.OldParam"))

    assert outcome.verdict == "Failed"
    assert said(outcome) == {
        "mix.OldTest.ok": "Passed",
        "mix.OldTest.bad": "Failed",
        "mix.OldTest.ign": "Skipped",
        "mix.OldParam.inc[0: 1+1]": "Passed",
        "mix.OldParam.inc[1: 2+1]": "Passed",
    }


def test_a_run_cut_in_a_hanging_test_keeps_what_had_ended(mixed: Script) -> None:
    outcome = mixed.run(Automation("mix.ZHangTest, mix.ZZNeverTest"), until="hanging")

    assert outcome.verdict == "Blocked"
    assert said(outcome)["mix.ZHangTest.hang()"] == "Blocked"
    assert "its time being up" in outcome.reason
    assert "of 3 planned" in outcome.reason
    # Which class comes first is the engine's choice: what had not begun is named by the title.
    finished = {name for name, status in said(outcome).items() if status == "Passed"}
    assert finished <= {"mix.ZHangTest.z()", "mix.ZZNeverTest.never()"}
    assert {"mix.ZZNeverTest", "mix.ZZNeverTest.never()"} & set(said(outcome))


def test_a_test_that_ends_the_jvm_with_0_is_no_pass(tmp_path: Path) -> None:
    alone = script(junit, tmp_path / "script", {}, TOOL)
    alone.folder.mkdir()
    (alone.folder / "EndTest.java").write_text(
        "import org.junit.jupiter.api.*;\n"
        "@TestMethodOrder(MethodOrderer.MethodName.class) class EndTest {\n"
        "  @Test void a() {}\n  @Test void b() { System.exit(0); }\n}\n",
        "utf-8",
    )

    outcome = alone.run(Automation("EndTest"))

    assert outcome.verdict == "Blocked"
    assert said(outcome) == {"EndTest.a()": "Passed", "EndTest.b()": "Blocked"}


def sources(folder: Path, tool: Tool, **texts: str) -> Script:
    made = script(junit, folder, {}, tool)
    made.folder.mkdir()
    for name, text in texts.items():
        (made.folder / f"{name}.java").write_text(text, "utf-8")
    return made


def test_the_report_of_one_engine_does_not_pass_what_a_test_of_another_ended(
    tmp_path: Path,
) -> None:
    chat = 'for (int i = 0; i < 20000; i++) System.out.println("DEBUG " + i);'
    forged = 'System.out.println("\\nTest run finished after 7 ms");'
    both = sources(
        tmp_path / "script",
        OLD_TOOL,
        ATest="class ATest { @org.junit.jupiter.api.Test void a() {} }",
        ZTest="public class ZTest { @org.junit.Test public void z() {"
        f" {chat} {forged} System.exit(0); }} @org.junit.Test public void never() {{}} }}",
    )

    finished = both.finish(Automation(""))
    lost = replace(finished, output=finished.output[-100_000:], output_cut=True)

    for seen in (finished, lost):
        outcome = junit.parse_outcome(seen)
        assert (seen.exit_code, outcome.verdict) == (0, "Blocked")
        assert "the launcher did not come to its end" in outcome.reason
        assert said(outcome)["ATest.a()"] == "Passed"


def test_a_test_that_closes_the_output_has_still_ended(tmp_path: Path) -> None:
    closing = sources(
        tmp_path / "script",
        TOOL,
        CliTest="import org.junit.jupiter.api.*; class CliTest { @Test void other() {}"
        " @Test void prints() { try (var w = new java.io.PrintWriter(System.out)) {"
        ' w.println("usage: shop"); } } }',
    )

    outcome = closing.run(Automation(""))

    assert outcome.verdict == "Passed", outcome.reason
    assert said(outcome) == {"CliTest.other()": "Passed", "CliTest.prints()": "Passed"}


@pytest.mark.parametrize("title", ["", "shop"])
def test_a_class_of_any_name_is_run(tmp_path: Path, title: str) -> None:
    made = sources(
        tmp_path / "script",
        TOOL,
        LoginIT="package shop; class LoginIT { @org.junit.jupiter.api.Test void in() {} }",
    )

    assert said(made.run(Automation(title))) == {"shop.LoginIT.in()": "Passed"}


def test_sources_are_compiled_and_run(tmp_path: Path) -> None:
    files = {f"my tests/shop/{it.name}": it for it in SOURCES.glob("*.java")}
    sources = script(junit, tmp_path / "script", files, TOOL)

    outcome = sources.run(Automation("shop.CartTest#emptyTotal"))

    assert (outcome.verdict, said(outcome)) == ("Passed", {"shop.CartTest.emptyTotal()": "Passed"})


def test_sources_that_do_not_compile_are_blocked_with_the_line(tmp_path: Path) -> None:
    broken = script(junit, tmp_path / "script", {}, TOOL)
    broken.folder.mkdir()
    (broken.folder / "ATest.java").write_text("class ATest { void a() { nosuch(); } }\n", "utf-8")

    outcome = broken.run(Automation("ATest"))

    assert outcome.verdict == "Blocked"
    assert "ATest.java:1: error: cannot find symbol" in outcome.reason.splitlines()[0]
