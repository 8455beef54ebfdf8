"""Documents that tools leave beside their reports, and in which no verdict stands."""

from collections.abc import Mapping

from adapters.base import UnreadableReport

# Closed on purpose: an unknown root may be a dialect whose failures we would not see.
OTHER_DOCUMENTS: Mapping[str, str] = {
    "coverage": "a coverage figure",
    "checkstyle": "a style check",
    "pmd": "a style check",
    "pmd-cpd": "a search for duplicates",
    "BugCollection": "SpotBugs' findings",
    "issues": "Android lint's findings",
    "report": "JaCoCo's coverage figures",
    "CoverageSession": "OpenCover's coverage figures",
    # Robot Framework always writes it beside the JUnit file that it is asked for.
    "robot": "Robot Framework's own output",
    "suite": "a TestNG suite to run",
}


class OtherDocument(UnreadableReport):
    """A well-known document that no verdict can stand in: no sign that anything is wrong."""

    def __init__(self, root: str, what: str) -> None:
        super().__init__(f"root element is <{root}>, {what}")
