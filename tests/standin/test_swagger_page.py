"""The API's own page, as a person uses it in a real browser."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.standin.browser import LIMIT_S, Browser
from tests.standin.lab import API, DEMO, JUNIT, Host, Lab


class ApiPage:
    """Swagger UI with the document of the ten operations."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def open(self, lab: Lab) -> None:
        # What the address asks for must not matter: it could name a document of somebody else.
        await self.browser.open(f"{lab.url.rstrip('/')}{API}/?url=/standin/api/openapi.json")
        await self.browser.text(".opblock[id$='-upload_report']")

    async def sign_in(self, scheme: str, login: str, password: str) -> None:
        form = f"//form[.//code='{scheme}']"
        await self.browser.click(".auth-wrapper .authorize")
        await self.browser.paste(f"{form}//input[@name='username']", login)
        await self.browser.paste(f"{form}//input[@name='password']", password)
        await self.browser.click(f"{form}//button[@type='submit']")
        await self.browser.see("Logout", inside=f"{form}")
        await self.browser.click(".close-modal")

    async def call(self, operation: str, until: str = "", **values: Any) -> str:
        """Execute *operation*, and return what the page shows as the answer: that with *until*."""
        block = f".opblock[id$='-{operation}']"
        if not await self.browser.count(f"{block}.is-open"):
            await self.browser.click(f"{block} .opblock-summary-control")
        body = values.pop("body", None)
        for name, value in values.items():
            field = f"{block} tr[data-param-name='{name}'] :is(input, select)"
            await self._put(field, value)
        if isinstance(body, Path):
            await self.browser.choose(f"{block} input[type='file']", body)
        elif body is not None:
            await self.browser.paste(f"{block} .body-param__text", json.dumps(body))
        await self.browser.click(f"{block} .execute")
        return await self.browser.see(until, inside=f"{block} .live-responses-table .response")

    async def addresses_asked(self) -> list[str]:
        asked: list[str] = await self.browser.run(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        assert len(asked) >= 5
        return asked

    async def _put(self, field: str, value: object) -> None:
        if await self.browser.run(f"return document.querySelector(`{field}`).tagName") == "SELECT":
            await self.browser.choose(field, str(value))
        else:
            await self.browser.paste(field, str(value))


@pytest.fixture
async def page(browser: Browser, lab: Lab) -> ApiPage:
    page = ApiPage(browser)
    await page.open(lab)
    return page


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("run.sh", "exit 0")
    return held.getvalue()


async def until_uploaded(lab: Lab, run_id: int) -> bytes:
    with anyio.fail_after(LIMIT_S):
        while True:
            answer = await lab.call("GET", f"/standin/runs/{run_id}/items/1/log", DEMO)
            if answer.status == 200:
                return answer.body


async def test_a_person_does_a_whole_run_from_the_page(
    page: ApiPage, lab: Lab, tmp_path: Path
) -> None:
    await page.browser.see("These calls change live data.", inside=".notice")
    refused = await page.call("list_departments", until="401")
    assert '"code": 401' in refused
    (complaint,) = await page.browser.complaints()
    assert "401 (Unauthorized)" in complaint
    assert "show-redirect" not in (await page.browser.text(".curl-command")).lower()

    await page.sign_in("user", "demo@example.com", "demo")
    departments = await page.call("list_departments", until="200")
    assert '"name": "Payments"' in departments

    registration = {"host_name": "LAB-BROWSER", "host_configuration": "cpu=8", "agents": ["junit"]}
    registered = await page.call("register_host", body=registration)
    host = await registered_host(lab)
    assert registered.startswith("200")
    assert f'"security_token": "{host.token}"' in registered

    script = zipped()
    run_id = await lab.scripted_run(host, JUNIT, script)
    await page.sign_in("host", str(host.id), host.token)
    listed = await page.call("current_runs", host_id=host.id)
    assert listed.startswith("200")
    assert f'"id": {run_id},' in listed

    await script_is_downloaded(page, script, {**item_of(host, run_id), "agent": JUNIT})
    reported = await page.call("update_item", **item_of(host, run_id))
    assert '"status": "Failed"' in reported
    assert await lab.statuses(run_id) == ["Failed"]

    log = tmp_path / "log.xml"
    log.write_bytes(b"<log/>")
    assert (await page.call("upload_log", **item_of(host, run_id), body=log)).startswith("200")
    assert await until_uploaded(lab, run_id) == b"<log/>"
    assert await page.browser.complaints() == []
    assert all(address.startswith(lab.url) for address in await page.addresses_asked())


def item_of(host: Host, run_id: int) -> dict[str, Any]:
    return {"host_id": host.id, "run_id": run_id, "sequence_number": 1}


async def script_is_downloaded(page: ApiPage, script: bytes, item: dict[str, Any]) -> None:
    assert (await page.call("get_script", **item)).startswith("200")
    await page.browser.click(".opblock[id$='-get_script'] .live-responses-table a[download]")
    assert (await page.browser.downloaded("script.zip")).read_bytes() == script


async def registered_host(lab: Lab) -> Host:
    found = await lab.call("GET", f"{API}/hosts?name=LAB-BROWSER", DEMO)
    return Host(found.document["id"], found.document["security_token"])


async def test_a_script_that_is_elsewhere_is_shown_as_the_redirect_it_is(
    page: ApiPage, lab: Lab, host: Host
) -> None:
    away = "https://files.example.com/suite.zip"
    shared = r"\\server\share\suite.zip"
    await page.sign_in("host", str(host.id), host.token)

    for link, location in ((away, away), (shared, rf"file:///{shared}")):
        run_id = await lab.scripted_run(host, JUNIT, link)
        item = {**item_of(host, run_id), "agent": JUNIT}
        shown = await page.call("get_script", until=location, **item)
        assert shown.startswith("302")
        assert f"location: {location}" in shown
        assert "A program goes there" in shown
        plain = await lab.call("GET", f"{host.item(run_id)}/script?agent={JUNIT}", host.auth)
        assert (plain.status, plain.headers["Location"]) == (302, location)
    assert await page.browser.complaints() == []
