"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

# Its usual place, .hypothesis beside pyproject.toml, is one that pytest would look for tests in.
set_hypothesis_home_dir(Path(__file__).parent.parent / ".pytest_cache" / "hypothesis")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
