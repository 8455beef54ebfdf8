"""How the SoapUI stand-in runs a project: real requests, the real runner's lines and files."""

import http.client
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from soapui_standin_project import Assertion, Case, Project, Step, Suite, expanded
from soapui_standin_report import Entry, JUnitFiles, failure_block, file_name

REQUEST_TIMEOUT_S = 5.0


@dataclass
class Response:
    status: int
    text: str


@dataclass
class Output:
    category: str

    def info(self, message: str) -> None:
        self._write("INFO", message)

    def error(self, message: str) -> None:
        self._write("ERROR", message)

    def _write(self, level: str, message: str) -> None:
        clock = datetime.now(UTC).strftime("%H:%M:%S,%f")[:12]
        sys.stdout.write(f"{clock} {level:<5} [{self.category}] {message}\n")
        sys.stdout.flush()


@dataclass
class Runner:
    project: Project
    out: Output
    folder: Path | None
    files: JUnitFiles | None
    endpoint: str = ""
    host: str = ""
    export_all: bool = False
    global_properties: dict[str, str] = field(default_factory=dict)
    after_case: list[str] = field(default_factory=list)
    suites_run: int = 0
    cases_run: int = 0
    steps_run: int = 0
    assertions_run: int = 0
    failed_assertions: list[str] = field(default_factory=list)
    failed_cases: list[str] = field(default_factory=list)

    def run_project(self) -> None:
        name = self.project.name
        self.out.info(f"Running Project [{name}], runType = SEQUENTIAL")
        begun = time.monotonic()
        ends = [self._run_cases(suite) for suite in self.project.suites if not suite.disabled]
        self._finished("Project", name, ends, begun)

    def run_suite(self, suite: Suite) -> None:
        self.out.info(f"Running TestSuite [{suite.name}], runType = SEQUENTIAL")
        begun = time.monotonic()
        self._finished("TestSuite", suite.name, [self._run_cases(suite)], begun)

    def run_case_alone(self, case: Case) -> None:
        self.out.info(f"Running TestCase [{case.name}]")
        begun = time.monotonic()
        self._finished("TestCase", case.name, [self.run_case(case, inner=False)[0]], begun)

    def run_case(self, case: Case, *, inner: bool) -> tuple[str, str]:
        """Run one; an inner one is printed and counted, and stands in no report."""
        self.out.info(f"Running SoapUI testcase [{case.name}]")
        if self.files and not inner:
            self.files.open(case.suite)
        begun = time.monotonic()
        status, reason, body = self._run_steps(case)
        millis = round((time.monotonic() - begun) * 1000)
        self.out.info(
            f"Finished running SoapUI testcase [{case.name}], time taken: {millis}ms, "
            f"status: {status}"
        )
        self.cases_run += 1
        if status == "FAILED":
            self.failed_cases.append(case.name)
        if self.files and not inner:
            entry = Entry(case.name, millis, status == "FAILED", reason, body, case.properties)
            self.files.add(case.suite, entry)
        return status, reason

    def _run_cases(self, suite: Suite) -> str:
        self.suites_run += 1
        ends = [self.run_case(case, inner=False)[0] for case in suite.cases if not case.disabled]
        return "FAILED" if "FAILED" in ends else "FINISHED"

    def _finished(self, what: str, name: str, ends: list[str], begun: float) -> None:
        bad = [end for end in ends if end != "FINISHED"]
        millis = round((time.monotonic() - begun) * 1000)
        self.out.info(
            f"{what} [{name}] finished with status [{bad[0] if bad else 'FINISHED'}] in {millis}ms"
        )

    def _run_steps(self, case: Case) -> tuple[str, str, str]:
        body = ""
        for step in case.steps:
            if step.disabled:
                continue
            self.out.info(f"running step [{step.name}]")
            self.steps_run += 1
            if step.ends_as:
                return step.ends_as, step.reason, body
            messages, failed = self._run_step(step, case)
            if failed or self.export_all:
                self._export(case, step, messages, "FAILED" if failed else "OK")
            if not failed:
                continue
            body += failure_block(step.name, messages)
            if case.fail_on_error:
                return "FAILED", "Cancelling due to failed test step", body
        if body and case.fail_at_end:
            return "FAILED", "Failing due to failed test step", body
        return "FINISHED", "", body

    def _run_step(self, step: Step, case: Case) -> tuple[list[str], bool]:
        if step.kind == "calltestcase":
            status, reason = self.run_case(self.project.case_of_id(step.target), inner=True)
            return [reason], status == "FAILED"
        if step.kind not in {"httprequest", "restrequest"}:
            return [], False
        address = self._address(step, case)
        try:
            response = _ask(step.method, address, self._expanded(step.body, case))
        except OSError as error:
            return [f"java.net.ConnectException: {error.strerror or error}"], True
        return self._assert(step, response, address)

    def _assert(self, step: Step, response: Response, address: str) -> tuple[list[str], bool]:
        messages = []
        for assertion in step.assertions:
            fault = _fault(assertion, response)
            status = "FAILED" if fault else "VALID"
            self.assertions_run += 1
            self.out.info(f"Assertion [{assertion.name}] has status {status}")
            if fault:
                self.out.error(f"ASSERTION FAILED -> {fault}")
                self.failed_assertions.append(f"{assertion.name} in [{step.name}] failed;\n{fault}")
                messages.append(f"[{assertion.name}] {fault}")
        return [*messages, f"URL: {address}"], bool(messages)

    def _address(self, step: Step, case: Case) -> str:
        address = self.endpoint or self._expanded(step.address, case)
        if self.host and not self.endpoint:
            parts = urlsplit(address)
            address = parts._replace(netloc=self.host).geturl()
        return address + self._expanded(step.path, case)

    def _expanded(self, text: str, case: Case) -> str:
        scopes = {
            "TestCase": case.properties,
            "Project": self.project.properties,
            "Global": self.global_properties,
        }
        return expanded(text, scopes)

    def _export(self, case: Case, step: Step, messages: list[str], status: str) -> None:
        names = "-".join(map(file_name, (case.suite, case.name, step.name)))
        path = (self.folder or Path()) / f"{names}-0-{status}.txt"
        if status == "FAILED":
            self.out.error(f"{step.name} failed, exporting to [{path}]")
        lines = [f"Status: {status}", "", "----------------- Messages ------------------"]
        path.write_text("\n".join([*lines, *messages, ""]), "utf-8")


def _ask(method: str, address: str, body: str) -> Response:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=REQUEST_TIMEOUT_S)
    try:
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        connection.request(method, target, body.encode() or None)
        answer = connection.getresponse()
        return Response(answer.status, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def _fault(assertion: Assertion, response: Response) -> str:
    settings = assertion.settings
    if assertion.kind == "Valid HTTP Status Codes":
        codes = [code.strip() for code in settings.get("codes", "").split(",")]
        said = f"Response status code:{response.status} is not in acceptable list of status codes"
        return "" if str(response.status) in codes else said
    token, text = settings.get("token", ""), response.text
    if settings.get("ignoreCase") == "true":
        token, text = token.lower(), text.lower()
    if assertion.kind == "Simple Contains":
        return "" if token in text else f"Missing token [{settings['token']}] in Response"
    if assertion.kind == "Simple NotContains":
        return f"Response contains token [{settings['token']}]" if token in text else ""
    return f"the standin knows no assertion of type {assertion.kind}"
