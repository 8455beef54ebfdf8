import base64
import io
import zipfile
from pathlib import Path

import pytest

from orchestrator import own_report
from orchestrator.own_report import take
from orchestrator.regular_file import NotTaken

KEY = "key-7c0a4be2-51d3-4f6e"


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("RootLogData.dat", "x" * 3_000_000 + text)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"log", zipped("good"), b"", b"PK\x03\x04 cut off"])
def test_a_file_that_does_not_tell_the_key_is_taken_as_it_is(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "own").write_bytes(data)

    take(tmp_path / "own", tmp_path / "taken", KEY)

    assert (tmp_path / "taken").read_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        f"/AccessKey:{KEY}".encode(),
        b"x" * 1_048_570 + KEY.encode(),
        zipped(KEY),
        base64.encodebytes(b"<html>" + b"y" * 50 + KEY.encode() + b"</html>"),
        f"/AccessKey:{KEY}".encode("utf-16"),
        base64.encodebytes(f"<html>{KEY}</html>".encode("utf-16")),
        KEY.encode().hex().upper().encode(),
    ],
)
def test_a_file_that_tells_the_key_is_not_taken(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "own").write_bytes(data)

    with pytest.raises(NotTaken, match="licence key"):
        take(tmp_path / "own", tmp_path / "taken", KEY)


def test_a_link_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "own").symlink_to("/etc/passwd")

    with pytest.raises((NotTaken, OSError)):
        take(tmp_path / "own", tmp_path / "taken", "")


def test_an_archive_too_large_to_look_into_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_report, "_MAX_UNPACKED_BYTES", 2_000_000)
    (tmp_path / "own").write_bytes(zipped("good"))

    with pytest.raises(NotTaken):
        take(tmp_path / "own", tmp_path / "taken", KEY)
