"""What the journal knows of hosts beside their runs: whose identity a key is, and who is paused.

Claims are kept under the key of their host, since that is what people know. The server knows the
host by its id. So where a key was renamed, its claims go with the id; and where a key got another
id, they are put aside under a name that says so, until the first id comes back: the other host
could neither fetch nor report them.

A pause is said of a key too. It goes with the id to another key; where the id goes nowhere, or to
a host that nobody names, the key stays paused, whatever its id is now.
"""

import sqlite3
from collections.abc import Mapping


def apart(key: str, host_id: int) -> str:
    """Name the claims of a key that has another identity now; no key of the settings is like it."""
    return f"{key} (id {host_id})"


def know(
    db: sqlite3.Connection, server: str, ids: Mapping[str, int | None]
) -> tuple[set[str], dict[str, str]]:
    """Take in the identities of the settings' hosts; *ids* are by key, None before registration.

    Returns the keys that are paused, and from which names claims went to which.
    """
    rows = db.execute("SELECT host, host_id, paused FROM hosts WHERE server = ?", (server,))
    before = {host: (host_id, bool(paused)) for host, host_id, paused in rows}
    moves = _moves({host: host_id for host, (host_id, _) in before.items()}, ids)
    after = {host: known for host, known in before.items() if host not in moves}
    after |= {moves[host]: known for host, known in before.items() if host in moves}
    stay = {host for host, (_, paused) in before.items() if paused and moves.get(host) not in ids}
    for key, host_id in ids.items():
        known_id, paused = after.get(key, (None, False))
        after[key] = (known_id if host_id is None else host_id, paused or key in stay)
    if moves:
        _move(db, server, moves)
    if after != before:
        _write(db, server, after)
    return {host for host, (_, paused) in after.items() if paused and host in ids}, moves


def _moves(before: Mapping[str, int | None], ids: Mapping[str, int | None]) -> dict[str, str]:
    """Find where the claims under each name belong now; names that are right are left out."""
    key_of = {host_id: key for key, host_id in ids.items() if host_id is not None}
    moves = {}
    for host, host_id in before.items():
        if host_id is None or host_id == ids.get(host):
            continue
        if host_id in key_of:
            moves[host] = key_of[host_id]
        elif ids.get(host) is not None:
            moves[host] = apart(host, host_id)
    return moves


def _move(db: sqlite3.Connection, server: str, moves: Mapping[str, str]) -> None:
    # All at once, since two keys may have changed places.
    db.execute("CREATE TEMP TABLE moves (old TEXT PRIMARY KEY, new TEXT NOT NULL)")
    db.executemany("INSERT INTO moves VALUES (?, ?)", list(moves.items()))
    db.execute(
        "UPDATE assignments SET host = new, document = json_set(document, '$.host', new)"
        " FROM temp.moves WHERE server = ? AND host = old",
        (server,),
    )
    db.execute("DROP TABLE temp.moves")


def _write(
    db: sqlite3.Connection, server: str, hosts: Mapping[str, tuple[int | None, bool]]
) -> None:
    db.execute("DELETE FROM hosts WHERE server = ?", (server,))
    rows = [(server, host, host_id, paused) for host, (host_id, paused) in hosts.items()]
    db.executemany("INSERT INTO hosts VALUES (?, ?, ?, ?)", rows)


def credentials(db: sqlite3.Connection, server: str) -> dict[str, tuple[int, str]]:
    """Return host key → (id, token) of every registered identity."""
    rows = db.execute("SELECT host, host_id, token FROM credentials WHERE server = ?", (server,))
    return {host: (host_id, token) for host, host_id, token in rows}


def pause(db: sqlite3.Connection, server: str, host: str, *, paused: bool) -> None:
    """Remember that *host* is paused; or is not any more, nor the ids that it had before."""
    db.execute(
        "INSERT INTO hosts (server, host, paused) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET paused = excluded.paused",
        (server, host, paused),
    )
    if not paused:
        db.execute(
            "UPDATE hosts SET paused = 0 WHERE server = ? AND instr(host, ? || ' (id ') = 1",
            (server, host),
        )


def unsettled(db: sqlite3.Connection, server: str) -> set[int]:
    """Return the ids of the hosts that have items of ours which the server still lists."""
    return _ids(db, claimed=True).get(server, set())


def alive(db: sqlite3.Connection) -> dict[str, set[int]]:
    """Return the ids of hosts whose tools may be alive, or whose verdicts are not told yet.

    By server; one that has none is left out.
    """
    return _ids(db, claimed=False)


def _ids(db: sqlite3.Connection, *, claimed: bool) -> dict[str, set[int]]:
    """Find the hosts that have started items, *claimed* ones too if so, or owe a result."""
    rows = db.execute(
        "WITH open AS (SELECT server, host FROM assignments"
        " WHERE state IN ('claimed', 'started') AND (state = 'started' OR ?)"
        " UNION SELECT a.server, a.host FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
        " WHERE o.state = 'owed' AND o.kind = 'result')"
        " SELECT server, host_id FROM open JOIN hosts USING (server, host)"
        " WHERE host_id IS NOT NULL",
        (claimed,),
    )
    found: dict[str, set[int]] = {}
    for server, host_id in rows:
        found.setdefault(server, set()).add(host_id)
    return found
