"""HTTP messages as bytes, as far as a proxy has to understand them."""

import re
from dataclasses import dataclass

from anyio.streams.buffered import BufferedByteReceiveStream

_API = r"/rest-api/service/automation/v2/hosts/(?P<host>\d+)"
_ITEM = _API + r"/runs/\d+/items/\d+"
_ROUTES = [
    (operation, re.compile(rf"{method} {path}(\?|$)"))
    for operation, method, path in [
        ("current_runs", "GET", _API + "/currentruns"),
        ("get_host", "GET", _API),
        ("update_host", "PATCH", _API),
        ("update_item", "PATCH", _ITEM),
        ("upload_log", "POST", _ITEM + "/logs"),
        ("upload_report", "POST", _ITEM + "/report"),
        ("get_script", "GET", _ITEM + "/script"),
    ]
]
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_LONGEST_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole."""

    method: str
    path: str
    head: bytes
    body: bytes
    operation: str
    """One of the API's, or "other"."""
    host: int
    """The registered id in the path, 0 without one."""

    def to_send(self) -> bytes:
        """Return it as a server gets it that shall close the connection after its answer."""
        return _CONNECTION.sub(b"", self.head) + b"\r\nConnection: close\r\n\r\n" + self.body


async def read_request(stream: BufferedByteReceiveStream) -> Request:
    """Read the next request; its body has a length, as all of labfleet's have."""
    head = await stream.receive_until(b"\r\n\r\n", _LONGEST_HEAD)
    length = _LENGTH.search(head)
    body = await stream.receive_exactly(int(length[1])) if length and int(length[1]) else b""
    method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
    for operation, route in _ROUTES:
        if found := route.match(f"{method} {path}"):
            return Request(method, path, head, body, operation, int(found["host"]))
    return Request(method, path, head, body, "other", 0)


def answer(status: int, retry_after: str | None = None, body: bytes = b"") -> bytes:
    """Write an answer of our own."""
    lines = [f"HTTP/1.1 {status} Fault", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"Retry-After: {retry_after}"] if retry_after is not None else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status_of(said: bytes) -> int:
    """Return the status of an answer, 0 for what is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", said)
    return int(found[1]) if found else 0


def kept_alive(said: bytes) -> bytes:
    """Take out of an answer that its connection is closed, when its length tells its end."""
    head, end, body = said.partition(b"\r\n\r\n")
    return _CONNECTION.sub(b"", head) + end + body if _LENGTH.search(head) else said
