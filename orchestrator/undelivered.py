"""What the server says when it is asked why it does not take a delivery."""

from orchestrator.api.client import HostClient
from orchestrator.assignment import Assignment, Owed
from orchestrator.errors import ApiError


async def knows_host(client: HostClient | None) -> bool:
    """Whether there is an identity to ask with, and the API answers it."""
    return client is not None and await client.is_served()


async def is_gone(client: HostClient | None, owed: Owed) -> bool:
    """Whether the server knows the host, and lists no more what a result is *owed* for.

    A 404 may be a gateway's, or that of a server in maintenance: while the item is listed, or the
    list cannot be read whole, the server has not forgotten it.
    """
    if client is None or not await client.is_served():
        return False
    # With its result an item has left the list.
    return owed.kind != "result" or await _lists(client, owed.claim.assignment) is False


async def has_no_such_number(client: HostClient | None, owed: Owed) -> bool:
    """Whether the server lists what a result is owed for, and yet has no item of its number.

    That can be only where the number is no more than a place in the list.
    """
    if client is None or owed.kind != "result" or not owed.claim.assignment.by_position:
        return False
    return await client.is_served() and await _lists(client, owed.claim.assignment) is True


async def awaits_no_more(client: HostClient | None, assignment: Assignment) -> bool:
    """Whether the server has a verdict for *assignment*, as its list of pending runs tells.

    Not of a host that is inactive: servers may list nothing for it.
    """
    if client is None:
        return False
    try:
        if not (await client.get_host()).is_active:
            return False
    except ApiError:
        return False
    return await _lists(client, assignment) is False


async def _lists(client: HostClient, assignment: Assignment) -> bool | None:
    """Whether *assignment* is listed without a verdict; None where that cannot be told."""
    try:
        runs, unread = await client.pending_runs()
    except ApiError:
        return None
    items = [item for run in runs if run.id == assignment.run_id for item in run.items]
    # An item that is listed without a status may be awaited.
    if any(it.sequence_number == assignment.item and not it.finished for it in items):
        return True
    return None if unread else False
