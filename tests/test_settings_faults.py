from pathlib import Path

import pytest

from adapters import ADAPTERS
from tests.settings_samples import GOOD, faults, host_with, write

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


def test_all_faults_are_told_at_once_in_the_order_of_their_places(tmp_path: Path) -> None:
    environ = {"LABFLEET_WEB__PORT": "70000", "LABFLEET_SERVER__SCRIPT_HOSTS": "no list"}

    assert faults(write(tmp_path, FAULTY), environ) == [
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


def test_faults_between_tables_are_told_once_each(tmp_path: Path) -> None:
    text = GOOD.replace('["desktop"]', '["desk"]') + '[hosts.lab_02]\ntools = ["junt"]'

    assert faults(write(tmp_path, text)) == [
        "labfleet.toml:7: tools.junit.seats: no desk in [seats]; did you mean desktop?",
        "labfleet.toml:11: hosts.lab_02.tools: no table [tools.junt]; did you mean junit?",
    ]


def test_a_fault_is_told_where_the_value_that_counts_came_from(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "limit = 0")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    environ = {"LABFLEET_SECRETS_DIR": str(secrets)}
    says = "hosts.lab_01.limit: should be at least 1"

    assert faults(path, environ) == [f"labfleet.toml:10: {says}"]
    (secrets / "hosts__lab_01__limit").write_text("-1")
    assert faults(path, environ) == [f"secrets/hosts__lab_01__limit: {says}"]
    environ["LABFLEET_HOSTS__LAB_01__LIMIT"] = "-2"
    assert faults(path, environ) == [f"environment LABFLEET_HOSTS__LAB_01__LIMIT: {says}"]


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
    tmp_path: Path, extra: str, said: str
) -> None:
    text = GOOD.replace("[hosts.lab_01]", f"{extra}\n[hosts.lab_01]")

    [fault] = faults(write(tmp_path, text))

    assert said in fault


def test_hosts_without_any_tool_are_refused(tmp_path: Path) -> None:
    text = '[server]\nurl = "http://a"\n[hosts.lab_01]\ntools = ["junit"]'

    assert faults(write(tmp_path, text)) == [
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
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "lab.token").write_bytes(content)

    assert faults(write(tmp_path, host_with('token_file = "lab.token"'))) == [
        f"labfleet.toml:11: hosts.lab_01.token_file: lab.token {said}"
    ]


def test_an_option_that_the_adapter_does_not_know_is_a_fault_that_names_it(tmp_path: Path) -> None:
    text = GOOD.replace("[hosts", 'options = { clas_path = ["/a.jar"] }\n[hosts')

    (said,) = faults(write(tmp_path, text))

    assert "tools.junit.options.clas_path: no option of the adapter junit" in said
