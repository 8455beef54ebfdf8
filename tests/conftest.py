"""What all tests share."""

import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests.attempts import alive
from tests.faults.proxy import Proxy, open_proxy
from tests.fleet import Fleet
from tests.standin.lab import open_lab

# Its usual place, .hypothesis beside pyproject.toml, is one that pytest would look for tests in.
set_hypothesis_home_dir(Path(__file__).parent.parent / ".pytest_cache" / "hypothesis")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder in which this process is bound by permissions, as root it is not."""
    with TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        Path(name).chmod(0o777)
        os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    """A stand-in with one host, and settings that know it."""
    async with open_lab(tmp_path / "standin") as lab:
        fleet = Fleet(lab, tmp_path, locks=tmp_path / "locks")
        await fleet.add_hosts(1)
        yield fleet
        fleet.end_tools()
        fleet.remove_notes()


@pytest.fixture
async def proxy(fleet: Fleet) -> AsyncIterator[Proxy]:
    """A proxy between the fleet's labfleet and its stand-in."""
    async with open_proxy(fleet.lab.url) as proxy:
        fleet.url = proxy.url
        yield proxy


@pytest.fixture
def unused_url(free_port: int) -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port}"


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def tag() -> Iterator[str]:
    """Names one test's processes; whatever a failed test leaves is ended here."""
    mine = f"tag-{uuid4().hex}"
    yield mine
    for line in alive(mine):
        os.kill(int(line.split()[0]), signal.SIGKILL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of one attempt, as a workspace makes it."""
    attempt = tmp_path / "attempt"
    attempt.mkdir(mode=0o700)
    return attempt
