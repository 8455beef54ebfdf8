"""The adapter against stand-ins of SoapUI and ReadyAPI: real processes, a real HTTP service.

Nothing here says that the real tools do the same; the stand-ins follow their source and pages.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters import readyapi
from adapters.base import (
    Automation,
    Command,
    Ending,
    Finished,
    Outcome,
    ResultFile,
    Tool,
    Workspace,
)
from tests.standin_tools.soapui_standin_composed import (
    call,
    case,
    contains,
    groovy,
    request,
    rest_request,
    status,
    suite,
    write_project,
)

STANDINS = Path(__file__).parent / "standin_tools"
ORDERS = "${#Project#shop}/orders"
LIMIT_S = 60.0


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        code = 500 if self.path.startswith("/broken") else 200
        body = f"<order>{self.path}</order>".encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on the tests' output."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Bench:
    """A script and results folder, and the runner that works in them."""

    def __init__(self, folder: Path, shop: str, program: str) -> None:
        self.script, self.results = folder / "the script", folder / "the results"
        self._runs = 0
        self.script.mkdir()
        self.project = self.script / "shop-soapui-project.xml"
        self.shop = shop
        self._program = program

    def write(self, *suites: str, extra: str = "") -> None:
        write_project(self.project, *suites, properties={"shop": self.shop}, extra=extra)

    def command(
        self,
        title: str = "",
        params: dict[str, str] | None = None,
        *,
        access_key: str = "",
        **options: tuple[str, ...],
    ) -> Command:
        self.results.mkdir(exist_ok=True)
        tool = Tool((sys.executable, str(STANDINS / self._program)), 60, options, access_key)
        files = tuple(path.relative_to(self.script) for path in self.script.rglob("*.xml"))
        where = Workspace(self.script, self.results, self.script, files)
        asked = Automation(title, params or {}, context={"run_id": "4410"})
        return readyapi.build_command(asked, tool, where)

    def run(
        self,
        title: str = "",
        params: dict[str, str] | None = None,
        *,
        mood: str = "",
        access_key: str = "",
        variables: dict[str, str] | None = None,
        **options: tuple[str, ...],
    ) -> Outcome:
        self._runs += 1
        self.results = self.results.with_name(f"the results {self._runs}")
        command = self.command(title, params, access_key=access_key, **options)
        environment = {"SOAPUI_STANDIN_MOOD": mood, **(variables or {})}
        finished = watched(command, self.script, environment, asked=Automation(title))
        found = sorted(p for glob in readyapi.RESULT_FILES for p in self.results.glob(glob))
        read = tuple(ResultFile(path.name, path.read_bytes()) for path in found)
        self.finished = Finished(
            finished.ending,
            finished.exit_code,
            finished.output_tail,
            read,
            output=finished.output,
            asked=finished.asked,
        )
        return readyapi.parse_outcome(self.finished)

    @property
    def left(self) -> set[str]:
        return {path.name for path in self.results.iterdir()}


def watched(
    command: Command, folder: Path, environment: dict[str, str], *, asked: Automation
) -> Finished:
    """Run *command* without an input, and end it where its output holds one of `stop_on`."""
    log = folder.parent / "output"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command.argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    deadline, ending = time.monotonic() + LIMIT_S, Ending.EXITED
    while process.poll() is None:
        said = log.read_text("utf-8")
        if any(text in said for text in command.stop_on):
            ending = Ending.KILLED
            process.kill()
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
    output = log.read_text("utf-8")
    code = process.returncode if ending is Ending.EXITED else None
    return Finished(ending, code, output[-4000:], output=output, asked=asked)


@pytest.fixture
def soapui(tmp_path: Path, shop: str) -> Bench:
    return Bench(tmp_path, shop, "soapui_standin.py")


@pytest.fixture
def ready(tmp_path: Path, shop: str) -> Bench:
    return Bench(tmp_path, shop, "readyapi_standin.py")


GOOD = case("list", request(ORDERS, status(), contains("orders")))
BAD = case("pay", request("${#Project#shop}/broken", status(), contains("paid"), name="pay <now>"))


def cases(outcome: Outcome) -> dict[str, str]:
    return {case.name: case.status.value for case in outcome.cases}


def test_a_standin_project_whose_assertions_hold_is_passed(soapui: Bench) -> None:
    none = contains("refused", "Simple NotContains", "Not Contains")
    rest = case("by REST", rest_request("${#Project#shop}", "/orders/7", status(), none))
    soapui.write(suite("Orders", GOOD, rest))

    outcome = soapui.run()

    assert outcome.verdict == "Passed", outcome.reason
    assert cases(outcome) == {"Shop.Orders/list": "Passed", "Shop.Orders/by REST": "Passed"}
    assert soapui.left == {"TEST-Orders.xml"}
    assert "Setting global property [labfleet.run_id] to [4410]" in soapui.finished.output


def test_a_failed_standin_assertion_is_named_in_the_case(soapui: Bench) -> None:
    soapui.write(suite("Orders", GOOD, BAD))

    outcome = soapui.run()

    assert (outcome.verdict, outcome.reason) == ("Failed", "")
    assert soapui.finished.exit_code == 255
    pay = next(case for case in outcome.cases if case.name == "Shop.Orders/pay")
    assert pay.message == (
        "pay <now> Failed: [Status] Response status code:500 is not in acceptable list of status"
        " codes"
    )
    assert "[Contains] Missing token [paid] in Response" in pay.detail
    assert f"URL: {soapui.shop}/broken" in pay.detail
    assert soapui.left == {"TEST-Orders.xml", "Orders-pay-pay_now-0-FAILED.txt"}


def test_a_title_selects_a_standins_suite_and_case(soapui: Bench) -> None:
    soapui.write(suite("Orders", GOOD, BAD), suite("The Depot", GOOD))

    assert cases(soapui.run("The Depot")) == {"Shop.The Depot/list": "Passed"}
    assert cases(soapui.run("Orders\\pay")) == {"Shop.Orders/pay": "Failed"}
    assert soapui.run("shop\\The Depot\\list").verdict == "Passed"
    assert set(cases(soapui.run("shop\\\\list"))) == {"Shop.Orders/list", "Shop.The Depot/list"}


@pytest.mark.parametrize("title", ["Depot", r"Orders\ship", r"shop\Depot\list"])
def test_what_a_standin_project_lacks_is_blocked_by_name(soapui: Bench, title: str) -> None:
    soapui.write(suite("Orders", GOOD))

    outcome = soapui.run(title)

    assert outcome.verdict == "Blocked"
    assert "is missing in Project [Shop]" in outcome.reason.partition(";")[0]


def test_parameters_reach_a_standins_requests(soapui: Bench) -> None:
    asked = request("${#Project#shop}/${#Project#which one}", contains("/a=b&amp;c"))
    soapui.write(suite("Orders", case("a", asked)))

    assert soapui.run(params={"which one": "a=c"}).verdict == "Failed"
    assert soapui.run(params={"which one": "a=b&amp;c"}).verdict == "Passed"


def test_endpoint_and_host_reach_a_standins_requests(soapui: Bench) -> None:
    asked = request("http://127.0.0.1:9/orders", contains("orders"))
    soapui.write(suite("Orders", case("a", asked)))

    nobody = soapui.run()

    assert nobody.verdict == "Failed"
    assert nobody.cases[0].message == "ask Failed: java.net.ConnectException: Connection refused"
    assert soapui.run(endpoint=(f"{soapui.shop}/orders",)).verdict == "Passed"
    assert soapui.run(host=(soapui.shop.removeprefix("http://"),)).verdict == "Passed"


def test_a_case_that_a_standin_cancelled_is_blocked(soapui: Bench) -> None:
    soapui.write(suite("Orders", GOOD, case("pay", groovy('testRunner.cancel("not today")'))))

    outcome = soapui.run()

    assert soapui.finished.exit_code == 0
    assert b"<failure" not in soapui.finished.files[0].data
    assert outcome.verdict == "Blocked"
    assert cases(outcome) == {"Shop.Orders/list": "Passed", "Shop.Orders/pay": "Blocked"}


def test_a_case_that_failed_without_a_step_keeps_the_standins_reason(soapui: Bench) -> None:
    soapui.write(suite("Orders", case("pay", groovy('testRunner.fail("no money")'))))

    outcome = soapui.run()

    assert (outcome.verdict, outcome.cases[0].message) == ("Failed", "no money")


def test_disabled_cases_and_suites_of_a_standin_are_not_missed(soapui: Bench) -> None:
    off = case("off", request("http://127.0.0.1:9/"), disabled="true")
    soapui.write(suite("Orders", GOOD, off), suite("Depot", BAD, disabled=True))

    outcome = soapui.run()

    assert outcome.verdict == "Passed", outcome.reason
    assert cases(outcome) == {"Shop.Orders/list": "Passed"}


def test_a_standin_project_in_which_all_is_disabled_is_blocked(soapui: Bench) -> None:
    soapui.write(suite("Orders", case("off", disabled="true")))

    outcome = soapui.run()

    assert soapui.finished.exit_code == 0
    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith("no case was run: ")


def test_two_standin_suites_that_write_the_same_file_are_blocked(soapui: Bench) -> None:
    soapui.write(suite("Orders!", case("pay", request(ORDERS))), suite("Orders?", GOOD))

    outcome = soapui.run()

    assert soapui.left == {"TEST-Orders.xml"}
    assert outcome.verdict == "Blocked"
    assert "'pay' ran, in the report it is not there" in outcome.reason


def test_a_case_that_a_standins_step_runs_is_no_doubt(soapui: Bench) -> None:
    hidden = case("log in", request(ORDERS, status()), disabled="true")
    soapui.write(suite("Orders", hidden, case("pay", call("log in"), request(ORDERS))))

    outcome = soapui.run()

    assert "Total TestCases: 2 (0 failed)" in soapui.finished.output
    assert (outcome.verdict, outcome.reason) == ("Passed", "")


def test_a_failed_assertion_that_fails_no_case_of_a_standin_is_blocked(soapui: Bench) -> None:
    lenient = {"failOnError": "false", "failTestCaseOnErrors": "false"}
    soapui.write(suite("Orders", case("pay", request(ORDERS, status("404")), **lenient)))

    outcome = soapui.run()

    assert soapui.finished.exit_code == 255
    assert outcome.verdict == "Blocked"


def test_a_standin_killed_before_its_report_is_blocked(soapui: Bench) -> None:
    soapui.write(suite("Orders", GOOD))

    outcome = soapui.run(mood="killed-before-report")

    assert soapui.left == set()
    assert outcome.verdict == "Blocked"
    assert "SIGKILL" in outcome.reason


def test_a_standin_that_hangs_and_ignores_the_polite_signal_leaves_no_report(
    soapui: Bench,
) -> None:
    soapui.write(suite("Orders", GOOD))
    argv = soapui.command().argv
    mood = {"SOAPUI_STANDIN_MOOD": "hang,ignore-term"}

    with subprocess.Popen(argv, env=mood, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = "".join(iter(process.stdout.readline, "the standin hangs\n"))
        process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        process.kill()
    outcome = readyapi.parse_outcome(Finished(Ending.TIMED_OUT, None, output, output=output))

    assert "Finished running SoapUI testcase [list]" in output
    assert soapui.left == set()
    assert outcome.verdict == "Blocked"


def test_a_project_that_a_standin_cannot_load_is_blocked(soapui: Bench) -> None:
    soapui.project.write_text("<something-else/>", "utf-8")

    outcome = soapui.run()

    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith("the project cannot be loaded")


def test_a_project_that_is_gone_is_blocked_with_the_standins_exit_code(soapui: Bench) -> None:
    soapui.write()
    argv = list(soapui.command().argv)
    argv[-1] = str(soapui.project.with_name("gone.xml"))

    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    outcome = readyapi.parse_outcome(Finished(Ending.EXITED, done.returncode, done.stdout))

    assert done.returncode == 1
    assert outcome.reason.startswith("the runner did not find its project file")


def test_a_readyapi_standin_without_a_licence_is_ended_at_its_question(ready: Bench) -> None:
    ready.write(suite("Orders", GOOD))

    outcome = ready.run(mood="ignore-term")

    assert ready.finished.ending is Ending.KILLED
    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith("ReadyAPI asks for a licence: give the tool an access_key")


def test_a_readyapi_standin_takes_a_key_and_an_activated_licence(ready: Bench) -> None:
    ready.write(suite("Orders", GOOD))
    key = {"READYAPI_STANDIN_KEY": "known-key"}

    assert ready.run(access_key="known-key-1", variables=key).verdict == "Passed"
    assert ready.run(variables={"READYAPI_STANDIN_LICENCE": "1"}).verdict == "Passed"


def test_a_key_that_a_readyapi_standin_refuses_is_blocked(ready: Bench) -> None:
    ready.write(suite("Orders", GOOD))

    outcome = ready.run(access_key="stolen", variables={"READYAPI_STANDIN_KEY": "known-key"})

    assert outcome.verdict == "Blocked"
    assert outcome.reason.startswith("the runner has trouble with its licence")


def test_a_key_that_a_readyapi_standin_writes_into_its_report_goes_no_further(
    ready: Bench,
) -> None:
    ready.write(suite("Orders", GOOD, BAD))

    outcome = ready.run(access_key="known-key-1", variables={"READYAPI_STANDIN_KEY": "known-key"})

    assert b"known-key-1" in ready.finished.files[0].data
    assert "known-key-1" not in repr(outcome)
    assert (outcome.log_file, outcome.report_file) == ("", "")


def test_environment_and_tags_reach_a_readyapi_standin(ready: Bench) -> None:
    environment = (
        f'<con:environment name="QA"><con:endpoint>{ready.shop}/orders</con:endpoint>'
        "</con:environment>"
    )
    asked = request("http://127.0.0.1:9/", contains("orders"))
    ready.write(
        suite("Orders", case("a", asked, tags="smoke"), case("b", asked)), extra=environment
    )
    licence = {"READYAPI_STANDIN_LICENCE": "1"}

    outcome = ready.run(variables=licence, environment=("QA",), tags=("TestCase smoke, fast",))
    unknown = ready.run(variables=licence, environment=("Nowhere",))

    assert cases(outcome) == {"Shop.Orders/a": "Passed"}
    assert (ready.finished.exit_code, unknown.verdict) == (255, "Blocked")


def test_a_readyapi_standin_runs_a_composite_project(ready: Bench) -> None:
    folder = ready.script / "shop"
    folder.mkdir()
    ready.project = folder / "settings.xml"
    ready.write(suite("Orders", GOOD))

    outcome = ready.run("shop\\Orders", variables={"READYAPI_STANDIN_LICENCE": "1"})

    assert outcome.verdict == "Passed", outcome.reason
    assert ready.command().argv[-1] == str(folder)
