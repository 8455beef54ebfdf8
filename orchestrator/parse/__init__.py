"""Read result files from anywhere, and judge them as those of one run are judged."""

from orchestrator.parse.judging import Judged, judge
from orchestrator.parse.reading import Read, read
from orchestrator.parse.sources import STDIN, Source, find

__all__ = ["STDIN", "Judged", "Read", "Source", "find", "judge", "read"]
