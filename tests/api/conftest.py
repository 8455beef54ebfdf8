from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.transport import Api
from tests.api.servers import open_api
from tests.standin.lab import Host, Lab, open_lab


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path / "standin") as lab:
        yield lab


@pytest.fixture
async def host(lab: Lab) -> Host:
    return await lab.host()


@pytest.fixture
async def api(lab: Lab) -> AsyncIterator[Api]:
    async with open_api(lab.url) as api:
        yield api


@pytest.fixture
def client(api: Api, host: Host) -> HostClient:
    return HostClient(api, host.id, host.token)


@pytest.fixture
def user(api: Api) -> UserClient:
    return UserClient(api, "demo@example.com", "demo")
