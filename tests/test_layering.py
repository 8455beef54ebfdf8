"""Imports point down: a room knows the rooms below it, and never one above or beside it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A room may import rooms of lower levels. Rooms that share a level do not know each other, but
# for the pairs named in BESIDE. A package is one room: what is inside it is its own affair.
LEVELS = {
    13: ["__main__"],
    12: ["cli", "cli_standin", "cli_standin_data", "cli_parse", "cli_admin"],
    11: ["demo", "process", "follow"],
    10: ["idle", "service", "check", "parse", "registration", "tables", "admin"],
    9: [
        "intake",
        "fleet",
        "poller",
        "runner",
        "quota",
        "reporter",
        "web",
        "status",
        "upkeep",
        "control",
        "reloading",
        "vanished",
    ],
    8: ["execution", "web_commands", "identity"],
    7: ["uploads", "settling", "preparing", "identity_look"],
    6: ["sending", "attempt", "conclusion", "parts", "identity_notes", "turn"],
    5: ["order", "choice", "journal", "item_result", "undelivered", "listed"],
    4: ["assignment", "script_folder", "owner"],
    3: [
        "admission",
        "pools",
        "api",
        "executors",
        "workspace",
        "results",
        "report",
        "script",
        "own_report",
    ],
    2: ["metrics", "settings", "logs", "database"],
    1: [
        "errors",
        "damaged",
        "redaction",
        "plain_text",
        "regular_file",
        "backoff",
        "threads",
        "lock_folder",
        "sweep",
    ],
    0: ["guard", "standin", "__init__"],
}
BESIDE = {
    ("fleet", "poller"),
    ("intake", "fleet"),
    ("service", "idle"),
    ("intake", "reporter"),
    ("intake", "runner"),
    ("intake", "vanished"),
    ("runner", "quota"),
    ("status", "fleet"),
    ("status", "reporter"),
    ("status", "runner"),
    ("control", "fleet"),
    ("control", "reporter"),
    ("cli", "cli_standin"),
    ("cli_standin", "cli_standin_data"),
    ("cli", "cli_parse"),
    ("cli", "cli_admin"),
}
LEVEL_OF = {room: level for level, rooms in LEVELS.items() for room in rooms}
STDLIB_ONLY = {"guard"}


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(path: Path) -> Iterator[str]:
    """Yield every module of ours that *path* imports, absolutely or relatively."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            yield ".".join([*above, node.module] if node.module else above)
        elif isinstance(node, ast.ImportFrom) and node.module == "orchestrator":
            yield from (f"orchestrator.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def sources(top: str) -> list[Path]:
    found = sorted((ROOT / top).rglob("*.py"))
    return [path for path in found if "scripts" not in path.parts]


STANDIN_PARTS = {"automation", "data_access", "exchange", "openapi", "pages"}
"""Each speaks to somebody else; what they share, scenarios too, lies beside and knows neither."""


def ours(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return room_of(".".join(parts))


@pytest.mark.parametrize("path", sources("orchestrator"), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    room = ours(path)
    assert room in LEVEL_OF, f"{room} has no level yet: give it one in this test"
    wrong = []
    for module in imports(path):
        if module.split(".")[0] != "orchestrator":
            continue
        other = room_of(module)
        if other in {room, "__init__", "__version__"}:
            continue
        assert other in LEVEL_OF, f"{path} imports {module}, which has no level"
        if LEVEL_OF[other] >= LEVEL_OF[room] and (room, other) not in BESIDE:
            wrong.append(module)
    assert not wrong, f"{room} (level {LEVEL_OF[room]}) looks up or beside: {wrong}"


@pytest.mark.parametrize("path", sources("adapters"), ids=lambda p: str(p.relative_to(ROOT)))
def test_adapters_are_pure_and_know_nothing_of_the_orchestrator(path: Path) -> None:
    forbidden = {"orchestrator", "asyncio", "anyio", "aiohttp", "os", "subprocess", "socket"}
    found = {module.split(".")[0] for module in imports(path)} & forbidden
    assert not found


@pytest.mark.parametrize(
    "path", sources("orchestrator/standin"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_the_standin_shares_nothing_with_the_client(path: Path) -> None:
    inside = "orchestrator.standin"
    assert all(
        module == inside or module.startswith(f"{inside}.")
        for module in imports(path)
        if module.split(".")[0] in {"orchestrator", "adapters"}
    )


@pytest.mark.parametrize("part", sorted(STANDIN_PARTS))
def test_a_part_of_the_standin_knows_no_other_part(part: str) -> None:
    inside = "orchestrator.standin"
    for path in sources(f"orchestrator/standin/{part}"):
        beside = {
            module
            for module in imports(path)
            if module.removeprefix(f"{inside}.").split(".")[0] in STANDIN_PARTS - {part}
            or module in {f"{inside}.routes", f"{inside}.app"}
        }
        assert not beside, f"{path} imports {beside}"


def test_the_guard_needs_the_standard_library_alone() -> None:
    top = {module.split(".")[0] for module in imports(ROOT / "orchestrator" / "guard.py")}
    assert top <= set(sys.stdlib_module_names)


def test_every_room_that_has_a_level_is_there() -> None:
    there = {ours(path) for path in sources("orchestrator")}
    assert there == set(LEVEL_OF)
