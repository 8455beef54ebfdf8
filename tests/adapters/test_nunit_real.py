"""The real NUnit 2 console on Mono, from build_command to a verdict.

nunit3-console and dotnet cannot be had here: their command lines are tested as they are built.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters import nunit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Tool, Workspace

FRAMEWORK = Path("/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll")
GOLDEN = Path(__file__).parents[1] / "golden/nunit2"

pytestmark = pytest.mark.skipif(
    not (shutil.which("nunit-console") and shutil.which("mcs") and FRAMEWORK.exists()),
    reason="needs nunit-console, mcs and NUnit 2 (Debian: nunit-console libnunit-cil-dev mono-mcs)",
)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("script")
    for source, assembly in (("Tests.cs", "Shop.Tests.dll"), ("Odd.cs", "Odd.dll")):
        command = ["mcs", "-target:library", f"-r:{FRAMEWORK}", f"-out:{folder / assembly}"]
        subprocess.run([*command, str(GOLDEN / "sources" / source)], check=True, timeout=60)
    return folder


def run(script: Path, place: Path, title: str) -> Outcome:
    for name in ("results", "tmp"):
        (place / name).mkdir()
    files = tuple(path.relative_to(script) for path in script.iterdir())
    workspace = Workspace(script, place / "results", place / "tmp", files)
    asked, tool = Automation(title), Tool(("nunit-console",), timeout_s=60)
    command = nunit.build_command(asked, tool, workspace)
    for path, text in command.files.items():
        (place / "tmp" / path).write_text(text, "utf-8")
    done = subprocess.run(
        command.argv,
        cwd=script,
        env={**os.environ, "TMPDIR": str(place / "tmp"), "LABFLEET_PARAM_ENV": "qa"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = sorted(it for glob in nunit.RESULT_FILES for it in workspace_files(place, glob))
    read = tuple(ResultFile(path.name, path.read_bytes()) for path in found)
    return nunit.parse_outcome(
        Finished(Ending.EXITED, done.returncode, done.stdout + done.stderr, read, asked=asked)
    )


def workspace_files(place: Path, glob: str) -> list[Path]:
    return list((place / "results").glob(glob))


@pytest.mark.parametrize(("title", "table"), [("", "TestResult.cases"), ("Odd.dll", "odd.cases")])
def test_a_whole_assembly_gives_every_case_of_the_golden_report(
    script: Path, tmp_path: Path, title: str, table: str
) -> None:
    rows = [row.split(" |") for row in (GOLDEN / table).read_text("utf-8").splitlines()]
    expected = sorted((status.strip(), name.strip()) for status, _, name, *_ in rows)

    outcome = run(script, tmp_path, title)

    assert outcome.verdict == "Failed"
    assert sorted((case.status.value, case.name) for case in outcome.cases) == expected


@pytest.mark.parametrize(
    ("title", "verdict", "count"),
    [
        ("Shop.Tests.CartTests", "Failed", 10),
        ("Shop.Tests.CartTests.Adds", "Passed", 1),
        ("Shop.Tests.CartTests#Adds, Shop.Tests.CartTests.Each(1)", "Passed", 2),
        ("Shop.Tests.CartTests#Off", "Skipped", 1),
        ("cat:smoke", "Passed", 1),
        ("Odd.dll: Odd.Parameters", "Passed", 4),
        ('Odd.dll: Odd.Parameters("a.b").Each("x.y,z")', "Passed", 1),
        ("Odd.dll: InNoNamespace.ReadsEnvironment", "Passed", 1),
        ("Odd.dll: cat:smoke", "Passed", 1),
        # A tear-down that fails shows in no case, no count and no exit code.
        ("Odd.dll: Odd.BadDown", "Failed", 2),
        ("Odd.dll: Odd.BadNamespaceEnd.F", "Failed", 2),
    ],
)
def test_a_title_runs_what_it_names(
    script: Path, tmp_path: Path, title: str, verdict: str, count: int
) -> None:
    outcome = run(script, tmp_path, title)

    assert (outcome.verdict, len(outcome.cases)) == (verdict, count), outcome.reason


def test_a_fixture_whose_set_up_fails_is_blocked_with_its_cause(
    script: Path, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, "Shop.Tests.BadSetup")

    assert outcome.verdict == "Blocked"
    assert [case.status for case in outcome.cases] == ["Blocked", "Blocked"]
    assert outcome.reason.endswith(
        "TestFixtureSetUp failed in BadSetup: SetUp : System.Exception : no server"
    )


@pytest.mark.parametrize("title", ["No.Such.Fixture", "No.A, No.B", "cat:nothing"])
def test_what_matches_nothing_is_blocked_though_the_runner_says_0(
    script: Path, tmp_path: Path, title: str
) -> None:
    outcome = run(script, tmp_path, title)

    assert (outcome.verdict, outcome.cases) == ("Blocked", ())
    assert outcome.reason.startswith("the report holds no test case (exit code 0)")


def test_one_named_test_that_is_not_there_blocks_the_others(script: Path, tmp_path: Path) -> None:
    outcome = run(script, tmp_path, "Shop.Tests.CartTests.Adds, Shop.Tests.CartTests.Gone")

    assert outcome.verdict == "Blocked"
    assert [case.status for case in outcome.cases] == ["Passed", "Blocked"]


def test_an_assembly_that_is_gone_is_explained(script: Path, tmp_path: Path) -> None:
    gone = script / "Gone.Test.dll"
    listed = Workspace(script, tmp_path, tmp_path, (gone.relative_to(script),))
    command = nunit.build_command(Automation(""), Tool(("nunit-console",), 60), listed)

    done = subprocess.run(
        command.argv, cwd=script, capture_output=True, text=True, timeout=60, check=False
    )
    outcome = nunit.parse_outcome(Finished(Ending.EXITED, done.returncode, done.stdout))

    assert done.returncode == 254
    assert outcome.reason.startswith("the assembly was not found or cannot be loaded; ")
    assert "(-2 modulo 256)" in outcome.reason
    assert "Could not find file" in outcome.reason


def test_a_file_that_is_no_assembly_is_explained(
    script: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path_factory.mktemp("broken")
    (broken / "Broken.Tests.dll").write_text("no assembly", "utf-8")

    outcome = run(broken, tmp_path, "")

    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith("the runner met an unexpected error; ")
