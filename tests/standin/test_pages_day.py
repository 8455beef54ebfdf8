"""A working day at the management pages, in a real browser, with agents that work beside it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth

from orchestrator.report import write_mht, write_xml_log
from tests.standin.browser import Browser
from tests.standin.lab import API, DEMO, JUNIT, PROJECT, Host, Lab, result, upload
from tests.test_report import FACTS, png

HOME = f"projects/{PROJECT}"


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pom.xml", "<project/>")
    yield path


async def test_a_day_from_the_first_test_to_the_last_report(
    lab: Lab, browser: Browser, script: Path, tmp_path: Path
) -> None:
    host = await lab.host("LAB-W11-03", agents=["junit"])
    await sign_in(lab, browser, "demo@example.com", "demo")
    await browser.see("Nothing ran in this project yet")

    await add_test(browser, "Basket keeps its items", ["Open the shop", "Add an item"])
    await add_automation(browser, script)
    await add_test(browser, "Order can be cancelled <late>", [])
    await add_set(browser)
    await queue_set(browser)

    (run,) = (await lab.pending(host))["results"]
    assert [item["test_name"] for item in run["test_run_items"]] == [
        "Order can be cancelled <late>",
        "Basket keeps its items",
        "Order can be cancelled <late>",
    ]
    assert [item["stop_on_fail"] for item in run["test_run_items"]] == [False, True, False]
    assert (run["configuration_name"], run["release_name"]) == ("Firefox / Debian 12", "2026.4")
    await work(lab, host, run["id"], script, tmp_path)

    await browser.click("nav a[href$='/runs']")
    await browser.see("Incomplete", inside="tbody tr:first-child")
    await browser.click("tbody tr:first-child a")
    await browser.see("Expected 3 items, got <2>", inside="section:nth-of-type(2) table")
    assert "Open the shop" in await browser.text("section:nth-of-type(2) table")
    assert "Skipped" in await browser.text("section:nth-of-type(3) h2")

    await look_at_log_and_report(browser)
    await run_it_again(lab, browser, host)
    assert await browser.complaints() == []


async def test_departments_users_and_hosts_need_no_database(lab: Lab, browser: Browser) -> None:
    await sign_in(lab, browser, "lead@example.com", "lead")

    await browser.click("//nav//a[.='Departments']")
    await browser.fill("#name", "Returns")
    await browser.fill("#company", "Example Ltd")
    await browser.click("main .main")
    await browser.see("Department Returns was added")
    await browser.fill("#project_name", "Parcels")
    await browser.click("//button[.='Add the project']")
    await browser.see("Nothing ran in this project yet")

    await browser.click("//nav//a[.='Users']")
    await browser.click("//a[.='Add a user']")
    await browser.fill("#email", "new@example.com")
    await browser.fill("#password", " s3cret ")
    await browser.click("//label[.='Returns']")
    await browser.click("main .main")
    await browser.see("User new@example.com was added")
    await browser.click("//button[.='Sign out']")
    await browser.see("Which account?")

    await sign_in(lab, browser, "new@example.com", " s3cret ")
    await see_a_host_come(lab, browser, encode_basic_auth("new@example.com", " s3cret "))
    await browser.click("#is_active")
    await browser.click("form.fields .main")
    await browser.see("Host RET-01 was changed")
    assert "not active" in await browser.text("h1")


async def see_a_host_come(lab: Lab, browser: Browser, auth: str) -> None:
    await browser.click("//nav//a[.='Hosts']")
    await browser.see("Hosts come by themselves")
    body = {"host_name": "RET-01", "host_configuration": "cpu=2", "agents": ["nunit"]}
    answer = await lab.call("POST", f"{API}/hosts", auth, json=body)
    assert answer.status == 200
    await browser.click("//nav//a[.='Hosts']")
    await browser.click("//a[.='RET-01']")
    await browser.click("//summary[.='Show']")
    await browser.see(answer.document["security_token"])


async def sign_in(lab: Lab, browser: Browser, email: str, password: str) -> None:
    await browser.open(lab.url)
    await browser.fill("#email", email)
    await browser.fill("#password", password)
    await browser.click("main button")
    await browser.see(email, inside="header")


async def add_test(browser: Browser, title: str, steps: list[str]) -> None:
    await browser.click("//nav//a[.='Tests']")
    await browser.click("//a[.='Add a test']")
    await browser.fill("#title", title)
    for number, step in enumerate(steps, start=1):
        await browser.fill(f"tbody tr:nth-child({number}) [name=step]", step)
    await browser.click("main .main")
    await browser.see("was added")


async def add_automation(browser: Browser, script: Path) -> None:
    await browser.click("//a[.='Add an automation']")
    await browser.click("main .main")
    await browser.see("Choose which tool runs the test", inside="#agent-error")
    (complaint,) = await browser.complaints()
    assert "400 (Bad Request)" in complaint
    await browser.choose("#agent", JUNIT)
    await browser.fill("#title", "shop.BasketTest")
    await browser.fill("#timeout", "90")
    await browser.fill("#params", "browser=chrome\nuser=Ann Lee")
    await browser.choose("#script", script)
    await browser.click("main .main")
    await browser.see("The automation for JUnit (Selenium) was added")
    assert "shop.zip" in await browser.text("table")


async def add_set(browser: Browser) -> None:
    """Both tests, then the second once more at the front; the first one's failure stops."""
    await browser.click("//nav//a[.='Test sets']")
    await browser.click("//a[.='Add a set']")
    await browser.fill("#name", "Nightly")
    await browser.run("for (const one of document.querySelectorAll('option')) one.selected = true")
    await browser.click("main .main")
    await browser.see("Set Nightly was added")
    await browser.click("#add option:last-child")
    await browser.click("[name='stop-1']")
    await browser.click("main form.fields .main")
    await browser.see("The set was changed")
    await browser.fill("[name='place-3']", "0")
    await browser.click("main form.fields .main")
    await browser.see("The set was changed")


async def queue_set(browser: Browser) -> None:
    await browser.click("//nav//a[.='Configurations and releases']")
    await browser.fill("#release", "2026.4")
    await browser.click("//button[.='Add the release']")
    await browser.see("The release 2026.4 was added")
    await browser.click("//nav//a[.='Runs']")
    await browser.click("//a[.='Queue a run']")
    await browser.choose("#what", "Nightly (3)")
    await browser.choose("#configuration", "Firefox / Debian 12")
    await browser.choose("#release", "2026.4")
    await browser.click("main .main")
    await browser.see("is queued: it waits for its host's agent")
    await browser.see("is for an agent of host LAB-W11-03: Order can be cancelled <late>.")


async def work(lab: Lab, host: Host, run_id: int, script: Path, tmp_path: Path) -> None:
    """What the agent does: the script, results, log and report, these as labfleet writes them."""
    query = "?agent=junit"
    sent = await lab.call("GET", f"{host.item(run_id, 2)}/script{query}", host.auth)
    assert sent.body == script.read_bytes()
    await lab.report(host, run_id, "Passed", 1)
    steps = [
        {"status": "Passed"},
        {"status": "Failed", "actual_result": "Expected 3 items, got <2>"},
    ]
    for step, asked in zip(steps, ("Open the shop", "Add an item"), strict=True):
        step["step"] = asked
    body = result("Failed", test_run_results=steps)
    assert (await lab.call("PATCH", host.item(run_id, 2), host.auth, json=body)).status == 200
    await lab.report(host, run_id, "Skipped", 3)
    (tmp_path / "login.png").write_bytes(png(30, 20))
    write_mht(FACTS, tmp_path / "report.mht", images=[tmp_path / "login.png"])
    write_xml_log(FACTS, tmp_path / "log.xml")
    for kind, name in (("logs", "log.xml"), ("report", "report.mht")):
        form = upload(name, (tmp_path / name).read_bytes())
        answer = await lab.call("POST", f"{host.item(run_id, 2)}/{kind}", host.auth, data=form)
        assert answer.status == 200


async def look_at_log_and_report(browser: Browser) -> None:
    await browser.click("//a[.='log']")
    await browser.see("<?xml", inside="pre")
    assert "shop.CartTest" in await browser.text("pre")
    await browser.click("//nav[@aria-label='Pages']//a[.='Runs']")
    await browser.click("tbody tr:first-child a")
    await browser.click("//a[.='report']")
    await browser.enter("iframe")
    await browser.see("Basket regression")
    assert await browser.run("return document.images[0].naturalWidth") == 30
    await browser.enter(None)
    await browser.click("//a[.='Save report.mht']")
    assert (await browser.downloaded("report.mht")).stat().st_size > 1000


async def run_it_again(lab: Lab, browser: Browser, host: Host) -> None:
    await browser.click("//main//a[.='run 1']")
    await browser.click("//button[.='Run again']")
    await browser.see("Run 2 is queued: the same as run 1 once more")
    assert [run["id"] for run in (await lab.pending(host))["results"]] == [2]
    await browser.click("//summary[.='Remove this run']")
    await browser.click("//button[.='Remove run 2']")
    await browser.see("Run 2 was removed")
    assert (await lab.pending(host))["results"] == []
    answer = await lab.call("GET", f"/rest-api/service/api/v2/{HOME}/testruns/1", DEMO)
    assert json.loads(answer.body)["status"] == "Incomplete"
