"""All data as one file: exported, imported, reset."""

import shutil
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

from click.testing import Result as ClickResult
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from orchestrator.cli_standin import app
from orchestrator.standin import export_data, import_data, reset_data, seed
from orchestrator.standin.dates import now
from orchestrator.standin.history import remove_run
from orchestrator.standin.host_records import Host, add_host
from orchestrator.standin.library import (
    NewAutomation,
    add_automation,
    add_test,
    attach_file,
    attach_link,
    remove_test,
)
from orchestrator.standin.ordering import RunWanted, order_run
from orchestrator.standin.results import Result, Step, keep_result
from orchestrator.standin.states import Status
from orchestrator.standin.store import Store, open_store
from orchestrator.standin.test_sets import SetItem, add_set
from orchestrator.standin.uploads import Upload
from tests.standin.exports import dump, files
from tests.standin.lab import API, DEMO, GUEST, JUNIT, LEAD, PROJECT, open_lab, upload

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
REPORTED = st.sampled_from([Status.PASSED, Status.FAILED, Status.BLOCKED, Status.SKIPPED])


@st.composite
def work(draw: st.DrawFn) -> Callable[[Store], None]:
    """Something that users and agents do to a store; drawn whole, so that it can be shown."""
    title, step, result = draw(TEXT), draw(TEXT), draw(REPORTED)
    script = draw(st.one_of(st.binary(max_size=50), st.just("/srv/å.zip"), st.none()))
    stops = draw(st.lists(st.booleans(), max_size=3))
    gone = draw(st.sets(st.sampled_from(["test", "run"])))

    def do(store: Store) -> None:
        test_id = add_test(store, PROJECT, title, [(step, None)])
        add_automation(store, test_id, NewAutomation(agent=JUNIT, title=step, params={step: "1"}))
        if isinstance(script, bytes):
            path = store.files / "incoming-test"
            path.write_bytes(script)
            attach_file(store, test_id, JUNIT, Upload(title, path))
        elif script is not None:
            attach_link(store, test_id, JUNIT, script, title)
        items = [SetItem(test_id, stop) for stop in stops]
        set_id = add_set(store, PROJECT, title, bool(items), items)
        host = Host(host_name=f"H{set_id}", host_configuration=title, agents=[JUNIT])
        wanted = RunWanted(
            host_id=add_host(store, 5120, host),
            test_id=None if items else test_id,
            test_set_id=set_id if items else None,
            configuration_id=17,
        )
        project = store.row("SELECT * FROM projects WHERE id = ?", PROJECT)
        assert project is not None
        run_id = order_run(store, 1, project, wanted)
        item = store.row("SELECT * FROM run_items WHERE run_id = ?", run_id)
        assert item is not None
        with store.transaction():
            steps = [Step(result, step, None, title)]
            keep_result(store, item, Result(result, now(), now(), 1, steps))
        if "test" in gone:
            remove_test(store, test_id)
        if "run" in gone:
            remove_run(store, run_id)

    return do


@settings(max_examples=12, deadline=None)
@given(st.lists(work(), max_size=4))
def test_what_is_imported_is_what_was_exported(things: list[Callable[[Store], None]]) -> None:
    scratch = Path(mkdtemp())
    try:
        seed(scratch / "a")
        with closing(open_store(scratch / "a")) as store:
            for do in things:
                do(store)
        export_data(scratch / "a", scratch / "a.zip", secrets=True)

        import_data(scratch / "b", scratch / "a.zip")
        export_data(scratch / "b", scratch / "b.zip", secrets=True)

        assert (scratch / "b.zip").read_bytes() == (scratch / "a.zip").read_bytes()
        assert files(scratch / "b") == files(scratch / "a")
        with closing(open_store(scratch / "a")) as a, closing(open_store(scratch / "b")) as b:
            totals = "SELECT * FROM run_counts WHERE runs > 0"
            assert [tuple(row) for row in b.rows(totals)] == [tuple(row) for row in a.rows(totals)]
    finally:
        shutil.rmtree(scratch)


async def make_lab_data(data_dir: Path) -> tuple[int, str]:
    """Data with a run, a script and a log; return the host's id and token."""
    async with open_lab(data_dir) as lab:
        host = await lab.host()
        run_id = await lab.scripted_run(host, JUNIT, b"PK script")
        await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=upload("a.xml", b"L"))
        return host.id, host.token


async def test_an_export_holds_passwords_and_tokens_only_when_asked(tmp_path: Path) -> None:
    _, token = await make_lab_data(tmp_path / "a")
    export_data(tmp_path / "a", tmp_path / "plain.zip")
    export_data(tmp_path / "a", tmp_path / "whole.zip", secrets=True)

    with zipfile.ZipFile(tmp_path / "plain.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    hashes = [user["password_hash"] for user in dump(tmp_path / "whole.zip")["tables"]["users"]]
    assert len(hashes) == 3
    assert not [secret for secret in (token, *hashes) if secret in everything]
    assert dump(tmp_path / "whole.zip")["tables"]["hosts"][0]["security_token"] == token
    assert (tmp_path / "whole.zip").stat().st_mode & 0o077 == 0


async def test_without_secrets_those_that_are_there_go_on_and_others_end(tmp_path: Path) -> None:
    host_id, token = await make_lab_data(tmp_path / "a")
    export_data(tmp_path / "a", tmp_path / "plain.zip")
    same = import_data(tmp_path / "a", tmp_path / "plain.zip")
    other = import_data(tmp_path / "b", tmp_path / "plain.zip")

    assert same == (1, 0, 0)
    assert other == (1, 3, 1)
    for name, status in (("a", 200), ("b", 401)):
        async with open_lab(tmp_path / name) as lab:
            assert (await lab.call("GET", f"{API}/depts", DEMO)).status == status
            with closing(open_store(tmp_path / name)) as store:
                found = store.row("SELECT security_token FROM hosts WHERE id = ?", host_id)
            assert found is not None
            assert (found["security_token"] == token) is (name == "a")
            assert found["security_token"]


def test_an_import_leaves_no_file_behind_and_gives_no_id_again(
    exported: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported.parent / "a", tmp_path / "a")
    with closing(open_store(tmp_path / "a")) as store:
        last = add_test(store, PROJECT, "later than the export")
        later = store.files / "incoming-later"
        later.write_bytes(b"PK")
        attach_file(store, 1, JUNIT, Upload("later.zip", later))
    assert len(files(tmp_path / "a")) == 2
    import_data(tmp_path / "a", exported)
    assert list(files(tmp_path / "a")) == ["a" * 32]
    with closing(open_store(tmp_path / "a")) as store:
        assert add_test(store, PROJECT, "T") > last
    reset_data(tmp_path / "a", everything=True)
    seed(tmp_path / "a")
    with closing(open_store(tmp_path / "a")) as store:
        assert add_test(store, PROJECT, "T") > last + 1


def test_a_reset_leaves_who_may_sign_in_and_nothing_that_was_tested(
    exported: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported.parent / "a", tmp_path / "a")
    reset_data(tmp_path / "a")
    export_data(tmp_path / "a", tmp_path / "after.zip", secrets=True)

    before, after = dump(exported)["tables"], dump(tmp_path / "after.zip")["tables"]
    kept = ("departments", "users", "memberships", "projects", "configurations", "releases")
    assert {name: rows for name, rows in after.items() if rows} == {
        name: before[name] for name in kept
    }
    assert not files(tmp_path / "a")


def test_an_export_shows_one_moment_whoever_writes_meanwhile(tmp_path: Path) -> None:
    seed(tmp_path)
    with closing(open_store(tmp_path)) as reader, closing(open_store(tmp_path)) as writer:
        with reader.snapshot():
            assert reader.number("SELECT count(*) FROM tests") == 0
            add_test(writer, PROJECT, "T")
            assert reader.number("SELECT count(*) FROM tests") == 0
        assert reader.number("SELECT count(*) FROM tests") == 1


async def test_a_user_of_all_departments_can_export_reset_and_import_over_http(
    tmp_path: Path,
) -> None:
    await make_lab_data(tmp_path)
    async with open_lab(tmp_path) as lab:
        before = await lab.door.runs(PROJECT)
        exported = await lab.call("GET", "/standin/export?secrets=true", LEAD)
        assert exported.headers["Content-Type"] == "application/zip"
        reset = await lab.call("POST", "/standin/reset", LEAD, json={"confirm": "reset"})
        assert reset.status == 200
        assert await lab.door.runs(PROJECT) == []
        zipped = {"Content-Type": "application/zip"}

        done = await lab.call("POST", "/standin/import", LEAD, data=exported.body, headers=zipped)

        assert done.document == {"runs": 1, "without_password": 0, "with_new_token": 0}
        assert await lab.door.runs(PROJECT) == before
        log = await lab.call("GET", f"/standin/runs/{before[0]['id']}/items/1/log", LEAD)
        assert log.body == b"L"
        bad = await lab.call("POST", "/standin/import", LEAD, data=b"no zip", headers=zipped)
        assert (bad.status, "not an export" in bad.error["message"]) == (400, True)
        assert not list((tmp_path / "files").glob("incoming-*"))


def test_the_command_line_exports_resets_and_imports(exported: Path, tmp_path: Path) -> None:
    data, file = tmp_path / "a", tmp_path / "a.zip"
    shutil.copytree(exported.parent / "a", data)

    def standin(*arguments: object, answer: str = "") -> ClickResult:
        return CliRunner().invoke(app, [str(a) for a in arguments], input=answer)

    written = standin("export", "--data", data, file)
    assert "--secrets" in written.stdout
    refused = standin("reset", "--data", data, answer="n\n")
    assert refused.exit_code == 1
    assert files(data)
    assert standin("reset", "--data", data, "--yes").exit_code == 0
    assert not files(data)
    assert (
        "1 runs; 0 users without a password, 1 hosts"
        in standin("import", "--data", data, file).stdout
    )
    assert files(data)

    for wrong in (("export", "--data", tmp_path / "none", file), ("reset", "--data", tmp_path)):
        assert "no data of a stand-in" in str(standin(*wrong).exception)
    file.write_bytes(b"no zip")
    assert "not an export" in str(standin("import", "--data", data, file).exception)


async def test_nobody_else_can_and_no_form_of_a_foreign_page_can(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        for method, path in (("GET", "export"), ("POST", "import"), ("POST", "reset")):
            for auth, status in ((None, 401), (DEMO, 403), (GUEST, 403)):
                assert (await lab.call(method, f"/standin/{path}", auth)).status == status
        form = {"confirm": "reset"}
        assert (await lab.call("POST", "/standin/reset", LEAD, data=form)).status == 400
        assert (await lab.call("POST", "/standin/reset", LEAD, json={})).status == 400
        assert (await lab.call("POST", "/standin/import", LEAD, data=upload("a"))).status == 400
        plain = (await lab.call("GET", "/standin/export", LEAD)).body
    (tmp_path / "plain.zip").write_bytes(plain)
    assert "password_hash" not in dump(tmp_path / "plain.zip")["tables"]["users"][0]
