"""Departments, users and projects as functions over the store; the pages only ask for them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.standin import seed
from orchestrator.standin.accounts import (
    Choice,
    add_choice,
    add_department,
    add_project,
    add_user,
    change_user,
    choices,
    departments_of,
    projects,
    remove_department,
    remove_user,
    require_account,
    set_password,
    users,
)
from orchestrator.standin.errors import Refusal
from orchestrator.standin.host_records import Host, add_host, renew_token, require_host_record
from orchestrator.standin.library import add_test
from orchestrator.standin.ordering import RunWanted, order_run
from orchestrator.standin.passwords import is_password
from orchestrator.standin.store import Store, open_store
from tests.standin.lab import PROJECT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    seed(tmp_path)
    with closing(open_store(tmp_path)) as store:
        yield store


def test_a_user_comes_changes_and_goes_and_the_id_never_returns(store: Store) -> None:
    user_id = add_user(store, "New@Example.com", "secret", False, [5120])
    assert require_account(store, user_id)["email"] == "new@example.com"
    change_user(store, user_id, True, [5120, 5121])
    assert require_account(store, user_id)["may_read_hosts"] == 1
    assert [row["id"] for row in departments_of(store, user_id)] == [5120, 5121]
    set_password(store, user_id, "other")
    kept = store.row("SELECT password_hash FROM users WHERE id = ?", user_id)
    assert kept is not None
    assert is_password("other", kept["password_hash"])
    assert "password_hash" not in dict(users(store)[0])

    remove_user(store, user_id)

    with pytest.raises(Refusal, match="not found"):
        require_account(store, user_id)
    assert add_user(store, "new@example.com", "secret", False, []) > user_id


@pytest.mark.parametrize(
    ("email", "password", "depts", "status"),
    [
        ("demo@example.com", "x", [], 500),
        ("DEMO@example.com", "x", [], 500),
        ("no address", "x", [], 400),
        ("a:b@example.com", "x", [], 400),
        ("new@example.com", "", [], 400),
        ("new@example.com", "x", [99], 400),
    ],
)
def test_a_user_who_cannot_be_is_refused_and_leaves_nothing(
    store: Store, email: str, password: str, depts: list[int], status: int
) -> None:
    with pytest.raises(Refusal) as refused:
        add_user(store, email, password, False, depts)
    assert refused.value.status == status
    assert len(users(store)) == 3


def test_what_history_names_is_not_removed(store: Store) -> None:
    project = store.row("SELECT * FROM projects WHERE id = ?", PROJECT)
    assert project is not None
    host_id = add_host(store, 5120, Host(host_name="H", host_configuration="c"))
    wanted = RunWanted(host_id=host_id, test_id=add_test(store, PROJECT, "T"))
    order_run(store, 1, project, wanted)

    with pytest.raises(Refusal, match="has ordered runs"):
        remove_user(store, 1)
    with pytest.raises(Refusal, match="has hosts"):
        remove_department(store, 5120)
    with pytest.raises(Refusal, match="has projects"):
        remove_department(store, 5121)


def test_a_department_with_a_project_and_what_runs_choose_from(store: Store) -> None:
    dept_id = add_department(store, "Trains", "Example Ltd")
    with pytest.raises(Refusal, match="not found"):
        add_project(store, 99, "P")
    project_id = add_project(store, dept_id, "Timetable")
    assert [row["id"] for row in projects(store, {dept_id})] == [project_id]
    assert projects(store, set()) == []
    kinds: tuple[Choice, ...] = ("configurations", "releases")
    for kind in kinds:
        add_choice(store, kind, project_id, f"one of {kind}")
    assert [choices(store, kind, project_id)[0]["name"] for kind in kinds] == [
        "one of configurations",
        "one of releases",
    ]
    empty = add_department(store, "Empty", "Example Ltd")
    change_user(store, 2, True, [empty])
    remove_department(store, empty)
    assert departments_of(store, 2) == []


def test_a_new_token_takes_the_place_of_the_old(store: Store) -> None:
    host_id = add_host(store, 5120, Host(host_name="H", host_configuration="c"))
    before = require_host_record(store, host_id)["security_token"]
    renew_token(store, host_id)
    assert require_host_record(store, host_id)["security_token"] != before
