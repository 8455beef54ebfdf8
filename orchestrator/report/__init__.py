"""The report and the log made for tools that have none of their own.

The API takes two files for an item: an MHT report that users open in a browser, and a log in XML.
Both are written whole or not at all, and equal facts give equal bytes.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import BinaryIO

from orchestrator.report.facts import RunFacts
from orchestrator.report.page import Picture, render, title
from orchestrator.report.xml_log import write_xml

__all__ = ["RunFacts", "write_mht", "write_xml_log"]

# Chromium shows parts at http addresses and breaks those at file addresses; .invalid is never
# looked up (RFC 2606).
_AT = "http://labfleet.invalid"
# Base64 has no "-", so this cannot occur in a part.
_BOUNDARY = "----labfleet-report-part"
_MAX_PICTURE_BYTES = 3_000_000
_MAX_PICTURES_BYTES = 6_000_000
# No SVG: a picture must not be able to hold a script.
_PICTURE_KINDS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}


def write_mht(
    facts: RunFacts, path: Path, *, images: Sequence[Path] = (), more_images: int = 0
) -> None:
    """Write the report of a run to *path*: one page and its *images*, to be opened in a browser.

    An image that is too large, a link or no PNG, JPEG or GIF is named on the page instead, and
    so is how many there are beside these, *more_images*.
    Raises OSError if *path* cannot be written.
    """
    pictures, contents, notes = _pictures(images)
    if more_images:
        notes.append(f"{more_images} earlier pictures are not shown.")
    message = EmailMessage(policy=SMTP)
    message["From"] = "labfleet <labfleet@labfleet.invalid>"
    message["Subject"] = title(facts)
    message["Date"] = format_datetime(facts.finished_at)
    message["Snapshot-Content-Location"] = f"{_AT}/report.html"
    message.set_content(render(facts, pictures, notes), subtype="html", cte="base64")
    message["Content-Location"] = f"{_AT}/report.html"
    message.make_related(boundary=_BOUNDARY)
    message.set_param("type", "text/html")
    for picture, (kind, data) in zip(pictures, contents, strict=True):
        location = [f"Content-Location: {picture.location}"]
        message.add_related(data, "image", kind, headers=location)
    with _replacing(path) as file:
        file.write(message.as_bytes())


def write_xml_log(facts: RunFacts, path: Path) -> None:
    """Write everything that is known of a run to *path*, as `xml_log.py` describes it.

    Raises OSError if *path* cannot be written.
    """
    with _replacing(path) as file:
        write_xml(facts, file)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of *path* once it is complete."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _pictures(
    images: Sequence[Path],
) -> tuple[list[Picture], list[tuple[str, bytes]], list[str]]:
    pictures: list[Picture] = []
    contents: list[tuple[str, bytes]] = []
    notes: list[str] = []
    left_bytes = _MAX_PICTURES_BYTES
    for image in images:
        name = os.fsencode(image.name).decode("utf-8", "replace")
        kind, data = _picture(image, min(left_bytes, _MAX_PICTURE_BYTES))
        if not data:
            notes.append(f"The picture {name} is not shown: it is {kind}.")
            continue
        left_bytes -= len(data)
        pictures.append(Picture(f"{_AT}/pictures/{len(pictures) + 1}.{kind}", name))
        contents.append((kind, data))
    return pictures, contents, notes


def _picture(image: Path, allowed_bytes: int) -> tuple[str, bytes]:
    """Return the kind of *image* and its bytes; without bytes, why it cannot be shown."""
    try:
        if image.is_symlink() or not image.is_file():
            return "no regular file", b""
        if image.stat().st_size > allowed_bytes:
            return "too large", b""
        data = image.read_bytes()
    except OSError as error:
        return f"not readable ({error.strerror})", b""
    found = (kind for magic, kind in _PICTURE_KINDS.items() if data.startswith(magic))
    kind = next(found, "")
    return (kind, data) if kind else ("no PNG, JPEG or GIF", b"")
