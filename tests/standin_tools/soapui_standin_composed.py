"""Composes SoapUI project files for the tests, in the shape of the real ones."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:con="http://eviware.com/soapui/config" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def status(codes: str = "200") -> str:
    return _assertion("Valid HTTP Status Codes", "Status", f"<codes>{codes}</codes>")


def contains(token: str, kind: str = "Simple Contains", name: str = "Contains") -> str:
    settings = "<ignoreCase>false</ignoreCase><useRegEx>false</useRegEx>"
    return _assertion(kind, name, f"<token>{escape(token)}</token>{settings}")


def request(address: str, *assertions: str, name: str = "ask") -> str:
    return (
        f'<con:testStep type="httprequest" name={quoteattr(name)}><con:settings/>'
        f'<con:config xsi:type="con:HttpRequest" method="GET"><con:settings/>'
        f"<con:endpoint>{escape(address)}</con:endpoint><con:request/>{''.join(assertions)}"
        "</con:config></con:testStep>"
    )


def rest_request(address: str, path: str, *assertions: str) -> str:
    return (
        '<con:testStep type="restrequest" name="ask by REST"><con:settings/>'
        f'<con:config resourcePath={quoteattr(path)} methodName="GET" '
        'xsi:type="con:RestRequestStep"><con:restRequest name="ask by REST"><con:settings/>'
        f"<con:endpoint>{escape(address)}</con:endpoint><con:request/>{''.join(assertions)}"
        "</con:restRequest></con:config></con:testStep>"
    )


def groovy(script: str) -> str:
    return (
        '<con:testStep type="groovy" name="script"><con:settings/><con:config>'
        f"<script>{escape(script)}</script></con:config></con:testStep>"
    )


def call(case: str) -> str:
    return (
        '<con:testStep type="calltestcase" name="run another"><con:settings/>'
        '<con:config xsi:type="con:RunTestCaseStep"><con:targetTestCase>'
        f"id-{escape(case)}</con:targetTestCase></con:config></con:testStep>"
    )


def case(name: str, *steps: str, tags: str = "", **flags: str) -> str:
    given = "".join(f" {flag}={quoteattr(value)}" for flag, value in flags.items())
    tagged = f" tags={quoteattr(tags)}" if tags else ""
    return (
        f"<con:testCase id={quoteattr(f'id-{name}')} name={quoteattr(name)}{tagged}{given}>"
        f"<con:settings/>{''.join(steps)}<con:properties/></con:testCase>"
    )


def suite(name: str, *cases: str, disabled: bool = False) -> str:
    flag = ' disabled="true"' if disabled else ""
    return (
        f"<con:testSuite name={quoteattr(name)}{flag}><con:settings/>"
        f"<con:runType>SEQUENTIAL</con:runType>{''.join(cases)}</con:testSuite>"
    )


def write_project(
    path: Path, *suites: str, properties: dict[str, str] | None = None, extra: str = ""
) -> None:
    """Write a project called Shop; *extra* is put beside its suites as it is."""
    inner = "".join(
        f"<con:property><con:name>{escape(name)}</con:name><con:value>{escape(value)}"
        "</con:value></con:property>"
        for name, value in (properties or {}).items()
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<con:soapui-project name="Shop" soapui-version="5.7.2" {NAMESPACES}><con:settings/>'
        f"{''.join(suites)}{extra}<con:properties>{inner}</con:properties></con:soapui-project>",
        "utf-8",
    )


def _assertion(kind: str, name: str, settings: str) -> str:
    return (
        f"<con:assertion type={quoteattr(kind)} name={quoteattr(name)}>"
        f"<con:configuration>{settings}</con:configuration></con:assertion>"
    )
