"""One way in which a server may differ from the recommended reading of its documents."""

from typing import NamedTuple


class Switch(NamedTuple):
    """A named difference; of those that share a *group* a server has one at most."""

    name: str
    about: str
    """The ambiguity of the reference by its number, or the section that leaves it open."""
    group: str
    what: str
    """What this server does."""
    usual: str
    """What it does without the switch: the recommended reading."""
