"""`Description.tcLog`: what a run's log says of the run as a whole."""

from collections.abc import Iterable, Iterator

from adapters.base import Case, Report, Verdict
from adapters.formats.tclogx.nodes import TRUTHS, Path, Values, seconds_between, whole_number
from adapters.formats.tclogx.status import ERROR, message_of, verdict_of

INTERRUPTED = "the run was interrupted before its end"
ROOT_FILE = "RootLogData.dat"


class Header:
    """Reads the file."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def node(self, path: Path, values: Values) -> None:
        """See a node; only the root says something."""
        if len(path) == 1:
            self._values = dict(values)

    open_node = node

    @property
    def seen(self) -> bool:
        """Whether it is such a file at all."""
        return "completed" in self._values or "root file name" in self._values

    @property
    def completed(self) -> bool:
        """Whether the run came to its end; a header that does not say so says no."""
        return self._values.get("completed", "").strip().lower() in TRUTHS

    @property
    def root_file(self) -> str:
        """Name of the file with the tree of log items."""
        return self._values.get("root file name", "").strip() or ROOT_FILE

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return seconds_between(self._values.get("start time"), self._values.get("stop time"))

    def doubts(self, *, none_bad: bool) -> Iterator[str]:
        """Say what forbids a pass; *none_bad* tells that no case failed or was blocked."""
        if not self.completed:
            yield INTERRUPTED
        if none_bad and whole_number(self._values.get("status")) == ERROR:
            yield "the log's header says that the run had errors, none of its cases is bad"

    def report(self, problems: Iterable[str] = ()) -> Report:
        """Give the whole run as one case; only where no file tells more."""
        return Report((self._case(),), tuple(problems))

    def _case(self) -> Case:
        status = self._values.get("status", "")
        verdict = verdict_of(status) if self.completed else Verdict.BLOCKED
        name = self._values.get("root logdata name") or self._values.get("test type")
        message = message_of(status) if self.completed else INTERRUPTED
        return Case(name or "(no name)", verdict, status[:80], self.seconds, message)
