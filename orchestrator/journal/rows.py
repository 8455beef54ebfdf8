"""How claims and texts are kept in the columns of the database."""

from orchestrator.assignment import ASSIGNMENT, Claim


def claim_of(row_id: int, document: str, attempt: int, mark: str, tool: str) -> Claim:
    """Make a claim of the columns id, document, attempt, mark and tool of its row."""
    return Claim(row_id, ASSIGNMENT.validate_json(document), attempt, mark, tool)


def writable(text: str) -> str:
    """Return *text* with a question mark for half a surrogate, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
