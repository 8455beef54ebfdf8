"""What the answer to a search for a host says: which host, or that there is none."""

from typing import Any

from orchestrator.api.wire import HostDocument, read_host

_ERRORS = frozenset({"errors", "error", "responsestatus", "message"})


def read_found_host(answer: Any) -> HostDocument | None:
    """Read the answer to a search by name, or None.

    How the server says that there is none is not documented; these are the candidates.
    """
    if not answer or (isinstance(answer, dict) and answer.get("results", answer) in ([], None)):
        return None
    return None if _names_no_host(answer) else read_host(answer)


def _names_no_host(answer: Any) -> bool:
    """Whether it is an object without a host, whatever else stands in it, and no error.

    A host in a place of its own, or under other names, is not seen as none: it would be
    registered a second time.
    """
    if not isinstance(answer, dict):
        return False
    top = _folded(answer)
    if top.keys() & _ERRORS or top.get("id"):
        return False
    within = [one for value in top.values() for one in _listed(value) if isinstance(one, dict)]
    return not any(
        value and ("host" in name or name == "securitytoken")
        for place in (top, *map(_folded, within))
        for name, value in place.items()
    )


def _folded(place: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "").casefold(): value for name, value in place.items()}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
