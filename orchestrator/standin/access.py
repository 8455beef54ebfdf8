"""Who can sign in, for the owner of a data folder, who need not sign in."""

from contextlib import closing
from pathlib import Path

from .accounts import set_password
from .store import open_store
from .versions import DataError


def give_password(data_dir: Path, email: str, password: str) -> None:
    """Give a user another password; a stand-in may be at work on the folder, and takes it at once.

    Raises DataError for a user who is not there, a password that is none, or a folder that cannot
    be used, OSError too for that.
    """
    if not password:
        raise DataError("a password of no letters opens nothing")
    with closing(open_store(data_dir)) as store:
        row = store.row("SELECT id FROM users WHERE email = ?", email.casefold())
        if row is None:
            known = ", ".join(user["email"] for user in store.rows("SELECT email FROM users"))
            raise DataError(f"there is no user {email}; there are: {known or 'none'}")
        set_password(store, row["id"], password)


def shut_out(data_dir: Path) -> list[str]:
    """Return the e-mail addresses of users who cannot sign in, as they have no password."""
    with closing(open_store(data_dir)) as store:
        rows = store.rows("SELECT email FROM users WHERE password_hash = '' ORDER BY email")
    return [row["email"] for row in rows]
