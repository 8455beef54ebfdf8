"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

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
