"""`RootLogData.dat`: the tree of log items, where a log has no `Summary.dat`.

That is so for a run of one routine, with /NoSummary and before TestComplete 14.10.
Sources: genuine folders of TestComplete 15; the log parser of the Jenkins plugin for older ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.formats.cases import NAME_CHARS
from adapters.formats.tclogx.nodes import Path, Values, number_at_end

ITEM_LIMIT = 50_000
DEPTH_LIMIT = 100
_NO_PROJECT = "{00000000-0000-0000-0000-000000000000}"


@dataclass(slots=True)
class Item:
    """One log item."""

    number: int
    name: str
    status: str
    moniker: str
    owner: str
    filename: str
    test: str
    project: str
    children: list["Item"] = field(default_factory=list)

    @property
    def is_container(self) -> bool:
        """Whether it is the log of a suite or of a project, not of a test."""
        return self.project == _NO_PROJECT or (bool(self.test) and self.test == self.project)


@dataclass(frozen=True, slots=True)
class TestItem:
    """An item that is a case."""

    __test__ = False  # no test class, whatever its name

    item: Item
    above: tuple[str, ...]
    """Names of the items above it, without the suite's."""
    owner_file: str
    """File of the item right above it; empty for the root."""

    @property
    def is_whole_run(self) -> bool:
        """Whether the run was this item alone: a single routine."""
        return not self.item.owner


class Tree:
    """Reads the file."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._left_out = 0

    def node(self, path: Path, values: Values) -> None:
        """See a node; a call stack has nodes of the same name, without a moniker."""
        if len(path) != 2 or not path[1].startswith("item") or not values.get("moniker"):
            return
        if len(self._items) >= ITEM_LIMIT:
            self._left_out += 1
            return
        self._items.append(_item(path[1], values))

    def open_node(self, path: Path, values: Values) -> None:
        """See an item that was cut off; it is none."""

    @property
    def seen(self) -> bool:
        """Whether it is such a file at all."""
        return bool(self._items)

    @property
    def statuses(self) -> frozenset[str]:
        """Every status that an item has."""
        return frozenset(item.status for item in self._items)

    def problems(self) -> Iterator[str]:
        """Say what is not in the tree."""
        if self._left_out:
            yield f"{self._left_out} log items are too many"
        if strays := len(self._items) - sum(1 for _ in _all_below(self._roots(), 0)):
            yield f"{strays} log items belong to no other"

    def test_items(self) -> Iterator[TestItem]:
        """Give the items that are cases, in the order of the log."""
        for root in self._roots():
            yield from _cases(TestItem(root, (), ""), 0)

    def _roots(self) -> list[Item]:
        """Link the items to their owners, and give those that have none."""
        items = sorted(self._items, key=lambda item: item.number)
        by_moniker = {item.moniker: item for item in reversed(items)}
        for item in items:
            item.children = []
        for item in items:
            if item.owner in by_moniker and item.owner != item.moniker:
                by_moniker[item.owner].children.append(item)
        return [item for item in items if not item.owner]


def _all_below(items: list[Item], depth: int) -> Iterator[Item]:
    for item in items:
        yield item
        if depth < DEPTH_LIMIT:
            yield from _all_below(item.children, depth + 1)


def _item(name: str, values: Values) -> Item:
    return Item(
        number=number_at_end(name),
        name=values.get("name", "").strip()[:NAME_CHARS],
        status=values.get("status", "")[:80],
        moniker=values.get("moniker", "")[:200],
        owner=values.get("ownermoniker", "")[:200],
        filename=values.get("filename", "")[:200],
        test=values.get("test", "")[:200],
        project=values.get("projectkey", "")[:200],
    )


def _cases(test: TestItem, depth: int) -> Iterator[TestItem]:
    """Find the cases at and below an item.

    A leaf is a test's log. An item that holds leaves and is no project is a test in the older
    form, and its leaves are parts of its log.
    """
    item = test.item
    inner = [child for child in item.children if child.children]
    if not item.is_container and (len(inner) < len(item.children) or not item.children):
        yield test
    if depth >= DEPTH_LIMIT:
        return
    above = test.above if item.project == _NO_PROJECT else (*test.above, item.name)
    for child in item.children if item.is_container else inner:
        yield from _cases(TestItem(child, above, item.filename), depth + 1)
