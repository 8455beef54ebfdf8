"""Scripts to fetch, and the ways to them."""

from pathlib import Path

from aiohttp import web

from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from tests.api.servers import counted, open_client, open_web
from tests.standin.lab import JUNIT

ZIP = b"PK\x03\x04" + bytes(range(256)) * 40
FREE = ("127.0.0.1", "localhost")


async def fetch(
    client: HostClient, folder: Path, *hosts: str, max_bytes: int = 10**8
) -> bytes | Reference:
    rules = Rules(hosts, max_bytes)
    found = await client.fetch_script(7, 1, JUNIT, folder / "script.zip", rules)
    return found if isinstance(found, Reference) else found.read_bytes()


async def fetch_from(answer: web.Response, folder: Path, **more: int) -> bytes | Reference:
    async with open_web(lambda _: answer) as server, open_client(server.url) as (_, client):
        return await fetch(client, folder, **more)


def to(location: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": location})


async def follow(
    location: str, folder: Path, *hosts: str, status: int = 302
) -> tuple[bytes | Reference, dict[tuple[str, str], int]]:
    """Fetch a script for which the API redirects to *location*."""
    answer = to(location, status)
    async with open_web(lambda _: answer) as server, open_client(server.url) as (api, client):
        return await fetch(client, folder, *hosts), counted(api)
