"""What a form brought: read field by field, with what is wrong said beside the field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web
from aiohttp.web import FileField
from multidict import MultiDict, MultiDictProxy

from orchestrator.standin.errors import Refusal

Sent = MultiDictProxy[str | bytes | bytearray | FileField]

WHOLE_FORM = ""
"""Where an error is kept that belongs to no single field."""


class Form:
    """The values of a form and what is wrong with them, both by the field's name."""

    def __init__(self, given: Mapping[str, str] | None = None, *, sent: Sent | None = None) -> None:
        texts: MultiDict[str] = MultiDict(given or {})
        self.files: dict[str, FileField] = {}
        for name, value in (sent or {}).items():
            if isinstance(value, FileField):
                self.files[name] = value
            elif isinstance(value, str):
                # Browsers send line ends as CR LF; a lone surrogate is no text.
                texts.add(name, value.replace("\r\n", "\n"))
        self._texts = texts
        self.errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """Return what stands in the field, to be shown again."""
        return self._texts.get(name, "")

    def values(self, name: str) -> list[str]:
        """Return what stands in all fields of that name, in their order."""
        return self._texts.getall(name, [])

    def flag(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return name in self._texts

    def text(self, name: str, *, limit: int = 255) -> str:
        """Read a text that must be there."""
        text = self.optional(name, limit=limit)
        if text is None:
            self.errors.setdefault(name, "This is needed.")
        return text or ""

    def optional(self, name: str, *, limit: int = 255) -> str | None:
        """Read a text without the spaces around it; None if nothing is left."""
        text = self.value(name).strip()
        if len(text) > limit:
            self.errors[name] = f"At most {limit} characters, please: these are {len(text)}."
        return text or None

    def number(self, name: str) -> int | None:
        """Read a whole number of 0 or more, None for an empty field."""
        text = self.value(name).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            self.errors[name] = "A whole number, please, of at most nine digits."
            return None
        return int(text)

    def numbers(self, name: str) -> list[int]:
        """Read the numbers that are ticked or chosen; what is none is left out."""
        return [int(text) for text in self.values(name) if _is_id(text)]

    def wrong(self, name: str, why: str) -> None:
        """Say what is wrong with a field."""
        self.errors.setdefault(name, why)

    @contextmanager
    def refusals(self, name: str = WHOLE_FORM) -> Iterator[None]:
        """Say above the form, or beside the field *name*, what was refused inside the block."""
        try:
            yield
        except Refusal as refusal:
            self.errors[name] = f"{refusal.message}."

    def close(self) -> None:
        """Let go of the files that came along."""
        for file in self.files.values():
            file.file.close()


async def read_form(request: web.Request) -> Form:
    """Read what was sent. Raises Refusal 400 if it is no form, 413 if it is too large."""
    try:
        return Form(sent=await request.post())
    except web.HTTPRequestEntityTooLarge as error:
        limit_mb = request.client_max_size / 1_000_000
        raise Refusal(413, f"This is more than the {limit_mb:g} MB that are taken") from error
    except (ValueError, LookupError) as error:  # not UTF-8, cut off, or in a made-up encoding
        raise Refusal(400, "The form is not readable") from error


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
