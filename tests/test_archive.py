"""Hostile, broken and honest script archives, each made here byte by byte."""

import gzip
import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import ScriptError
from orchestrator.script.archive import unpack
from orchestrator.script.entries import Limits

CENTRAL = b"PK\x01\x02"


def entry(name: str, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.filename = info.orig_filename = name  # as given: ZipInfo cuts at NUL
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def zip_bytes(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries:
            archive.writestr(entry(name) if isinstance(name, str) else name, data)
    return buffer.getvalue()


def patched(data: bytes, offset: int, form: str, value: int) -> bytes:
    """Change one field of the first directory entry; *offset* as in APPNOTE.TXT 4.3.12."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(CENTRAL) + offset, value)
    return bytes(changed)


@pytest.fixture
def unpacked(tmp_path: Path) -> Callable[..., Path]:
    def _unpacked(data: bytes, limits: Limits | None = None) -> Path:
        archive, into = tmp_path / "script.zip", tmp_path / "lab" / "script"
        into.parent.mkdir()
        archive.write_bytes(data)
        unpack(archive, into, **({"limits": limits} if limits else {}))
        return into

    return _unpacked


def test_an_archive_is_unpacked_with_its_folders_and_its_text(unpacked):
    into = unpacked(zip_bytes(("./a.txt", b"alpha"), ("lib/", b""), ("lib/x//b.txt", b"beta" * 99)))

    assert (into / "a.txt").read_bytes() == b"alpha"
    assert (into / "lib/x/b.txt").read_bytes() == b"beta" * 99


def test_of_a_mode_only_the_executable_bit_is_kept(unpacked):
    into = unpacked(zip_bytes((entry("run.sh", 0o106755), b"#!"), (entry("a.txt", 0o100666), b"")))

    assert stat.S_IMODE((into / "run.sh").stat().st_mode) == 0o700
    assert stat.S_IMODE((into / "a.txt").stat().st_mode) == 0o600


def test_backslashes_of_a_windows_packer_separate_folders(unpacked):
    into = unpacked(zip_bytes(("lib\\", b""), ("lib\\deep\\a.txt", b"alpha")))

    assert (into / "lib" / "deep" / "a.txt").read_bytes() == b"alpha"


def test_names_that_differ_only_in_case_are_two_files(unpacked):
    into = unpacked(zip_bytes(("Cart.class", b"1"), ("cart.class", b"2")))

    assert sorted(path.name for path in into.iterdir()) == ["Cart.class", "cart.class"]


def test_an_archive_behind_a_comment_or_with_64_bit_records_is_unpacked(unpacked):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"made by the build " * 50
        with archive.open(entry("big.txt"), "w", force_zip64=True) as file:
            file.write(b"alpha")

    assert (unpacked(buffer.getvalue()) / "big.txt").read_bytes() == b"alpha"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty (0 bytes)"),
        (b"\xef\xbb\xbf \r\n<!DOCTYPE html><title>Log in</title>", "an HTML page"),
        (b"<?xml version='1.0'?><a/>", "an XML document"),
        (b'{"error": 1}', "JSON"),
        (b"no such file\n", "looks like text"),
        (gzip.compress(b"x", mtime=0), "a gzip file"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7-Zip archive"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
        (b"script.py" + b"\0" * 248 + b"ustar\0" + b"\0" * 300, "a tar archive"),
        (b"MZ\x90\0", "a Windows program"),
        (b"\x01\x02\x03", "the bytes 01 02 03"),
    ],
)
def test_what_is_no_zip_is_named_for_what_it_looks_like(unpacked, data, said):
    with pytest.raises(ScriptError) as caught:
        unpacked(data)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil.txt", "leads out"),
        ("a/../../evil.txt", "leads out"),
        ("..\\evil.txt", "leads out"),
        ("a/.. /evil.txt", "leads out"),
        ("/evil.txt", "absolute"),
        ("\\\\server\\share\\evil.txt", "absolute"),
        ("C:\\evil.txt", "names a drive"),
        ("a/c:evil.txt", "names a drive"),
        ("lib/CON", "Windows device"),
        ("aux.txt", "Windows device"),
        ("COM1 .txt", "Windows device"),
        ("a\nb.txt", "control characters"),
        ("a.txt\0.png", "control characters"),
        (".", "has no name"),
        ("a/" * 200 + "x", "deeper than 100"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(
    unpacked, tmp_path, name, said
):
    with pytest.raises(ScriptError) as caught:
        unpacked(zip_bytes(("fine.txt", b"fine"), (name, b"evil")))

    assert said in str(caught.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["lab", "script.zip"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFCHR, "is a device"), (stat.S_IFIFO, "is a device")],
)
def test_links_and_devices_are_refused(unpacked, kind, said):
    with pytest.raises(ScriptError, match=said):
        unpacked(zip_bytes((entry("etc", kind | 0o777), b"/etc"), ("etc/passwd", b"evil")))


@pytest.mark.parametrize(
    "entries",
    [
        [("a.txt", b"1"), ("./a.txt", b"2")],
        [("a", b"1"), ("a/b.txt", b"2")],
        [("a/b.txt", b"1"), ("a", b"2")],
        [("a", b"1"), ("a/", b"")],
    ],
)
def test_two_entries_for_one_place_are_refused(unpacked, entries):
    with pytest.raises(ScriptError, match=r"is there twice|needs a folder"):
        unpacked(zip_bytes(*entries))


@pytest.mark.parametrize(
    ("offset", "form", "value", "said"),
    [
        (8, "<H", 0x0001, "password-protected"),
        (8, "<H", 0x2041, "password-protected"),
        (10, "<H", 99, "password-protected"),
        (10, "<H", 9, "compressed by method 9"),
        (10, "<H", 14, "compressed by method 14"),
        (6, "<H", 99, "corrupt: zip file version"),
        (16, "<L", 0xBAD, "corrupt: Bad CRC-32"),
        (24, "<L", 2, "corrupt: Bad CRC-32"),
        (20, "<L", 4_000_000_000, "its entries overlap"),
        (42, "<L", 7, "corrupt"),
    ],
)
def test_a_directory_that_lies_or_asks_too_much_is_refused(
    unpacked, tmp_path, offset, form, value, said
):
    with pytest.raises(ScriptError) as caught:
        unpacked(patched(zip_bytes(("a.txt", b"alpha")), offset, form, value))

    assert said in str(caught.value)
    assert not (tmp_path / "lab" / "script").exists()


def test_a_packed_stream_that_is_no_deflate_is_corrupt(unpacked):
    data = bytearray(zip_bytes(("a.txt", b"alpha" * 100)))
    data[35:45] = b"\xff" * 10

    with pytest.raises(ScriptError, match="corrupt"):
        unpacked(bytes(data))


def test_an_archive_cut_short_is_corrupt(unpacked):
    with pytest.raises(ScriptError, match="corrupt"):
        unpacked(zip_bytes(("a.txt", os.urandom(5000)))[:3000])


@pytest.mark.parametrize("entries", [(), (("lib/", b""),)])
def test_an_archive_without_files_is_refused(unpacked, entries):
    with pytest.raises(ScriptError, match="holds no files"):
        unpacked(zip_bytes(*entries))


def test_a_bomb_is_refused_by_its_ratio(unpacked, tmp_path):
    data = zip_bytes(("zeros", b"\0" * 40_000_000))

    with pytest.raises(ScriptError, match="unpacks to 40,000,000 bytes"):
        unpacked(data)

    assert not (tmp_path / "lab" / "script").exists()


def test_sizes_are_counted_while_copying_and_not_believed(unpacked, monkeypatch, tmp_path):
    """The directory's sizes are made to look small where they are added up, and only there."""
    monkeypatch.setattr("orchestrator.script.archive._refuse_size", lambda *sizes: None)

    with pytest.raises(ScriptError, match="more than it says"):
        unpacked(zip_bytes(("a", b"x" * 600_000)), Limits(max_unpacked_bytes=500_000))

    assert not (tmp_path / "lab" / "script").exists()


def test_entries_that_share_their_packed_bytes_are_refused(unpacked):
    data = zip_bytes(("a", b"kernel" * 50), ("b", b"kernel" * 50))
    second = data.index(CENTRAL, data.index(CENTRAL) + 1)
    overlapping = bytearray(data)
    struct.pack_into("<L", overlapping, second + 42, 0)

    with pytest.raises(ScriptError, match="overlap"):
        unpacked(bytes(overlapping))


def test_too_many_entries_are_refused(unpacked):
    with pytest.raises(ScriptError, match="more than 10 entries"):
        unpacked(zip_bytes(*((f"{n}", b"") for n in range(11))), Limits(max_entries=10))


def test_a_huge_directory_is_refused_before_it_is_read(unpacked):
    """Read, this one would be called corrupt: it is all zeros."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 11 * 512, 0, 0)

    with pytest.raises(ScriptError, match="more than 10 entries"):
        unpacked(b"PK\x03\x04" + b"\0" * 11 * 512 + end, Limits(max_entries=10))


def test_a_folder_that_holds_something_is_not_unpacked_into(tmp_path):
    archive = tmp_path / "script.zip"
    archive.write_bytes(zip_bytes(("a.txt", b"new")))
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "a.txt").write_bytes(b"old")

    with pytest.raises(ScriptError, match="not empty"):
        unpack(archive, tmp_path / "script")

    assert (tmp_path / "script" / "a.txt").read_bytes() == b"old"


def test_a_missing_archive_is_a_script_error(tmp_path):
    with pytest.raises(ScriptError, match="No such file"):
        unpack(tmp_path / "absent.zip", tmp_path / "script")


HONEST = zip_bytes(("a.txt", b"alpha" * 30), ("lib/b.txt", b"beta"), ("c", b""))


@st.composite
def broken_archives(draw: st.DrawFn) -> bytes:
    data = bytearray(HONEST)
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[draw(st.integers(0, 3)) :])


@settings(max_examples=400, deadline=None)
@given(data=st.one_of(broken_archives(), st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b)))
def test_any_bytes_are_unpacked_inside_or_refused(data: bytes):
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "script.zip").write_bytes(data)
        (folder / "lab").mkdir()
        try:
            unpack(folder / "script.zip", folder / "lab" / "script")
        except ScriptError:
            assert not any((folder / "lab").iterdir())
        assert {path.name for path in folder.iterdir()} == {"script.zip", "lab"}
        assert {path.name for path in (folder / "lab").iterdir()} <= {"script"}
