"""What a file that should be a zip archive is, judged by its first and last bytes."""

import os
import struct
from typing import BinaryIO

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK")
_KINDS = {
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"%PDF-": "a PDF document",
    b"\x7fELF": "a Linux program",
    b"MZ": "a Windows program, perhaps a self-extracting archive",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office document",
    b"\x89PNG": "a picture",
}
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_TEXT_CONTROLS = {0x09, 0x0A, 0x0C, 0x0D, 0x1B}

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LONGEST_COMMENT_BYTES = 0xFFFF
_LOCATOR_BYTES = 20
_END64 = struct.Struct("<4sQ2H2L4Q")


def looks_like(file: BinaryIO) -> str:
    """Say what *file* is, as the end of a sentence; empty where it starts as a zip does."""
    file.seek(0)
    start = file.read(1024)
    if not start:
        return "is empty (0 bytes); attach the archive to the test again"
    if start.startswith(_ZIP_STARTS):
        return ""
    kind = next((said for magic, said in _KINDS.items() if start.startswith(magic)), None)
    if kind is None:
        kind = "a tar archive" if start[257:262] == b"ustar" else _text_kind(start)
    return f"looks like {kind}; attach the script as a .zip file"


def _text_kind(start: bytes) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_HTML_STARTS):
        return "an HTML page, perhaps the login or error page of a web server or proxy"
    if text.startswith(b"<"):
        return "an XML document"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if all(byte >= 0x20 or byte in _TEXT_CONTROLS for byte in start):
        return "text"
    return f"nothing known (it starts with the bytes {start[:8].hex(' ')})"


def directory_bytes(file: BinaryIO) -> int:
    """Return how long the archive says its directory is; 0 where no end record can be found.

    Looks where zipfile looks, so that it speaks of the directory that zipfile will read at once.
    Source: APPNOTE.TXT 4.3.14 to 4.3.16.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(max(0, size_bytes - _LONGEST_COMMENT_BYTES - _END.size))
    tail_at, tail = file.tell(), file.read()
    position = _end_position(tail)
    if position < 0 or len(tail) - position < _END.size:
        return 0
    said = int(_END.unpack_from(tail, position)[5])
    return _directory64_bytes(file, tail_at + position, said)


def _end_position(tail: bytes) -> int:
    plain = len(tail) - _END.size
    if plain >= 0 and tail[plain : plain + 4] == _END_SIGNATURE and tail[-2:] == b"\0\0":
        return plain
    return tail.rfind(_END_SIGNATURE)


def _directory64_bytes(file: BinaryIO, end_at: int, said: int) -> int:
    """Return what the 64-bit end record says, which then counts alone; *said* without one."""
    record_at = end_at - _LOCATOR_BYTES - _END64.size
    if record_at < 0:
        return said
    file.seek(record_at)
    record = file.read(_END64.size)
    return int(_END64.unpack(record)[8]) if record.startswith(b"PK\x06\x06") else said
