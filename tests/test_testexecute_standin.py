"""The TestComplete adapter against stand-ins for TestExecute and SessionCreator.

No real SmartBear product ran here: what stands is the adapter's part, from a title to an outcome.
"""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters import testcomplete
from adapters.base import (
    Automation,
    Ending,
    Finished,
    Outcome,
    ResultFile,
    Tool,
    Verdict,
    Workspace,
)

TOOLS = Path(__file__).parent / "standin_tools"
TESTEXECUTE = (sys.executable, str(TOOLS / "testexecute_standin.py"))
SESSION_CREATOR = (sys.executable, str(TOOLS / "sessioncreator_standin.py"))

GOOD = {"name": "Cart", "status": "ok", "ms": 1200, "unit": "Carts", "routine": "Cart_Test"}
WARNING = {"name": "Tax", "status": "warning", "ms": 5, "warnings": ["rounded"], "tags": ["money"]}
BAD = {
    "name": "Pay",
    "status": "error",
    "ms": 1,
    "errors": ["no card", "stopped"],
    "tags": ["money"],
}


@dataclass
class Lab:
    """A machine with the stand-in on it, and a suite to run."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    attempts: int = 0

    def plan(self, *tests: dict, **more: object) -> None:
        """Say what the suite Shop holds: one project, Web, with *tests*."""
        document = {"projects": [{"name": "Web", "tests": list(tests)}], **more}
        (self.folder / "Shop.standin.json").write_text(json.dumps(document), "utf-8")

    def workspace(self) -> Workspace:
        self.attempts += 1
        results = self.folder / f"results {self.attempts}"
        results.mkdir()
        files = tuple(path.relative_to(self.folder) for path in self.folder.glob("*.pjs"))
        return Workspace(self.folder, results, self.folder, files)

    def start(
        self, title: str = "", *, workspace: Workspace, tool: Tool | None = None, **asked: object
    ) -> "subprocess.Popen[bytes]":
        automation = Automation(title, **asked)  # type: ignore[arg-type] - a test names them
        tool = tool or Tool(TESTEXECUTE, 60)
        command = testcomplete.build_command(automation, tool, workspace)
        output = (self.folder / "output").open("wb")
        with output:
            return subprocess.Popen(
                command.argv,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def finish(
        self,
        process: "subprocess.Popen[bytes]",
        workspace: Workspace,
        ending: Ending = Ending.EXITED,
    ) -> Outcome:
        code = process.wait(30)
        files = tuple(
            ResultFile(path.name, path.read_bytes())
            for pattern in testcomplete.RESULT_FILES
            for path in sorted(Path(workspace.results).glob(pattern))
        )
        output = (self.folder / "output").read_text("utf-8")
        exit_code = code if ending is Ending.EXITED else None
        return testcomplete.parse_outcome(Finished(ending, exit_code, output, files, seconds=1))

    def run(self, title: str = "", tool: Tool | None = None, **asked: object) -> Outcome:
        workspace = self.workspace()
        return self.finish(self.start(title, workspace=workspace, tool=tool, **asked), workspace)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    folder = tmp_path / "script"
    folder.mkdir()
    (folder / "Shop.pjs").write_text("stand-in suite", "utf-8")
    lab = Lab(folder, {"TESTEXECUTE_STANDIN_LOCK": str(tmp_path / "lock")})
    lab.plan(GOOD, BAD, WARNING)
    yield lab
    if (child := tmp_path / "child").exists():
        os.kill(int(child.read_text("ascii")), signal.SIGKILL)


def statuses(outcome: Outcome) -> list[tuple[str, str]]:
    return [(case.name, str(case.status)) for case in outcome.cases]


@pytest.mark.parametrize("order", ["reversed", "forward"])
def test_a_standin_suite_gives_its_cases_in_the_order_of_the_run(lab: Lab, order: str) -> None:
    lab.plan(GOOD, BAD, WARNING, order=order)

    outcome = lab.run()

    assert outcome.verdict is Verdict.FAILED
    assert statuses(outcome) == [
        ("Web/Cart", "Passed"),
        ("Web/Pay", "Failed"),
        ("Web/Tax", "Passed"),
    ]
    cart, pay, tax = outcome.cases
    assert cart.seconds == 1.2
    assert (pay.message, pay.detail) == ("no card", "no card\n\nstopped")
    assert tax.message == "it ended with warnings: rounded"
    assert (outcome.log_file, outcome.report_file) == ("run.tcLogX", "run.mht")


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Shop", ["Web/Cart", "Web/Pay", "Web/Tax"]),
        (r"shop.pjs\WEB", ["Web/Cart", "Web/Pay", "Web/Tax"]),
        (r"Shop\Web\Pay", ["Web/Pay"]),
        (r"Shop\Web\KeywordTests\Tax", ["Web/Tax"]),
        (r"Shop\Web\tags:@money", ["Web/Pay", "Web/Tax"]),
        (r"Shop\Web\Script\Carts\Cart_Test", [r"Script Test Log [Carts\Cart_Test]"]),
    ],
)
def test_a_title_selects_in_the_standin_what_it_names(
    lab: Lab, title: str, names: list[str]
) -> None:
    assert [case.name for case in lab.run(title).cases] == names


def test_a_clean_run_of_the_standin_passes(lab: Lab) -> None:
    lab.plan(GOOD)

    outcome = lab.run()

    assert (outcome.verdict, outcome.reason) == (Verdict.PASSED, "")


def test_warnings_of_the_standin_pass_with_a_note(lab: Lab) -> None:
    lab.plan(GOOD, WARNING)

    outcome = lab.run()

    assert outcome.verdict is Verdict.PASSED
    assert outcome.reason == "the run ended with warnings (exit code 1)"


def test_warnings_of_the_standin_fail_where_the_option_says_so(lab: Lab) -> None:
    lab.plan(GOOD, WARNING)

    outcome = lab.run(tool=Tool(TESTEXECUTE, 60, {"warnings_fail": ("yes",)}))

    assert outcome.verdict is Verdict.FAILED
    assert statuses(outcome) == [("Web/Cart", "Passed"), ("Web/Tax", "Failed")]
    assert outcome.log_file == "run.warnings-fail.tcLogX"


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("no-desktop", "there is no interactive desktop"),
        ("quiet-licence", "no licence was to be had"),
        ("damaged", "the installation of the product is damaged"),
        ("no-log", "the product wrote no log"),
        ("truncated-log", "run.tcLogX: the archive is damaged or cut off"),
        ("interrupted", "the run was interrupted before its end"),
    ],
)
def test_a_standin_in_a_bad_mood_is_blocked_with_a_reason(lab: Lab, mood: str, reason: str) -> None:
    lab.plan(GOOD)
    lab.environment["TESTEXECUTE_STANDIN_MOOD"] = mood

    outcome = lab.run()

    assert outcome.verdict is Verdict.BLOCKED
    assert reason in outcome.reason
    assert outcome.log_file == ("run.tcLogX" if mood in {"truncated-log", "interrupted"} else "")


def test_a_failure_of_an_interrupted_standin_is_a_failure(lab: Lab) -> None:
    lab.environment["TESTEXECUTE_STANDIN_MOOD"] = "interrupted"

    outcome = lab.run()

    assert outcome.verdict is Verdict.FAILED
    assert "interrupted" in outcome.reason


def test_a_name_that_the_standin_does_not_know_is_blocked_with_its_words(lab: Lab) -> None:
    outcome = lab.run(r"Shop\Web\Nothing")

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason.startswith("the test could not be run: look for a wrong name")
    assert "There are no selected test items to be run." in outcome.reason


def test_a_second_standin_on_the_machine_is_blocked_and_the_first_goes_on(lab: Lab) -> None:
    lab.plan({**GOOD, "seconds": 1.5})
    first, second = lab.workspace(), lab.workspace()

    running = lab.start(workspace=first)
    while not (lab.folder.parent / "lock").exists():
        assert running.poll() is None
    blocked = lab.finish(lab.start(workspace=second), second)
    outcome = lab.finish(running, first)

    assert blocked.verdict is Verdict.BLOCKED
    assert blocked.reason.startswith("another TestComplete or TestExecute is running")
    assert outcome.verdict is Verdict.PASSED


def test_an_empty_licence_pool_of_the_standin_is_blocked(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "licences").mkdir()
    lab.environment["TESTEXECUTE_STANDIN_LICENCES"] = str(tmp_path / "licences")

    outcome = lab.run()

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason.startswith("no licence was to be had")


def test_the_standin_takes_the_access_key(lab: Lab) -> None:
    lab.plan(GOOD, access_key="key 1")

    assert lab.run(tool=Tool(TESTEXECUTE, 60, access_key="key 1")).verdict is Verdict.PASSED
    assert lab.run(tool=Tool(TESTEXECUTE, 60)).verdict is Verdict.BLOCKED


def test_the_standin_ends_by_itself_before_our_limit_and_tells_what_was_finished(lab: Lab) -> None:
    lab.plan(GOOD, {**GOOD, "name": "Long", "seconds": 30}, {**GOOD, "name": "Late"})

    outcome = lab.run(tool=Tool(TESTEXECUTE, 2))

    assert outcome.verdict is Verdict.BLOCKED
    assert "the product ended the run after its /Timeout" in outcome.reason
    assert statuses(outcome) == [
        ("Web/Cart", "Passed"),
        ("Web/Long", "Blocked"),
        ("Web/Late", "Blocked"),
    ]


def test_a_failure_before_the_timeout_of_the_standin_is_a_failure(lab: Lab) -> None:
    lab.plan(BAD, {**GOOD, "seconds": 30})

    outcome = lab.run(tool=Tool(TESTEXECUTE, 2))

    assert outcome.verdict is Verdict.FAILED
    assert statuses(outcome) == [("Web/Pay", "Failed"), ("Web/Cart", "Blocked")]


@pytest.mark.parametrize("mood", ["hang", "ignore-term", "licence-prompt"])
def test_a_standin_that_we_had_to_end_is_blocked(lab: Lab, mood: str) -> None:
    lab.environment["TESTEXECUTE_STANDIN_MOOD"] = mood
    workspace = lab.workspace()

    process = lab.start(workspace=workspace)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.kill()
    outcome = lab.finish(process, workspace, Ending.TIMED_OUT)

    assert outcome.verdict is Verdict.BLOCKED
    assert "its time being up" in outcome.reason


def test_the_standin_that_leaves_a_child_still_gives_its_outcome(lab: Lab, tmp_path: Path) -> None:
    lab.plan(GOOD)
    lab.environment["TESTEXECUTE_STANDIN_MOOD"] = "leave-child"
    lab.environment["TESTEXECUTE_STANDIN_CHILD"] = str(tmp_path / "child")

    outcome = lab.run()

    assert outcome.verdict is Verdict.PASSED
    os.kill(int((tmp_path / "child").read_text("ascii")), 0)


def test_an_export_that_exists_is_refused_by_the_standin(lab: Lab) -> None:
    workspace = lab.workspace()
    (Path(workspace.results) / "run.mht").write_text("old", "utf-8")

    outcome = lab.finish(lab.start(workspace=workspace), workspace)

    assert outcome.verdict is Verdict.BLOCKED
    assert "already exists" in outcome.reason


def test_parameters_and_context_reach_the_standin_as_variables(lab: Lab) -> None:
    workspace = lab.workspace()
    tool = Tool(TESTEXECUTE, 60, {"context_variables": ("release",)})
    asked = {"params": {"user": "Ann Lee"}, "context": {"release": "2.1", "host": "L1"}}

    lab.finish(lab.start(workspace=workspace, tool=tool, **asked), workspace)

    report = (Path(workspace.results) / "run.mht").read_text("utf-8")
    page = base64.b64decode(report.split("\n\n")[2].partition("\n--")[0])
    assert b"<p>LABFLEET_RELEASE=2.1</p><p>user=Ann Lee</p>" in page


def in_session() -> Tool:
    return Tool(TESTEXECUTE, 60, {"session_creator": SESSION_CREATOR})


def test_the_standin_session_creator_starts_the_whole_command_line(lab: Lab) -> None:
    outcome = lab.run(r"Shop\Web\Pay", in_session(), params={"path": "C:\\a b\\"})

    assert outcome.verdict is Verdict.FAILED
    assert statuses(outcome) == [("Web/Pay", "Failed")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("-6", "the TestComplete service is not available"),
        ("-7", "the launcher refused its parameters"),
        ("-10", "no user session could be created; there is no interactive desktop"),
        ("-11", "the current user session could not be logged off"),
        ("-12", "the launcher could not start the product"),
        ("-13", "the launcher gave up waiting"),
        ("-14", "the TestComplete service is too old"),
    ],
)
def test_a_failure_of_the_standin_session_creator_is_blocked(
    lab: Lab, code: str, reason: str
) -> None:
    lab.environment["SESSIONCREATOR_STANDIN_FAILS"] = code

    outcome = lab.run(tool=in_session())

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason.startswith(reason)


def test_the_standin_session_creator_runs_a_test_for_a_user_with_a_password(lab: Lab) -> None:
    product = "\n".join(TESTEXECUTE)
    environment = {**os.environ, **lab.environment, "SESSIONCREATOR_STANDIN_PRODUCT": product}
    suite = str(lab.folder / "Shop.pjs")

    def run(*who: str) -> int:
        argv = [*SESSION_CREATOR, "RunTest", *who, suite, "/r", "/e", "/p:Web", "/t:Cart"]
        return subprocess.run(argv, env=environment, check=False, capture_output=True).returncode

    assert run("/UserName:lab", "/Password:secret") == 0
    assert run("/UserName:lab") == -10 % 256
    assert run("/UseActiveSession") == 0
