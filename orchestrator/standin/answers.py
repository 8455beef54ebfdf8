"""Successful answers: JSON documents and the paging envelope."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from aiohttp import web

from .dates import UtcDate, with_z
from .errors import Refusal
from .inputs import query_value
from .quirks import QUIRKS, Quirks

_MAX_LIMIT = 1000


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
    offset = _whole(request, "offset", 0)
    return Page(offset, min(_whole(request, "limit", 25), _MAX_LIMIT))


def answer(request: web.Request, document: object) -> web.Response:
    """Answer 200 with *document* as JSON, in the dialect that the quirks ask for."""
    shaped = _shape(document, request.app[QUIRKS])
    return web.json_response(shaped, dumps=_dumps)


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


def _shape(value: object, quirks: Quirks) -> object:
    if isinstance(value, UtcDate):
        return with_z(value) if quirks.dates_with_z else value
    if isinstance(value, dict):
        return {
            name: _shape(inner, quirks)
            for name, inner in value.items()
            if inner is not None or quirks.include_nulls
        }
    if isinstance(value, list):
        return [_shape(inner, quirks) for inner in value]
    return value


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
