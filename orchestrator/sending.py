"""One delivery on its way, and whether it came to the test that it is of."""

import json
from datetime import UTC, datetime
from pathlib import Path

from adapters.base import Outcome, Verdict
from orchestrator.api.client import HostClient
from orchestrator.api.wire import TakenItem
from orchestrator.assignment import Assignment, Owed
from orchestrator.errors import TransientApiError
from orchestrator.item_result import make_result


async def send(client: HostClient | None, owed: Owed, folder: Path) -> str:
    """Send *owed*, a file out of *folder* or a result; return why it was wrong to, or nothing.

    Raises ApiError, and OSError for a file that cannot be read.
    """
    if client is None:
        raise TransientApiError("update_item", "this host is not in the settings any more")
    assignment = owed.claim.assignment
    run_id, item = assignment.run_id, assignment.item
    if owed.kind != "result":
        upload = client.upload_log if owed.kind == "log" else client.upload_report
        await upload(run_id, item, folder / owed.body)
        return ""
    taken = await client.update_item(run_id, item, json.loads(owed.body))
    if reason := _of_another(assignment, taken):
        # It stands at a test that it says nothing of: a verdict there must not pass for one.
        now = datetime.now(UTC)
        blocked = make_result(Outcome(Verdict.BLOCKED, (), reason), now, now)
        await client.update_item(run_id, item, blocked.model_dump())
    return reason


def _of_another(assignment: Assignment, taken: TakenItem) -> str:
    """Say what is wrong if the server took a result for another test than it had listed."""
    ours: object = assignment.test_id
    theirs: object = taken.test_id
    # Names may change; that they tell tests apart is trusted only where numbers are guessed.
    if not (ours and theirs) and assignment.by_position:
        ours, theirs = assignment.test_name, taken.test_name
    if not (ours and theirs) or ours == theirs:
        return ""
    return f"the server took the result of test {ours} as one of test {theirs}: item numbers differ"
