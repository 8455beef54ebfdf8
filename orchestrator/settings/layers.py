"""Layers of settings as written: laid over one another, with files they name read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.settings.faults import Fault, table

SECRET_MAX_BYTES = 4096


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
    beneath, above = table(under, "hosts"), table(over, "hosts")
    kept = dict(beneath)
    for key in beneath.keys() & above.keys():
        given = {"token", "token_file"} & table(above, key).keys()
        if given and isinstance(beneath[key], Mapping):
            gone = {"token", "token_file"} - given
            kept[key] = {name: value for name, value in beneath[key].items() if name not in gone}
    return {**under, "hosts": kept} if kept else dict(under)


def anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Give *values* with their relative paths made to begin at *folder*, where the file lies."""
    result = dict(values)
    for key, value in values.items():
        # Below tools, these names would be variables of the tool.
        if isinstance(value, Mapping) and key != "tools":
            result[key] = anchored(value, folder)
        elif key in {"state_dir", "ca_file", "token_file"} and isinstance(value, str) and value:
            result[key] = str(folder / value)
    return result


def with_token_files(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Give *values* with the token of each token file in its place, and what could not be read."""
    hosts = table(values, "hosts")
    read, faults = dict(hosts), []
    for key in hosts:
        host = dict(table(hosts, key))
        name = host.get("token_file")
        if not isinstance(name, str) or not name or host.get("token"):
            continue
        text = read_secret(Path(name))
        del host["token_file"]
        if isinstance(text, Fault):
            faults.append(Fault(("hosts", key, "token_file"), f"{name} {text.says}"))
            # One fault is enough: an id without a token would be told as a second one.
            host.pop("id", None)
        else:
            host["token"] = text.strip()
        read[key] = host
    return ({**values, "hosts": read} if read else dict(values)), faults


def written_tokens(*layers: Mapping[str, Any]) -> list[str]:
    """List every token in *layers*, and what looks like one in the place of its file's name."""
    found = []
    for hosts in (table(layer, "hosts") for layer in layers):
        for host in (table(hosts, key) for key in hosts):
            found.append(str(host.get("token", "")))
            name = str(host.get("token_file", ""))
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
