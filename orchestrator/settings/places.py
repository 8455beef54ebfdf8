"""The message of a SettingsError: every fault with the place where it can be mended."""

from collections.abc import Iterable, Mapping

from orchestrator.redaction import Secrets
from orchestrator.settings.faults import Fault, Keys
from orchestrator.settings.toml_file import SettingsFile, lines

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
        self._within: dict[Keys, str] = {}
        for keys, place in overlaid.items():
            for depth in range(1, len(keys)):
                self._within.setdefault(keys[:depth], place)

    def of(self, keys: Keys) -> tuple[tuple[int, int], str]:
        """Where *keys* or else the nearest table around them was written, with its sort order."""
        for depth in range(len(keys), 0, -1):
            near = keys[:depth]
            if near in self._overlaid:
                return AFTER_THE_FILE, self._overlaid[near]
            if near in self._lines:
                return (0, self._lines[near]), f"{self._name}:{self._lines[near]}"
            if near in self._within:
                return AFTER_THE_FILE, self._within[near]
        return (0, 0), self._name


def masked(text: str, tokens: Iterable[str]) -> str:
    """Give *text* without *tokens*, should one have been written where a name belongs."""
    secrets = Secrets()
    for token in tokens:
        if len(token) >= SHORTEST_MASKED:
            secrets.add(token)
    return secrets.masked(text)
