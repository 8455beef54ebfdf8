"""Ask a running labfleet what it is doing, and tell it what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from orchestrator.errors import LabfleetError

_TIMEOUT = aiohttp.ClientTimeout(total=30)


class NobodyThereError(LabfleetError):
    """No labfleet answers at the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a labfleet listens, and what it wants to be shown by who gives commands."""

    url: str
    token: str = field(default="", repr=False)


async def ask(address: Address, page: str) -> Any:
    """Return the document that the labfleet at *address* serves as *page*.

    Raises NobodyThereError when none answers there, LabfleetError when it cannot be understood.
    """
    return await _call(address, "GET", f"api/{page}")


async def tell(address: Address, command: str, arguments: Mapping[str, Any]) -> Any:
    """Give the labfleet at *address* a command, and return its answer.

    Raises NobodyThereError when none answers there, LabfleetError with its words when it refuses.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    return await _call(address, "POST", f"-/{command}", given)


async def _call(
    address: Address, method: str, path: str, document: Mapping[str, Any] | None = None
) -> Any:
    at = f"{address.url.rstrip('/')}/{path}"
    shown = document is not None and address.token
    headers = {"Authorization": f"Bearer {address.token}"} if shown else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session,
            # Never to another place: the token would go with it.
            session.request(method, at, json=document, allow_redirects=False) as response,
        ):
            answer = await _read(response)
            if response.status != 200:
                raise LabfleetError(_refusal(at, response.status, answer))
            return answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NobodyThereError(
            f"no labfleet answers at {address.url}: start it with `labfleet run`, or name its"
            " address by --url"
        ) from error


async def _read(response: aiohttp.ClientResponse) -> Any:
    try:
        return await response.json(content_type=None)
    except ValueError:
        return None


def _refusal(at: str, status: int, answer: Any) -> str:
    said = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(said, str):
        return f"{at} answers {status}; is that a labfleet?"
    hint = "; give it by --config or LABFLEET_WEB__ADMIN_TOKEN" if status == 401 else ""
    return f"it refuses: {said}{hint}"
