"""What lies ready for a tool before it starts, and that it cannot lie anywhere else."""

import os
from pathlib import Path, PurePath

import pytest

from adapters.base import AdapterError
from orchestrator.order import lay_ready


@pytest.fixture
def tmp(tmp_path: Path) -> Path:
    """The temporary folder of an attempt, as a workspace makes it."""
    folder = tmp_path / "tmp"
    folder.mkdir(mode=0o700)
    return folder


def outside(tmp: Path) -> list[str]:
    return [path.name for path in tmp.parent.rglob("*") if path != tmp and tmp not in path.parents]


def test_files_are_there_by_either_name_and_open_to_nobody_else(tmp: Path) -> None:
    text = "grün\r\n\n"
    old = os.umask(0)
    try:
        lay_ready(tmp, {tmp / "suite.xml": text, PurePath("a", "b", "c.txt"): "", tmp / "a/d": "d"})
    finally:
        os.umask(old)

    assert (tmp / "suite.xml").read_bytes() == text.encode()
    modes = {str(path.relative_to(tmp)): path.stat().st_mode & 0o777 for path in tmp.rglob("*")}
    assert modes == {
        "home": 0o700, "suite.xml": 0o600, "a": 0o700, "a/b": 0o700, "a/b/c.txt": 0o600,
        "a/d": 0o600,
    }  # fmt: skip


def test_a_file_may_lie_in_the_tools_home(tmp: Path) -> None:
    lay_ready(tmp, {PurePath("home", ".tool", "settings"): "x"})

    assert (tmp / "home/.tool/settings").read_text() == "x"


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "a/..", ".", "", "/x", "{tmp}", "{tmp}/../x", "{tmp}x", "a/../x"],
)
def test_a_path_that_leads_out_is_refused(tmp: Path, path: str) -> None:
    with pytest.raises(AdapterError, match="is not in the temporary folder"):
        lay_ready(tmp, {PurePath(path.format(tmp=tmp)): "x"})

    assert outside(tmp) == []
    assert [found.name for found in tmp.rglob("*")] == ["home"]


@pytest.mark.parametrize(("path", "text"), [("a", "\ud800"), ("\ud800", "a"), ("a\0b", "a")])
def test_what_no_file_can_hold_is_refused(tmp: Path, path: str, text: str) -> None:
    with pytest.raises(AdapterError, match="cannot be written"):
        lay_ready(tmp, {PurePath(path): text})


@pytest.mark.parametrize("path", ["link", "link/x", "way/link/x"])
def test_no_link_is_followed(tmp: Path, path: str) -> None:
    (tmp / "way").mkdir()
    for folder in (tmp, tmp / "way"):
        (folder / "link").symlink_to(tmp.parent)
    (tmp.parent / "x").write_text("theirs")

    with pytest.raises(OSError, match="link"):
        lay_ready(tmp, {PurePath(path): "ours"})

    assert (tmp.parent / "x").read_text() == "theirs"


def test_a_file_that_is_there_is_not_written_over(tmp: Path) -> None:
    (tmp / "x").write_text("theirs")

    with pytest.raises(FileExistsError):
        lay_ready(tmp, {PurePath("x"): "ours"})

    assert (tmp / "x").read_text() == "theirs"


def test_writing_leaves_no_descriptor_open(tmp: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    lay_ready(tmp, {PurePath("a/b/c"): "x"})
    with pytest.raises(OSError, match="exists"):
        lay_ready(tmp, {})

    assert len(list(Path("/proc/self/fd").iterdir())) == before
