"""The demo's scripts as a lab would hand them over: zips, folders, and compiled classes."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

# Where Debian's package junit5 puts it.
JUNIT_CONSOLE = Path("/usr/share/java/junit-platform-console-standalone.jar")
_JUNIT_API = "/usr/share/java/*"
_COMPILE_S = 60


def copy_scripts(to: Path) -> None:
    """Write the demo's script files into the new folder *to*."""
    with as_file(files("orchestrator.demo") / "scripts") as scripts:
        shutil.copytree(scripts, to, ignore=shutil.ignore_patterns("__pycache__"))


def compile_java(scripts: Path) -> bool:
    """Compile the Java test into *scripts*/classes; False where there is no Java for it."""
    compiler = shutil.which("javac")
    if compiler is None or shutil.which("java") is None or not JUNIT_CONSOLE.exists():
        return False
    done = subprocess.run(
        [compiler, "-cp", _JUNIT_API, "-d", scripts / "classes", scripts / "CartTest.java"],
        check=False,
        capture_output=True,
        timeout=_COMPILE_S,
    )
    return done.returncode == 0


def pack(scripts: Path, names: Sequence[str]) -> bytes:
    """Return a zip of the files *names*; of a folder, what is in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            path = scripts / name
            top = path if path.is_dir() else scripts
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    archive.write(file, file.relative_to(top))
    return buffer.getvalue()
