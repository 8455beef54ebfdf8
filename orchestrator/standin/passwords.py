"""Users' passwords, kept as salted hashes."""

import hashlib
import hmac
import secrets

# Few rounds: the passwords of a stand-in are public, and tests sign in hundreds of times.
_ROUNDS = 1_000


def hash_password(password: str) -> str:
    """Salt and hash *password*, as `salt$hash` in hexadecimal."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(password, salt).hex()}"


def is_password(password: str, kept: str) -> bool:
    """Say whether *password* is the one that *kept* was made of."""
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(_digest(password, bytes.fromhex(salt)), bytes.fromhex(digest))


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
