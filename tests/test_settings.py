import base64
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from adapters import ADAPTERS
from orchestrator.errors import SettingsError
from orchestrator.settings import Settings, json_schema, load, settings_table

EXAMPLE = Path(__file__).parent.parent / "deploy" / "labfleet.toml"
TOKEN = "7c0a4be2-51d3-4f6e-9a08-c1e9d27b5f64"
GOOD = """\
[server]
url = "https://qac.example.com"
[seats]
desktop = 1
[tools.junit]
executable = ["java"]
seats = ["desktop"]
[hosts.lab_01]
tools = ["junit"]
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    path = tmp_path / "labfleet.toml"

    def write(text: str) -> Path:
        path.write_text(text)
        return path

    return write


def faults(path: Path | None, environ: Mapping[str, str] | None = None) -> list[str]:
    """What `load` finds wrong, without the file's folder."""
    with pytest.raises(SettingsError) as caught:
        load(path, environ or {})
    folder = f"{path.parent}/" if path else ""
    return str(caught.value).replace(folder, "").splitlines() if folder else [str(caught.value)]


# What is loaded


def test_the_example_loads_as_it_is() -> None:
    settings = load(EXAMPLE, {})

    assert list(settings.tools) == ["junit", "pytest"]
    assert [host.host_name for host in settings.hosts.values()] == ["LAB-01", "LAB-02", "LAB-03"]
    assert settings.seats == {"desktop": 1}


def test_what_is_left_out_follows_from_the_keys(write: Write) -> None:
    settings = load(write(GOOD), {})

    assert settings.hosts["lab_01"].host_name == "lab_01"
    assert settings.tools["junit"].adapter == "junit"
    assert settings.tools["junit"].agent == ADAPTERS["junit"].AGENT
    assert settings.state_dir.name == "labfleet"
    assert settings.state_dir.is_absolute()


def test_a_fleet_without_hosts_and_tools_is_allowed(write: Write) -> None:
    settings = load(write('[server]\nurl = "http://127.0.0.1:8080"'), {})

    assert settings.hosts == {}


@pytest.mark.parametrize(
    "url",
    [
        "https://qac.example.com/lab",
        "https://qac.example.com/lab/",
        "https://qac.example.com/lab/rest-api/service",
        "https://qac.example.com/lab/rest-api/service/",
    ],
)
def test_the_address_may_be_given_with_or_without_the_service_path(url: str) -> None:
    settings = Settings.model_validate({"server": {"url": url}})

    assert settings.server.service_url == "https://qac.example.com/lab/rest-api/service"


def test_fast_polling_has_to_be_allowed(write: Write) -> None:
    fast = GOOD.replace("[seats]", "poll_interval_s = 0.5\n[seats]")

    assert faults(write(fast)) == [
        "labfleet.toml:3: server.poll_interval_s: should be at least 15,"
        " or set server.allow_fast_polling = true"
    ]
    allowed = load(write(fast), {"LABFLEET_SERVER__ALLOW_FAST_POLLING": "true"})
    assert allowed.server.poll_interval_s == 0.5


def test_settings_made_in_code_do_not_read_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LABFLEET_DRAIN_S", "5")

    settings = Settings.model_validate({"server": {"url": "http://127.0.0.1"}})

    assert settings.drain_s == 30
    with pytest.raises(ValueError, match="at least one is needed"):
        Settings.model_validate(
            {"server": {"url": "http://127.0.0.1"}, "hosts": {"a": {"tools": ["junit"]}}}
        )


def test_paths_in_the_file_begin_where_the_file_lies(write: Write, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    text = 'state_dir = "state"\n' + GOOD.replace("[seats]", 'ca_file = "ca.pem"\n[seats]')

    settings = load(write(text), {})

    assert settings.state_dir == tmp_path / "state"
    assert settings.server.ca_file == tmp_path / "ca.pem"


def test_a_variable_of_a_tool_that_is_called_like_a_path_stays_as_it_is(write: Write) -> None:
    text = GOOD.replace("[hosts", 'environment = { token_file = "x" }\n[hosts')

    assert load(write(text), {}).tools["junit"].environment == {"token_file": "x"}


# Where values come from


def host_with(extra: str) -> str:
    return GOOD + "id = 207\n" + extra


def token_of(settings: Settings) -> str:
    token = settings.hosts["lab_01"].token
    return token.get_secret_value() if token else ""


def test_environment_wins_over_secret_files_and_these_over_the_file(
    write: Write, tmp_path: Path
) -> None:
    path = write(host_with('token = "from-the-file"'))
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    environ = {"LABFLEET_SECRETS_DIR": str(secrets)}

    assert token_of(load(path, environ)) == "from-the-file"
    (secrets / "hosts__lab_01__token").write_text("from-a-secret\n")
    assert token_of(load(path, environ)) == "from-a-secret"
    environ["LABFLEET_HOSTS__LAB_01__TOKEN"] = "from-a-variable"
    assert token_of(load(path, environ)) == "from-a-variable"


def test_secret_files_may_lie_in_folders_and_behind_links(write: Write, tmp_path: Path) -> None:
    data = tmp_path / "secrets" / "..data" / "hosts" / "lab_01"
    data.mkdir(parents=True)
    (data / "token").write_text("linked\r\n")
    (tmp_path / "secrets" / "hosts").symlink_to("..data/hosts")
    (tmp_path / "secrets" / "database_password").write_bytes(b"\xff not ours \xff")

    settings = load(write(host_with("")), {"CREDENTIALS_DIRECTORY": str(tmp_path / "secrets")})

    assert token_of(settings) == "linked"


def test_a_missing_secrets_folder_is_a_fault(write: Write) -> None:
    assert faults(write(GOOD), {"LABFLEET_SECRETS_DIR": "/no/such"}) == [
        "environment LABFLEET_SECRETS_DIR: the folder /no/such cannot be read:"
        " No such file or directory"
    ]


def test_a_token_file_is_read_from_beside_the_settings(write: Write, tmp_path: Path) -> None:
    (tmp_path / "lab_01").write_text(f"  {TOKEN}\r\n")

    settings = load(write(host_with('token_file = "lab_01"')), {})

    assert token_of(settings) == TOKEN


def test_a_token_in_the_environment_stands_in_for_a_token_file(write: Write) -> None:
    path = write(host_with('token_file = "missing.txt"'))

    settings = load(path, {"LABFLEET_HOSTS__LAB_01__TOKEN": TOKEN})

    assert token_of(settings) == TOKEN


def test_hosts_that_are_called_like_keys_do_not_displace_one_another(write: Write) -> None:
    path = write(GOOD + '[hosts.token]\ntools = ["junit"]\n[hosts.token_file]\ntools = ["junit"]')

    settings = load(path, {"LABFLEET_HOSTS__TOKEN__LIMIT": "3"})

    assert set(settings.hosts) == {"lab_01", "token", "token_file"}
    assert settings.hosts["token"].limit == 3


def test_lists_and_tables_come_from_the_environment_as_json(write: Write) -> None:
    settings = load(
        write(GOOD),
        {
            "LABFLEET_TOOLS__JUNIT__EXECUTABLE": '["java", "-version"]',
            "LABFLEET_TOOLS__JUNIT__ENVIRONMENT__BROWSER": "12",
            "LABFLEET_SEATS": '{"licence": 3}',
            "LABFLEET_HOSTS__LAB_02": '{"tools": ["junit"], "host_name": "LAB-02"}',
            "LABFLEET_MAX_RUNNING": "",
        },
    )

    assert settings.tools["junit"].executable == ("java", "-version")
    assert settings.tools["junit"].environment == {"BROWSER": "12"}
    assert settings.seats == {"desktop": 1, "licence": 3}
    assert settings.hosts["lab_02"].host_name == "LAB-02"
    assert settings.max_running == 32


def test_settings_can_come_from_the_environment_alone() -> None:
    settings = load(None, {"LABFLEET_SERVER__URL": "http://127.0.0.1:1"})

    assert settings.server.service_url == "http://127.0.0.1:1/rest-api/service"
    assert faults(None, {}) == ["environment: server: is required"]


def test_labfleet_inside_a_tool_of_labfleet_reads_its_settings(write: Write) -> None:
    context = ["RUN_ID", "ITEM", "HOST", "TEST_NAME", "TEST_SET", "CONFIGURATION", "RELEASE"]
    environ = {f"LABFLEET_{name}": "x" for name in [*context, "PARAM_A", "PARAM_A__B"]}

    assert load(write(GOOD), environ) == load(write(GOOD), {})


def test_a_mistyped_section_in_the_environment_is_told(write: Write) -> None:
    assert faults(write(GOOD), {"LABFLEET_HOST__LAB_01__LIMIT": "2"}) == [
        "environment LABFLEET_HOST__LAB_01__LIMIT: host: is not a known key; did you mean hosts?"
    ]


def test_the_process_environment_is_used_and_left_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABFLEET_DRAIN_S", "5")
    before = dict(os.environ)

    assert load(write(GOOD)).drain_s == 5
    assert dict(os.environ) == before


# What is refused

FAULTY = """\
drian_s = 3
max_attempts = 0
[server]
url = "ftp://qac.example.com"
[seats]
desktop = 1
[tools.junit]
executable = ["java", "{titel}"]
seats = ["desktop", "desktp"]
[tools.pytest]
slots = true
executable = []
[hosts.lab_01]
tools = ["junti"]
limit = "many"
[hosts.lab_02]
id = 5
tools = "junit"
executor = "remote"
[hosts.lab_03]
id = 5
token = "a-token-of-some-length"
host_name = "lab_02"
[hosts.LAB-04]
tools = ["junit"]
token_file = "lab_04"
token = "a-token-of-some-length"
"""


def test_all_faults_are_told_at_once_in_the_order_of_their_places(write: Write) -> None:
    environ = {"LABFLEET_WEB__PORT": "70000", "LABFLEET_SERVER__SCRIPT_HOSTS": "no list"}

    assert faults(write(FAULTY), environ) == [
        "labfleet.toml:1: drian_s: is not a known key; did you mean drain_s?",
        "labfleet.toml:2: max_attempts: should be at least 1",
        "labfleet.toml:4: server.url: should be an http or https address with a host name",
        "labfleet.toml:8: tools.junit.executable: unknown placeholder {titel}; did you mean title?",
        "labfleet.toml:9: tools.junit.seats: no desktp in [seats]; did you mean desktop?",
        "labfleet.toml:10: tools.pytest.adapter: no such adapter; there are: "
        + ", ".join(sorted(ADAPTERS)),
        "labfleet.toml:11: tools.pytest.slots: should be a number",
        "labfleet.toml:12: tools.pytest.executable: should not be empty",
        "labfleet.toml:14: hosts.lab_01.tools: no table [tools.junti]; did you mean junit?",
        "labfleet.toml:15: hosts.lab_01.limit: should be a whole number",
        "labfleet.toml:17: hosts.lab_02.id: is of no use without token or token_file",
        "labfleet.toml:18: hosts.lab_02.tools: should be a list",
        "labfleet.toml:19: hosts.lab_02.executor: should be 'local'",
        "labfleet.toml:20: hosts.lab_03.tools: is required",
        "labfleet.toml:21: hosts.lab_03.id: is the same as that of hosts.lab_02",
        "labfleet.toml:23: hosts.lab_03.host_name: is the same as that of hosts.lab_02",
        "labfleet.toml:24: hosts.LAB-04: names here are made of a-z, 0-9 and _",
        "labfleet.toml:26: hosts.LAB-04.token_file: token and token_file exclude each other",
        "labfleet.toml:27: hosts.LAB-04.token: is of no use without id",
        "environment LABFLEET_SERVER__SCRIPT_HOSTS: server.script_hosts:"
        " should be a list, written as JSON",
        "environment LABFLEET_WEB__PORT: web.port: should be at most 65535",
    ]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("[tools.x]\nadapter = 'command'\nexecutable = ['']", "should begin with a program"),
        ("[tools.x]\nadapter = 'command'\nexecutable = ['{title}']", "not with {title}"),
        ("[tools.x]\nadapter = 'command'\nexecutable = ['a', \"\\u0000\"]", "no NUL character"),
        ("timeout_s = nan", "should be a finite number"),
        ("grace_s = true", "should be a number"),
        ("pass_environment = ['LABFLEET_HOSTS__LAB_01__TOKEN']", "belong to labfleet itself"),
        ("environment = { labfleet_item = '1' }", "belong to labfleet itself"),
        ("environment = { 'A=B' = '1' }", "name of an environment variable"),
    ],
)
def test_a_tool_that_could_not_be_started_safely_is_refused(
    write: Write, extra: str, said: str
) -> None:
    text = GOOD.replace("[hosts.lab_01]", f"{extra}\n[hosts.lab_01]")

    [fault] = faults(write(text))

    assert said in fault


def test_hosts_without_any_tool_are_refused(write: Write) -> None:
    text = '[server]\nurl = "http://a"\n[hosts.lab_01]\ntools = ["junit"]'

    assert faults(write(text)) == [
        "labfleet.toml: tools: at least one is needed, since there are hosts"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"  \n", "is empty"),
        (b"a" * 4097, "is over 4096 bytes: no secret is that long"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_token_file_that_gives_no_token_is_told_by_its_name(
    write: Write, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "lab.token").write_bytes(content)

    assert faults(write(host_with('token_file = "lab.token"'))) == [
        f"labfleet.toml:11: hosts.lab_01.token_file: lab.token {said}"
    ]


# What is never shown

PLANTED = [
    host_with(f'token = "{TOKEN}"\nlimit = 0'),
    host_with(f'token = "{TOKEN}\\n{TOKEN}"'),
    host_with(f'tokn = "{TOKEN}"'),
    host_with(f'limit = "{TOKEN}"\nhost_name = 1'),
    host_with(f'token = ["{TOKEN}"]'),
    host_with(f'token = {{ value = "{TOKEN}" }}'),
    host_with(f'token_file = "{TOKEN}"'),
    host_with(f'token = "{TOKEN}"\nhost_name = "{TOKEN * 4}"'),
    host_with(f'token = "{TOKEN}"\nexecutor = "{TOKEN}"'),
    host_with(f'token = "{TOKEN}"\ntoken_file = "{TOKEN}"'),
    host_with(f'token = "{TOKEN}"').replace('["junit"]', f'["{TOKEN}"]'),
    host_with(f'token = "{TOKEN}"').replace('["desktop"]', f'["{TOKEN}"]'),
    host_with(f'token = "{TOKEN}"').replace('["java"]', f'["", "{TOKEN}"]'),
    host_with(f'token = "{TOKEN}"\n"{TOKEN}" = 1'),
    host_with(f'token = "{TOKEN}'),
    host_with(f"token = {TOKEN}"),
    host_with(f'token = "{TOKEN}" "{TOKEN}"'),
    GOOD.replace("https://qac", f"https://user:{TOKEN}@qac"),
    GOOD.replace("https://qac.example.com", f"https://user:{TOKEN}"),
    GOOD.replace("https://qac.example.com", f"https://[{TOKEN}"),
    GOOD.replace("https://qac.example.com", f"https://qac.example.com?token={TOKEN}"),
    GOOD.replace("[seats]", f'proxy = "http://user:{TOKEN}@proxy"\n[seats]'),
    GOOD.replace("[hosts", f'environment = {{ "A=B" = "{TOKEN}" }}\n[hosts'),
    GOOD.replace("desktop = 1", f'desktop = "{TOKEN}"'),
]


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_no_fault_in_the_file_shows_a_secret(write: Write, number: int) -> None:
    said = "\n".join(faults(write(PLANTED[number])))

    assert TOKEN not in said
    assert base64.b64encode(TOKEN.encode()).decode()[:-4] not in said
    assert "labfleet.toml" in said


@pytest.mark.parametrize(
    "name",
    [
        "HOSTS__LAB_01__TOKEN",
        "HOSTS__LAB_09__TOKEN",
        "HOSTS__LAB_01__TOKN",
        "HOSTS__LAB_01__LIMIT",
        "HOSTS__LAB_01",
        "HOSTS",
        "HOST__LAB_01__TOKEN",
        "SERVER__SCRIPT_HOSTS",
        "TOOLS__JUNIT__ENVIRONMENT__LABFLEET_X",
        "MAX_RUNNING",
    ],
)
def test_no_fault_in_the_environment_or_a_secret_file_shows_a_secret(
    write: Write, tmp_path: Path, name: str
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / name.lower()).write_text(TOKEN)

    said = faults(write(GOOD), {f"LABFLEET_{name}": TOKEN})
    if not name.startswith("HOST__"):
        said += faults(write(GOOD), {"LABFLEET_SECRETS_DIR": str(secrets)})

    assert TOKEN not in "\n".join(said)


def test_neither_settings_nor_their_error_show_a_secret(write: Write) -> None:
    settings = load(write(host_with(f'token = "{TOKEN}"')), {})
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()

    with pytest.raises(SettingsError) as caught:
        load(write(host_with(f'token = "{TOKEN}"\nlimit = 0')), {})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


# What is published


def check(schema: Path, document: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("check-jsonschema")
    return subprocess.run(
        [program, "--schemafile", schema, document], capture_output=True, text=True, check=False
    )


def test_the_schema_accepts_the_example_and_tells_a_fault_from_it(tmp_path: Path) -> None:
    schema = tmp_path / "labfleet.schema.json"
    schema.write_text(json.dumps(json_schema()))
    broken = tmp_path / "broken.toml"
    broken.write_text(EXAMPLE.read_text().replace("[hosts.lab_02]", "[hosts.LAB-02]"))

    accepted, refused = check(schema, EXAMPLE), check(schema, broken)

    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert refused.returncode == 1
    assert "LAB-02" in refused.stdout
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json_schema()["title"] == "labfleet settings"


def test_every_setting_has_a_description_and_its_default() -> None:
    table = {key: (default, description) for key, default, description in settings_table()}

    assert all(description for _, description in table.values())
    assert table["server.url"][0] == "required"
    assert table["server.poll_interval_s"][0] == "60"
    assert table["hosts.X.executor"][0] == '"local"'
    assert table["tools.X.pass_environment"][0] == '["PATH", "JAVA_HOME", "DISPLAY"]'
    assert table["state_dir"][0] == ""


def test_the_example_shows_the_defaults_and_no_secret() -> None:
    example = tomllib.loads(EXAMPLE.read_text())
    defaults = {key: default for key, default, _ in settings_table()}

    written = {key: value for key, value in example.items() if not isinstance(value, dict)}
    written |= {f"web.{key}": value for key, value in example["web"].items()}
    assert {key: json.dumps(value) for key, value in written.items()} == {
        key: defaults[key] for key in written
    }
    assert "token" not in json.dumps(example)
