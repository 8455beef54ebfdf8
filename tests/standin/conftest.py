from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.standin.browser import browser, chromium
from tests.standin.exports import make_export
from tests.standin.lab import Host, Lab, open_lab

__all__ = ["browser", "chromium"]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path) as lab:
        yield lab


@pytest.fixture
async def host(lab: Lab) -> Host:
    return await lab.host()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder `a` with one of each, and its export beside it; both are to stay so."""
    return make_export(tmp_path_factory.mktemp("exported"))
