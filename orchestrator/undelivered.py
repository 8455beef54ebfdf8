"""What the server says when it is asked why it does not take a delivery."""

from orchestrator.api.client import HostClient
from orchestrator.assignment import Assignment
from orchestrator.errors import ApiError


async def knows_host(client: HostClient | None) -> bool:
    """Whether there is an identity to ask with, and the API answers it."""
    return client is not None and await client.is_served()


async def awaits_no_more(client: HostClient | None, assignment: Assignment) -> bool:
    """Whether the server has a verdict for *assignment*, as its list of pending runs tells.

    Not of a host that is inactive: servers may list nothing for it.
    """
    if client is None:
        return False
    try:
        if not (await client.get_host()).is_active:
            return False
        runs, unread = await client.pending_runs()
    except ApiError:
        return False
    items = [item for run in runs if run.id == assignment.run_id for item in run.items]
    # An item that is listed without a status may be awaited.
    awaited = any(it.sequence_number == assignment.item and not it.finished for it in items)
    return not unread and not awaited
