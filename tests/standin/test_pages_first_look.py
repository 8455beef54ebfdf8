"""What somebody sees who comes to a stand-in for the first time, or to a strange one."""

from contextlib import closing
from pathlib import Path

import anyio
from aiohttp import DummyCookieJar, FormData
from aiohttp.test_utils import TestClient, TestServer
from typer.testing import CliRunner

from orchestrator.cli_standin import app
from orchestrator.standin import SWITCHES, export_data, import_data, make_app
from orchestrator.standin.store import STORE, open_store
from tests.standin.lab import API, PROJECT, Lab, open_lab, result
from tests.standin.reader import sign_in
from tests.test_cli import LABFLEET


async def first_look(data: Path) -> str:
    async with TestClient(TestServer(make_app(data)), cookie_jar=DummyCookieJar()) as client:
        return (await Lab(client).call("GET", "/sign-in")).body.decode()


async def test_the_sign_in_page_lists_logins_that_open_something_and_else_how_to_begin(
    exported: Path, tmp_path: Path
) -> None:
    assert "start it with <code>--seed</code>" in await first_look(tmp_path / "new")

    export_data(exported.parent / "a", tmp_path / "plain.zip")
    import_data(tmp_path / "shut", tmp_path / "plain.zip")
    shut = await first_look(tmp_path / "shut")
    assert "No account has a password" in shut
    assert "demo@example.com" not in shut

    import_data(tmp_path / "open", exported)
    opened = await first_look(tmp_path / "open")
    assert (
        "<td>lead@example.com</td><td>lead</td><td>Payments, Logistics</td><td>yes</td>" in opened
    )
    with closing(open_store(tmp_path / "open")) as store:
        store.write("UPDATE users SET password_hash = '' WHERE email LIKE 'lead%'")
        store.write("UPDATE departments SET name = 'Cash' WHERE name = 'Payments'")
    changed = await first_look(tmp_path / "open")
    assert "lead@example.com" not in changed
    assert "<td>guest@example.com</td><td>guest</td><td>Cash</td><td>no</td>" in changed


async def test_quirks_that_are_on_are_told_wherever_one_looks(tmp_path: Path) -> None:
    async with open_lab(tmp_path, "no-totals", "limit-25") as lab:
        info = (await lab.call("GET", f"{API}/openapi.json")).document["info"]
        assert info["x-quirks"] == ["limit-25", "no-totals"]
        assert "`no-totals`: lists come without `metadata`" in info["description"]
        assert "differs on purpose: limit-25, no-totals." in await (
            await sign_in(lab, "demo@example.com")
        ).text("/users")
    async with open_lab(tmp_path) as lab:
        assert "x-quirks" not in (await lab.call("GET", f"{API}/openapi.json")).document["info"]
        assert "on purpose:" not in (await lab.call("GET", "/sign-in")).body.decode()

    command = [*LABFLEET, "standin", "--port", "0", "--data", str(tmp_path)]
    quirks = ["--quirk", "no-totals", "--quirk", "limit-25"]
    async with await anyio.open_process([*command, *quirks], stderr=None) as served:
        assert served.stdout is not None
        with anyio.fail_after(20):
            line = await served.stdout.receive()
        served.terminate()
    assert b"not the real one, with the quirks limit-25, no-totals, at http://" in line

    listed = CliRunner().invoke(app, ["--list-quirks"]).stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(SWITCHES)
    assert "lists come without `metadata`" in next(row for row in listed if "no-totals" in row)


async def test_a_user_sees_of_others_the_departments_that_both_have(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        page = await (await sign_in(lab, "demo@example.com")).text("/users")
        assert "<td>Payments and others</td>" in page
        assert "Logistics" not in page
        assert "and others" not in await (await sign_in(lab, "lead@example.com")).text("/users")


async def test_a_browser_at_no_address_gets_a_page_and_a_program_json(tmp_path: Path) -> None:
    html = {"Accept": "text/html,*/*;q=0.8"}
    async with open_lab(tmp_path) as lab:
        for path, status in (("/no/such", 404), ("/sign-out", 405)):
            page = await lab.call("GET", path, headers=html)
            assert page.status == status
            assert b"<h1>There is nothing here</h1>" in page.body
            assert b'<a href="/">' in page.body
        for path in (f"{API}/no/such", "/standin/no"):
            assert (await lab.call("GET", path, headers=html)).error["code"] == 404
        assert (await lab.call("GET", "/no/such")).error["code"] == 404
        with lab.client.app[STORE].replaced():
            busy = await lab.call("GET", "/", headers=html)
        assert (busy.status, busy.headers["Retry-After"]) == (503, "2")
        assert b"All data are being replaced" in busy.body


async def test_a_file_that_has_to_be_chosen_again_and_a_script_that_lacks_are_told(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path) as lab:
        demo = await sign_in(lab, "demo@example.com")
        test = f"/projects/{PROJECT}/tests/{await lab.door.add_test(PROJECT, 'T')}"
        form = FormData({"form_key": demo.form_key, "agent": "junit", "timeout": "long"})
        form.add_field("script", b"PK\x03\x04", filename="basket.zip")
        path = f"{test}/automations/new"
        answer = await lab.call("POST", path, data=form, headers={"Cookie": demo.cookie})
        assert answer.status == 400
        assert b"Choose basket.zip again." in answer.body

        await demo.done(path, {"agent": "junit"})
        bare = '<p class="said warning" role="status">The automation for JUnit (Selenium) was added'
        assert f"{bare}, without a script" in await demo.text(test)
        await demo.done(f"{test}/automations/junit", {"title": "T"})
        assert "was changed, without a script" in await demo.text(test)
        await demo.done(f"{test}/automations/junit", {"link": "/srv/a.zip"})
        assert "was changed." in await demo.text(test)


async def test_a_run_page_has_a_name_and_tells_what_stopped_an_item(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        demo, host = await sign_in(lab, "demo@example.com"), await lab.host()
        runs = f"/projects/{PROJECT}/runs"
        single = await lab.run(host)
        assert f"<h1>Run {single}: Add item " in await demo.text(f"{runs}/{single}")

        stopped = await lab.set_run(host, [True, False])
        assert (await demo.text(f"{runs}/{stopped}")).count("No result yet") == 2
        trace = [{"status": "Failed", "step": "s", "actual_result": "Traceback\n  line 1"}]
        failed = result("Failed", test_run_results=trace)
        await lab.call("PATCH", host.item(stopped), host.auth, json=failed)

        page = await demo.text(f"{runs}/{stopped}")
        assert "Stopped by the failure of 1" in page
        assert "No result yet" not in page
        assert '<td class="text lines">Traceback' in page
