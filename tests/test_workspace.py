"""Workspaces, scripts that are only pointed to, and what tools leave behind."""

import os
import socket
import string
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import ScriptError, StateError
from orchestrator.results import collect, tail
from orchestrator.script_path import find_script, local_path
from orchestrator.workspace import Workspaces, listing

NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder in which this process is bound by permissions, as root it is not."""
    with TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        Path(name).chmod(0o777)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


def took(results: Path, *patterns: str, each: int = 1000, total: int = 9000, files: int = 9):
    found, problems = collect(
        results, patterns, max_file_bytes=each, max_total_bytes=total, max_files=files
    )
    return [(file.name, file.data) for file in found], list(problems)


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
    if os.geteuid() != NOBODY:
        pytest.skip("needs root, to make a file that another user owns")
    workspaces = Workspaces(unprivileged / "work")
    attempt = workspaces.create("000123-1")
    (attempt.results / "mine.txt").write_text("x")
    os.seteuid(0)
    (attempt.tmp / "root").mkdir(mode=0o700)
    (attempt.tmp / "root" / "a.txt").write_text("x")
    os.seteuid(NOBODY)

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


# --- scripts that the server points to


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        (r"file:///\\srv\share\suite one\x.zip", PureWindowsPath(r"\\srv\share\suite one\x.zip")),
        ("file://srv/share/x", PureWindowsPath(r"\\srv\share\x")),
        ("file:////srv/share/x", PureWindowsPath(r"\\srv\share\x")),
        ("file://///srv/share/x", PureWindowsPath(r"\\srv\share\x")),
        ("file:///%5C%5Csrv%5Cshare%5Cx", PureWindowsPath(r"\\srv\share\x")),
        ("file://user:secret@srv/share/x", PureWindowsPath(r"\\srv\share\x")),
        (r"\\srv\share\x", PureWindowsPath(r"\\srv\share\x")),
        ("//srv/share/x", PureWindowsPath(r"\\srv\share\x")),
        (r"\\?\UNC\srv\share\x", PureWindowsPath(r"\\srv\share\x")),
        (r"\\?\C:\x", PureWindowsPath(r"C:\x")),
        ("file:///C:/x%20y", PureWindowsPath(r"C:\x y")),
        ("FILE:///c|/x", PureWindowsPath(r"c:\x")),
        (r"file://C:\x", PureWindowsPath(r"C:\x")),
        ("C:\\x\r\n", PureWindowsPath(r"C:\x")),
        ("/srv/100%25 sure", PurePosixPath("/srv/100%25 sure")),
        ("file:///srv/a%20b/%C3%A9.zip", PurePosixPath("/srv/a b/é.zip")),
        ("file://localhost/srv/x", PurePosixPath("/srv/x")),
        ("file:/srv/x", PurePosixPath("/srv/x")),
        ("suites/x", PurePosixPath("suites/x")),
    ],
)
def test_every_form_of_a_path_is_understood(reference, path):
    assert local_path(reference) == path
    assert type(local_path(reference)) is type(path)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("", "names no path"),
        ("https://user:secret@srv/x.zip", '"https:" address'),
        ("\\\\srv", "no server with a share"),
        ("\\\\.\\PhysicalDrive0", "no server with a share"),
        ("file:///srv/%ff", "not UTF-8"),
        ("file:///srv/%00", "control characters"),
        ("/srv/a\nb", "control characters"),
    ],
)
def test_what_is_no_path_is_refused_without_showing_a_password(reference, said):
    with pytest.raises(ScriptError) as caught:
        local_path(reference)

    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@given(
    st.one_of(
        st.text(),
        st.text(alphabet=":/\\|%.?@ Cc5fil" + string.digits),
        st.text().map(lambda text: f"file:{text}"),
    )
)
def test_any_reference_is_a_path_or_a_script_error(reference):
    try:
        assert isinstance(local_path(reference), PurePath)
        assert find_script(reference)
    except ScriptError:
        pass


def test_a_folder_and_a_zip_file_of_this_machine_are_found(tmp_path):
    (tmp_path / "suite.ZIP").write_bytes(b"PK")

    assert find_script(tmp_path.as_uri()) == tmp_path
    assert find_script(str(tmp_path / "suite.ZIP")) == tmp_path / "suite.ZIP"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (r"file:///\\srv\share\suite", r'"\\srv\share\suite", a Windows share'),
        (r"C:\suite", r'"C:\suite", a Windows share or drive'),
        ("suites/x", '"suites/x" is relative'),
        ("/no/such/suite", 'no script at "/no/such/suite": No such file'),
        ("/dev/null", "neither a folder nor a .zip file"),
        ("/" + "x" * 5000, "File name too long"),
        ("/\ud800", "not a name this machine can have"),
    ],
)
def test_a_script_that_is_not_here_is_named_with_what_to_do(reference, said):
    with pytest.raises(ScriptError) as caught:
        find_script(reference)

    assert said in str(caught.value)
    assert "attach it to the test as a zip archive" in str(caught.value)


def test_a_script_that_may_not_be_read_is_refused(unprivileged):
    (unprivileged / "suite").mkdir(mode=0o000)

    with pytest.raises(ScriptError, match="may not be read"):
        find_script(str(unprivileged / "suite"))


# --- listing


def test_a_listing_is_relative_shallowest_first_and_enters_no_link(tmp_path):
    for name in ("z.jar", "lib/b.jar", "lib/a.jar", "lib/deep/c.jar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)

    names = ["loop", "z.jar", "lib/a.jar", "lib/b.jar", "lib/deep/c.jar"]
    assert listing(tmp_path) == tuple(PurePath(name) for name in names)
    assert listing(tmp_path, limit=3) == tuple(PurePath(name) for name in names[:3])


def test_a_listing_of_no_folder_is_a_script_error(tmp_path):
    with pytest.raises(ScriptError, match="cannot be read"):
        listing(tmp_path / "absent")


# --- collection


def test_matching_files_are_collected_by_name(tmp_path):
    for name in ("b.xml", "a.xml", "A.XML", "note.txt", "in/c.xml", "in/er/d.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    assert [n for n, _ in took(tmp_path, "*.xml")[0]] == ["a.xml", "b.xml"]
    assert [n for n, _ in took(tmp_path, "in/*.xml")[0]] == ["in/c.xml"]
    assert [n for n, _ in took(tmp_path, "in/**")[0]] == ["in/c.xml", "in/er/d.xml"]
    everywhere, problems = took(tmp_path, "**/*.xml", "*.xml")
    assert everywhere == [(n, n.encode()) for n in ("a.xml", "b.xml", "in/c.xml", "in/er/d.xml")]
    assert problems == []


def test_links_and_pipes_are_not_followed_and_named(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "stale.xml").write_text("stale")
    results = tmp_path / "results"
    results.mkdir()
    (results / "link.xml").symlink_to(secret / "stale.xml")
    (results / "folder").symlink_to(secret)
    (results / "other.log").symlink_to(secret / "stale.xml")
    os.mkfifo(results / "pipe.xml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fsencode(results / "socket.xml"))

        files, problems = took(results, "**/*.xml")

    assert files == []
    assert problems == [
        "result folder folder: is a link and was not looked into",
        "result file link.xml: is a link, which is not followed",
        "result file pipe.xml: is not a regular file",
        "result file socket.xml: No such device or address",
    ]


def test_a_file_over_a_limit_is_named_and_the_others_are_collected(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"x" * 10)
    (tmp_path / "b.xml").write_bytes(b"x" * 11)
    (tmp_path / "c.xml").write_bytes(b"x" * 10)
    (tmp_path / "d.xml").write_bytes(b"x" * 5)
    (tmp_path / "e.xml").write_bytes(b"")

    files, problems = took(tmp_path, "*.xml", each=10, total=15, files=4)

    assert [name for name, _ in files] == ["a.xml", "d.xml"]
    assert problems == [
        "result file b.xml: larger than the 10 bytes that are collected of a file",
        "result file c.xml: not taken, since all files together are larger than is collected",
        "result file e.xml: not taken, since 4 files are collected at most",
    ]


def test_many_problems_are_counted(tmp_path):
    for number in range(50):
        (tmp_path / f"{number:02}.xml").symlink_to("nowhere")

    files, problems = took(tmp_path, "*.xml", files=100)

    assert files == []
    assert len(problems) == 21
    assert problems[-1] == "and 30 more problems of this kind"


def test_results_that_are_gone_or_too_deep_are_a_problem(tmp_path):
    (tmp_path / ("d/" * 70)).mkdir(parents=True)

    assert took(tmp_path / "absent", "*.xml")[1] == ["result folder : No such file or directory"]
    assert "lies deeper than 64 folders" in took(tmp_path, "**/*.xml")[1][0]
    assert took(tmp_path, "*.xml") == ([], [])


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.xml")).write_bytes(b"x")

    assert took(tmp_path, "*.xml")[0] == [("caf\ufffd.xml", b"x")]


# --- output


def test_the_tail_is_plain_text(tmp_path):
    output = tmp_path / "output.log"
    output.write_bytes(
        b"\x1b[31mred\x1b[0m\ttab\r\n10%\r20%\n"
        b"\x07bell \x00nul \x1b]0;title\x07caf\xe9 \xe2\x80\xaeeno"
    )

    assert tail(output) == "red\ttab\n10%\n20%\nbell nul caf\ufffd eno"


def test_the_tail_is_the_end_of_a_long_output(tmp_path):
    output = tmp_path / "output.log"
    output.write_bytes(b"x" * 100_000 + b"the end")

    assert tail(output, max_bytes=9) == "xxthe end"


def test_the_tail_of_no_output_is_empty_and_of_a_pipe_says_so(tmp_path):
    os.mkfifo(tmp_path / "output.log")

    assert tail(tmp_path / "absent.log") == ""
    assert tail(tmp_path / "output.log") == (
        "[the tool's output cannot be read: is not a regular file]"
    )
