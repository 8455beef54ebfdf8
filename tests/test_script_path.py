"""Scripts that the server only points to, in every form of a path."""

import string
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import ScriptError
from orchestrator.script.path import find_script, local_path


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
