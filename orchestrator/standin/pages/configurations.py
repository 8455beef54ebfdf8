"""What a run may be ordered for: configurations and releases of the project."""

from aiohttp import web

from orchestrator.standin.accounts import Choice, add_choice, choices

from .visit import Visit

_KINDS: dict[str, Choice] = {"configuration": "configurations", "release": "releases"}


async def list_choices(visit: Visit) -> web.Response:
    """`GET configurations`: releases too."""
    return _show(visit)


async def add(visit: Visit) -> web.Response:
    """`POST configurations`: the field that is filled says which of the two is added."""
    form = visit.form
    for name, kind in _KINDS.items():
        text = form.optional(name)
        if text and not form.errors:
            add_choice(visit.store, kind, visit.here["id"], text)
            return visit.go(f"{visit.home}/configurations", f"The {name} {text} was added.")
    for name in _KINDS:
        if name in form.values("kind"):
            form.wrong(name, "This is needed.")
    return _show(visit)


def _show(visit: Visit) -> web.Response:
    return visit.show(
        "configurations.html",
        form=visit.form,
        configurations=choices(visit.store, "configurations", visit.here["id"]),
        releases=choices(visit.store, "releases", visit.here["id"]),
    )
