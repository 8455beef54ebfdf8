"""Each way in which a tool misleads, laid as a trap: real tools, from the queue to the report.

Which test holds which rule, here and elsewhere, is in `traps_table.py`.
"""

import codecs
import socket
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adapters.base import Ending, UnreadableReport
from adapters.formats import read
from tests.adapters.tclogx_samples import DOCTYPE, node
from tests.attempts import alive, order, python, run, sleeping
from tests.fleet import PASSING, Fleet, tool
from tests.real.profiles import need_real_tools, selenium_jar
from tests.real.traps_night import Night, parsed, spend_night

P, F, B = "Passed", "Failed", "Blocked"
FORGETS = """
    for folder in (os.environ["TMPDIR"], os.environ["HOME"]):
        Path(folder, "forgotten").write_text("")
    Path(results, "there").write_text(os.environ["TMPDIR"])
"""


@pytest.fixture(scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    need_real_tools()
    return await spend_night(tmp_path_factory.mktemp("night"), selenium_jar())


async def test_exit_0_with_all_skipped_by_a_failed_configuration_is_blocked(night: Night) -> None:
    found = night["configuration"]

    assert (found.exit_code, found.verdict) == (0, B)
    assert found.steps == [("trap.NoServerTest.order", B), ("trap.NoServerTest.pay", B)]
    assert "trap.NoServerTest.connect failed: no server" in found.reason


async def test_a_successful_build_whose_fixture_died_is_blocked(night: Night) -> None:
    found = night["before all"]
    report = (night.folder / "before/reports/TEST-trap.BeforeAllTest.xml").read_bytes()

    assert b'tests="0"' in report
    assert b'failures="1"' in report
    assert b"BUILD SUCCESSFUL" in found.log
    assert (found.exit_code, found.verdict) == (0, B)
    assert found.steps == [("trap.BeforeAllTest", B)]


@pytest.mark.parametrize("name", ["no tag", "no fixture"])
async def test_exit_0_of_a_filter_that_matches_nothing_is_blocked(name: str, night: Night) -> None:
    found = night[name]

    assert (found.exit_code, found.verdict, found.steps) == (0, B, [])
    assert found.reason.startswith("the report holds no test case (exit code 0)")


async def test_failures_that_maven_is_told_to_ignore_are_failures(night: Night) -> None:
    found = night["failures ignored"]

    assert (found.exit_code, found.verdict) == (0, F)
    assert found.steps == [("trap.WrongTest.right", P), ("trap.WrongTest.wrong", F)]


async def test_a_build_without_tests_is_not_passed_by_an_earlier_ones_reports(night: Night) -> None:
    found = night["tests skipped"]

    assert (found.exit_code, found.verdict, found.steps) == (0, B, [])
    assert found.reason.startswith("the tool left no report (exit code 0)")


async def test_a_killed_launcher_that_leaves_an_empty_report_is_blocked(night: Night) -> None:
    (report,) = night.hanging.reports.values()
    found = night["hangs"]

    assert parsed(report).get("tests") == "0"
    assert (found.exit_code, found.verdict) == (None, B)
    assert found.steps == [("trap.HangTest.hangs()", B)]
    assert found.reason.startswith("the tool was ended after")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("exits", "Maven did not come to its end"),
        ("fails never", "parts of the build failed: b"),
    ],
)
async def test_a_green_module_does_not_speak_for_the_build(
    name: str, reason: str, night: Night
) -> None:
    found = night[name]

    assert (found.exit_code, found.verdict) == (0, B)
    assert ("trap.NgTest.plain", P) in found.steps
    assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "left_out"), [("filtered", "GoneTest"), ("one of two", "Shop.Gone.X")]
)
async def test_a_test_that_is_left_out_is_blocked_by_its_name(
    name: str, left_out: str, night: Night
) -> None:
    found = night[name]

    assert (found.exit_code, found.verdict) == (0, B)
    assert [status for step, status in found.steps if step != left_out] == [P]
    assert f"{left_out}: no result reported" in found.reason


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("no assembly", 156, "the runner met an unexpected error"),
        ("no assembly", 156, "exit code 156 (-100 modulo 256)"),
        ("no class", 255, "exit code 255 (-1 modulo 256)"),
    ],
)
async def test_a_negative_exit_code_is_explained(
    name: str, code: int, said: str, night: Night
) -> None:
    found = night[name]

    assert (found.exit_code, found.verdict) == (code, B)
    assert said in found.reason


async def test_a_report_that_ant_wrote_with_an_illegal_character_is_read(night: Night) -> None:
    report = (night.folder / "illegal/reports/TEST-trap.IllegalTest.xml").read_bytes()
    found = night["illegal"]

    with pytest.raises(ElementTree.ParseError):
        parsed(report)
    assert (found.verdict, found.steps) == (F, [("trap.IllegalTest.fails()", F)])
    assert found.reason == ""
    assert "a bell: \N{REPLACEMENT CHARACTER}" in found.log.decode()


@pytest.mark.parametrize("reference", ["%x;", ""])
def test_a_testcomplete_log_that_points_elsewhere_is_refused_and_nothing_fetched(
    reference: str,
) -> None:
    tree = node("root", node("projects", node("p", node("tests", node("t", name="a", status=0)))))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd"
        entity = f'<!ENTITY % x SYSTEM "{address}"> {reference}'
        harmless = f"{DOCTYPE}<Nodes>{tree}</Nodes>".encode()
        hostile = harmless.replace(b"]>", f"{entity}]>".encode(), 1)

        assert [case.status for case in read(harmless).cases] == [P]
        with pytest.raises(UnreadableReport, match="refused"):
            read(hostile)

        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_results_told_in_four_dialects_are_counted_once(night: Night) -> None:
    reports = night.folder / "four/shop/target/surefire-reports"
    names = {it.relative_to(reports).as_posix() for it in reports.rglob("*.xml")}
    found = night["four dialects"]

    assert names == {
        "TEST-trap.NgTest.xml",
        "testng-results.xml",
        "junitreports/TEST-trap.NgTest.xml",
        "Surefire suite/Surefire test.xml",
    }
    assert found.verdict == P
    assert found.steps == [
        ("trap.NgTest.plain", P),
        ("trap.NgTest.row(1)", P),
        ("trap.NgTest.row(2)", P),
    ]


async def test_a_report_that_ant_merged_again_is_counted_once(night: Night) -> None:
    assert (night.folder / "forked/reports/TESTS-TestSuites.xml").exists()
    assert night["forked"].steps == [("trap.FoldersTest.everythingIsInTheRunsFolder", P)]


async def test_nothing_of_a_browser_outlives_the_time_of_its_run(night: Night) -> None:
    seen = {label.partition(" ")[2] for label in night.hanging.seen.values()}

    assert {"java", "chromedriver", "chromium"} <= seen
    assert night.hanging.left == []


async def test_a_browsers_profile_is_in_the_runs_folder_and_gone_with_it(night: Night) -> None:
    (profile,) = night.hanging.profile_folders()
    (tmp,) = night.hanging.temporary_folders()

    assert tmp in profile.parents
    assert not tmp.exists()


@pytest.mark.parametrize("name", ["folders", "forked"])
async def test_temporary_folder_home_and_input_of_a_jvm_are_the_runs_own(
    name: str, night: Night
) -> None:
    found = night[name]
    said = (night.folder / f"{name}.txt").read_text("utf-8")
    tmp, home, real_tmp = map(Path, said.splitlines())

    # What it looks at more closely is in the test that ran: FoldersTest.
    assert (found.verdict, found.steps) == (
        P,
        [("trap.FoldersTest.everythingIsInTheRunsFolder", P)],
    )
    assert night.folder / "state" in real_tmp.parents
    assert tmp in home.parents
    assert not any(path.exists() for path in (tmp, home, real_tmp))


async def test_what_a_tool_forgot_is_gone_though_its_report_is_still_owed(fleet: Fleet) -> None:
    fleet.lab.faults.answer("upload_report", 503, times=1000)
    run_id = await fleet.queue(tool(PASSING + FORGETS))

    async with fleet.running():
        await fleet.until_status(run_id, P)
        (results,) = (fleet.folder / "state" / "attempts").glob("*/results")

    tmp = Path((results / "there").read_text("utf-8"))
    assert not tmp.exists()
    assert not results.with_name("tmp").exists()


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_byte_order_mark_says_more_than_the_declaration_behind_it(declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><testsuite><testcase name="größe"/>'

    report = read(codecs.BOM_UTF8 + f"{text}</testsuite>".encode())

    assert [(case.name, case.status) for case in report.cases] == [("größe", P)]


async def test_a_daemon_that_sheds_every_mark_of_its_run_is_still_of_its_tree(
    folder: Path, tag: str
) -> None:
    sheds = """
        import os, resource, sys
        os.fork() and os._exit(0)
        os.setsid()
        os.fork() and os._exit(0)
        for limit in range(16):  # all that Linux knows
            hard = resource.getrlimit(limit)[1]
            resource.setrlimit(limit, (hard, hard))
        os.execve(sys.argv[1], sys.argv[1:], {})
    """
    begin = "import subprocess, sys, time; subprocess.run(sys.argv[1:]); time.sleep(0.3)"

    found = await run(folder, order(folder, *python(begin, *python(sheds, *sleeping(tag)))))

    assert (found.ending, found.kills, found.survivors) == (Ending.EXITED, 1, ())
    assert alive(tag) == []
