"""What labfleet is told to do: one file, overridden by secret files and the environment.

`load` either returns settings that hold together or raises one SettingsError that lists every
fault with its place. No message, repr or traceback of this module shows a secret.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_origin

from platformdirs import user_state_path
from pydantic import (
    BaseModel,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from adapters import ADAPTERS
from orchestrator.errors import SettingsError
from orchestrator.settings import faults, places, sources, toml_file
from orchestrator.settings.faults import Fault
from orchestrator.settings.layers import anchored, laid_over, with_secret_files, written_secrets
from orchestrator.settings.sections import (
    HostSettings,
    LimitSettings,
    ServerSettings,
    ToolSettings,
    WebSettings,
)
from orchestrator.settings.types import DAY_S, Count, Seconds

Key = Annotated[str, StringConstraints(pattern="^[a-z0-9_]+$")]
Seats = Annotated[Count, Field(ge=1, le=10_000)]

# The schema's word for "no keys but those of the pattern"; pydantic leaves it out.
_OTHER_NAMES: dict[str, JsonValue] = {"additionalProperties": False}


class Settings(BaseSettings):
    """All settings, checked against each other."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        env_prefix=sources.PREFIX,
        env_nested_delimiter="__",
    )

    state_dir: Path = Field(
        default_factory=lambda: user_state_path("labfleet"),
        description="Where the journal and the runs' folders live, relative to the settings "
        "file. Default: the platform's state directory for this user.",
    )
    drain_s: Seconds = Field(
        default=30.0, ge=0, le=DAY_S, description="How long running tools may finish after SIGTERM."
    )
    max_running: Count = Field(
        default=32, ge=1, le=10_000, description="How many tools may run at once, all together."
    )
    on_orchestrator_exit: Literal["keep", "kill"] = Field(
        default="keep", description="What becomes of running tools when labfleet is gone."
    )
    on_interrupted: Literal["rerun", "block"] = Field(
        default="rerun", description="What becomes of a run whose tool vanished without a result."
    )
    max_attempts: Count = Field(
        default=2, ge=1, le=100, description="How often one item is started at most."
    )
    server: ServerSettings = Field(description="The QAComplete server.")
    web: WebSettings = Field(
        default_factory=WebSettings, description="Where labfleet itself listens."
    )
    limits: LimitSettings = Field(
        default_factory=LimitSettings,
        description="What must be left of the machine, and what one run may take of it.",
    )
    seats: dict[Key, Seats] = Field(
        default_factory=dict,
        json_schema_extra=_OTHER_NAMES,
        description="Seat pools (licences, a desktop) and how many seats each has.",
    )
    tools: dict[Key, ToolSettings] = Field(
        default_factory=dict, json_schema_extra=_OTHER_NAMES, description="Tool profiles by name."
    )
    hosts: dict[Key, HostSettings] = Field(
        default_factory=dict, json_schema_extra=_OTHER_NAMES, description="Host identities by name."
    )

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the given values only: `load` brings the others, from an environment it is given."""
        return (init_settings,)

    @field_validator("state_dir")
    @classmethod
    def _anchor_state(cls, state_dir: Path) -> Path:
        # Guards and tools work in folders of their own: there a relative path leads elsewhere.
        return state_dir.expanduser().absolute()

    @field_validator("tools")
    @classmethod
    def _complete_tools(cls, tools: dict[str, ToolSettings]) -> dict[str, ToolSettings]:
        return {key: _complete_tool(key, tool) for key, tool in tools.items()}

    @field_validator("hosts")
    @classmethod
    def _complete_hosts(cls, hosts: dict[str, HostSettings]) -> dict[str, HostSettings]:
        return {
            key: host.model_copy(update={"host_name": host.host_name or key})
            for key, host in hosts.items()
        }

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        found = [f"{'.'.join(it.keys)}: {it.says}" for it in faults.across(self.model_dump())]
        if found:
            raise ValueError("\n".join(found))
        return self


def _complete_tool(key: str, tool: ToolSettings) -> ToolSettings:
    adapter = tool.adapter or key
    agent = tool.agent or (ADAPTERS[adapter].AGENT if adapter in ADAPTERS else "")
    return tool.model_copy(update={"adapter": adapter, "agent": agent})


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of *path*, secret files and *environ*; the later ones win.

    *environ* is the process's own when not given. Raises SettingsError with one line a fault:
    `labfleet.toml:12: hosts.lab_01.limit: should be at least 1`.
    """
    environ = os.environ if environ is None else environ
    file = None if path is None else toml_file.read(path)
    written = {} if file is None else anchored(file.values, file.path.parent)
    overlay = sources.overlay(Settings, environ)
    values = laid_over(written, overlay.values)
    complete, unread = with_secret_files(values)
    settings, misfit = _validated(complete)
    found = [*faults.across(values), *unread]
    # Settings repeat as one fault without a key what `across` has already said key by key.
    found += [fault for fault in misfit if fault.keys or not found]
    if settings is not None and not found and not overlay.faults:
        return settings
    listing = places.listing([*found, *overlay.faults], file, overlay.places)
    # Chained to nothing: pydantic's error still holds the values.
    secrets = written_secrets(file.values if file else {}, overlay.values, complete)
    raise SettingsError(places.masked(listing, secrets))


def _validated(values: Mapping[str, Any]) -> tuple[Settings | None, list[Fault]]:
    try:
        return Settings.model_validate(values), []
    except ValidationError as error:
        return None, faults.of_fields(error, Settings)


def json_schema() -> dict[str, Any]:
    """Describe the settings file as JSON Schema (draft 2020-12), for editors and checkers."""
    schema = Settings.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "labfleet settings",
    }


def settings_table() -> list[tuple[str, str, str]]:
    """List key, default and description of every setting, in the order of the file.

    The default is as TOML writes it, `required`, or empty where the description tells it.
    """
    return list(_rows(Settings, ""))


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}.X" if get_origin(field.annotation) is dict else f"{prefix}{name}"
        table = faults.section(field)
        if table is not None:
            yield from _rows(table, f"{key}.")
        else:
            yield key, _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in (None, "", {}) or isinstance(value, Path):
        return ""
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)
