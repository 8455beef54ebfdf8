"""Successful answers: JSON documents and the paging envelope."""

import json
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from aiohttp import web

from .dialect import is_operation, write
from .errors import Refusal
from .inputs import query_value
from .quirks import QUIRKS, Quirks

_DEFAULT_LIMIT, _MAX_LIMIT = 25, 1000


class Page(NamedTuple):
    """Which part of a list is asked for; *limit* 0 asks for the totals alone."""

    offset: int
    limit: int


def read_page(request: web.Request, *, filters: bool = False) -> Page:
    """Read `offset` and `limit`. Raises Refusal 400 if one is negative or no number.

    *filters*: the vendor documents a `filter` for this list. Nothing reads one here, so it is
    refused: a list that only looks filtered is worse.
    """
    if filters and query_value(request, "filter"):
        raise Refusal(400, "filter is not supported by this stand-in")
    offset, limit = _whole(request, "offset", 0), _whole(request, "limit", _DEFAULT_LIMIT)
    if is_operation(request):
        limit = _limit_of(request.app[QUIRKS], limit)
    return Page(offset, min(limit, _MAX_LIMIT))


def _limit_of(quirks: Quirks, limit: int) -> int:
    if limit == 0 and quirks.on("limit-zero-default"):
        return _DEFAULT_LIMIT
    if limit > _DEFAULT_LIMIT and quirks.on("limit-25"):
        return _DEFAULT_LIMIT
    return limit


def answer(request: web.Request, document: object) -> web.Response:
    """Answer 200 with *document* as JSON, in the dialect that the quirks ask for."""
    written = write(request, document)
    deaf = is_operation(request) and not _asks_for_json(request)
    if deaf and request.app[QUIRKS].on("html-unless-json-asked"):
        page = f"<!DOCTYPE html><html><body><pre>{escape(_dumps(written))}</pre></body></html>"
        return web.Response(text=page, content_type="text/html")
    return web.json_response(written, dumps=_dumps)


def _asks_for_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "").casefold()


def envelope(page: Page, results: Sequence[object], *, total: int, acl: int) -> dict[str, object]:
    """Frame a list as documented; *acl* is 1 read + 2 update + 4 delete."""
    result_set = {
        "count": len(results),
        "offset": page.offset,
        "limit": page.limit,
        "total": total,
    }
    return {
        "metadata": {"result_set": result_set, "permissions": {"acl": acl}},
        "results": list(results),
    }


def _whole(request: web.Request, name: str, default: int) -> int:
    text = query_value(request, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refusal(400, f"{name} must be a whole number of 0 or more")
    return int(text)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
