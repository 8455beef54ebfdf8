"""`labfleet check` on tools: what is there, which version, what is missing and how to get it."""

import json
import os
import re
import shutil
import socket
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import pytest
from prometheus_client import CollectorRegistry

from adapters import junit
from adapters.base import Verdict
from orchestrator.api.transport import Api, open_session
from orchestrator.check import check
from orchestrator.check.asking import ask, question
from orchestrator.check.jars import jar_version
from orchestrator.check.versions import tell
from orchestrator.identity import Identities
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.settings import Settings, load
from tests.attempts import alive
from tests.claims import assignment, opened, settled
from tests.fleet import Fleet
from tests.test_cli import labfleet
from tests.test_damaged_journal import filled, garbage, overwrite

LAUNCHER = Path("/usr/share/java/junit-platform-console-standalone.jar")
ENVIRONMENT = {"PATH": os.environ["PATH"]}

needs_java = pytest.mark.skipif(
    not (shutil.which("java") and LAUNCHER.exists()),
    reason=f"needs java and {LAUNCHER} (Debian: openjdk-17-jre-headless, junit5)",
)


class Lab:
    """A settings file over a server that is not there: only what is said of tools matters."""

    def __init__(self, folder: Path, url: str) -> None:
        self.file = folder / "labfleet.toml"
        self.file.write_text(f'state_dir = "{folder}/state"\n[server]\nurl = "{url}"\n')

    def add_tool(
        self, key: str, *executable: object, adapter: str = "command", more: str = ""
    ) -> None:
        words = json.dumps([str(word) for word in executable])
        self._add(f'[tools.{key}]\nadapter = "{adapter}"\nexecutable = {words}\n{more}\n')

    def add_host(self, key: str, tools: Sequence[str]) -> None:
        self._add(f"[hosts.{key}]\ntools = {json.dumps(tools)}\n")

    def _add(self, text: str) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(text)

    async def said(self) -> dict[str, tuple[str, str]]:
        """How each thing is in one word, and the detail."""
        return await said_of(load(self.file, {}))


async def said_of(settings: Settings) -> dict[str, tuple[str, str]]:
    async with open_session() as session:
        url = settings.server.service_url
        api = Api(session, url, Metrics(CollectorRegistry(), "0"), request_timeout_s=5)
        found = [one async for one in check(settings, api)]
    assert len({one.what for one in found}) == len(found)
    return {one.what: (one.word, one.detail) for one in found}


@pytest.fixture
def lab(tmp_path: Path, unused_url: str) -> Lab:
    return Lab(tmp_path, unused_url)


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def jar(path: Path, version: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        said = f"Implementation-Version: {version}\n" if version else ""
        opened.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\n{said}")
    return path


@needs_java
async def test_the_version_is_that_of_the_jar_and_not_of_java(lab: Lab) -> None:
    lab.add_tool("junit", "java", "-jar", LAUNCHER, adapter="junit")

    said = await lab.said()

    word, detail = said["tool junit"]
    assert word == "yes"
    assert "junit-platform-console-standalone.jar 1.9.1" in detail
    assert "junit-jupiter" in detail
    assert "launcher of tool junit" not in said


async def test_the_whole_command_is_asked_up_to_what_a_run_fills_in(lab: Lab) -> None:
    results = "--junitxml={results}/junit.xml"
    lab.add_tool("pytest", sys.executable, "-m", "pytest", results, "{title}")

    word, detail = (await lab.said())["tool pytest"]

    assert (word, detail) == ("yes", f"{sys.executable}: pytest {pytest.__version__}")


@pytest.mark.parametrize(
    ("executable", "asked"),
    [
        ("java -jar /a.jar execute", "java -jar /a.jar --version"),
        ("java -Dx=y -jar /a.jar {title}", "java -Dx=y -jar /a.jar --version"),
        ("java -jar {workspace}/a.jar", "java --version"),
        ("robot --xunit {results}/r.xml {title}", "robot --version"),
        ("python3 -m pytest --junitxml={results}/r.xml", "python3 -m pytest --version"),
        ("python3 -m {title}", "python3 --version"),
        ("python3 -I run.py {results}", "python3 --version"),
        ("java -jar lib/run.jar", "java --version"),
        ("dotnet test Shop.Tests.dll", "dotnet test --version"),
        ("/opt/run.sh all", "/opt/run.sh all --version"),
        ("mvn -B -o", "mvn -B -o --version"),
    ],
)
def test_only_what_names_the_tool_is_asked(executable: str, asked: str) -> None:
    assert question(executable.split(), ["--version"]) == asked.split()


async def test_what_is_missing_is_told_with_the_command_that_installs_it(lab: Lab) -> None:
    there = "/usr/bin/env"
    path = f"{there}:/opt/nowhere/a.jar:/opt/nowhere/*"
    options = (
        '[tools.{}.options]\nmaven = ["mvn-nowhere", "-o"]\nclass_path = ["/opt/nowhere/b.jar"]'
    )
    lab.add_tool("no_program", "/opt/nowhere/java", "-jar", "/opt/nowhere/c.jar", adapter="junit")
    lab.add_tool("no_path", "sh", "-cp", path, "/SilentMode", "/Timeout:60", "{results}/x")
    lab.add_tool("no_option", "sh", adapter="junit", more=options.format("no_option"))

    said = await lab.said()

    assert said["tool no_program"] == (
        "NO",
        "/opt/nowhere/java is not there or cannot be run; /opt/nowhere/c.jar is not there; "
        f"to get it: {junit.INSTALL}",
    )
    assert said["tool no_path"][1].startswith(
        "/opt/nowhere/a.jar is not there; /opt/nowhere is not there; to get it: "
    )
    assert said["tool no_option"] == (
        "NO",
        "options.maven: mvn-nowhere is not there or cannot be run; "
        f"options.class_path: /opt/nowhere/b.jar is not there; to get it: {junit.INSTALL}",
    )


async def test_what_comes_with_the_script_is_not_missed(lab: Lab) -> None:
    lab.add_tool("inside", "{workspace}/run", "{results}")
    lab.add_tool("beside", "./gradlew", "test")

    said = await lab.said()

    assert said["tool inside"] == ("yes", "{workspace}/run comes with the script")
    assert said["tool beside"] == ("yes", "./gradlew comes with the script")


async def test_a_tool_that_is_there_and_tells_no_version_is_a_hint(lab: Lab) -> None:
    lab.add_tool("no_module", sys.executable, "-m", "nowhere_to_be_found", "{title}")

    word, detail = (await lab.said())["tool no_module"]

    assert word == "hint"
    assert "No module named nowhere_to_be_found" in detail


async def test_what_the_system_cannot_start_is_not_good(lab: Lab, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/opt/nowhere/interpreter\n")
    broken.chmod(0o755)
    lab.add_tool("broken", broken)

    word, detail = (await lab.said())["tool broken"]

    assert word == "NO"
    assert "does not start: No such file or directory; to get it: " in detail


async def test_jars_of_the_options_are_told_with_their_versions(lab: Lab, tmp_path: Path) -> None:
    jars = [
        str(jar(tmp_path / f"{name}.jar", f"{number}.1")) for number, name in enumerate("abcde")
    ]
    options = f"[tools.junit.options]\nclass_path = {json.dumps(jars)}"
    lab.add_tool("junit", "sh", adapter="junit", more=options)

    detail = (await lab.said())["tool junit"][1]

    assert detail.endswith("; with a.jar 0.1, b.jar 1.1, c.jar 2.1, d.jar 3.1 and 1 more")


@needs_java
async def test_a_launcher_of_another_style_than_the_profile_says_is_a_hint(
    lab: Lab, tmp_path: Path
) -> None:
    new, old = jar(tmp_path / "console.jar", "1.10.2"), jar(tmp_path / "old.jar", "1.9.3")
    named = jar(tmp_path / "junit-platform-console-standalone-1.12.2.jar")
    execute = '[tools.{}.options]\nlauncher = ["execute"]'
    lab.add_tool("new", "java", "-jar", new, adapter="junit")
    lab.add_tool("set", "java", "-jar", new, adapter="junit", more=execute.format("set"))
    lab.add_tool("word", "java", "-jar", new, "execute", adapter="junit")
    lab.add_tool("name", "java", "-jar", named, adapter="junit")
    lab.add_tool("old", "java", "-jar", old, "execute", adapter="junit")

    said = await lab.said()

    hints = {what: detail for what, (word, detail) in said.items() if word == "hint"}
    assert {what for what in hints if what.startswith("launcher")} == {
        "launcher of tool new",
        "launcher of tool old",
    }
    assert 'set options.launcher = ["execute"]' in hints["launcher of tool new"]
    assert "1.9.3" in hints["launcher of tool old"]
    assert "junit-platform-console-standalone-1.12.2.jar 1.12.2" in said["tool name"][1]


async def test_a_launcher_that_tells_its_version_itself_is_believed(
    lab: Lab, tmp_path: Path
) -> None:
    told = "JUnit Platform Console Launcher 6.0.1"
    script = f'[ "$1" = --version ] && echo "{told}" && exit; echo "Unknown option"; exit 1'
    lab.add_tool("junit", program(tmp_path / "junit", script), adapter="junit")

    said = await lab.said()

    assert told in said["tool junit"][1]
    assert "the launcher is 6.0.1" in said["launcher of tool junit"][1]


async def test_a_profile_that_its_host_never_uses_is_a_hint_once_for_all_hosts(lab: Lab) -> None:
    lab.add_tool("first", "sh")
    lab.add_tool("second", "sh")
    lab.add_tool("other", "sh", more='agent = "ReadyAPI"')
    for key in ("a", "b", "c"):
        lab.add_host(key, ["first", "other", "second"])
    lab.add_host("d", ["second"])

    said = await lab.said()

    hints = {what: detail for what, (_, detail) in said.items() if what.startswith("tools of")}
    assert hints == {
        "tools of host a and 2 more": "first, second have the same agent, JUnit (Selenium): "
        "only first is used"
    }


async def test_a_stand_in_is_called_one(lab: Lab, tmp_path: Path) -> None:
    lab.add_tool("played", program(tmp_path / "testexecute-standin", "echo version 15"))
    lab.add_tool("gone", "/opt/nowhere/standin")

    said = await lab.said()

    assert said["tool played"][1].startswith("STAND-IN, not the real tool: ")
    assert said["tool gone"][1].startswith("STAND-IN, not the real tool: ")


async def test_browser_driver_and_display_are_told_as_the_tool_sees_them(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":1")
    browsers = tmp_path / "browsers"
    browsers.mkdir()
    program(browsers / "firefox", "true")
    program(browsers / "geckodriver", "true")
    there = f'[tools.{{}}.environment]\nPATH = "{browsers}"\nDISPLAY = ":7"'
    nowhere = f'pass_environment = []\n[tools.{{}}.environment]\nPATH = "{tmp_path}"'
    lab.add_tool("full", "/bin/true", adapter="junit", more=there.format("full"))
    lab.add_tool("empty", "/bin/true", adapter="junit", more=nowhere.format("empty"))
    lab.add_tool("blank", "/bin/true", adapter="junit", more=nowhere.format("blank"))
    lab.add_tool("other", "/bin/true")

    said = await lab.said()

    found = {what: both for what, both in said.items() if what.startswith("browser")}
    assert found == {
        "browser for full": (
            "yes",
            f"{browsers}/firefox, {browsers}/geckodriver; DISPLAY is :7",
        ),
        "browser for empty, blank": (
            "hint",
            "no browser (chromium, google-chrome, firefox), no driver (chromedriver, geckodriver)"
            ": apt-get install chromium chromium-driver; "
            "no DISPLAY, so browsers must run headless",
        ),
    }


@pytest.mark.parametrize("harm", [overwrite, garbage, Path.unlink])
async def test_a_damaged_journal_is_one_row_beside_all_others(
    lab: Lab, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    lab.add_tool("one", "/bin/true")
    lab.add_host("lab_01", ["one"])
    state = tmp_path / "state"
    whole = await lab.said()
    unmade = not state.exists()
    (state / "attempts" / "1-1").mkdir(parents=True)
    file = await filled(state)
    harm(file)
    before = file.read_bytes() if file.exists() else b""

    said = await lab.said()

    assert (unmade, whole["journal"]) == (True, ("yes", "there is none yet"))
    assert said.keys() == whole.keys()
    word, detail = said["journal"]
    assert (word, str(file) in detail) == ("NO", True)
    assert "start labfleet, which keeps it aside" in detail
    assert said["host lab_01"][1].endswith("can be read: see the row of the journal")
    assert "\n" not in detail
    assert (file.read_bytes() if file.exists() else b"") == before
    assert not list(state.glob("*.damaged-*"))


async def test_a_token_that_went_with_a_damaged_journal_is_missed_by_its_name(
    lab: Lab, tmp_path: Path
) -> None:
    lab.add_tool("one", "/bin/true")
    lab.add_host("lab_01", ["one"])
    state = tmp_path / "state"
    state.mkdir()
    garbage(state / "journal.db")
    with opened(state):
        pass

    word, detail = (await lab.said())["host lab_01"]

    assert word == "NO"
    assert re.search(r"may be lost with the journal that was kept as .*damaged-\d{8}T", detail)


@pytest.fixture
def mine(fleet: Fleet, free_port: int) -> Settings:
    """Settings with a port of their own, of which the machine has less than they want."""
    fleet.write()
    wanted = {"LABFLEET_LIMITS__MIN_FREE_DISK_MB": "1000000000"}
    return load(fleet.file, {**wanted, "LABFLEET_WEB__PORT": str(free_port)})


async def test_what_would_keep_a_night_from_happening_is_told_before(mine: Settings) -> None:
    with opened(mine.state_dir, server=mine.server.service_url) as journal:
        beside = await said_of(mine)
        await journal.pause("lab_001", paused=True)
        await dead_letters(journal)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", mine.web.port))
        taken.listen()
        alone = await said_of(mine)

    assert beside["labfleet"][0] == "yes"
    assert "web" not in beside
    assert alone["web"][0] == "NO"
    assert f"127.0.0.1:{mine.web.port}: another program listens there" in alone["web"][1]
    assert alone["min_free_disk_mb"][0] == "NO"
    assert alone["dead letters"][0] == "hint"
    assert alone["dead letters"][1].startswith("3 ")
    assert alone["host lab_001"][0] == "hint"
    assert "`labfleet resume lab_001`" in alone["host lab_001"][1]


async def dead_letters(journal: Journal) -> None:
    (claim,) = await journal.claim([assignment(1)])
    begun = await journal.start(claim, "quick")
    assert begun is not None
    await journal.finish(begun, settled(Verdict.FAILED))
    for owed in await journal.owed(begun.id):
        await journal.given_up(owed, "no", state="dead")


async def test_a_host_of_another_labfleet_here_is_told_and_not_taken(
    mine: Settings, tmp_path: Path
) -> None:
    [host] = mine.hosts.values()
    assert host.id is not None

    with Identities(mine.server.service_url, tmp_path / "other") as other:
        other.hold([host.id])
        first, again = await said_of(mine), await said_of(mine)
        assert other.held == {host.id}
    free = await said_of(mine)

    assert first["host lab_001"] == again["host lab_001"]
    assert first["host lab_001"][0] == "NO"
    assert "another labfleet here has this identity" in first["host lab_001"][1]
    assert free["host lab_001"][0] == "yes"
    assert "web" not in free


async def test_hints_alone_do_not_fail_a_check(fleet: Fleet) -> None:
    fleet.tool = {"executable": [sys.executable, "-m", "nowhere_to_be_found"]}
    fleet.write()

    done = await labfleet("check", "-c", fleet.file, "--json")

    words = {row["what"]: row["good"] for row in json.loads(done.stdout)}
    assert words.pop("tool quick") == "hint"
    assert set(words.values()) == {"yes"}
    assert done.returncode == 0


async def test_a_tool_that_must_not_be_asked_is_not_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    gui = str(program(tmp_path / "gui", f"touch {started}"))

    told = await tell(gui, [gui], (), ENVIRONMENT)

    assert told.text == "not asked for its version, which would start it"
    assert not started.exists()


async def test_nothing_is_left_of_a_program_that_ends_and_leaves_others(
    tmp_path: Path, tag: str
) -> None:
    leaves = "import time; time.sleep(300)"
    in_group, gone = f"{sys.executable} -c '{leaves}' {tag}", f"setsid {sys.executable}"
    script = f"{in_group} & {gone} -c '{leaves}' {tag} & echo version 3"

    answer = await ask([str(program(tmp_path / "leaver", script))], ENVIRONMENT)

    assert (answer.exit_code, answer.line) == (0, "version 3")
    assert not alive(tag)


async def test_a_program_that_does_not_end_is_ended_with_all_it_started(
    tmp_path: Path, tag: str
) -> None:
    script = f"trap '' TERM; sleep 300 {tag} 2>/dev/null & {sys.executable} -c 'input' {tag}; wait"
    hangs = program(tmp_path / "hangs", f"sh -c 'while :; do sleep 1; done' {tag} & {script}")

    begun_s = time.monotonic()
    answer = await ask([str(hangs)], ENVIRONMENT, limit_s=0.5)

    assert answer.exit_code is None
    assert time.monotonic() - begun_s < 10
    assert not alive(tag)


async def test_a_tool_is_asked_with_a_fresh_home_and_temporary_folder(tmp_path: Path) -> None:
    writes = program(
        tmp_path / "writes",
        'touch "$HOME/.config" "$TMPDIR/a" && echo "$(ls -A "$HOME"; ls -A) $HOME:$TMPDIR"',
    )

    first, second = [(await ask([str(writes)], ENVIRONMENT)).line for _ in range(2)]

    said, home, tmp = first.replace(":", " ").split()
    assert said == ".config"
    assert first != second
    assert Path(home).parent == Path(tmp)
    assert Path(home) != Path.home()
    assert not Path(tmp).exists()


async def test_a_tool_is_asked_with_the_home_that_its_profile_gives_it(lab: Lab) -> None:
    lab.add_tool("homely", "sh", "-c", "echo $HOME", more='environment = { HOME = "/opt/mine" }')
    lab.add_tool("other", "sh", "-c", "echo $HOME")

    said = await lab.said()

    assert said["tool homely"][1].endswith(": /opt/mine")
    assert "labfleet-check-" in said["tool other"][1]


async def test_a_flood_of_output_is_ended_early() -> None:
    begun_s = time.monotonic()
    answer = await ask(["yes", "version 9"], ENVIRONMENT, limit_s=60)

    assert time.monotonic() - begun_s < 20
    assert answer.line == "version 9"
    assert answer.exit_code is None


async def test_a_check_that_is_broken_off_leaves_nothing(tmp_path: Path, tag: str) -> None:
    loop = f"sh -c 'while :; do sleep 1; done' {tag}"
    hangs = program(tmp_path / "hangs", f"{loop} & setsid {loop} & wait")

    with anyio.move_on_after(0.5):
        await ask([str(hangs)], ENVIRONMENT, limit_s=60)

    assert not alive(tag)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", ""),
        ("\n\n  first \nsecond", "first"),
        ("Picked up JAVA_TOOL_OPTIONS: -Dx=y\njava 17", "java 17"),
    ],
)
async def test_the_version_is_the_first_line_that_says_something(said: str, line: str) -> None:
    answer = await ask(["printf", "%s", said], ENVIRONMENT)

    assert answer.line == line


def test_a_jar_has_the_version_of_its_manifest_or_of_a_name(tmp_path: Path) -> None:
    inside = jar(tmp_path / "tool-9.9.jar", "1.10.2")
    plain, linked = jar(tmp_path / "plain.jar"), jar(tmp_path / "thin.jar")
    (tmp_path / "thin-1.9.1.jar").symlink_to(linked.name)
    (tmp_path / "torn-2.0.jar").write_bytes(b"PK\x03\x04 torn")

    assert jar_version(inside) == "1.10.2"
    assert jar_version(plain) == ""
    assert jar_version(linked) == "1.9.1"
    assert jar_version(tmp_path / "torn-2.0.jar") == "2.0"
    assert jar_version(tmp_path / "nowhere-3.0.jar") == "3.0"
