"""A stand-in's idea of a SoapUI project file: suites, cases, HTTP and REST steps, assertions.

Knows the file's real shape as far as the stand-in runs it: disabled flags, properties, the
assertions on status and on contained tokens, a step that runs another case, and of Groovy nothing
but `testRunner.cancel("why")` and `testRunner.fail("why")`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

CON = "{http://eviware.com/soapui/config}"
_EXPANSION = re.compile(r"\$\{(?:#(\w+)#)?([^}]*)\}")
_ENDS_CASE = re.compile(r"testRunner\.(cancel|fail)\(\s*[\"'](.*)[\"']\s*\)")


@dataclass
class Assertion:
    kind: str
    name: str
    settings: dict[str, str]


@dataclass
class Step:
    kind: str
    name: str
    method: str = "GET"
    address: str = ""
    path: str = ""
    body: str = ""
    target: str = ""
    ends_as: str = ""
    reason: str = ""
    disabled: bool = False
    assertions: list[Assertion] = field(default_factory=list)


@dataclass
class Case:
    id: str
    name: str
    suite: str
    disabled: bool
    fail_on_error: bool
    fail_at_end: bool
    tags: set[str]
    steps: list[Step]
    properties: dict[str, str]


@dataclass
class Suite:
    name: str
    disabled: bool
    cases: list[Case]


@dataclass
class Project:
    name: str
    suites: list[Suite]
    properties: dict[str, str]
    environments: dict[str, str]
    """A stand-in's own notion: name to endpoint."""

    def case_of_id(self, wanted: str) -> Case:
        return next(c for suite in self.suites for c in suite.cases if c.id == wanted)


def read_project(path: Path) -> Project:
    root = ElementTree.parse(path).getroot()  # noqa: S314 - the tests' own files
    if root.tag != f"{CON}soapui-project":
        raise ValueError(f"Failed to load SoapUI project file [{path}]")
    return Project(
        root.get("name", ""),
        [_suite(one) for one in root.findall(f"{CON}testSuite")],
        _properties(root),
        {e.get("name", ""): _text(e, "endpoint") for e in root.findall(f"{CON}environment")},
    )


def expanded(text: str, scopes: dict[str, dict[str, str]]) -> str:
    """Put property values in: `${#Project#name}`, `${name}` for the nearest scope that has it."""

    def value(match: re.Match[str]) -> str:
        named = [match[1]] if match[1] else list(scopes)
        return next((scopes[s][match[2]] for s in named if match[2] in scopes.get(s, {})), "")

    return _EXPANSION.sub(value, text)


def _suite(element: ElementTree.Element) -> Suite:
    name = element.get("name", "")
    cases = [_case(one, name) for one in element.findall(f"{CON}testCase")]
    return Suite(name, _is_true(element, "disabled"), cases)


def _case(element: ElementTree.Element, suite: str) -> Case:
    return Case(
        element.get("id", ""),
        element.get("name", ""),
        suite,
        disabled=_is_true(element, "disabled"),
        fail_on_error=element.get("failOnError", "true") == "true",
        fail_at_end=element.get("failTestCaseOnErrors", "true") == "true",
        tags=set(element.get("tags", "").split()),
        steps=[_step(one) for one in element.findall(f"{CON}testStep")],
        properties=_properties(element),
    )


def _step(element: ElementTree.Element) -> Step:
    config = element.find(f"{CON}config")
    assert config is not None
    inner = config.find(f"{CON}restRequest")
    request = config if inner is None else inner
    step = Step(element.get("type", ""), element.get("name", ""))
    step.disabled = _is_true(element, "disabled")
    step.method = config.get("methodName") or config.get("method") or "GET"
    step.address = _text(request, "endpoint")
    step.path = config.get("resourcePath", "")
    step.body = _text(request, "request")
    step.target = _text(config, "targetTestCase")
    step.assertions = list(_assertions(request))
    if ends := _ENDS_CASE.search(config.findtext("script", "")):
        step.ends_as, step.reason = ("CANCELED" if ends[1] == "cancel" else "FAILED"), ends[2]
    return step


def _assertions(request: ElementTree.Element) -> Iterator[Assertion]:
    for element in request.findall(f"{CON}assertion"):
        kind = element.get("type", "")
        settings = element.find(f"{CON}configuration")
        found = {child.tag: child.text or "" for child in settings} if settings is not None else {}
        yield Assertion(kind, element.get("name", kind), found)


def _properties(element: ElementTree.Element) -> dict[str, str]:
    found = element.findall(f"{CON}properties/{CON}property")
    return {_text(one, "name"): _text(one, "value") for one in found}


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{CON}{name}", "") or ""


def _is_true(element: ElementTree.Element, name: str) -> bool:
    return element.get(name, "false") == "true"
