import base64
from pathlib import Path

import pytest

from orchestrator.errors import SettingsError
from orchestrator.settings import load
from tests.settings_samples import GOOD, TOKEN, faults, host_with, write

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
    GOOD.replace("[hosts", f'access_key = "{TOKEN}"\ntimeout_s = 0\n[hosts'),
    GOOD.replace("[hosts", f'access_key_file = "{TOKEN}"\n[hosts'),
    GOOD.replace("[hosts", f'access_key = "{TOKEN}"\naccess_key_file = "{TOKEN}"\n[hosts'),
    GOOD + f'\n[web]\nadmin_token = "{TOKEN}"\nport = -1\n',
    GOOD + f'\n[web]\nadmin_token = ["{TOKEN}"]\n',
    GOOD + f'\n[web]\nadmin_token_file = "{TOKEN}"\n',
    GOOD + f'\n[web]\nadmin_token = "{TOKEN}"\nadmin_token_file = "{TOKEN}"\n',
    GOOD + f'\n[web]\nadmin_tokn = "{TOKEN}"\n',
    GOOD.replace("[hosts", f'options = {{ clas_path = ["{TOKEN}"] }}\n[hosts'),
]


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_no_fault_in_the_file_shows_a_secret(tmp_path: Path, number: int) -> None:
    said = "\n".join(faults(write(tmp_path, PLANTED[number])))

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
    tmp_path: Path, name: str
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / name.lower()).write_text(TOKEN)

    said = faults(write(tmp_path, GOOD), {f"LABFLEET_{name}": TOKEN})
    if not name.startswith("HOST__"):
        said += faults(write(tmp_path, GOOD), {"LABFLEET_SECRETS_DIR": str(secrets)})

    assert TOKEN not in "\n".join(said)


def test_neither_settings_nor_their_error_show_a_secret(tmp_path: Path) -> None:
    settings = load(write(tmp_path, host_with(f'token = "{TOKEN}"')), {})
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()

    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, host_with(f'token = "{TOKEN}"\nlimit = 0')), {})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


KEY = "[tools.junit]"


def access_key(path: Path, environ: dict[str, str] | None = None) -> str:
    key = load(path, environ or {}).tools["junit"].access_key
    return key.get_secret_value() if key else ""


def test_a_licence_key_comes_from_the_file_a_file_of_its_own_or_the_environment(
    tmp_path: Path,
) -> None:
    (tmp_path / "licence").write_text(f"{TOKEN}\n")
    by_file = write(tmp_path, GOOD.replace(KEY, f'{KEY}\naccess_key_file = "licence"'))

    assert access_key(by_file) == TOKEN
    # What stands above takes the place of the file's name too.
    variable = {"LABFLEET_TOOLS__JUNIT__ACCESS_KEY": "another"}
    assert access_key(by_file, variable) == "another"
    assert access_key(write(tmp_path, GOOD), variable) == "another"
    assert TOKEN not in repr(load(by_file, {}))


def test_a_licence_key_that_cannot_be_read_is_a_fault_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(KEY, f'{KEY}\naccess_key_file = "licence"'))

    assert faults(path) == [
        "labfleet.toml:6: tools.junit.access_key_file: licence cannot be read:"
        " No such file or directory"
    ]
