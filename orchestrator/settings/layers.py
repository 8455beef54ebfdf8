"""Layers of settings as written: laid over one another, with files they name read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.settings.faults import Fault, table

SECRET_MAX_BYTES = 4096

# Where secrets are written: the table of tables, the secret's key, the key of its file's name.
SECRETS = (
    ("hosts", "token", "token_file"),
    ("tools", "access_key", "access_key_file"),
    ("web", "admin_token", "admin_token_file"),
)
_SINGLE = {"web"}
"""Of these, what is no table of tables but the one that holds the secret."""
_PATHS = {"state_dir", "ca_file", *(name for *_, name in SECRETS)}


def laid_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay *over* on *under*; a token stands in for a token file, and the other way round."""
    return _merged(_without_rivals(under, over), over)


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        beneath = result.get(key)
        if isinstance(value, Mapping) and isinstance(beneath, Mapping):
            result[key] = _merged(beneath, value)
        else:
            result[key] = value
    return result


def _without_rivals(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for group, *rivals in SECRETS:
        beneath, above = _owners(under, group), _owners(over, group)
        kept = dict(beneath)
        for key in beneath.keys() & above.keys():
            given = set(rivals) & table(above, key).keys()
            if given and isinstance(beneath[key], Mapping):
                gone = set(rivals) - given
                kept[key] = {name: it for name, it in beneath[key].items() if name not in gone}
        if kept:
            _put(result, group, kept)
    return result


def _owners(values: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    """Find the tables that hold the secrets of *group*, by their keys."""
    if group in _SINGLE:
        return {group: values[group]} if group in values else {}
    return table(values, group)


def _put(values: dict[str, Any], group: str, owners: Mapping[str, Any]) -> None:
    values.update(owners if group in _SINGLE else {group: dict(owners)})


def anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Give *values* with their relative paths made to begin at *folder*, where the file lies."""
    result = dict(values)
    for key, value in values.items():
        # Below these, the names of paths would be variables and options of the tool.
        if isinstance(value, Mapping) and key not in {"environment", "options"}:
            result[key] = anchored(value, folder)
        elif key in _PATHS and isinstance(value, str) and value:
            result[key] = str(folder / value)
    return result


def with_secret_files(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Give *values* with the content of each secret's file in place of its name, and the faults."""
    result, faults = dict(values), list[Fault]()
    for group, secret, file in SECRETS:
        owners = _owners(values, group)
        read = {key: _with_secret(table(owners, key), secret, file) for key in owners}
        for key, (_, says) in read.items():
            if says:
                keys = (group,) if group in _SINGLE else (group, key)
                faults.append(Fault((*keys, file), says))
        if read:
            # What is no table keeps its shape, which is a fault of its own.
            tables = {key: it for key, (it, _) in read.items() if isinstance(owners[key], Mapping)}
            _put(result, group, {**owners, **tables})
    return result, faults


def _with_secret(owner: Mapping[str, Any], secret: str, file: str) -> tuple[dict[str, Any], str]:
    """Give *owner* with its secret read, or without it and what is wrong."""
    name = owner.get(file)
    if not isinstance(name, str) or not name or owner.get(secret):
        return dict(owner), ""
    text = read_secret(Path(name))
    rest = {key: value for key, value in owner.items() if key != file}
    if isinstance(text, Fault):
        # One fault is enough: an id without a token would be told as a second one.
        rest.pop("id", None)
        return rest, f"{name} {text.says}"
    return {**rest, secret: text.strip()}, ""


def written_secrets(*layers: Mapping[str, Any]) -> list[str]:
    """List every secret in *layers*, and what looks like one in the place of its file's name."""
    found = []
    for layer in layers:
        for group, secret, file in SECRETS:
            owners = _owners(layer, group)
            for owner in (table(owners, key) for key in owners):
                found.append(str(owner.get(secret, "")))
                name = str(owner.get(file, ""))
                if len(name) >= 16 and not {".", "/", "\\"} & set(name):
                    found.append(name)
    return found


def read_secret(path: Path) -> str | Fault:
    """Read the text of *path*, or say what is wrong with it and nothing of its content."""
    try:
        with path.open("rb") as file:
            data = file.read(SECRET_MAX_BYTES + 1)
    except OSError as error:
        return Fault((), f"cannot be read: {error.strerror}")
    except ValueError:
        return Fault((), "is no name of a file")
    if len(data) > SECRET_MAX_BYTES:
        return Fault((), f"is over {SECRET_MAX_BYTES} bytes: no secret is that long")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Fault((), "is not UTF-8")
    return text if text.strip() else Fault((), "is empty")
