"""Which changes of the settings a running labfleet can take."""

from orchestrator.errors import SettingsError
from orchestrator.settings import Settings

_LIVE_OF_SERVER = {"poll_interval_s", "allow_fast_polling", "script_hosts"}


def check_reloadable(old: Settings, new: Settings) -> None:
    """Raise SettingsError for a change that only a restart can bring; it names the tables."""
    before = old.server.model_dump(exclude=_LIVE_OF_SERVER)
    after = new.server.model_dump(exclude=_LIVE_OF_SERVER)
    changed = [
        name
        for name, same in (
            ("state_dir", old.state_dir == new.state_dir),
            ("[server]", before == after),
            ("[web]", old.web == new.web),
        )
        if not same
    ]
    if changed:
        raise SettingsError(f"a change of {', '.join(changed)} needs a restart")
