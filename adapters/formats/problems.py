"""What casts doubt on a report, as much of it as a person reads; the rest is counted."""

PROBLEM_LIMIT = 20


class Problems:
    """Keeps the first `PROBLEM_LIMIT` of them; *what* names the others when they are counted."""

    def __init__(self, what: str = "problems") -> None:
        self._what = what
        self._said: list[str] = []
        self._more = 0

    def add(self, problem: str) -> None:
        """Take one sentence."""
        if len(self._said) < PROBLEM_LIMIT:
            self._said.append(problem)
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        """Give those kept, and how many there are besides."""
        more = (f"{self._more} more {self._what}",) if self._more else ()
        return (*self._said, *more)
