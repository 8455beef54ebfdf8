"""Templates become answers: escaped by default, under a policy that lets no script run."""

from pathlib import Path

import jinja2
from aiohttp import web

from orchestrator.standin.agents import short_name

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",  # pages tell tokens, and what they show changes
}


def _moment(date: str | None) -> str:
    """Show a date of the database, UTC with seven fraction digits, to the second."""
    return date[:19].replace("T", " ") if date else ""


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(moment=_moment, duration=_duration, short_name=short_name)


def render(template: str, *, status: int = 200, **facts: object) -> web.Response:
    """Answer with a page made of *facts*."""
    text = _TEMPLATES.get_template(template).render(**facts)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


async def show_style(request: web.Request) -> web.FileResponse:
    """`GET /assets/style.css`: the one style sheet, open to all."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return web.FileResponse(_HERE / "style.css", headers=headers)
