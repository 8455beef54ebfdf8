"""One event a line, ours and the libraries', with every secret masked.

An event's name is one of `EVENTS`; its facts are keyword arguments; host, run and item are
bound once with `structlog.contextvars`. Masking looks at what is written, not at the name of
the key it stands under, and it is the last thing that happens to an event.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Mapping
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor
from typing_extensions import override

from orchestrator.redaction import redact, remember_secret

__all__ = ["EVENTS", "configure", "redact", "remember_secret"]

EVENTS = frozenset(
    {
        "service.started",  # hosts, address: everything is up
        "service.draining",  # a signal came: no new runs
        "service.stopped",  # the last line of a clean end
        "service.reloaded",  # new settings are in force
        "service.reload_refused",  # new settings are faulty: the old ones stay
        "host.added",  # a host is polled from now on
        "host.removed",  # a host is polled no more
        "host.unreachable",  # polls of a host began to fail
        "host.reachable",  # and succeed again
        "poll.crashed",  # an error of our own in a poll; the host is asked again
        "host.refused",  # the server does not accept a host's token: a person is needed
        "run.listed",  # a run seen for the first time, as the server sent it
        "run.claimed",  # an item is ours
        "run.started",  # its tool runs
        "run.finished",  # it has a verdict from the tool
        "run.blocked",  # it has none, with the reason
        "run.abandoned",  # the server no longer wants it
        "run.crashed",  # an error of our own on the way
        "run.held",  # it waits for a host, a tool or a server that the settings do not name
        "run.postponed",  # its outcome cannot be written down now and is kept: look at the disk
        "run.interrupted",  # its tool is gone without a result
        "run.adopted",  # its tool outlived the process that started it
        "script.postponed",  # the script cannot be had now and is asked for again
        "delivery.done",  # a report is with the server
        "delivery.postponed",  # the server did not take it now
        "delivery.crashed",  # an error of our own in a delivery; it is tried again
        "delivery.dead",  # the server will never take it: a person is needed
        "delivery.dead_letters",  # how many there are, at the start and after some were owed anew
        "delivery.repeated",  # the server took a result and awaits it again: it is sent again
        "delivery.dropped",  # the server no longer knows what it is about
        "tool.killed",  # we ended a tool, with the reason
        "tool.stray",  # it was left of a removed state directory, and was ended
        "tool.survived",  # a process of a tool would not end: a person is needed
        "tool.oversized",  # its folder is past its limit, or cannot be measured
        "admission.closed",  # nothing new is started, with the reason
        "admission.opened",  # and now it is again
        "command.given",  # somebody asked a running labfleet for something
        "command.refused",  # and may not
        "delivery.redelivered",  # a dead letter is owed anew
        "host.paused",  # no more of its runs are taken, as somebody asked
        "host.resumed",  # and now they are again
        "host.renamed",  # a host has another key now: its claims follow
        "host.taken_over",  # its other owner on this machine is gone
        "identity.abandoned",  # who had it left nothing at all: it is ours now
        "identity.shared",  # another labfleet took a host that was ours: it is let go
        "identity.unlocked",  # nobody could see which hosts are ours: none is taken
        "journal.begun",  # a new journal, as the old one is damaged
        "journal.unusable",  # hosts or runs that wait for it are taken up a little later
        "journal.damaged",  # what became of the old one
        "run.in_doubt",  # what a damaged journal knew of, or its tool
        "run.vanished",  # somebody else settled it while it was ours
        "server.away",  # it answers nobody: one call at a time asks for it
        "server.back",  # and answers again
        "journal.tidied",  # something old could not be removed and is left for later
    }
)

_DEEPEST = 8
_DOCUMENT_CHARS = 60
"""What a console shows of a document: enough to see which it is."""

Style = Literal["json", "console", "auto"]


def configure(*, style: Style = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Write events of ours and of the libraries to *stream*, by default stderr.

    "auto" is for people when *stream* is a terminal, else JSON lines. May be called again: the
    last call counts. Raises ValueError for an unknown *level*.
    """
    target = sys.stderr if stream is None else stream
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"unknown log level: {level}")
    handler = _MaskedLines(target)
    handler.setFormatter(_formatter(as_json=_as_json(style, target), colours=target.isatty()))
    root = logging.getLogger()
    root.handlers = [it for it in root.handlers if not isinstance(it, _MaskedLines)] + [handler]
    root.setLevel(number)
    structlog.configure(
        processors=[*_facts(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: logging.getLogger("labfleet"),
        cache_logger_on_first_use=False,
    )


def _as_json(style: Style, target: TextIO) -> bool:
    return style == "json" or (style == "auto" and not target.isatty())


def _facts() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, as_json: bool, colours: bool) -> structlog.stdlib.ProcessorFormatter:
    processors = structlog.processors
    if as_json:
        # Never dict_tracebacks: it shows the locals of every frame, and a token is one of them.
        exceptions: Processor = processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        )
        renderer: Processor = processors.JSONRenderer()
    else:
        exceptions = _for_people
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_facts(), structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            exceptions,
            _masked,
            renderer,
        ],
    )


def _for_people(logger: object, method: str, event: EventDict) -> EventDict:
    """Keep a line a line: a document as the server sent it is for the JSON log alone."""
    # Masked before it is cut: half a secret is not known any more.
    if len(document := redact(str(event.get("document", "")))) > _DOCUMENT_CHARS:
        event["document"] = f"{document[:_DOCUMENT_CHARS]}… ({len(document)} characters)"
    return structlog.processors.format_exc_info(logger, method, event)


def _masked(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {redact(str(key)): _clean(value, _DEEPEST) for key, value in event.items()}


def _clean(value: object, depth: int) -> object:
    """Bring *value* to what JSON knows, so that no renderer looks into it after the masking."""
    if value is None or isinstance(value, bool | float):
        return value
    if depth and isinstance(value, Mapping):
        return {redact(str(key)): _clean(inner, depth - 1) for key, inner in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner, depth - 1) for inner in value]
    text = repr(value) if isinstance(value, BaseException) else str(value)
    masked = redact(text)
    return value if isinstance(value, int) and masked == text else masked


class _MaskedLines(logging.StreamHandler[TextIO]):
    @override
    def handleError(self, record: logging.LogRecord) -> None:
        # The standard one prints the event and its arguments to stderr, unmasked.
        kind = sys.exc_info()[0]
        line = {"level": "error", "event": "log.failed", "error": kind.__name__ if kind else ""}
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(json.dumps(line | {"logger": record.name}) + "\n")
