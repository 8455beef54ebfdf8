"""The real ConsoleLauncher, from build_command to a verdict."""

import shutil
import subprocess
from pathlib import Path

import pytest

from adapters import junit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Tool, Workspace

LAUNCHER = Path("/usr/share/java/junit-platform-console-standalone.jar")
SOURCES = Path(__file__).parents[1] / "golden/junit5-console/sources"
# On Debian the launcher's jar is thin and its parts lie beside it.
LIBRARIES = "/usr/share/java/*"

pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and shutil.which("javac") and LAUNCHER.exists()),
    reason=f"needs java, javac and {LAUNCHER} (Debian: openjdk-17-jdk-headless, junit5)",
)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("script")
    classes = folder / "classes"
    command = ["javac", "-encoding", "UTF-8", "-cp", LIBRARIES, "-d", str(classes)]
    subprocess.run([*command, *map(str, SOURCES.glob("*.java"))], check=True, timeout=60)
    return folder


def run(script: Path, results: Path, automation: Automation) -> Outcome:
    files = tuple(path.relative_to(script) for path in script.rglob("*") if path.is_file())
    tool = Tool(("java", "-jar", str(LAUNCHER)), timeout_s=60)
    command = junit.build_command(
        automation, tool, Workspace(script, results, script.parent / "tmp", files)
    )
    done = subprocess.run(
        command.argv, cwd=script, capture_output=True, text=True, timeout=60, check=False
    )
    found = sorted(path for glob in junit.RESULT_FILES for path in results.glob(glob))
    read = tuple(ResultFile(path.name, path.read_bytes()) for path in found)
    return junit.parse_outcome(Finished(Ending.EXITED, done.returncode, done.stdout, read))


def test_a_whole_script_gives_every_case_of_the_golden_report(script: Path, tmp_path: Path) -> None:
    table = (SOURCES.parent / "TEST-junit-jupiter.cases").read_text("utf-8").splitlines()
    expected = {tuple(cell.strip() for cell in row.split(" |"))[::2][:2] for row in table}

    outcome = run(script, tmp_path, Automation("", {"target.env": "qa"}))

    assert outcome.verdict == "Failed"
    assert {(case.status.value, case.name) for case in outcome.cases} == expected


@pytest.mark.parametrize(
    ("title", "params", "verdict", "count"),
    [
        ("shop.CartTest#readsProperty", {"target.env": "qa"}, "Passed", 1),
        ("shop.CartTest#off, shop.CartTest#assumed", {}, "Skipped", 2),
        ("shop", {}, "Failed", 12),
        ("shop.NoSuchTest", {}, "Blocked", 0),
        ("no.such.place", {}, "Blocked", 0),
    ],
)
def test_a_title_runs_what_it_names(
    script: Path, tmp_path: Path, title: str, params: dict[str, str], verdict: str, count: int
) -> None:
    outcome = run(script, tmp_path, Automation(title, params))

    assert (outcome.verdict, len(outcome.cases)) == (verdict, count), outcome.reason
    assert verdict != "Blocked" or outcome.reason
