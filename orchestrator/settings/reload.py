"""Which changes of the settings a running labfleet can take."""

from collections.abc import Callable

from orchestrator.errors import LabfleetError, SettingsError
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


def load_again(load: Callable[[], Settings]) -> Settings:
    """Load settings; whatever is wrong with them, it is a SettingsError."""
    try:
        return load()
    except LabfleetError:
        raise
    except Exception as error:
        # Such as a file nested too deep for its reader: the settings in force must outlive it.
        raise SettingsError(f"the settings cannot be read ({type(error).__name__})") from error
