"""Log folders for the tests: the golden ones, and small documents of the same dialect."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

GOLDEN = Path(__file__).parents[1] / "golden" / "testcomplete"
FOLDERS = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())

DOCTYPE = '<!DOCTYPE Nodes [<!ENTITY % NameValue "CDATA"><!ATTLIST Nodes version CDATA "1">]>'


def golden(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((GOLDEN / folder).iterdir())}


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()


def node(node_name: str, *children: str, **values: object) -> str:
    inner = "".join(children) + "".join(
        f'<Prp name={quoteattr(name.replace("_", " "))} type="S" value={quoteattr(str(value))}/>'
        for name, value in values.items()
    )
    return f"<Node name={quoteattr(node_name)}>{inner}</Node>"


def document(root: str) -> bytes:
    return f'<?xml version="1.0"?>{DOCTYPE}<Nodes version="1">{root}</Nodes>'.encode()


def summary(*tests: str, **root: object) -> bytes:
    project = node("project0", node("tests", *tests), name="Web")
    return document(node("root", node("projects", project), **root))


def header(**values: object) -> bytes:
    return document(node("root", **{"completed": "-1", "status": 0, **values}))
