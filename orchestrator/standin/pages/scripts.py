"""The script that a form gives to an automation: an uploaded zip, or a link to one."""

import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

Arrived = Upload | _Link | None
"""The same, once a zip lies whole in the folder of files."""


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
    if not link or (link, comment) == was:
        return None
    with form.refusals("link"):
        library.check_link(link)
    return _Link(link, comment)


def ask_again(form: Form) -> None:
    """Say that a file is lost when the form is shown again: a browser sends one only once."""
    sent = form.files.get("script")
    if sent is not None and form.errors:
        form.wrong("script", f"Choose {_base_name(sent.filename)} again.")


@asynccontextmanager
async def arrived(store: Store, script: Script) -> AsyncIterator[Arrived]:
    """Write a zip to where it can be put in place; one that was not is gone afterwards."""
    if not isinstance(script, _Zip):
        yield script
        return
    path = store.files / f"incoming-{uuid.uuid4().hex}"
    try:
        with path.open("xb") as target:
            while chunk := await to_thread.run_sync(script.file.read, _CHUNK_BYTES):
                await to_thread.run_sync(target.write, chunk)
        yield Upload(_base_name(script.file_name), path)
    finally:
        path.unlink(missing_ok=True)


def attach(store: Store, test_id: int, agent: str, script: Arrived) -> None:
    """Attach what has arrived in place of what was there, if anything has."""
    if isinstance(script, Upload):
        library.attach_file(store, test_id, agent, script)
    elif script is not None:
        library.attach_link(store, test_id, agent, script.link, script.comment)


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
