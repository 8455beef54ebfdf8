"""The message of a SettingsError: every fault with the place where it can be mended."""

import base64
from collections.abc import Iterable, Mapping, Sequence

from orchestrator.settings_faults import Fault, Keys
from orchestrator.settings_file import SettingsFile, lines

SHORTEST_MASKED = 4
AFTER_THE_FILE = (1, 0)


def listing(
    faults: Iterable[tuple[str, Fault] | Fault],
    file: SettingsFile | None,
    overlaid: Mapping[Keys, str],
) -> str:
    """Write one line a fault, `place: key: what should be there`, in the order of places.

    *overlaid* says which keys came from elsewhere than *file*, and from where.
    """
    places = _Places(file, overlaid)
    said = set()
    for item in faults:
        if isinstance(item, Fault):
            fault, (order, place) = item, places.of(item.keys)
        else:
            (place, fault), order = item, AFTER_THE_FILE
        said.add((order, place, _line(place, fault)))
    return "\n".join(line for *_, line in sorted(said))


def _line(place: str, fault: Fault) -> str:
    shape = fault.says in {"should be a list", "should be a table"}
    hint = ", written as JSON" if shape and place.startswith("environment ") else ""
    return ": ".join(filter(None, [place, ".".join(fault.keys), fault.says + hint]))


class _Places:
    def __init__(self, file: SettingsFile | None, overlaid: Mapping[Keys, str]) -> None:
        self._name = "environment" if file is None else str(file.path)
        self._lines = {} if file is None else lines(file.text)
        self._overlaid = overlaid

    def of(self, keys: Keys) -> tuple[tuple[int, int], str]:
        """Where *keys* or else the nearest table around them was written, with its sort order."""
        for depth in range(len(keys), 0, -1):
            near = keys[:depth]
            if near in self._overlaid:
                return AFTER_THE_FILE, self._overlaid[near]
            if near in self._lines:
                return (0, self._lines[near]), f"{self._name}:{self._lines[near]}"
            within = [key for key in self._overlaid if key[:depth] == near]
            if within:
                return AFTER_THE_FILE, self._overlaid[within[0]]
        return (0, 0), self._name


def masked(text: str, tokens: Sequence[str]) -> str:
    """Give *text* without *tokens*, should one have been written where a name belongs."""
    for token in sorted(tokens, key=len, reverse=True):
        if len(token) < SHORTEST_MASKED:
            continue
        text = text.replace(token, "***")
        text = text.replace(base64.b64encode(token.encode()).decode(), "***")
    return text
