"""Export, import and reset over HTTP, for users who may see everything anyway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web
from anyio import open_file, to_thread

from orchestrator.standin.answers import answer
from orchestrator.standin.auth import require_overseer
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, query_value, read_fields
from orchestrator.standin.store import STORE
from orchestrator.standin.uploads import new_incoming, receive_body
from orchestrator.standin.versions import DataError

from .exporting import export_data
from .importing import import_data
from .resetting import reset_data

IMPORT_LIMIT_BYTES = 1_000_000_000
_CHUNK_BYTES = 256 * 1024


async def export_all(request: web.Request) -> web.StreamResponse:
    """`GET /standin/export`: a zip file; with `?secrets=true` it holds hashes and tokens too."""
    require_overseer(request)
    secrets = Fields({"secrets": query_value(request, "secrets")}).flag("secrets") is True
    async with _passing_file(request) as path:
        data_dir = request.app[STORE].files.parent
        await to_thread.run_sync(lambda: export_data(data_dir, path, secrets=secrets))
        return await _send(request, path)


async def import_all(request: web.Request) -> web.Response:
    """`POST /standin/import`: an export as the body; it takes the place of everything."""
    require_overseer(request)
    # A page elsewhere can make a browser that has signed in post a form, but not this type.
    if request.content_type != "application/zip":
        raise Refusal(400, "Content-Type must be application/zip")
    async with _passing_file(request) as path:
        await receive_body(request, path, limit_bytes=IMPORT_LIMIT_BYTES)
        store = request.app[STORE]
        take = partial(import_data, store.files.parent, path, called="The body")
        try:
            with store.replaced():
                done = await to_thread.run_sync(take)
        except DataError as error:
            raise Refusal(400, str(error)) from error
    return answer(request, done._asdict())


async def reset_all(request: web.Request) -> web.Response:
    """`POST /standin/reset` with `{"confirm": "reset"}`: hosts, tests, sets and runs are gone."""
    require_overseer(request)
    # No form, for the same reason.
    if request.content_type != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    if (await read_fields(request)).text("confirm") != "reset":
        raise Refusal(400, 'confirm must be "reset"')
    store = request.app[STORE]
    with store.replaced():
        await to_thread.run_sync(reset_data, store.files.parent)
    return answer(request, {})


async def _send(request: web.Request, path: Path) -> web.StreamResponse:
    """Send the file now: it is gone as soon as this has returned."""
    response = web.StreamResponse()
    response.content_type = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="standin-export.zip"'
    response.headers["Cache-Control"] = "no-store"
    async with await open_file(path, "rb") as file:
        await response.prepare(request)
        while chunk := await file.read(_CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response


@asynccontextmanager
async def _passing_file(request: web.Request) -> AsyncIterator[Path]:
    path = new_incoming(request.app[STORE])
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
