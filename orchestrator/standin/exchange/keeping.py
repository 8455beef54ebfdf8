"""Passwords and tokens that an export left out: those that are there already go on."""

from typing import NamedTuple

from orchestrator.standin.host_records import new_token
from orchestrator.standin.store import Store

from .checking import Row

# The hash of no password: with it nobody can sign in.
_NO_PASSWORD = ""


class Kept(NamedTuple):
    """What a data folder knew before: hashes by e-mail, tokens by id and name of a host."""

    passwords: dict[str, str]
    tokens: dict[tuple[int, str], str]

    @classmethod
    def read(cls, store: Store) -> "Kept":
        """Read them, before they are replaced."""
        users = store.rows("SELECT email, password_hash FROM users")
        hosts = store.rows("SELECT id, name_key, security_token FROM hosts")
        return cls(
            {row["email"]: row["password_hash"] for row in users},
            {(row["id"], row["name_key"]): row["security_token"] for row in hosts},
        )

    def with_passwords(self, users: list[Row]) -> tuple[list[Row], int]:
        """Return *users* with a hash each, and how many of them have no password."""
        filled: list[Row] = [
            {"password_hash": self.passwords.get(str(row.get("email")), _NO_PASSWORD), **row}
            for row in users
        ]
        return filled, sum(not row["password_hash"] for row in filled)

    def with_tokens(self, hosts: list[Row]) -> tuple[list[Row], int]:
        """Return *hosts* with a token each, and how many of those are new."""
        filled: list[Row] = []
        new = 0
        for row in hosts:
            token = row.get("security_token") or self._token_of(row)
            new += token is None
            filled.append({**row, "security_token": token or new_token()})
        return filled, new

    def _token_of(self, row: Row) -> str | None:
        host_id = row.get("id")
        return self.tokens.get(
            (host_id if isinstance(host_id, int) else 0, str(row.get("name_key")))
        )
