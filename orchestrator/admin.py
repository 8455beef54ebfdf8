"""Ask a running labfleet what it is doing."""

from typing import Any

import aiohttp

from orchestrator.errors import LabfleetError

_TIMEOUT = aiohttp.ClientTimeout(total=10)


async def ask(url: str, page: str) -> Any:
    """Return the document that the labfleet at *url* serves as *page*.

    Raises LabfleetError when none answers there.
    """
    address = f"{url.rstrip('/')}/api/{page}"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(address) as response,
        ):
            if response.status != 200:
                raise LabfleetError(f"{address} answers {response.status}; is that a labfleet?")
            return await response.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise LabfleetError(f"no labfleet answers at {url}; is that its address?") from error
