"""Tests with their steps; what runs them stands in `automations.py`."""

import sqlite3

from aiohttp import web

from orchestrator.standin import library

from .forms import WHOLE_FORM, Form
from .paging import PAGE_SIZE, read_paging
from .visit import Visit

_EMPTY_ROWS = 3
_STEP_LIMIT = 32_000


async def list_tests(visit: Visit) -> web.Response:
    """`GET tests`."""
    paging = read_paging(visit.request, library.tests_of(visit.store, visit.here["id"], 0, 0).total)
    tests = library.tests_of(visit.store, visit.here["id"], paging.offset, PAGE_SIZE).rows
    agents = {test["id"]: library.automations_of(visit.store, test["id"]) for test in tests}
    return visit.show("tests.html", tests=tests, agents=agents, paging=paging)


async def ask_new(visit: Visit) -> web.Response:
    """`GET tests/new`."""
    return _show_new(visit)


async def add(visit: Visit) -> web.Response:
    """`POST tests/new`."""
    title, steps = _read(visit.form)
    if not visit.form.errors:
        with visit.form.refusals():
            test_id = library.add_test(visit.store, visit.here["id"], title, steps)
            said = f"Test {test_id} was added. Give it an automation, so that agents can run it."
            return visit.go(f"{visit.home}/tests/{test_id}", said)
    return _show_new(visit)


async def show_test(visit: Visit) -> web.Response:
    """`GET tests/{TestId}`: the form to change it, and its automations."""
    test = require_test(visit)
    visit.form = Form({"title": test["title"]})
    steps = [
        (row["step"] or "", row["expected_result"] or "")
        for row in library.steps_in_library(visit.store, test["id"])
    ]
    return _show(visit, test, steps)


async def change(visit: Visit) -> web.Response:
    """`POST tests/{TestId}`: title and steps; runs keep what they were made of."""
    test = require_test(visit)
    title, steps = _read(visit.form)
    if not visit.form.errors:
        with visit.form.refusals():
            library.change_test(visit.store, test["id"], title, steps)
            return visit.go(f"{visit.home}/tests/{test['id']}", "The test was changed.")
    return _show(visit, test, _typed(visit.form))


async def remove(visit: Visit) -> web.Response:
    """`POST tests/{TestId}/remove`."""
    test = require_test(visit)
    with visit.form.refusals():
        library.remove_test(visit.store, test["id"])
        return visit.go(f"{visit.home}/tests", f"Test {test['id']}, {test['title']}, was removed.")
    visit.say(f"Not removed: {visit.form.errors[WHOLE_FORM]}", "warning")
    return visit.go(f"{visit.home}/tests/{test['id']}")


def require_test(visit: Visit) -> sqlite3.Row:
    """Return the test of the address. Raises Refusal 404 if the project has none such."""
    return library.require_test(visit.store, visit.here["id"], visit.id("test_id"))


def _read(form: Form) -> tuple[str, list[tuple[str | None, str | None]]]:
    """Read title and steps; rows without any text are no steps."""
    rows = [(step.strip(), expected.strip()) for step, expected in _typed(form)]
    if any(len(text) > _STEP_LIMIT for row in rows for text in row):
        form.wrong("steps", f"At most {_STEP_LIMIT} characters in each, please.")
    return form.text("title"), [(step or None, want or None) for step, want in rows if step or want]


def _typed(form: Form) -> list[tuple[str, str]]:
    return list(zip(form.values("step"), form.values("expected"), strict=False))


def _show_new(visit: Visit) -> web.Response:
    return visit.show("test_new.html", form=visit.form, steps=_with_empty(_typed(visit.form)))


def _show(visit: Visit, test: sqlite3.Row, steps: list[tuple[str, str]]) -> web.Response:
    return visit.show(
        "test.html",
        form=visit.form,
        test=test,
        steps=_with_empty(steps),
        automations=library.automations_of(visit.store, test["id"]),
    )


def _with_empty(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without scripts a form cannot grow: it comes with rows to spare."""
    return [row for row in steps if any(row)] + [("", "")] * _EMPTY_ROWS
