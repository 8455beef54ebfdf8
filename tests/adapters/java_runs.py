"""Runs a command of an adapter for real, as far as a single process goes."""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

from adapters.base import Automation, Command, Ending, Finished, Outcome, Tool, Workspace
from orchestrator.plain_text import plain
from orchestrator.results import collect, stamps

CONSOLE = Path("/usr/share/java/junit-platform-console-standalone.jar")
MAVEN = ("mvn", "-o", "-B", "-Dmaven.repo.local=/usr/share/maven-repo", "-DforkCount=0")
# A JVM that lives for a second is quicker without its best compiler.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
GOLDEN = Path(__file__).parents[1] / "golden"


def needs(*paths: str) -> pytest.MarkDecorator:
    missing = [path for path in paths if not Path(path).exists()]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


needs_console = needs("/usr/bin/java", "/usr/bin/javac", str(CONSOLE))


@dataclass(frozen=True)
class Script:
    """A script's folder, with the folders of one attempt beside it."""

    adapter: ModuleType
    folder: Path
    tool: Tool

    def run(self, automation: Automation, *, until: str = "") -> Outcome:
        """Run to the end, or kill it once *until* has been printed, as if its time were up."""
        return self.adapter.parse_outcome(self.finish(automation, until=until))

    def finish(self, automation: Automation, *, until: str = "") -> Finished:
        attempt = self.folder.parent / f"attempt-{len(list(self.folder.parent.iterdir()))}"
        results, tmp = attempt / "results", attempt / "tmp"
        for folder in (results, tmp):
            folder.mkdir(parents=True)
        files = tuple(it.relative_to(self.folder) for it in self.folder.rglob("*") if it.is_file())
        command = self.adapter.build_command(
            automation, self.tool, Workspace(self.folder, results, tmp, files)
        )
        before, _ = stamps(self.folder, self.adapter.SCRIPT_RESULT_FILES)
        finished = _run(command, self.folder, tmp, until)
        own, _ = collect(results, self.adapter.RESULT_FILES)
        others, _ = collect(self.folder, self.adapter.SCRIPT_RESULT_FILES, before=before)
        return replace(finished, files=(*own, *others), asked=automation, command=command.argv)


def script(adapter: ModuleType, folder: Path, files: Mapping[str, Path], tool: Tool) -> Script:
    """Lay *files* below *folder* by their names there."""
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    return Script(adapter, folder, tool)


def _run(command: Command, folder: Path, tmp: Path, until: str) -> Finished:
    for name, text in command.files.items():
        (tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp / name).write_text(text, "utf-8")
    output = tmp.parent / "output"
    for argv in (*command.before, command.argv):
        exit_code = _step(argv, command, folder, output, until)
        if exit_code != 0:
            break
    text = plain(output.read_text("utf-8", "replace"))
    ending = Ending.EXITED if exit_code is not None else Ending.TIMED_OUT
    return Finished(ending, exit_code, text[-4000:], output=text, seconds=1.0)


def _step(
    argv: tuple[str, ...], command: Command, folder: Path, output: Path, until: str
) -> int | None:
    quick = {"MAVEN_OPTS": QUICK, "ANT_OPTS": QUICK, "TMPDIR": str(output.parent / "tmp")}
    environment = {**os.environ, **quick, **command.environment}
    with (
        output.open("ab") as out,
        subprocess.Popen(
            argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            out.write(line)
            if until and until.encode() in line:
                os.killpg(process.pid, signal.SIGKILL)
                return None
        return process.wait(timeout=60)
