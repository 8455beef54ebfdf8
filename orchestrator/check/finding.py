"""What a look at something brought."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    detail: str
    hint: bool = False
    """Good enough to start with, and still worth a person's look."""

    @property
    def word(self) -> str:
        """Say in one word how it is."""
        if not self.good:
            return "NO"
        return "hint" if self.hint else "yes"
