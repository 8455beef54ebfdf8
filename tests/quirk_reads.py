"""Where labfleet's client reads something else with a switch than without: what it reads then."""

_WHILE_NAMED = "A host with name LAB-001 already exists"


def _refusal(operation: str, status: int, said: str, *, again: bool = False) -> list[object]:
    kind = "TransientApiError" if again else "PermanentApiError"
    return [(kind, status, f"{operation}: {status} {said}")]


def _refusals(more: str = "") -> dict[str, list[object]]:
    """Return what is read of refusals that do not say why."""
    return {
        "taken": _refusal("register_host", 500, f"Internal Server Error{more}", again=True),
        "too big": _refusal("upload_log", 413, f"Request Entity Too Large{more}"),
        "another's run": _refusal("update_item", 404, f"Not Found{more}"),
        "a wrong token": _refusal("get_host", 401, f"Unauthorized{more}"),
    }


_HTML = "<p><b>{}</b> &amp; <script>alert(1)</script></p>"
_HOST = {
    "id": 2,
    "host_name": "LAB-001",
    "agents": ["JUnit (Selenium)"],
    "is_active": True,
    "token": True,
}
_LIMIT = "The file is larger than 100000 bytes"
_REST_WAIT = {f"{run}.1": "waits" for run in (2, 3, 4)}

_GAPS: dict[str, list[object]] = {"runs.items.number": [10, 20]}
"""Also of those switches that are on together with this one."""

READS: dict[str, dict[str, list[object]]] = {
    "html-texts": {
        "runs.test_set_name": [_HTML.format("Nightly")],
        "runs.items.name": [_HTML.format(f"T{number}") for number in range(1, 6)],
    },
    "errors-empty": _refusals(),
    "errors-html": _refusals(" (the answer is an HTML page)"),
    "pending-items-only": {"states, one done": [{"1.1": "waits", **_REST_WAIT}]},
    "no-status": {"states, one done.1.1": ["waits"]},
    "sequence-gaps": _GAPS,
    "nested-sequence": _GAPS,
    "item-sequence": _GAPS,
    "no-automation": {"runs.items.paths": [[]], "runs.items.automations": [[]]},
    "run-mode-word": {"runs.items.automations.run_mode": [None]},
    "taken-name-400": {"taken": _refusal("register_host", 400, _WHILE_NAMED)},
    "taken-name-409": {"taken": _refusal("register_host", 409, _WHILE_NAMED)},
    "taken-name-answered": {"taken": [_HOST]},
    "inactive-hides-runs": {"runs while resting": [{}]},
    "other-run-403": {
        "another's run": _refusal("update_item", 403, "Run 5 belongs to another host")
    },
    "user-on-host-operations": {
        "a wrong token": _refusal("get_host", 401, "The credentials are wrong")
    },
    "script-web-page": {
        "script: a zip": [
            ("TransientApiError", None, "get_script: the answer is an HTML page, not a script")
        ]
    },
    "results-once": {"result again": _refusal("update_item", 400, "The item has a result already")},
    "overwrite-refused": {
        "log again": _refusal(
            "upload_log", 500, "The item has a log that cannot be overwritten", again=True
        ),
        "at the server": [b"<first/>"],
    },
    "overwrite-ignored": {"at the server": [b"<first/>"]},
    "small-uploads": {
        "too big": _refusal("upload_log", 413, "The file is larger than 4000000 bytes"),
        "at the server": [b"<second/>"],
    },
    "too-big-404": {"too big": _refusal("upload_log", 404, _LIMIT)},
    "too-big-500": {"too big": _refusal("upload_log", 500, _LIMIT, again=True)},
}
