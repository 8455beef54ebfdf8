"""What lies in an attempt's folder, read with care: the tool can reach it too."""

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from orchestrator import guard
from orchestrator.executors import Order
from orchestrator.regular_file import NotTaken, read_regular

_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_ORDER = TypeAdapter(Order)

_T = TypeVar("_T")


def read_document(path: Path, kind: TypeAdapter[_T]) -> _T | None:
    """Return what *path* says; None where it is absent or damaged, OSError where nobody knows."""
    try:
        # What the tool put in a file's place must not be waited on.
        return kind.validate_json(read_regular(path, _MAX_DOCUMENT_BYTES))
    except (FileNotFoundError, ValueError, NotTaken):
        return None


def read_order(folder: Path) -> Order | None:
    """Return what was ordered in *folder*; None and OSError as of `read_document`."""
    return read_document(folder / guard.ORDER, _ORDER)
