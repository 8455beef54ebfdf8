"""The folders of an attempt: made, listed and removed whatever a tool did to them."""

import os
import shutil
import socket
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import pytest

from orchestrator.errors import ScriptError, StateError
from orchestrator.workspace import LONGEST_TMP_BYTES, Workspaces, listing, remove_dead_links

# --- folders of an attempt


def test_a_new_attempt_has_empty_folders_for_this_user_only(tmp_path):
    attempt = Workspaces(tmp_path / "state" / "work").create("000123-1")

    assert attempt.folder == tmp_path / "state" / "work" / "000123-1"
    for folder in (attempt.folder, attempt.script, attempt.results, attempt.tmp):
        assert folder.stat().st_mode & 0o7777 == 0o700
    assert not any(attempt.results.iterdir())


def test_a_workspace_is_never_used_twice(tmp_path):
    Workspaces(tmp_path).create("000123-1")

    with pytest.raises(StateError, match="exists already"):
        Workspaces(tmp_path).create("000123-1")


def test_a_link_in_place_of_a_workspace_is_not_used(tmp_path):
    (tmp_path / "000123-1").symlink_to(tmp_path)

    with pytest.raises(StateError, match="exists already"):
        Workspaces(tmp_path).create("000123-1")


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "/abs", ".hidden", "a\0"])
def test_a_name_that_leaves_the_root_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="not a workspace name"):
        Workspaces(tmp_path).attempt(name)


def test_the_names_of_all_workspaces_are_known_and_of_none_without_a_root(tmp_path):
    workspaces = Workspaces(tmp_path / "work")
    assert workspaces.names() == []

    for name in ("000124-1", "000123-2"):
        workspaces.create(name)

    assert workspaces.names() == ["000123-2", "000124-1"]


# --- removal


def test_removal_takes_everything_and_is_fine_when_nothing_is_left(tmp_path):
    workspaces = Workspaces(tmp_path)
    attempt = workspaces.create("000123-1")
    (attempt.results / "deep" / "er").mkdir(parents=True)
    (attempt.results / "deep" / "er" / "a.xml").write_text("x")

    workspaces.remove("000123-1")
    workspaces.remove("000123-1")

    assert not any(tmp_path.iterdir())


def test_removal_follows_no_link(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "precious.txt").write_text("x")
    workspaces = Workspaces(tmp_path / "work")
    attempt = workspaces.create("000123-1")
    (attempt.results / "inside").symlink_to(kept)
    (tmp_path / "work" / "000124-1").symlink_to(kept)

    workspaces.remove("000123-1")
    workspaces.remove("000124-1")

    assert (kept / "precious.txt").exists()
    assert not any((tmp_path / "work").iterdir())


def test_removal_opens_what_a_tool_has_locked(unprivileged):
    workspaces = Workspaces(unprivileged / "work")
    attempt = workspaces.create("000123-1")
    locked = attempt.tmp / "profile" / "inner"
    locked.mkdir(parents=True)
    (locked / "a.txt").write_text("x")
    (locked / "a.txt").chmod(0)
    for folder in (locked, locked.parent, attempt.tmp, attempt.folder):
        folder.chmod(0)

    workspaces.remove("000123-1")

    assert workspaces.names() == []


def test_removal_names_what_will_not_go_and_takes_the_rest(unprivileged):
    if os.geteuid() == os.getuid():
        pytest.skip("needs root, to make a file that another user owns")
    workspaces = Workspaces(unprivileged / "work")
    attempt = workspaces.create("000123-1")
    (attempt.results / "mine.txt").write_text("x")
    nobody = os.geteuid()
    os.seteuid(0)
    (attempt.tmp / "root").mkdir(mode=0o700)
    (attempt.tmp / "root" / "a.txt").write_text("x")
    os.seteuid(nobody)

    with pytest.raises(StateError, match="tmp/root: Operation not permitted"):
        workspaces.remove("000123-1")

    assert not (attempt.results / "mine.txt").exists()


def test_removal_reaches_deeper_than_a_path_can_be_long(tmp_path):
    workspaces = Workspaces(tmp_path / "work")
    attempt = workspaces.create("000123-1")
    at = os.open(attempt.tmp, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("folder", dir_fd=at)
        inner = os.open("folder", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)

    workspaces.remove("000123-1")

    assert workspaces.names() == []


# --- listing


def test_a_listing_is_relative_shallowest_first_and_enters_no_link(tmp_path):
    for name in ("z.jar", "lib/b.jar", "lib/a.jar", "lib/deep/c.jar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)

    names = ["loop", "z.jar", "lib/a.jar", "lib/b.jar", "lib/deep/c.jar"]
    assert listing(tmp_path) == (tuple(PurePath(name) for name in names), False)
    assert listing(tmp_path, limit=3) == (tuple(PurePath(name) for name in names[:3]), True)
    assert not listing(tmp_path, limit=len(names))[1]


def test_a_listing_of_no_folder_is_a_script_error(tmp_path):
    with pytest.raises(ScriptError, match="cannot be read"):
        listing(tmp_path / "absent")


def test_a_tool_far_below_has_a_temporary_folder_that_sockets_fit_into(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path / ("far" * 20) / "attempts")

    attempt = workspaces.create("000001-1-far")

    assert len(str(attempt.tmp)) > LONGEST_TMP_BYTES
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(attempt.short_tmp / ("s" * 46)))
    assert (attempt.tmp / ("s" * 46)).is_socket()

    workspaces.clear_tmp(attempt)
    assert not attempt.tmp_link.is_symlink()
    assert attempt.short_tmp == attempt.tmp


def test_a_short_path_needs_no_link(tmp_path: Path) -> None:
    with TemporaryDirectory(dir="/tmp") as folder:
        attempt = Workspaces(Path(folder)).create("1-1-a")

        assert attempt.short_tmp == attempt.tmp
        assert not attempt.tmp_link.is_symlink()


def test_a_stranger_in_the_place_of_the_link_is_not_followed_and_not_removed(
    tmp_path: Path,
) -> None:
    workspaces = Workspaces(tmp_path / ("far" * 20))
    link = workspaces.attempt("000001-1-stranger").tmp_link
    link.symlink_to(tmp_path)
    try:
        attempt = workspaces.create("000001-1-stranger")

        assert attempt.short_tmp == attempt.tmp
        workspaces.remove("000001-1-stranger")
        assert link.readlink() == tmp_path
    finally:
        link.unlink()


def test_links_to_what_is_gone_are_removed(tmp_path: Path) -> None:
    attempt = Workspaces(tmp_path / ("far" * 20)).create("000001-1-gone")
    shutil.rmtree(attempt.folder)

    remove_dead_links()

    assert not attempt.tmp_link.is_symlink()


def test_a_link_in_the_place_of_the_temporary_folder_leads_to_nothing_that_is_removed(
    tmp_path: Path,
) -> None:
    precious = tmp_path / "precious"
    (precious / "work").mkdir(parents=True)
    precious.chmod(0o755)
    workspaces = Workspaces(tmp_path / "attempts")
    attempt = workspaces.create("000001-1-link")
    shutil.rmtree(attempt.tmp)
    attempt.tmp.symlink_to(precious)

    workspaces.clear_tmp(attempt)

    assert not attempt.tmp.is_symlink()
    assert (precious / "work").is_dir()
    assert precious.stat().st_mode & 0o777 == 0o755
    attempt.tmp.symlink_to(precious)
    workspaces.remove("000001-1-link")
    assert (precious / "work").is_dir()
