"""The settings read again while labfleet runs: put in force whole, or refused with the reason."""

from collections.abc import Awaitable, Callable

import anyio
import structlog
from anyio import to_thread

from orchestrator.errors import LabfleetError
from orchestrator.metrics import Metrics
from orchestrator.settings import Settings
from orchestrator.settings.reload import check_reloadable, load_again

log = structlog.get_logger()


class Reloading:
    """One reload at a time."""

    def __init__(
        self,
        metrics: Metrics,
        in_force: Callable[[], Settings],
        apply: Callable[[Settings], Awaitable[None]],
    ) -> None:
        self.source: Callable[[], Settings] | None = None
        """Where a reload by command reads the settings again."""
        self._metrics = metrics
        self._in_force = in_force
        self._apply = apply
        self._one = anyio.Lock()

    async def again(self) -> str:
        """Read the settings from where they came; returns why they are not in force, or nothing."""
        if self.source is None:
            return "it was not started from a file"
        return await self._refusal(self.source)

    async def reload(self, load: Callable[[], Settings]) -> bool:
        """Read the settings again; keep the ones in force, and say why, if they cannot be used."""
        return not await self._refusal(load)

    async def _refusal(self, load: Callable[[], Settings]) -> str:
        """Put what *load* reads in force; or return why it is not."""
        try:
            async with self._one:
                settings = await to_thread.run_sync(load_again, load)
                check_reloadable(self._in_force(), settings)
                await self._apply(settings)
        except LabfleetError as error:
            log.error("service.reload_refused", error=str(error))
            self._metrics.config_reloads.labels("failure").inc()
            self._metrics.config_last_reload_successful.set(0)
            return str(error)
        self._metrics.config_reloads.labels("success").inc()
        self._metrics.config_last_reload_successful.set(1)
        log.info("service.reloaded", hosts=len(settings.hosts))
        return ""
