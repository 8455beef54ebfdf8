"""Values from the environment and from secret files, each with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource
from typing_extensions import override

from orchestrator.settings.faults import Fault, Keys, suggest
from orchestrator.settings.layers import laid_over, read_secret

PREFIX = "LABFLEET_"
SECRETS_VARIABLES = ("LABFLEET_SECRETS_DIR", "CREDENTIALS_DIRECTORY")
SECRETS_MAX_DEPTH = 4


@dataclass(slots=True)
class Overlay:
    """Values to lay over the file's, where each came from, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Keys, str] = field(default_factory=dict)
    faults: list[tuple[str, Fault]] = field(default_factory=list)


class _Variables(EnvSettingsSource):
    """The library's reading of nested names and JSON values, of the variables it is given."""

    def __init__(self, settings: type[BaseSettings], variables: Mapping[str, str]) -> None:
        self._variables = variables
        super().__init__(settings)

    @override
    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {_lower(name): value for name, value in self._variables.items()}

    @override
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        # The library stops at the first value that is no JSON, and quotes it.
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def _lower(name: str) -> str:
    """Bring *name* to the file's spelling; only the names of a tool's variables keep theirs."""
    parts = name.split("__")
    if len(parts) == 4 and parts[2].lower() == "environment":
        return "__".join([*(part.lower() for part in parts[:3]), parts[3]])
    return name.lower()


def overlay(settings: type[BaseSettings], environ: Mapping[str, str]) -> Overlay:
    """Read what lies over the file: secret files, and over them the variables of *environ*."""
    secrets = of_secret_files(settings, environ)
    variables = of_environment(settings, environ)
    return Overlay(
        laid_over(secrets.values, variables.values),
        secrets.places | variables.places,
        secrets.faults + variables.faults,
    )


def of_environment(settings: type[BaseSettings], environ: Mapping[str, str]) -> Overlay:
    """Read the variables that name a setting.

    A tool that labfleet started sees LABFLEET_RUN_ID and the like, and may start labfleet again:
    a name without a known section is passed over, unless its form shows that a setting was meant.
    An empty variable is one that is not set.
    """
    variables, faults = {}, []
    for name, value in environ.items():
        section = _section(name)
        if not name.startswith(PREFIX) or not value:
            continue
        if section in settings.model_fields:
            variables[name] = value
        elif "__" in name and not section.startswith("param_"):
            says = f"is not a known key{suggest(section, settings.model_fields)}"
            faults.append((f"environment {name}", Fault((section,), says)))
    overlay = _overlay(settings, variables, {name: f"environment {name}" for name in variables})
    overlay.faults += faults
    return overlay


def of_secret_files(settings: type[BaseSettings], environ: Mapping[str, str]) -> Overlay:
    """Read the folder of secret files, if the environment names one.

    A file `hosts__lab_01__token`, or `hosts/lab_01/token`, holds that key's value. Files that
    name no known section are not ours and stay unread.
    """
    variable = next((name for name in SECRETS_VARIABLES if environ.get(name)), None)
    if variable is None:
        return Overlay()
    folder = Path(environ[variable])
    try:
        files = list(_files(folder, SECRETS_MAX_DEPTH))
    except OSError as error:
        says = f"the folder {folder} cannot be read: {error.strerror}"
        return Overlay(faults=[(f"environment {variable}", Fault((), says))])
    named = {PREFIX + "__".join(file.relative_to(folder).parts): file for file in files}
    ours = {name: file for name, file in named.items() if _section(name) in settings.model_fields}
    return _of_files(settings, ours)


def _of_files(settings: type[BaseSettings], files: Mapping[str, Path]) -> Overlay:
    texts = {name: read_secret(file) for name, file in files.items()}
    good = {name: text.rstrip("\r\n") for name, text in texts.items() if isinstance(text, str)}
    overlay = _overlay(settings, good, {name: str(file) for name, file in files.items()})
    for name, text in texts.items():
        if isinstance(text, Fault):
            overlay.faults.append((str(files[name]), text))
    return overlay


def _section(name: str) -> str:
    return name.removeprefix(PREFIX).split("__")[0].lower()


def _files(folder: Path, depth: int) -> Iterator[Path]:
    # Links are followed: a mounted Kubernetes secret is made of them. Its hidden folders hold
    # the same files once more.
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if depth > 1:
                yield from _files(path, depth - 1)
        else:
            yield path


def _overlay(
    settings: type[BaseSettings], variables: Mapping[str, str], places: Mapping[str, str]
) -> Overlay:
    values = _Variables(settings, variables)()
    named = {tuple(_lower(name).removeprefix("labfleet_").split("__")): name for name in variables}
    found = {}
    for keys in _leaves(values):
        for depth in range(len(keys), 0, -1):
            if keys[:depth] in named:
                found[keys] = places[named[keys[:depth]]]
                break
    return Overlay(values, found)


def _leaves(values: Mapping[str, object]) -> Iterator[Keys]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from ((key, *keys) for keys in _leaves(value))
        else:
            yield (key,)
