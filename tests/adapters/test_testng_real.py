"""The real TestNG, plain and under Maven, from build_command to a verdict."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters import testng
from adapters.base import Automation, Command, Ending, Finished, Outcome, Tool, Workspace
from adapters.base import ResultFile as File

GOLDEN = Path(__file__).parents[1] / "golden"
SOURCES = GOLDEN / "testng/sources"
JARS = tuple(f"/usr/share/java/{name}.jar" for name in ("testng", "jcommander", "bsh"))
MAVEN_REPOSITORY = Path("/usr/share/maven-repo")
SUREFIRE = MAVEN_REPOSITORY / "org/apache/maven/surefire/surefire-testng"
PARAMS = {"env": 'a "b" <c> & d'}
PLAIN = Tool(("java",), timeout_s=60, options={"class_path": JARS})
# Unforked: a fork of Surefire's waits for seconds.
MAVEN = ("mvn", "-B", "-o", f"-Dmaven.repo.local={MAVEN_REPOSITORY}", "-DforkCount=0")

pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and shutil.which("javac") and Path(JARS[0]).exists()),
    reason=f"needs java, javac and {JARS[0]} (Debian: openjdk-17-jdk-headless, testng)",
)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script of compiled classes and no suite file."""
    folder = tmp_path_factory.mktemp("script")
    command = ["javac", "-encoding", "UTF-8", "-cp", ":".join(JARS), "-d", str(folder / "classes")]
    subprocess.run([*command, *map(str, SOURCES.glob("*.java"))], check=True, timeout=60)
    return folder


def run(script: Path, tmp_path: Path, automation: Automation, tool: Tool = PLAIN) -> Outcome:
    results, tmp = tmp_path / "results", tmp_path / "tmp"
    results.mkdir()
    tmp.mkdir()
    files = tuple(path.relative_to(script) for path in script.rglob("*") if path.is_file())
    command = testng.build_command(automation, tool, Workspace(script, results, tmp, files))
    for name, text in command.files.items():
        (tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp / name).write_text(text, "utf-8")
    code, output = execute(command, script)
    found = [
        *(path for glob in testng.RESULT_FILES for path in results.glob(glob)),
        *(path for glob in testng.SCRIPT_RESULT_FILES for path in script.glob(glob)),
    ]
    read = tuple(File(os.path.relpath(path, script), path.read_bytes()) for path in found)
    finished = Finished(Ending.EXITED, code, output, read, output=output, asked=automation)
    return testng.parse_outcome(finished)


def execute(command: Command, folder: Path) -> tuple[int, str]:
    output = ""
    for argv in (*command.before, command.argv):
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, output
    return 0, output


def statuses(outcome: Outcome) -> list[tuple[str, str]]:
    return sorted((case.name, case.status.value) for case in outcome.cases)


def test_sources_are_compiled_and_their_suite_gives_the_golden_cases(tmp_path: Path) -> None:
    table = (SOURCES.parent / "testng-results.cases").read_text("utf-8").splitlines()
    expected = sorted((row.split(" | ")[2], row.split(" | ")[0]) for row in table)
    script = tmp_path / "script"
    shutil.copytree(SOURCES, script)

    outcome = run(script, tmp_path, Automation(""))

    assert outcome.verdict == "Failed"
    assert statuses(outcome) == expected
    assert "configuration method ng.SetupFails.up failed: no server" in outcome.reason


def test_a_test_sees_parameters_context_and_temporary_folder(script: Path, tmp_path: Path) -> None:
    automation = Automation("ng.EnvTest", PARAMS, context={"run_id": "4711"})

    outcome = run(script, tmp_path, automation)

    assert outcome.verdict == "Passed", outcome.reason
    by_name = {case.name: case for case in outcome.cases}
    assert by_name.keys() == {
        "ng.EnvTest.systemProperty",
        f"ng.EnvTest.suiteParameter({PARAMS['env']})",
    }
    assert f"run 4711\ntmp {tmp_path / 'tmp'}" in by_name["ng.EnvTest.systemProperty"].detail


@pytest.mark.parametrize(
    ("title", "verdict", "names"),
    [
        ("ng.OrderTest.create, ng.OrderTest#price", "Failed", ["create", "price"]),
        ("group:smoke, ng.EnvTest", "Passed", ["suiteParameter", "systemProperty"]),
        ("group:smoke", "Passed", ["create", "suiteParameter", "systemProperty"]),
        ("group:nothing", "Blocked", []),
        # TestNG runs the whole class then, and here all of it passes.
        ("ng.EnvTest#nope", "Blocked", ["nope", "suiteParameter", "systemProperty"]),
        ("ng.NoSuch", "Blocked", []),
        ("ng.LateFailure", "Blocked", ["fine"]),
    ],
)
def test_a_title_runs_what_it_names(
    script: Path, tmp_path: Path, title: str, verdict: str, names: list[str]
) -> None:
    outcome = run(script, tmp_path, Automation(title, PARAMS))

    assert outcome.verdict == verdict, outcome.reason
    found = [case.name.partition("(")[0].rpartition(".")[2] for case in outcome.cases]
    assert sorted(found) == names
    assert verdict != "Blocked" or outcome.reason


@pytest.mark.skipif(
    not (shutil.which("mvn") and SUREFIRE.exists()),
    reason=f"needs mvn and {SUREFIRE} (Debian: maven, libsurefire-java)",
)
def test_a_maven_project_runs_one_method_with_parameters(tmp_path: Path) -> None:
    script = tmp_path / "script"
    shutil.copytree(SOURCES, script / "src/test/java/ng")
    shutil.copy(GOLDEN / "surefire-testng/pom.xml", script)
    tool = Tool(("java",), timeout_s=60, options={"maven": MAVEN})

    outcome = run(script, tmp_path, Automation("ng.EnvTest.systemProperty", PARAMS), tool)

    assert (outcome.verdict, statuses(outcome)) == (
        "Passed",
        [("ng.EnvTest.systemProperty", "Passed")],
    ), outcome.reason
