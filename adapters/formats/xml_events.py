"""Walk an XML document as events: in slices, with bounded memory, and without a DTD.

Expat with its own callbacks reads twice as fast as defusedxml and gives the same protection, since
a document type is refused before any entity can be declared. For a dialect whose every document
has one, it may be there as long as it does nothing: see `walk`.
"""

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from xml.parsers import expat

from adapters.base import UnreadableReport
from adapters.formats.xml_cleaning import cleaned, slices

DEPTH_LIMIT = 200
"""No report is nested so deep; expat and we keep something for every open element."""
TEXT_BUFFER_BYTES = 64 * 1024
TOKEN_BYTES = 16 * 1024 * 1024
"""No tag, comment or attribute is longer."""


class Sink(Protocol):
    """What reads one dialect; names come without a namespace prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""
        ...

    def end(self, name: str) -> None:
        """See an element end."""
        ...

    def text(self, text: str) -> None:
        """See some of an element's text; one text may come in several pieces."""
        ...


class DoctypeRefused(UnreadableReport):
    """The document has a DOCTYPE, and with it a way to declare entities."""

    def __init__(self, root: str) -> None:
        super().__init__(f"it has a DOCTYPE ({root}), which can declare entities: refused")
        self.root = root


@dataclass(frozen=True, slots=True)
class _Break:
    """Where a document ceased to be XML."""

    said: str
    place: tuple[int, int]
    """Line and column."""
    cut_off: bool
    """It was right up to its end, which came too early."""


S = TypeVar("S", bound=Sink)


def walk(data: bytes, new_sink: Callable[[], S], *, idle_doctype: bool = False) -> tuple[S, str]:
    """Feed the document to a new sink; give it back with where the document broke off, if it did.

    A document that is not well-formed is read a second time with its illegal characters
    replaced. What a sink has seen before a break is good. The text about the break is empty for a
    whole document. Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.

    With *idle_doctype* the document may have a DOCTYPE that does nothing: it names nothing outside
    the document, declares no entity but parameter entities, refers to none of them, and what it
    says of attributes is not applied.
    """
    sink = new_sink()
    # Expat believes a declaration more than the mark before it.
    encoding = "utf-8" if data.startswith(codecs.BOM_UTF8) else None
    parser, tags = _parser(sink, encoding, idle_doctype)
    broken = _feed(slices(data), parser)
    if broken is None or broken.cut_off:
        return sink, broken.said if broken else ""
    second = new_sink()
    parser, tags_of_second = _parser(second, "utf-8", idle_doctype)
    still_broken = _feed(cleaned(data), parser)
    if still_broken is None:
        return second, ""
    # Lines alone do not tell: the second reading leaves out blank ones at the start.
    if (tags_of_second(), *still_broken.place) > (tags(), *broken.place):
        return second, still_broken.said
    return sink, broken.said


def root_name(data: bytes) -> str:
    """Name the document's root element; raises UnreadableReport when there is none."""
    try:
        _, broken = walk(data, _RootSink)
    except _RootSeen as seen:
        return seen.name
    except DoctypeRefused as refused:
        return refused.root
    raise UnreadableReport(f"not XML: {broken}")


class _RootSeen(Exception):
    """Ends a walk; no error."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _RootSink:
    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise _RootSeen(name)

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def _feed(pieces: Iterable[bytes], parser: expat.XMLParserType) -> _Break | None:
    try:
        _feed_pieces(parser, pieces)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        said = f"broken at {where}: {expat.ErrorString(error.code)}"
        return _Break(said, (error.lineno, error.offset), cut_off=False)
    except UnreadableReport:
        raise
    except (LookupError, ValueError) as error:
        # pyexpat's own words about a declared encoding that it cannot read.
        return _Break(f"broken at line 1: {error}", (1, 0), cut_off=False)
    return _feed_end(parser)


def _feed_pieces(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> None:
    """Feed *pieces*, more of them at a time while one token stays open.

    Expat before 2.6 begins an unfinished token again with every call, which would be quadratic in
    the length of an attribute or a comment.
    """
    fed_bytes = open_bytes = 0
    waiting: list[bytes] = []
    waiting_bytes = 0
    for piece in pieces:
        waiting.append(piece)
        waiting_bytes += len(piece)
        if waiting_bytes < open_bytes:
            continue
        parser.Parse(b"".join(waiting), False)
        fed_bytes += waiting_bytes
        open_bytes = fed_bytes - max(0, parser.CurrentByteIndex)
        if open_bytes > TOKEN_BYTES:
            limit = f"longer than {TOKEN_BYTES // 1024 // 1024} MiB"
            raise UnreadableReport(f"a tag, an attribute or a comment of it is {limit}: refused")
        waiting, waiting_bytes = [], 0
    parser.Parse(b"".join(waiting), False)


def _feed_end(parser: expat.XMLParserType) -> _Break | None:
    try:
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        said = f"cut off at line {error.lineno}"
        return _Break(said, (error.lineno, error.offset), cut_off=True)
    return None


def _parser(
    sink: Sink, encoding: str | None, idle_doctype: bool
) -> tuple[expat.XMLParserType, Callable[[], int]]:
    """Make a parser that feeds *sink*, and what tells how many tags it has seen."""
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.buffer_size = TEXT_BUFFER_BYTES
    begin, finish = sink.start, sink.end
    begun = ended = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal begun
        begun += 1
        if begun - ended > DEPTH_LIMIT:
            raise UnreadableReport(f"its elements are nested deeper than {DEPTH_LIMIT}")
        begin(_local(name) if ":" in name else name, attributes)

    def end(name: str) -> None:
        nonlocal ended
        ended += 1
        finish(_local(name) if ":" in name else name)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = sink.text
    if idle_doctype:
        _let_doctype_idle(parser)
    else:
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_entity
    return parser, lambda: begun + ended


def _let_doctype_idle(parser: expat.XMLParserType) -> None:
    parser.specified_attributes = True  # no default value out of an ATTLIST
    parser.StartDoctypeDeclHandler = _refuse_external_doctype
    parser.EntityDeclHandler = _refuse_general_entity
    # Expat calls it at a reference to a parameter entity, after which an unknown entity would be
    # no error any more but silently nothing.
    parser.NotStandaloneHandler = _refuse_reference


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(name: str, *_: object) -> None:
    raise DoctypeRefused(name)


def _refuse_external_doctype(name: str, system_id: object, public_id: object, _: object) -> None:
    if system_id is not None or public_id is not None:
        raise DoctypeRefused(name)


def _refuse_general_entity(name: str, is_parameter: bool, value: object, *_: object) -> None:
    # In an attribute expat expands a general entity and asks nobody; a value of None is external.
    if not is_parameter or value is None:
        _refuse_entity(name)


def _refuse_reference() -> int:
    raise UnreadableReport("its DOCTYPE refers to a parameter entity: refused")


def _refuse_entity(name: str, *_: object) -> None:
    raise UnreadableReport(f"it declares the entity {name[:80]}: refused")
