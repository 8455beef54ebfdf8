"""The tables of the settings file: server, web, limits, tools, hosts."""

from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from orchestrator.settings.types import (
    DAY_S,
    Argument,
    Count,
    Number,
    OptionalPath,
    Seconds,
    Token,
    Variable,
    Word,
    http_address,
)

SERVICE_PATH = "/rest-api/service"
SLOWEST_FAST_POLL_S = 15.0
SHORTEST_ADMIN_TOKEN = 16


class Section(BaseModel):
    """A table that knows its keys and never prints a value, which may be a secret."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )


class ServerSettings(Section):
    """The QAComplete server."""

    url: str = Field(
        description="Address of the QAComplete server, with or without /rest-api/service."
    )
    # Stands before the interval: a field's check sees only the fields above it.
    allow_fast_polling: bool = Field(
        default=False,
        description="Allow intervals under 15 s, which demos and tests against a stand-in want "
        "and a shared server does not.",
    )
    poll_interval_s: Seconds = Field(
        default=60.0,
        gt=0,
        le=DAY_S,
        description="How often each host asks for runs; at least 15 without allow_fast_polling.",
    )
    request_timeout_s: Seconds = Field(
        default=30.0, gt=0, le=3600, description="How long one call to the server may take."
    )
    ca_file: OptionalPath = Field(
        default=None,
        description="Certificate of a private authority (PEM); relative to the settings file.",
    )
    proxy: str = Field(default="", description="HTTP proxy on the way to the server.")
    script_hosts: tuple[Word, ...] = Field(
        default=(),
        description="Foreign hosts a script redirect may lead to; none: any public one over https.",
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return http_address(url, may_have_path=True)

    @field_validator("proxy")
    @classmethod
    def _check_proxy(cls, proxy: str) -> str:
        return http_address(proxy, may_have_path=False) if proxy else proxy

    @field_validator("ca_file")
    @classmethod
    def _check_ca_file(cls, ca_file: Path | None) -> Path | None:
        if ca_file is not None and not ca_file.is_file():
            raise ValueError("should name a file that is there")
        return ca_file

    @field_validator("poll_interval_s")
    @classmethod
    def _spare_the_server(cls, interval_s: float, info: ValidationInfo) -> float:
        # Source: API reference, section 3: the vendor suggests a minute.
        if interval_s < SLOWEST_FAST_POLL_S and info.data.get("allow_fast_polling") is False:
            raise ValueError("should be at least 15, or set server.allow_fast_polling = true")
        return interval_s

    @property
    def service_url(self) -> str:
        """The address that API paths are appended to: ends in /rest-api/service, no slash."""
        return self.url.rstrip("/").removesuffix(SERVICE_PATH) + SERVICE_PATH


class WebSettings(Section):
    """Where labfleet itself listens."""

    host: Word = Field(
        default="127.0.0.1", description="Address for metrics, health and administration."
    )
    port: Count = Field(default=9464, ge=0, le=65535, description="Its port; 0 takes a free one.")
    admin_token: Token | None = Field(
        default=None,
        description="What who gives commands over HTTP must show; at least 16 characters. Without "
        "it, commands are taken on loopback alone.",
    )
    admin_token_file: OptionalPath = Field(
        default=None, description="File that holds it; relative to the settings file."
    )

    @field_validator("admin_token")
    @classmethod
    def _is_long(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < SHORTEST_ADMIN_TOKEN:
            raise ValueError(f"should have at least {SHORTEST_ADMIN_TOKEN} characters")
        return token

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach it; a name but localhost may mean anything."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


class LimitSettings(Section):
    """What the machine must have left for anything to start, and what one run may take of it."""

    min_free_disk_mb: Count = Field(
        default=100,
        ge=0,
        description="Nothing new is started with less free disk below state_dir; 0: no limit.",
    )
    min_free_inodes: Count = Field(
        default=1000, ge=0, description="The same for inodes; 0: no limit."
    )
    min_free_memory_mb: Count = Field(
        default=100,
        ge=0,
        description="The same for memory, of the machine or of labfleet's control group, "
        "whichever has less; 0: no limit.",
    )
    max_load_per_core: Number = Field(
        default=20.0,
        ge=0,
        description="Nothing new is started at a higher load of the last minute; 0: no limit.",
    )
    postpone_for_s: Seconds = Field(
        default=1800.0,
        ge=0,
        le=DAY_S,
        description="How long an item is tried again, pauses added up, for which there was no "
        "disk, descriptor, process or memory to be had; then it is Blocked.",
    )
    max_run_disk_mb: Count = Field(
        default=10_240,
        ge=0,
        description="What one run's folder may hold; a tool that goes beyond is ended, and its "
        "item Blocked unless a case failed; 0: no limit.",
    )
    max_output_mb: Count = Field(
        default=64, ge=1, le=10_240, description="How much of a tool's output is kept."
    )


class ToolSettings(Section):
    """One tool profile: a program, and how it may be used."""

    adapter: str = Field(
        default="", description="Module in adapters/ that knows the tool. Default: the key."
    )
    agent: str = Field(
        default="", description="The API's name for the tool. Default: the adapter's."
    )
    executable: tuple[Argument, ...] = Field(
        min_length=1,
        description="Program and arguments; {workspace}, {results}, {title} and {timeout_s} "
        "are filled in.",
    )
    slots: Count = Field(
        default=4, ge=1, le=10_000, description="How many of it may run at once, on all hosts."
    )
    timeout_s: Seconds = Field(
        default=3600.0,
        gt=0,
        le=30 * DAY_S,
        description="Ceiling for one run; the automation's own timeout wins if shorter.",
    )
    grace_s: Seconds = Field(
        default=10.0, ge=0, le=3600, description="From the polite signal to the last one."
    )
    seats: tuple[Word, ...] = Field(
        default=(), description="Seat pools of which a run holds one seat each."
    )
    pass_environment: tuple[Variable, ...] = Field(
        default=("PATH", "JAVA_HOME", "DISPLAY"),
        description="Variables the tool gets from labfleet's own environment; nothing else passes.",
    )
    environment: dict[Variable, Argument] = Field(
        default_factory=dict, description="Variables set for the tool."
    )
    options: dict[Word, tuple[Argument, ...]] = Field(
        default_factory=dict,
        description="Lists of words for the adapter alone; see the table of adapters.",
    )
    access_key: Token | None = Field(
        default=None,
        description="Licence key of TestComplete or ReadyAPI; better in a file or the environment.",
    )
    access_key_file: OptionalPath = Field(
        default=None, description="File that holds the key; relative to the settings file."
    )

    @property
    def licence_key(self) -> str:
        """The access key, or nothing."""
        return self.access_key.get_secret_value() if self.access_key else ""

    @field_validator("executable")
    @classmethod
    def _names_a_program(cls, executable: tuple[str, ...]) -> tuple[str, ...]:
        if not executable[0].strip():
            raise ValueError("should begin with a program")
        # The title comes from the server, which does not choose programs.
        if "{title}" in executable[0]:
            raise ValueError("should begin with a program, not with {title}")
        return executable


class HostSettings(Section):
    """One identity registered in QAComplete."""

    host_name: str = Field(
        default="",
        max_length=100,
        description="The name registered in QAComplete. Default: the key.",
    )
    id: Count | None = Field(
        default=None,
        ge=1,
        description="The registered id, with its token. Without both, see `labfleet register`.",
    )
    token: Token | None = Field(
        default=None,
        description="The host's security token; better in a file or the environment.",
    )
    token_file: OptionalPath = Field(
        default=None, description="File that holds the token; relative to the settings file."
    )
    tools: tuple[Word, ...] = Field(
        min_length=1, description="Tool profiles this host offers, in order of preference."
    )
    limit: Count = Field(default=1, ge=1, le=1000, description="Runs at once on this identity.")
    executor: Literal["local"] = Field(
        default="local", description="Where its tools run: local is this machine."
    )
