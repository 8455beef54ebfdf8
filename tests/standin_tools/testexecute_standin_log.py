"""The logs that the TestExecute stand-in writes, in the shape of genuine ones."""

import base64
import uuid
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

STATUSES = {"ok": 0, "warning": 1, "error": 2, "incomplete": 3}
HEAD = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE Nodes [
<!ENTITY % NameValue "CDATA">
<!ENTITY % PropType "(I|S|D|L|H|B)">
<!ELEMENT Prp (#PCDATA)>
<!ELEMENT Node (Node|Prp)*>
<!ELEMENT Nodes (Node)+>
<!ATTLIST Nodes version CDATA "1">
<!ATTLIST Node name CDATA #REQUIRED>
<!ATTLIST Prp name CDATA #REQUIRED>
<!ATTLIST Prp type CDATA #REQUIRED>
<!ATTLIST Prp value CDATA #REQUIRED>
]>
"""


@dataclass(frozen=True)
class Run:
    """What there is to log."""

    suite: str
    projects: list
    single: bool
    completed: bool
    code: int
    order: str

    @property
    def tests(self) -> list[dict]:
        return [test for project in self.projects for test in project["tests"]]

    @property
    def status(self) -> int:
        return min(self.code, 2)

    def count(self, status: str) -> int:
        return sum(test["status"] == status for test in self.tests)


class Node:
    """A node of the log's dialect; `True` is written as -1."""

    def __init__(self, node_name: str, *children: "Node", **values: object) -> None:
        self.name = node_name
        self.children = children
        self.values = values

    def xml(self) -> str:
        inner = "".join(child.xml() for child in self.children)
        inner += "".join(_value(name, value) for name, value in self.values.items())
        return f"<Node name={quoteattr(self.name)}>{inner}</Node>\n"


def document(root: Node) -> str:
    return f'{HEAD}<Nodes version="1">\n{root.xml()}</Nodes>\n'


def write_log(path: Path, run: Run, *, summary: bool, cut: bool) -> None:
    """Write the folder of a log as a `.tcLogX`; *cut* leaves only its first half."""
    guids = [f"{{{uuid.uuid4()}}}".upper() for _ in run.tests]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Description.tcLog", document(_description(run)))
        archive.writestr("RootLogData.dat", document(_tree(run, guids)))
        if summary:
            archive.writestr("Summary.dat", document(_summary(run)))
        for guid, test in zip(guids, run.tests, strict=True):
            archive.writestr(guid, document(_details(test)))
    if cut:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write_mht(path: Path, run: Run, variables: list[str]) -> None:
    """Write a small report; a genuine one too has a comment before its headers."""
    rows = "".join(f"<li>{test['name']}: {test['status']}</li>" for test in run.tests)
    said = "".join(f"<p>{variable}</p>" for variable in variables)
    page = f"<html><body><h1>Stand-in, no real TestExecute</h1><ul>{rows}</ul>{said}</body></html>"
    body = base64.encodebytes(page.encode()).decode()
    path.write_text(
        "<!-- saved by the TestExecute stand-in -->\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="standin"\n\n--standin\n'
        "Content-Type: text/html\nContent-Transfer-Encoding: base64\n"
        f"Content-Location: http://localhost/index.htm\n\n{body}\n--standin--\n",
        "utf-8",
    )


def _description(run: Run) -> Node:
    values = {
        "computer name": "STANDIN",
        "status": run.status,
        "error count": sum(len(test.get("errors", [])) for test in run.tests),
        "root file name": "RootLogData.dat",
        "completed": run.completed,
        "start time": _date(),
        "stop time": _date(),
        "test type": run.suite,
        "root logdata name": _root_name(run),
    }
    return Node("root", **values)


def _summary(run: Run) -> Node:
    projects = [
        Node(
            f"project{number}",
            Node("tests", *_ordered(run, [_test(n, t) for n, t in enumerate(project["tests"])])),
            name=project["name"],
            duration=sum(test.get("ms", 0) for test in project["tests"]),
        )
        for number, project in enumerate(run.projects)
    ]
    return Node(
        "root",
        Node("projects", *_ordered(run, projects)),
        tests=len(run.tests),
        failedtests=run.count("error"),
        warningtests=run.count("warning"),
        incompletedtests=run.count("incomplete"),
        executionstatus=run.status,
        name=run.suite,
    )


def _test(number: int, test: dict) -> Node:
    kinds = [
        Node(f"{kind}s", *(Node(f"{kind}{n}", msg=m) for n, m in _said_last_first(test, kind)))
        for kind in ("warning", "error")
    ]
    return Node(
        f"test{number}",
        *kinds,
        name=test["name"],
        status=STATUSES[test["status"]],
        duration=test.get("ms", 0),
        starttime=_date(),
    )


def _said_last_first(test: dict, kind: str) -> list[tuple[int, str]]:
    return list(enumerate(test.get(f"{kind}s", [])))[::-1]


def _tree(run: Run, guids: list[str]) -> Node:
    project = "{00000000-1111-1111-1111-111111111111}"
    owner = "" if run.single else "{0}"
    items = []
    if not run.single:
        top = {"moniker": owner, "ownermoniker": "", "projectkey": project, "test": project}
        items.append(
            Node("item 0", Node("children"), name=_root_name(run), status=run.status, **top)
        )
    for number, (guid, test) in enumerate(zip(guids, run.tests, strict=True), len(items)):
        name = _root_name(run) if run.single else test["name"]
        at = {"moniker": guid, "ownermoniker": owner, "filename": guid, "projectkey": project}
        status = STATUSES[test["status"]]
        items.append(Node(f"item {number}", name=name, status=status, test=f"{guid}x", **at))
    return Node("root", *_ordered(run, items))


def _root_name(run: Run) -> str:
    if run.single:
        return f"Script Test Log [{run.tests[0]['unit']}\\{run.tests[0]['routine']}]"
    return run.projects[0]["name"] if len(run.projects) == 1 else run.suite


def _details(test: dict) -> Node:
    said = [(3, text) for text in test.get("errors", [])]
    said += [(2, text) for text in test.get("warnings", [])]
    messages = [
        Node(f"message {number}", type=kind, message=text, remarks="", date=_date())
        for number, (kind, text) in enumerate(said)
    ]
    return Node("root", *messages[::-1], status=STATUSES[test["status"]])


def _ordered(run: Run, nodes: list[Node]) -> list[Node]:
    return nodes[::-1] if run.order == "reversed" else nodes


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        kind, text = "B", "-1" if value else "0"
    elif isinstance(value, float):
        kind, text = "D", f"{value:.10f}"
    else:
        kind, text = "I" if isinstance(value, int) else "S", str(value)
    return f'<Prp name={quoteattr(name)} type="{kind}" value={quoteattr(text)}/>\n'


def _date() -> float:
    """Give the local time as an OLE automation date."""
    since = datetime.now() - datetime(1899, 12, 30)  # noqa: DTZ001, DTZ005 - the format has no zone
    return since.total_seconds() / 86_400
