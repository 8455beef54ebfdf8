"""Looking into exports and data folders."""

import json
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from orchestrator.standin import export_data, seed
from orchestrator.standin.host_records import Host, add_host
from orchestrator.standin.library import NewAutomation, add_automation, add_test
from orchestrator.standin.ordering import RunWanted, order_run
from orchestrator.standin.store import open_store
from tests.standin.lab import JUNIT, PROJECT


def dump(export: Path) -> dict[str, Any]:
    with zipfile.ZipFile(export) as archive:
        document: dict[str, Any] = json.loads(archive.read("standin.json"))
    return document


def files(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_dir / "files").iterdir()}


def make_export(folder: Path) -> Path:
    """Make a data folder `a` with one of each, and its export `a.zip`."""
    seed(folder / "a")
    with closing(open_store(folder / "a")) as store:
        project = store.row("SELECT * FROM projects WHERE id = ?", PROJECT)
        assert project is not None
        test_id = add_test(store, PROJECT, "T")
        add_automation(store, test_id, NewAutomation(agent=JUNIT))
        host_id = add_host(store, 5120, Host(host_name="H", host_configuration="c"))
        order_run(store, 1, project, RunWanted(host_id=host_id, test_id=test_id))
        (store.files / ("a" * 32)).write_bytes(b"L")
        store.write("INSERT INTO uploads VALUES (1, 'log', 'a.xml', ?)", "a" * 32)
    export_data(folder / "a", folder / "a.zip", secrets=True)
    return folder / "a.zip"
