r"""A script that the server only points to: the path in its answer, in whatever form it comes.

The reference knows no certain form (1.10): it expects ``file:`` URLs with two to five slashes or
with backslashes, UNC names, drive letters and plain paths, and rules that all are understood.
"""

import os
import re
import stat
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from orchestrator.errors import ScriptError
from orchestrator.plain_text import quoted

_DRIVE = re.compile(r"[A-Za-z]:")
_URL_DRIVE = re.compile(r"([A-Za-z])[:|](?=/|$)")
_USER = re.compile(r"^//[^/@]*@")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_MEND = "attach it to the test as a zip archive, or name a folder or .zip file of this machine"


def local_path(reference: str) -> PurePath:
    r"""Return the path that *reference* means: a Windows path for ``\\server\share`` and ``C:\``.

    In a ``file:`` URL, and only there, percent signs are decoded. A POSIX path may come back
    relative. Raises ScriptError for what is no path at all.
    """
    text = reference.strip().strip("\ufeff")
    if text[:5].lower() == "file:":
        return _url_path(_printable(_decoded(text[5:])).replace("\\", "/"))
    slashed = _printable(text).replace("\\", "/")
    if slashed.startswith("//"):
        return _share(_without_prefix(slashed))
    if _DRIVE.match(slashed):
        return PureWindowsPath(slashed)
    # Only the scheme is shown: the rest of an address may hold a password.
    if scheme := _SCHEME.match(text):
        raise ScriptError(f"the script's path is a {quoted(scheme[0])} address; {_MEND}")
    if not text:
        raise ScriptError(f"the server names no path for the script; {_MEND}")
    return PurePosixPath(text)


def find_script(reference: str) -> Path:
    """Return what *reference* means on this machine: a folder, or a file that ends in ``.zip``.

    A folder is to be used in place, never written to and never deleted; a file to be unpacked.
    Raises ScriptError, with the path and what to do, where neither is there or can be read.
    """
    path = local_path(reference)
    if isinstance(path, PureWindowsPath):
        raise ScriptError(
            f"the script is at {quoted(str(path))}, a Windows share or drive, which this machine"
            f" cannot open; mount it here and name the mounted path, or {_MEND}"
        )
    if not path.is_absolute():
        raise ScriptError(f"the script path {quoted(str(path))} is relative; {_MEND}")
    return _readable(Path(path))


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise ScriptError(f"the script path {quoted(text)} is not UTF-8") from error


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ScriptError(f"the script path {quoted(text)} holds control characters")
    return text


def _url_path(rest: str) -> PurePath:
    """Read what follows ``file:``, its slashes already made one kind."""
    rest = _USER.sub("//", rest)
    body = rest.lstrip("/")
    slashes = len(rest) - len(body)
    # Two slashes are followed by a server's name; this one name means no server.
    if slashes == 2 and body.lower().startswith("localhost/"):
        slashes, body = 3, body[len("localhost/") :]
    if drive := _URL_DRIVE.match(body):
        return PureWindowsPath(f"{drive[1]}:{body[2:] or '/'}")
    if slashes == 2 or slashes > 3:
        return _share(f"//{body}")
    return PurePosixPath("/" * min(slashes, 1) + body)


def _without_prefix(slashed: str) -> str:
    r"""Take off ``\\?\`` and ``\\?\UNC\``, with which Windows marks long paths."""
    if not slashed.startswith("//?/"):
        return slashed
    rest = slashed[len("//?/") :]
    return f"//{rest[4:]}" if rest[:4].upper() == "UNC/" else rest


def _share(slashed: str) -> PureWindowsPath:
    if _DRIVE.match(slashed):
        return PureWindowsPath(slashed)
    names = [name for name in slashed.split("/") if name]
    if len(names) < 2 or names[0] in (".", "?"):
        raise ScriptError(
            f"the script path {quoted(slashed)} names no server with a share; {_MEND}"
        )
    return PureWindowsPath("//" + "/".join(names))


def _readable(path: Path) -> Path:
    shown = quoted(str(path))
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a name this machine can have"
        raise ScriptError(f"there is no script at {shown}: {reason}; {_MEND}") from error
    if stat.S_ISDIR(mode):
        needed = os.R_OK | os.X_OK
    elif stat.S_ISREG(mode) and path.suffix.lower() == ".zip":
        needed = os.R_OK
    else:
        raise ScriptError(f"the script at {shown} is neither a folder nor a .zip file; {_MEND}")
    if not os.access(path, needed, effective_ids=True):
        raise ScriptError(f"the script at {shown} may not be read by this user; allow it")
    return path
