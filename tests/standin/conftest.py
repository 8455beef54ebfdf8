from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.standin.browser import browser, chromium
from tests.standin.lab import Host, Lab, open_lab

__all__ = ["browser", "chromium"]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path) as lab:
        yield lab


@pytest.fixture
async def host(lab: Lab) -> Host:
    return await lab.host()
