"""`labfleet parse`, in a process of its own, on real files of real tools."""

import json
import os
import pty
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from adapters.base import Ending, Finished, ResultFile
from adapters.results import outcome_of
from orchestrator.cli import app
from orchestrator.parse import find, judge, read

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
PARSE = [sys.executable, "-m", "orchestrator", "parse"]
LIMIT_S = 60
FOLDERS = (
    "junit5-console", "junit4-ant", "junit-surefire", "pytest", "selenium", "surefire-testng",
    "nunit2", "nunit3", "trx", "xunit", "soapui",
)  # fmt: skip
LOGS = GOLDEN / "testcomplete"
CASE = '<testsuite><testcase classname="c" name="{}"/></testsuite>'


def parse(*arguments: object) -> Result:
    """Run the command in this process, which is ten times as fast."""
    return CliRunner().invoke(app, ["parse", *map(str, arguments)])


def document(*arguments: object) -> Any:
    return json.loads(parse("--json", *arguments).stdout)


def process(
    *arguments: object, stdin: bytes | None = b"", **environ: str
) -> "subprocess.CompletedProcess[str]":
    """Run the command as an operator does; without *stdin* it has none at all."""
    shell = ["sh", "-c", 'exec "$@" <&-', "sh"] if stdin is None else []
    done = subprocess.run(
        [*shell, *PARSE, *map(str, arguments)],
        capture_output=True,
        check=False,
        input=stdin,
        timeout=LIMIT_S,
        cwd=ROOT,
        env={**os.environ, **environ},
    )
    said = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def on_a_terminal(*arguments: object) -> str:
    """Everything that a terminal gets, both streams together."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PARSE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    ) as started:
        os.close(theirs)
        said = b""
        while piece := _read(ours):
            said += piece
        os.close(ours)
        started.wait(LIMIT_S)
    return said.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_file_becomes_a_table_of_its_cases_with_counts_and_verdict() -> None:
    done = process(GOLDEN / "junit5-console" / "TEST-junit-jupiter.xml")

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0].split() == ["name", "status", "raw", "status", "seconds", "message"]
    (crash,) = (line for line in lines if line.startswith("shop.CartTest.crash()"))
    assert crash.split(maxsplit=4) == [
        "shop.CartTest.crash()", "Failed", "error", "0.000", 'db <down> & "gone" ]]> &#1;',
    ]  # fmt: skip
    assert "12 cases: 5 Passed, 5 Failed, 2 Skipped; 0.191 s" in lines
    assert lines[-1] == "verdict: Failed, had the tool exited with 0"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("exit_code", [0, 1])
def test_several_files_get_the_verdict_that_a_run_gives_them(folder: str, exit_code: int) -> None:
    files = sorted(GOLDEN.glob(f"{folder}/*.xml")) + sorted(GOLDEN.glob(f"{folder}/*.trx"))
    named = tuple(ResultFile(str(file), file.read_bytes()) for file in files)

    judged = judge([read(source) for source in find([str(file) for file in files])], exit_code)

    outcome = outcome_of(Finished(Ending.EXITED, exit_code, files=named))
    assert len(files) > 1
    assert judged.outcome.verdict == outcome.verdict
    assert judged.outcome.reason == outcome.reason.removesuffix("; it wrote no output")
    assert judged.outcome.cases == outcome.cases


def test_the_exit_code_that_is_told_decides_as_in_a_run() -> None:
    file = GOLDEN / "pytest" / "all-passed.xml"

    good, bad = document(file), document(file, "--exit-code", "7")

    assert good["verdict"] == "Passed"
    assert bad["verdict"] == "Blocked"
    assert "exit code 7" in bad["reason"]


def test_json_holds_all_that_is_known_of_each_file() -> None:
    told = document(GOLDEN / "pytest" / "mixed.xml")

    (file,) = told["files"]
    assert told["counts"] == {"Passed": 4, "Failed": 6, "Blocked": 5, "Skipped": 2}
    assert (file["error"], file["problems"], file["notes"]) == ("", [], [])
    assert file["file"].endswith("mixed.xml")
    wrong = next(case for case in file["cases"] if case["name"] == "test_shop.test_wrong_total")
    assert (wrong["status"], wrong["raw_status"]) == ("Failed", "failure")
    assert wrong["message"] == "assert (10 + 10) == 30"
    assert "test_wrong_total" in wrong["detail"]


def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    torn = tmp_path / "torn.xml"
    torn.write_bytes(b"\x00\x01 no report")
    there = GOLDEN / "pytest" / "all-passed.xml"

    done = parse(tmp_path / "nowhere.xml", torn, there)

    errors = done.stderr.splitlines()
    assert done.exit_code == 1
    assert len(errors) == 2
    assert errors[0].endswith("nowhere.xml: No such file or directory")
    assert "torn.xml: not XML" in errors[1]
    assert "2 cases: 2 Passed" in done.stdout
    # A failure may be in the file that nobody could read.
    assert "verdict: Blocked" in done.stdout


def test_a_file_that_was_cut_off_is_read_with_a_problem(tmp_path: Path) -> None:
    whole = (GOLDEN / "pytest" / "all-passed.xml").read_bytes()
    cut = tmp_path / "cut.xml"
    cut.write_bytes(whole[:-20])

    done = parse(cut)

    assert done.exit_code == 0
    assert f"problem: {cut}: " in done.stdout
    assert "verdict: Blocked" in done.stdout


def test_a_folder_gives_the_reports_in_it_and_leaves_other_documents_aside(tmp_path: Path) -> None:
    deep = tmp_path / "target" / "reports"
    deep.mkdir(parents=True)
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "notes.txt").write_text("no report")
    (deep / "TEST-a.XML").write_text(CASE.format("one"))
    (deep / "TEST-b.xml").write_text(CASE.format("two"))

    done = parse(tmp_path)

    assert done.exit_code == 0, done.stderr
    assert "2 cases: 2 Passed" in done.stdout
    assert f"left aside: {tmp_path}/pom.xml: root element is <project>" in done.stdout
    assert "notes.txt" not in done.stdout
    assert "verdict: Passed" in done.stdout


def test_where_nothing_is_a_report_that_is_said_and_the_end_is_1(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text("<project/>")

    done = parse(tmp_path)

    assert done.exit_code == 1
    assert done.stderr == "labfleet: there is no report: the one file is something else\n"
    assert f"left aside: {tmp_path}/pom.xml: root element is <project>" in done.stdout


def test_an_empty_report_in_a_folder_is_not_left_aside(tmp_path: Path) -> None:
    (tmp_path / "TEST-a.xml").write_text(CASE.format("one"))
    (tmp_path / "TEST-b.xml").write_text("")

    done = parse(tmp_path)

    assert done.exit_code == 1
    assert "TEST-b.xml: the file is empty" in done.stderr
    assert "verdict: Blocked" in done.stdout


def test_a_folder_is_read_without_following_links(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.xml").write_text(CASE.format("one"))
    (inside / "loop").symlink_to(tmp_path)
    (tmp_path / "link.xml").symlink_to(inside / "a.xml")
    os.mkfifo(tmp_path / "pipe.xml")

    done = parse(tmp_path)

    assert done.exit_code == 1
    assert "1 case: 1 Passed" in done.stdout
    assert "link.xml" in done.stderr
    assert "pipe.xml: is not a regular file" in done.stderr


def test_a_folder_without_reports_is_an_error(tmp_path: Path) -> None:
    done = parse(tmp_path)

    assert done.exit_code == 1
    assert "holds no file whose name ends in .xml, .trx, .tclogx" in done.stderr


def test_a_folder_with_a_log_of_testcomplete_is_one_report(tmp_path: Path) -> None:
    log = LOGS / "failed-and-passed"
    packed = tmp_path / "packed.tcLogX"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in log.iterdir():
            archive.write(file, file.name)

    folder, archived = document(log), document(packed)

    (one,), (other,) = folder["files"], archived["files"]
    assert one["file"] == str(log)
    assert {case["status"] for case in one["cases"]} == {"Passed", "Failed"}
    assert (one["cases"], one["problems"]) == (other["cases"], other["problems"])
    assert folder["verdict"] == archived["verdict"] == "Failed"


def test_logs_of_testcomplete_are_found_below_a_folder() -> None:
    told = document(LOGS)

    names = {Path(file["file"]).name for file in told["files"]}
    assert {"failed-and-passed", "interrupted", "single-routine"} <= names
    assert not [file for file in told["files"] if file["error"]]


def test_a_log_folder_does_not_lead_out_of_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "Description.tcLog").symlink_to(LOGS / "failed-and-passed" / "Description.tcLog")
    (log / "Summary.dat").write_bytes((LOGS / "failed-and-passed" / "Summary.dat").read_bytes())

    told = document(log)

    assert told["verdict"] == "Failed"
    assert any("Description.tcLog" in problem for problem in told["problems"])


def test_a_coverage_file_is_no_report_and_no_fault(tmp_path: Path) -> None:
    coverage = tmp_path / "coverage.xml"
    coverage.write_text("<coverage/>")

    done = parse(coverage, GOLDEN / "pytest" / "all-passed.xml")

    assert done.exit_code == 0, done.stderr
    assert "left aside" in done.stdout
    assert "verdict: Passed" in done.stdout


def test_a_report_comes_on_standard_input() -> None:
    report = (GOLDEN / "pytest" / "all-passed.xml").read_bytes()

    told = json.loads(process("-", "--json", stdin=report).stdout)

    assert told["verdict"] == "Passed"
    assert told["files"][0]["file"] == "standard input"


def test_a_standard_input_that_is_closed_is_told() -> None:
    done = process("-", stdin=None)

    assert done.returncode == 1
    assert done.stderr == "labfleet: standard input: it is closed\n"


def test_a_file_past_the_limit_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)

    begun_s = time.monotonic()
    done = parse(huge)

    assert done.exit_code == 1
    assert "larger than the 268,435,456 bytes" in done.stderr
    assert time.monotonic() - begun_s < LIMIT_S / 2


@pytest.mark.parametrize("on_terminal", [False, True])
def test_nothing_of_a_report_steers_the_terminal(tmp_path: Path, on_terminal: bool) -> None:
    hostile = tmp_path / "a\x1b[31m\n\x9b2Jb.xml"
    hostile.write_bytes(
        b'<testsuite><testcase classname="c" name="&#x9b;2J&#x202e;n">'
        b'<error type="SessionNotCreatedException" message="&#x9d;0;title&#x7;red">&#x85;</error>'
        b"</testcase></testsuite>"
    )
    broken = tmp_path / "x\x1b]0;t\x07.xml"
    broken.write_bytes(b"<\x1b[31m")

    done = process(hostile)
    unread = process(hostile, broken)
    said = on_a_terminal(hostile) if on_terminal else done.stdout + unread.stdout + unread.stderr

    assert (done.returncode, unread.returncode) == (0, 1)
    assert "the first is c." in done.stdout
    assert not set(said) & set("\x07\x85\x9b\x9d\u202e")
    if not on_terminal:
        assert {c for c in said if not c.isprintable()} <= {"\n"}


def test_without_a_file_it_is_a_mistake_in_the_command() -> None:
    assert parse().exit_code == 2
    assert parse("--exit-code", "x", GOLDEN).exit_code == 2


def test_a_terminal_that_lacks_a_letter_gets_a_mark_for_it(tmp_path: Path) -> None:
    file = tmp_path / "r.xml"
    file.write_text(CASE.format("größe"), encoding="utf-8")

    done = process(file, PYTHONIOENCODING="ascii")

    assert done.returncode == 0, done.stderr
    assert "c.gr??e" in done.stdout


def test_a_person_at_a_terminal_sees_colours_and_how_far_it_is() -> None:
    said = on_a_terminal(GOLDEN / "pytest")

    assert "\x1b[32mPassed" in said
    assert "\x1b[31mverdict: Failed" in said
    assert "reading" in said


def test_a_long_report_is_shown_in_a_few_seconds(tmp_path: Path) -> None:
    file = tmp_path / "long.xml"
    cases = "".join(f'<testcase classname="c" name="n{i}"/>' for i in range(20_001))
    file.write_text(f"<testsuite>{cases}</testsuite>")

    begun_s = time.monotonic()
    done = parse(file)

    assert done.exit_code == 0, done.stderr
    assert "20000 cases: 20000 Passed" in done.stdout
    assert "note: " in done.stdout
    assert time.monotonic() - begun_s < LIMIT_S / 3
