"""The text of one element while it is being read."""

from adapters.formats.capped_text import CappedText


class Capture:
    """An open element whose text is wanted, with the text of what stands inside it."""

    __slots__ = ("_inside", "_text", "attributes", "element", "kind")

    def __init__(
        self, element: str, limit_chars: int, attributes: dict[str, str] | None = None
    ) -> None:
        self.element = element
        self.kind = element.lower()
        self.attributes = attributes or {}
        self._text = CappedText(limit_chars)
        self._inside = 0

    def start(self) -> None:
        """See an element begin inside it that means nothing by itself."""
        self._inside += 1

    def text(self, text: str) -> None:
        """Take some of the text."""
        self._text.add(text)

    def end(self) -> bool:
        """See an element end; tell whether it was this one."""
        self._inside -= 1
        return self._inside < 0

    def whole(self) -> str:
        """Give what was kept of the text."""
        return self._text.whole()
