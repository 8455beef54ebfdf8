"""A file as the one field of a form, streamed in pieces of bounded size."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

_PIECE_BYTES = 256 * 1024
_ESCAPED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class Form:
    """The body of one upload."""

    pieces: AsyncIterator[bytes]
    size_bytes: int
    content_type: str


@asynccontextmanager
async def open_form(field: str, file: Path) -> AsyncIterator[Form]:
    """Hold *file* open as a form with it under *field*; raises FileNotFoundError if it is gone."""
    boundary = secrets.token_hex(16)
    # A tool may have named the file: its name must not end the header it stands in.
    name = file.name.translate(_ESCAPED)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode("utf-8", "replace")
    tail = f"\r\n--{boundary}--\r\n".encode()
    size_bytes = len(head) + (await anyio.Path(file).stat()).st_size + len(tail)
    # Opened here and not by the pieces: who reads them leaves off when the connection breaks.
    async with await anyio.open_file(file, "rb") as stream:
        yield Form(
            _pieces(head, stream, tail), size_bytes, f"multipart/form-data; boundary={boundary}"
        )


async def _pieces(head: bytes, stream: anyio.AsyncFile[bytes], tail: bytes) -> AsyncIterator[bytes]:
    yield head
    while piece := await stream.read(_PIECE_BYTES):
        yield piece
    yield tail
