"""What a site takes: deploy/, the image, the locks and the Makefile, checked by the real tools."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from tests.docs.page import table

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
LOCKS = {"demo": DEPLOY / "requirements.lock", "dev": ROOT / "tests" / "requirements.lock"}
RUN_LIMIT_S = 60


def _run(tool: str, *arguments: str | Path) -> str:
    """Output of *tool*, which must succeed; beside our interpreter first, then on PATH."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(tool, path=beside) or shutil.which(tool)
    if found is None and os.environ.get("CI") != "true":
        pytest.skip(f"{tool} is not installed: make tools, as root")
    assert found is not None, f"{tool} is missing, and CI leaves no test out"
    done = subprocess.run(
        [found, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{tool} says:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _yaml(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(DEPLOY / name)


def _rules() -> list[dict[str, Any]]:
    return [rule for group in _yaml("alerts.yml")["groups"] for rule in group["rules"]]


def _alerts() -> list[dict[str, Any]]:
    return [rule for rule in _rules() if "alert" in rule]


def test_promtool_accepts_the_scrape_configuration_and_its_rules() -> None:
    assert "1 rule files found" in _run("promtool", "check", "config", DEPLOY / "prometheus.yml")
    assert "rules found" in _run("promtool", "check", "rules", DEPLOY / "alerts.yml")


def test_each_alert_fires_and_stays_quiet_when_it_should() -> None:
    assert "SUCCESS" in _run("promtool", "test", "rules", DEPLOY / "alerts_test.yml")


def test_no_alert_is_without_a_case_that_fires_and_one_that_does_not() -> None:
    cases = [case for test in _yaml("alerts_test.yml")["tests"] for case in test["alert_rule_test"]]
    shown = {(case["alertname"], bool(case["exp_alerts"])) for case in cases}
    assert shown == {(rule["alert"], fires) for rule in _alerts() for fires in (True, False)}


def test_each_alert_says_how_bad_it_is_what_it_means_and_what_to_do() -> None:
    for rule in _alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}, rule["alert"]


def test_runbooks_name_only_commands_that_exist() -> None:
    runbooks = " ".join(rule["annotations"]["runbook"] for rule in _alerts())
    named = set(re.findall(r"`labfleet (\w+)", runbooks))
    assert named
    for command in named:
        _run("labfleet", command, "--help")


@pytest.fixture(scope="module")
def series() -> set[tuple[str, str, str]]:
    """Each (series name, label, value) that a scrape of our metrics can show."""
    from orchestrator.metrics import HostFigures, Metrics, PoolFigures  # noqa: PLC0415 the other tests need none of it

    metrics = Metrics(CollectorRegistry(), "0")
    metrics.know_tools(["junit"])
    metrics.watch(
        lambda: [HostFigures("lab_01", "polling", 0.0, {})],
        lambda: [PoolFigures("junit", 1, 0, 0)],
    )
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    return {
        (sample.name, label, value)
        for sample in samples
        for label, value in {"": "", **sample.labels}.items()
    }


def _selectors(text: str) -> Iterator[tuple[str, str]]:
    """Each series name in *text* with its matchers, but for the names of recorded rules."""
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    for name, matchers in re.findall(r"([\w:]*labfleet_[\w:]+)(\{[^}]*\})?", text):
        if name not in recorded:
            yield name, matchers


def test_rules_and_their_tests_name_only_series_that_labfleet_has(
    series: set[tuple[str, str, str]],
) -> None:
    for path in DEPLOY.glob("*.yml"):
        for name, _ in _selectors(path.read_text()):
            assert (name, "", "") in series, f"{path.name}: {name}"


# What is looked at and wakes nobody: sizes, times, and what another series judges better.
NOT_JUDGED = {
    "run_duration_seconds", "run_wait_seconds", "run_stage_seconds", "pool_slots",
    "pool_slots_used", "pool_waiting", "api_request_duration_seconds", "host_runs_total",
    "process_kills_total", "config_reloads_total", "deliveries_dead_total", "build_info",
}  # fmt: skip


def test_each_metric_is_judged_by_a_rule_or_is_known_to_wake_nobody() -> None:
    exprs = " ".join(rule["expr"] for rule in _rules())
    judged = {name.removesuffix("_bucket") for name, _ in _selectors(exprs)}
    documented = {name.strip("`") for name, *_ in table("Metrics")}

    assert documented - judged == {f"labfleet_{name}" for name in NOT_JUDGED}


def test_rules_select_only_label_values_that_labfleet_writes(
    series: set[tuple[str, str, str]],
) -> None:
    for rule in _rules():
        for name, matchers in _selectors(rule["expr"]):
            for label, values in re.findall(r'(\w+)!?=~?"([^"]*)"', matchers):
                for value in values.split("|"):
                    assert (name, label, value) in series, f"{name}: {label}={value}"


def test_the_compose_file_follows_the_compose_specification() -> None:
    _run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_compose_gives_runs_time_to_drain_and_the_container_no_more_than_it_needs() -> None:
    from orchestrator.settings import load  # noqa: PLC0415 the other tests need none of it

    service = _yaml("compose.yaml")["services"]["labfleet"]
    settings = load(DEPLOY / "labfleet.toml", {})
    longest_grace_s = max(tool.grace_s for tool in settings.tools.values())
    assert int(service["stop_grace_period"].removesuffix("s")) > settings.drain_s + longest_grace_s
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_example_settings_load() -> None:
    from orchestrator.settings import load  # noqa: PLC0415 the other tests need none of it

    assert load(DEPLOY / "labfleet.toml", {}).hosts


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    _run("hadolint", ROOT / "Dockerfile")


def test_the_image_runs_as_a_number_under_an_init_that_spares_the_tools() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    assert 'ENTRYPOINT ["tini", "-s", "--", "labfleet"]' in lines


def test_image_and_compose_file_carry_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"ARG VERSION={version}" in (ROOT / "Dockerfile").read_text().splitlines()
    assert _yaml("compose.yaml")["services"]["labfleet"]["image"] == f"labfleet:{version}"


def _locked(path: Path) -> dict[str, str]:
    """Version by package of the lock at *path*, once each entry was seen to carry a hash."""
    entries = re.findall(
        r"^(\S+)==(\S+).*((?:\n    --hash=\S+.*)*)", path.read_text(), re.MULTILINE
    )
    assert len(entries) > 20
    assert [name for name, _, hashes in entries if "--hash=sha256:" not in hashes] == []
    return {canonicalize_name(name): version for name, version, _ in entries}


@pytest.mark.parametrize("path", LOCKS.values(), ids=LOCKS)
def test_a_lock_holds_nothing_but_packages_with_hashes(path: Path) -> None:
    _locked(path)
    for line in path.read_text().splitlines():
        assert re.fullmatch(
            r"#.*|\S+==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #.*", line
        )
        assert not re.search(
            r"://|\w\.(com|org|net|io|local)\b|/(home|root|tmp|work|opt)\b|@", line
        )


@pytest.mark.parametrize("extra", LOCKS)
def test_a_lock_satisfies_what_the_project_asks_for(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = _locked(LOCKS[extra])
    asked, extras = list(project["dependencies"]), [extra]
    while extras:
        for line in project["optional-dependencies"][extras.pop()]:
            requirement = Requirement(line)
            ours = requirement.name == project["name"]
            extras += requirement.extras if ours else []
            asked += [] if ours else [line]
    for requirement in map(Requirement, asked):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_the_small_lock_is_part_of_the_large_one() -> None:
    assert _locked(LOCKS["demo"]).items() <= _locked(LOCKS["dev"]).items()


def test_make_alone_names_every_target() -> None:
    printed = set(re.findall(r"^  make (\w+) +\S", _run("make"), re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert printed == set(phony[1].split())
    assert printed >= {"demo", "test", "lint", "tools", "bench", "image", "clean"}


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
