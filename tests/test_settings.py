import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from adapters import ADAPTERS
from orchestrator.settings import Settings, json_schema, load, settings_table
from tests.settings_samples import GOOD, faults, write

EXAMPLE = Path(__file__).parent.parent / "deploy" / "labfleet.toml"


def test_the_example_loads_as_it_is() -> None:
    settings = load(EXAMPLE, {})

    assert list(settings.tools) == ["junit", "pytest"]
    assert [host.host_name for host in settings.hosts.values()] == ["LAB-01", "LAB-02", "LAB-03"]
    assert settings.seats == {"desktop": 1}


def test_what_is_left_out_follows_from_the_keys(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD), {})

    assert settings.hosts["lab_01"].host_name == "lab_01"
    assert settings.tools["junit"].adapter == "junit"
    assert settings.tools["junit"].agent == ADAPTERS["junit"].AGENT
    assert settings.state_dir.name == "labfleet"
    assert settings.state_dir.is_absolute()


def test_a_fleet_without_hosts_and_tools_is_allowed(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[server]\nurl = "http://127.0.0.1:8080"'), {})

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


def test_fast_polling_has_to_be_allowed(tmp_path: Path) -> None:
    fast = GOOD.replace("[seats]", "poll_interval_s = 0.5\n[seats]")

    assert faults(write(tmp_path, fast)) == [
        "labfleet.toml:3: server.poll_interval_s: should be at least 15,"
        " or set server.allow_fast_polling = true"
    ]
    allowed = load(write(tmp_path, fast), {"LABFLEET_SERVER__ALLOW_FAST_POLLING": "true"})
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


def test_paths_in_the_file_begin_where_the_file_lies(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    text = 'state_dir = "state"\n' + GOOD.replace("[seats]", 'ca_file = "ca.pem"\n[seats]')

    settings = load(write(tmp_path, text), {})

    assert settings.state_dir == tmp_path / "state"
    assert settings.server.ca_file == tmp_path / "ca.pem"


def test_a_variable_of_a_tool_that_is_called_like_a_path_stays_as_it_is(tmp_path: Path) -> None:
    text = GOOD.replace("[hosts", 'environment = { token_file = "x" }\n[hosts')

    assert load(write(tmp_path, text), {}).tools["junit"].environment == {"token_file": "x"}


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
