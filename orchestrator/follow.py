"""Follow a running labfleet in the terminal: a line for each change of an item."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio

from orchestrator.admin import Address, ask
from orchestrator.plain_text import plain
from orchestrator.tables import STYLES, say

ROWS = 1000
INTERVAL_S = 1.0

_Key = tuple[int, int]
_Stage = tuple[str, str, str]


async def follow(
    address: Address, *, last: int, as_json: bool, interval_s: float = INTERVAL_S
) -> None:
    """Print what changes at *address*, beginning with the *last* newest items; does not return.

    Raises NobodyThereError when the labfleet ends. What changes twice between two looks, is one
    line, and an item older than the thousand newest is not seen.
    """
    seen: dict[_Key, _Stage] = {}
    skip = True
    while True:
        rows: Sequence[Mapping[str, Any]] = await ask(address, f"runs?limit={ROWS}")
        changed = list(_changed(rows, seen))
        for row in changed[max(0, len(changed) - last) :] if skip else changed:
            _print(row, as_json=as_json)
        sys.stdout.flush()
        skip = False
        await anyio.sleep(interval_s)


def _changed(
    rows: Sequence[Mapping[str, Any]], seen: dict[_Key, _Stage]
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows that *seen* does not know as they are, oldest first, and note them there."""
    for row in reversed(rows):
        key = (row["run"], row["item"])
        stage = (row["phase"] or row["state"], row["verdict"], row["refused"] or "")
        if seen.get(key) != stage:
            seen[key] = stage
            yield row


def _print(row: Mapping[str, Any], *, as_json: bool) -> None:
    at = datetime.now(UTC)
    if as_json:
        moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        sys.stdout.write(json.dumps({"at": moment, **row}) + "\n")
        return
    stage = row["phase"] or row["state"]
    words = (
        at.astimezone().strftime("%H:%M:%S"),
        f"{row['run']}/{row['item']}",
        row["host"],
        row["tool"],
        stage,
        row["verdict"],
        row["test"],
        row["refused"] or row["reason"],
    )
    line = "  ".join(" ".join(plain(str(word)).split()) for word in words if word)
    say(line, style=STYLES.get(row["verdict"], ""))
