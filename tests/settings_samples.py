"""Settings for tests to start from, and what `load` says of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrator.errors import SettingsError
from orchestrator.settings import Settings, load

TOKEN = "7c0a4be2-51d3-4f6e-9a08-c1e9d27b5f64"
GOOD = """\
[server]
url = "https://qac.example.com"
[seats]
desktop = 1
[tools.junit]
executable = ["java"]
seats = ["desktop"]
[hosts.lab_01]
tools = ["junit"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "labfleet.toml"
    path.write_text(text)
    return path


def host_with(extra: str) -> str:
    return GOOD + "id = 207\n" + extra


def token_of(settings: Settings) -> str:
    token = settings.hosts["lab_01"].token
    return token.get_secret_value() if token else ""


def faults(path: Path | None, environ: Mapping[str, str] | None = None) -> list[str]:
    """What `load` finds wrong, without the file's folder."""
    with pytest.raises(SettingsError) as caught:
        load(path, environ or {})
    folder = f"{path.parent}/" if path else ""
    return str(caught.value).replace(folder, "").splitlines() if folder else [str(caught.value)]
