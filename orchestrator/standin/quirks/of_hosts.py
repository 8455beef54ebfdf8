"""Switches for departments and hosts, and for who may do what."""

from .switch import Switch

_MISSING = "404"
_TAKEN = "500 for a name that is taken"

HOSTS = (
    Switch("missing-host-empty", "15", "missing", "no such host: 200 and no body", _MISSING),
    Switch("missing-host-null", "15", "missing", "no such host: 200 and `null`", _MISSING),
    Switch("missing-host-object", "15", "missing", "no such host: 200 and `{}`", _MISSING),
    Switch("missing-host-list", "15", "missing", "no such host: 200 and an empty list", _MISSING),
    Switch(
        "partial-names", "16", "names",
        "a part of a host's name finds it", "the whole name does",
    ),
    Switch("case-sensitive-names", "16", "names", "a name is found in its own case only", "in any"),
    Switch("taken-name-400", "14", "taken", "400 for a name that is taken", _TAKEN),
    Switch("taken-name-409", "14", "taken", "409 for a name that is taken", _TAKEN),
    Switch("taken-name-answered", "14", "taken", "the host that has the name is answered", _TAKEN),
    Switch(
        "first-department", "17", "",
        "of several departments the first is taken where none is given", "400",
    ),
    Switch(
        "exact-input-names", "18", "",
        "what is sent is read by the exact documented names", "case and underscores are ignored",
    ),
    Switch("inactive-by-default", "19", "", "a host is inactive unless it says so", "active"),
    Switch(
        "inactive-hides-runs", "19", "",
        "an inactive host has no pending runs", "those queued stay listed",
    ),
    Switch("agents-required", "20", "", "a host without `agents` is refused", "it has none"),
    Switch("patch-host-empty", "21", "patch-host", "a host's PATCH: 200 and no body", "the host"),
    Switch("patch-host-204", "21", "patch-host", "a host's PATCH: 204", "200 and the host"),
    Switch("other-host-404", "35", "", "another host's path is 404", "403"),
    Switch("other-run-403", "35", "", "another host's run is 403", "404"),
    Switch(
        "user-on-host-operations", "36", "",
        "a user's login opens what is meant for hosts", "401",
    ),
)  # fmt: skip
