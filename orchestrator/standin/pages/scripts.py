"""The script that a form gives to an automation: an uploaded zip, or a link to one."""

import sqlite3
import uuid
from typing import IO, NamedTuple

from anyio import to_thread

from orchestrator.standin import library
from orchestrator.standin.store import Store
from orchestrator.standin.uploads import Upload

from .forms import Form

_CHUNK_BYTES = 256 * 1024
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")  # with files, and empty


class _Zip(NamedTuple):
    file_name: str
    file: IO[bytes]


class _Link(NamedTuple):
    link: str
    comment: str | None


Script = _Zip | _Link | None
"""None: nothing was given, and what is attached stays."""


def read_script(form: Form, *, before: sqlite3.Row | None = None) -> Script:
    """Read the fields `script`, `link` and `comment`; *before* is the automation as it was."""
    sent = form.files.get("script")
    link, comment = form.optional("link", limit=2000), form.optional("comment")
    was = (before["link"], before["comment"]) if before else (None, None)
    if sent is not None and link and link != was[0]:
        form.wrong("link", "Either a file or a link, please, not both.")
    if sent is not None:
        start = sent.file.read(4)
        sent.file.seek(0)
        if start not in _ZIP_STARTS:
            form.wrong("script", f"{sent.filename} is no zip file.")
        return _Zip(sent.filename, sent.file)
    return _Link(link, comment) if link and (link, comment) != was else None


async def attach(store: Store, test_id: int, agent: str, script: Script) -> None:
    """Attach it in place of what was there. Raises Refusal 400 for a link that is none."""
    if isinstance(script, _Link):
        library.attach_link(store, test_id, agent, script.link, script.comment)
    elif script is not None:
        path = store.files / f"incoming-{uuid.uuid4().hex}"
        try:
            with path.open("xb") as target:
                while chunk := await to_thread.run_sync(script.file.read, _CHUNK_BYTES):
                    await to_thread.run_sync(target.write, chunk)
            library.attach_file(store, test_id, agent, Upload(_base_name(script.file_name), path))
        finally:
            path.unlink(missing_ok=True)


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
