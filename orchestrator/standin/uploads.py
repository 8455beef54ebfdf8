"""Files that come in and stay: streamed to disk, then put in place in one step."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aiohttp import BodyPartReader, MultipartReader, web
from anyio import to_thread
from multidict import CIMultiDictProxy
from typing_extensions import override

from .errors import Refusal
from .quirks import QUIRKS
from .store import STORE, Store

_CHUNK_BYTES = 256 * 1024
_INCOMING = "incoming-"


class Upload(NamedTuple):
    """A file that has arrived whole: as its sender named it, and where it lies for now."""

    file_name: str
    path: Path


@asynccontextmanager
async def receive_file(request: web.Request, *, field: str | None) -> AsyncIterator[Upload]:
    """Receive the multipart part named *field*, or, for None, the first part with a file name.

    The file is gone at the end of the block, unless it was moved away.
    Raises Refusal 400 without such a part or file name, 413 above the upload limit.
    """
    if request.content_type != "multipart/form-data":
        raise Refusal(400, "Content-Type must be multipart/form-data")
    path = new_incoming(request.app[STORE])
    try:
        try:
            part = await _find_part(request, field)
            await _write(part, path, limit_bytes=request.app[QUIRKS].max_upload_bytes)
        except ValueError as error:  # what the parser raises for a broken or cut-off body
            raise Refusal(400, "The body is not well-formed multipart") from error
        yield Upload(_base_name(part.filename or ""), path)
    finally:
        path.unlink(missing_ok=True)


def drop_files(store: Store, stored_names: Iterable[str]) -> None:
    """Remove files that no row names any longer."""
    for name in stored_names:
        (store.files / name).unlink(missing_ok=True)


def new_incoming(store: Store) -> Path:
    """Return a path for a file that is on its way, and may never arrive."""
    return store.files / f"{_INCOMING}{uuid.uuid4().hex}"


def sweep_incoming(store: Store) -> None:
    """Remove what was on its way when a stand-in was killed; called while nobody else is there."""
    for path in store.files.glob(f"{_INCOMING}*"):
        path.unlink(missing_ok=True)


async def receive_body(request: web.Request, path: Path, *, limit_bytes: int) -> None:
    """Write the whole body to the new file *path*. Raises Refusal 413 above the limit."""
    taken = 0
    with _new(path) as file:
        async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
            taken += len(chunk)
            if taken > limit_bytes:
                raise Refusal(413, f"The body is larger than {limit_bytes} bytes")
            await to_thread.run_sync(file.write, chunk)


class _Parts(MultipartReader):
    """The parts of a form, each taken as it is: an MHT file is multipart itself, and one file."""

    @override
    def _get_part_reader(self, headers: CIMultiDictProxy[str]) -> BodyPartReader:
        # The framework would begin to read such a part as a form within the form.
        return BodyPartReader(self._boundary, headers, self._content, subtype="form-data")


async def _find_part(request: web.Request, field: str | None) -> BodyPartReader:
    async for part in _Parts(request.headers, request.content):
        if isinstance(part, BodyPartReader) and field in (None, part.name) and part.filename:
            return part
    named = "with" if field is None else f"named {field}, with"
    raise Refusal(400, f"The body has no part {named} a file name")


async def _write(part: BodyPartReader, path: Path, *, limit_bytes: int) -> None:
    taken = 0
    # Closed without an await: a sender that vanishes ends this task wherever it stands.
    with _new(path) as file:
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            taken += len(chunk)
            if taken > limit_bytes:
                raise Refusal(413, f"The file is larger than {limit_bytes} bytes")
            await to_thread.run_sync(file.write, chunk)
    if not part.at_eof():
        raise ValueError("the body ends inside the part")


def _new(path: Path) -> BinaryIO:
    return path.open("xb")


def _base_name(name: str) -> str:
    """Cut a folder off: some senders put a whole Windows path here."""
    whole = name.encode(errors="replace").decode()  # bytes that are no UTF-8 cannot be stored
    return whole.replace("\\", "/").rpartition("/")[2]
