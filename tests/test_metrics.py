"""The metrics: their names, that they exist from the start, and that Prometheus likes them."""

import shutil
import subprocess
import time
from collections import Counter

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from adapters.base import Verdict
from orchestrator.metrics import OPERATIONS, HostFigures, Metrics, PoolFigures
from tests.remote import new_metrics

# Name and labels, as the design has them; True where the series has a value but zero.
TABLE = {
    "runs_total": {
        "tool": ["junit", "none"],
        "verdict": ["passed", "failed", "blocked", "skipped"],
    },
    "run_duration_seconds_count": {"tool": ["junit", "none"]},
    "run_wait_seconds_count": {"tool": ["junit", "none"]},
    "run_stage_seconds_count": {"stage": ["script", "unpack", "execute", "collect", "report"]},
    "runs_in_progress": {"tool": ["junit", "none"]},
    "runs_waiting": {"tool": ["junit", "none"]},
    "pool_slots": {"pool": ["all", "tool/junit"]},
    "pool_slots_used": {"pool": ["all", "tool/junit"]},
    "pool_waiting": {"pool": ["all", "tool/junit"]},
    "api_requests_total": {
        "operation": list(OPERATIONS),
        "outcome": ["2xx", "3xx", "4xx", "5xx", "timeout", "connection", "decode"],
    },
    "api_request_duration_seconds_count": {"operation": list(OPERATIONS)},
    "poll_lateness_seconds_count": {},
    "server_away": {},
    "hosts": {"state": ["polling", "backing_off", "refused", "paused", "draining"]},
    "host_last_poll_timestamp_seconds": {"host": ["lab_01"]},
    "host_runs_total": {
        "host": ["lab_01"],
        "verdict": ["passed", "failed", "blocked", "skipped"],
    },
    "outbox_deliveries": {},
    "outbox_oldest_age_seconds": {},
    "deliveries_dead_total": {},
    "dead_letters": {},
    "runs_vanished_total": {},
    "process_kills_total": {"reason": ["deadline", "stopped", "prompt", "leftover"]},
    "process_survivors_total": {},
    "admission_closed": {"reason": ["disk", "memory", "load", "paused"]},
    "config_reloads_total": {"result": ["success", "failure"]},
    "config_last_reload_successful": {},
    "build_info": {},
}
NOT_ZERO = {"hosts", "pool_slots", "config_last_reload_successful", "build_info"}
CLOSED = {"stage", "operation", "outcome", "state", "reason", "result", "verdict"}


def fresh() -> Metrics:
    """Metrics as they are just after the start, with one host, one tool and its pools."""
    metrics = new_metrics()
    metrics.know_tools(["junit", "none"])
    metrics.watch(
        lambda: [HostFigures("lab_01", "polling", 0.0, Counter())],
        lambda: [PoolFigures("all", 8, 0, 0), PoolFigures("tool/junit", 4, 0, 0)],
    )
    return metrics


def exposed(metrics: Metrics) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


@pytest.mark.parametrize("name", TABLE)
def test_each_series_of_the_design_is_there_from_the_start(name: str) -> None:
    series = exposed(fresh())[f"labfleet_{name}"]

    for label, values in TABLE[name].items():
        assert {dict(labels)[label] for labels in series} == set(values)
    product = 1
    for values in TABLE[name].values():
        product *= len(values)
    assert len(series) == product
    if name not in NOT_ZERO:
        assert set(series.values()) == {0.0}


def test_no_other_series_is_there() -> None:
    suffixes = ("_bucket", "_sum", "_count")
    bases = {name.removeprefix("labfleet_") for name in exposed(fresh())}
    known = {name.removesuffix("_count") for name in TABLE}

    assert {
        next((base.removesuffix(s) for s in suffixes if base.endswith(s)), base) for base in bases
    } == known


def test_prometheus_finds_nothing_to_complain_about() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: `make tools` as root brings it")
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=generate_latest(fresh().registry),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_label_values_are_of_closed_sets_whatever_a_server_answers() -> None:
    metrics = fresh()
    for outcome in ("2xx", "1xx", "9xx", "timeout", "so odd\n"):
        metrics.api_call("current_runs", outcome, 0.1)

    for name, series in exposed(metrics).items():
        wanted = TABLE.get(name.removeprefix("labfleet_"), {})
        for label in CLOSED & wanted.keys():
            assert {dict(labels)[label] for labels in series} <= set(wanted[label]), name
    calls = exposed(metrics)["labfleet_api_requests_total"]
    assert calls[("operation", "current_runs"), ("outcome", "decode")] == 3


def test_hosts_are_counted_by_state_and_shown_one_by_one() -> None:
    metrics = new_metrics()
    states = ["polling", "polling", "refused", "draining"]
    hosts = [
        HostFigures(f"h{n}", state, 1e9 + n, Counter({Verdict.FAILED: n}))
        for n, state in enumerate(states)
    ]
    metrics.watch(lambda: hosts, list)

    found = exposed(metrics)

    by_state = {labels[0][1]: value for labels, value in found["labfleet_hosts"].items()}
    assert by_state == {
        "polling": 2, "backing_off": 0, "refused": 1, "paused": 0, "draining": 1,
    }  # fmt: skip
    assert found["labfleet_host_last_poll_timestamp_seconds"][(("host", "h3"),)] == 1e9 + 3
    assert found["labfleet_host_runs_total"][("host", "h3"), ("verdict", "failed")] == 3


def test_a_thousand_hosts_are_scraped_quickly() -> None:
    hosts = [HostFigures(f"lab_{n}", "polling", 1.0, Counter()) for n in range(1000)]
    crowd = new_metrics()
    crowd.watch(lambda: hosts, list)
    generate_latest(crowd.registry)

    started = time.process_time()
    text = generate_latest(crowd.registry)

    assert time.process_time() - started < 0.3
    assert text.count(b"labfleet_host_runs_total{") == 4000


def test_a_stage_is_timed_also_when_it_fails() -> None:
    metrics = fresh()
    with pytest.raises(ValueError, match="no"), metrics.stage("unpack"):
        raise ValueError("no")

    assert exposed(metrics)["labfleet_run_stage_seconds_count"][(("stage", "unpack"),)] == 1
