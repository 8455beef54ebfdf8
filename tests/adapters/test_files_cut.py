"""Where a script holds more files than are listed, what needs them all refuses."""

from pathlib import PurePosixPath

import pytest

from adapters import junit, nunit, testng
from adapters.base import AdapterError, Automation, Command, Tool, ToolAdapter, Workspace

PLACE = PurePosixPath("/w")


def command(adapter: ToolAdapter, *files: str, title: str = "") -> Command:
    folders = (PLACE / name for name in ("script", "results", "tmp"))
    workspace = Workspace(*folders, tuple(map(PurePosixPath, files)), files_cut=True)
    program = "nunit-console" if adapter is nunit else "java"
    return adapter.build_command(Automation(title), Tool((program,), 60), workspace)


@pytest.mark.parametrize(
    ("adapter", "file"),
    [
        (junit, "shop/CartTest.java"),
        (junit, "shop/CartTest.class"),
        (testng, "shop/CartTest.java"),
        (nunit, "Shop.Tests.dll"),
    ],
)
def test_sources_classes_and_assemblies_that_are_not_all_listed_are_refused(
    adapter: ToolAdapter, file: str
) -> None:
    with pytest.raises(AdapterError, match="holds more than 1 files"):
        command(adapter, file)


def test_a_build_file_or_a_name_needs_no_list() -> None:
    assert "mvn" in command(junit, "pom.xml").argv
    assert "Shop.Tests.dll" in command(nunit, "Shop.Tests.dll", title="Shop.Tests.dll:").argv
