"""A file as the one field of a form, streamed in pieces of bounded size."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio

_PIECE_BYTES = 256 * 1024
_ESCAPED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class Form:
    """What goes before and after the file's bytes, and how long it all is."""

    file: Path
    head: bytes
    tail: bytes
    content_type: str
    size_bytes: int

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the whole body; can be started again."""
        yield self.head
        async with await anyio.open_file(self.file, "rb") as stream:
            while piece := await stream.read(_PIECE_BYTES):
                yield piece
        yield self.tail


async def form_of(field: str, file: Path) -> Form:
    """Put *file* into a form under *field*; raises FileNotFoundError when it is gone."""
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
    return Form(file, head, tail, f"multipart/form-data; boundary={boundary}", size_bytes)
