import os
from pathlib import Path

import pytest

from orchestrator.settings import load
from tests.settings_samples import GOOD, TOKEN, faults, host_with, token_of, write


def test_environment_wins_over_secret_files_and_these_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, host_with('token = "from-the-file"'))
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    environ = {"LABFLEET_SECRETS_DIR": str(secrets)}

    assert token_of(load(path, environ)) == "from-the-file"
    (secrets / "hosts__lab_01__token").write_text("from-a-secret\n")
    assert token_of(load(path, environ)) == "from-a-secret"
    environ["LABFLEET_HOSTS__LAB_01__TOKEN"] = "from-a-variable"
    assert token_of(load(path, environ)) == "from-a-variable"


def test_secret_files_may_lie_in_folders_and_behind_links(tmp_path: Path) -> None:
    data = tmp_path / "secrets" / "..data" / "hosts" / "lab_01"
    data.mkdir(parents=True)
    (data / "token").write_text("linked\r\n")
    (data / ".token.swp").write_text("left by an editor")
    (tmp_path / "secrets" / "hosts").symlink_to("..data/hosts")
    (tmp_path / "secrets" / "database_password").write_bytes(b"\xff not ours \xff")

    settings = load(
        write(tmp_path, host_with("")), {"CREDENTIALS_DIRECTORY": str(tmp_path / "secrets")}
    )

    assert token_of(settings) == "linked"


def test_a_missing_secrets_folder_is_a_fault(tmp_path: Path) -> None:
    assert faults(write(tmp_path, GOOD), {"LABFLEET_SECRETS_DIR": "/no/such"}) == [
        "environment LABFLEET_SECRETS_DIR: the folder /no/such cannot be read:"
        " No such file or directory"
    ]


def test_a_token_file_is_read_from_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "lab_01").write_text(f"  {TOKEN}\r\n")

    settings = load(write(tmp_path, host_with('token_file = "lab_01"')), {})

    assert token_of(settings) == TOKEN


def test_a_token_in_the_environment_stands_in_for_a_token_file(tmp_path: Path) -> None:
    path = write(tmp_path, host_with('token_file = "missing.txt"'))

    settings = load(path, {"LABFLEET_HOSTS__LAB_01__TOKEN": TOKEN})

    assert token_of(settings) == TOKEN


def test_hosts_that_are_called_like_keys_do_not_displace_one_another(tmp_path: Path) -> None:
    path = write(
        tmp_path, GOOD + '[hosts.token]\ntools = ["junit"]\n[hosts.token_file]\ntools = ["junit"]'
    )

    settings = load(path, {"LABFLEET_HOSTS__TOKEN__LIMIT": "3"})

    assert set(settings.hosts) == {"lab_01", "token", "token_file"}
    assert settings.hosts["token"].limit == 3


def test_lists_and_tables_come_from_the_environment_as_json(tmp_path: Path) -> None:
    settings = load(
        write(tmp_path, GOOD),
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


def test_labfleet_inside_a_tool_of_labfleet_reads_its_settings(tmp_path: Path) -> None:
    context = ["RUN_ID", "ITEM", "HOST", "TEST_NAME", "TEST_SET", "CONFIGURATION", "RELEASE"]
    environ = {f"LABFLEET_{name}": "x" for name in [*context, "PARAM_A", "PARAM_A__B"]}

    assert load(write(tmp_path, GOOD), environ) == load(write(tmp_path, GOOD), {})


def test_a_mistyped_section_in_the_environment_is_told(tmp_path: Path) -> None:
    assert faults(write(tmp_path, GOOD), {"LABFLEET_HOST__LAB_01__LIMIT": "2"}) == [
        "environment LABFLEET_HOST__LAB_01__LIMIT: host: is not a known key; did you mean hosts?"
    ]


def test_the_process_environment_is_used_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABFLEET_DRAIN_S", "5")
    before = dict(os.environ)

    assert load(write(tmp_path, GOOD)).drain_s == 5
    assert dict(os.environ) == before


def test_the_token_for_commands_comes_from_its_file_or_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "admin").write_text("a-token-from-a-file\n")
    path = write(tmp_path, GOOD + '\n[web]\nadmin_token_file = "admin"\n')

    of_file = load(path, {}).web.admin_token
    of_environment = load(path, {"LABFLEET_WEB__ADMIN_TOKEN": "a-token-from-outside"}).web

    assert of_file is not None
    assert of_file.get_secret_value() == "a-token-from-a-file"
    assert of_environment.admin_token is not None
    assert of_environment.admin_token.get_secret_value() == "a-token-from-outside"
    assert of_environment.admin_token_file is None


def test_a_short_token_for_commands_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + '\n[web]\nadmin_token = "tiny"\n')

    assert faults(path) == ["labfleet.toml:12: web.admin_token: should have at least 16 characters"]
