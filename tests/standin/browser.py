"""A real Chromium without a window, driven over WebDriver's plain HTTP. Debian's packages bring it.

`chromium` starts one for all tests of a module; `browser` hands it to a test, fresh: no cookie, an
empty page, a download folder of its own. It reaches 127.0.0.1 and no other address.
Selectors are CSS, or XPath if they begin with a slash.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientSession

DRIVER, CHROMIUM = shutil.which("chromedriver"), shutil.which("chromium")
LIMIT_S = 15.0
_LOOK_S = 0.05
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that WebDriver gives to elements
_NOT_YET = (  # what goes by when a page is still changing
    "no such element",
    "stale element reference",
    "element not interactable",
    "element click intercepted",
    "no such alert",
)
_FLAGS = [
    "--headless=new",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,1000",
]


class WebDriverError(Exception):
    """What the driver answered, by WebDriver's short name and in words."""

    def __init__(self, value: dict[str, str]) -> None:
        super().__init__(f"{value['error']}: {value['message']}")
        self.error = value["error"]


class Browser:
    """One session. Every verb waits until it can be done, for LIMIT_S at most."""

    def __init__(self, session_url: str, client: ClientSession, downloads: Path) -> None:
        self.downloads = downloads
        self._url = session_url
        self._client = client

    async def open(self, url: str) -> None:
        await self._ask("POST", "url", url=url)

    async def url(self) -> str:
        return str(await self._ask("GET", "url"))

    async def click(self, selector: str) -> None:
        await self._on(selector, lambda path: self._ask("POST", f"{path}/click"))

    async def fill(self, selector: str, text: str) -> None:
        """Type *text* in place of what the field holds."""

        async def type_it(path: str) -> None:
            await self._ask("POST", f"{path}/clear")
            await self._ask("POST", f"{path}/value", text=text)

        await self._on(selector, type_it)

    async def paste(self, selector: str, text: str) -> None:
        """As `fill`, but all at once: much quicker where a page works at every key."""
        await self._on(selector, lambda path: self._ask("POST", f"{path}/clear"))
        await self.click(selector)
        await self.devtools("Input.insertText", text=text)

    async def choose(self, selector: str, *what: Path | str) -> None:
        """Put files into a file field, or type a key or an option's text into a list."""
        text = "\n".join(str(one) for one in what)
        await self._on(selector, lambda path: self._ask("POST", f"{path}/value", text=text))

    async def text(self, selector: str = "body") -> str:
        """Return what of it is seen, as a person reads it."""
        return str(await self._on(selector, lambda path: self._ask("GET", f"{path}/text")))

    async def count(self, selector: str) -> int:
        return len(await self._ask("POST", "elements", **_by(selector)))

    async def see(self, text: str, *, inside: str = "body") -> str:
        """Wait until *text* is seen *inside*; return all that is seen there."""
        seen = ""
        with anyio.move_on_after(LIMIT_S):
            while text not in (seen := await self.text(inside)):
                await anyio.sleep(_LOOK_S)
            return seen
        raise AssertionError(f"{text!r} is not seen in {inside}, but: {seen[-3000:]}")

    async def run(self, script: str, *args: object) -> Any:
        """Run *script* in the page and return what it returns; a promise is waited for."""
        return await self._ask("POST", "execute/sync", script=script, args=list(args))

    async def enter(self, selector: str | None) -> None:
        """Look into a frame from now on, or, for None, at the whole page again."""
        frame = None if selector is None else await self._ask("POST", "element", **_by(selector))
        await self._ask("POST", "frame", id=frame)

    async def accept_alert(self) -> str:
        """Return what a confirmation asks, and agree."""
        question = await self._patiently(lambda: self._ask("GET", "alert/text"))
        await self._ask("POST", "alert/accept")
        return str(question)

    async def downloaded(self, name: str) -> Path:
        """Wait until *name* lies whole in the download folder."""
        with anyio.fail_after(LIMIT_S):
            while not (self.downloads / name).exists():
                await anyio.sleep(_LOOK_S)
        return self.downloads / name

    async def complaints(self) -> list[str]:
        """Return what the console got since last time: errors, and what a policy forbade."""
        entries = await self._ask("POST", "se/log", type="browser")
        return [f"{entry['level']}: {entry['message']}" for entry in entries]

    async def shoot(self, path: Path) -> None:
        """Write a picture of what a person would see now."""
        path.write_bytes(base64.b64decode(await self._ask("GET", "screenshot")))

    async def refresh(self) -> None:
        """Forget the test before: its page, its cookies, its complaints."""
        await self.open("about:blank")
        self.downloads.mkdir(parents=True, exist_ok=True)
        await self.devtools("Network.clearBrowserCookies")
        await self.devtools(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads)
        )
        await self.complaints()

    async def devtools(self, command: str, **params: object) -> Any:
        """Say something that WebDriver has no word for."""
        return await self._ask("POST", "goog/cdp/execute", cmd=command, params=params)

    async def _on(self, selector: str, act: Callable[[str], Awaitable[Any]]) -> Any:
        async def once() -> Any:
            found = await self._ask("POST", "element", **_by(selector))
            return await act(f"element/{found[_ELEMENT]}")

        return await self._patiently(once)

    async def _patiently(self, act: Callable[[], Awaitable[Any]]) -> Any:
        until = anyio.current_time() + LIMIT_S
        while True:
            try:
                return await act()
            except WebDriverError as error:
                if error.error not in _NOT_YET or anyio.current_time() > until:
                    raise
            await anyio.sleep(_LOOK_S)

    async def _ask(self, method: str, path: str, **body: object) -> Any:
        sent = body if method == "POST" else None
        async with self._client.request(method, f"{self._url}/{path}", json=sent) as response:
            value = (await response.json())["value"]
            if response.status != 200:
                raise WebDriverError(value)
            return value


def _by(selector: str) -> dict[str, str]:
    using = "xpath" if selector.startswith(("/", "(")) else "css selector"
    return {"using": using, "value": selector}


@contextmanager
def open_chromium() -> Iterator[str]:
    """Start a driver and a browser; yield the address of its session; leave nothing of either."""
    assert DRIVER is not None
    driver = subprocess.Popen(
        [DRIVER, "--port=0"], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        with driver:
            port = _port(driver)
            wanted = {"capabilities": {"alwaysMatch": _capabilities()}}
            session = _call(port, "POST", "/session", wanted)["sessionId"]
            try:
                yield f"http://127.0.0.1:{port}/session/{session}"
            finally:
                # Ends the browser with all its processes; the group is for what did not listen.
                with suppress(OSError):
                    _call(port, "DELETE", f"/session/{session}")
                driver.terminate()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGKILL)


def _port(driver: subprocess.Popen[str]) -> int:
    assert driver.stdout is not None
    for line in driver.stdout:
        if "started successfully on port" in line:
            return int(line.strip().rstrip(".").rpartition(" ")[2])
    raise AssertionError("chromedriver did not start")


def _capabilities() -> dict[str, object]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # it does not start as root with one
    options = {"binary": CHROMIUM, "args": [*_FLAGS, *sandbox]}
    return {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "WARNING"}}


def _call(port: int, method: str, path: str, body: object = None) -> Any:
    """Ask the driver where no event loop runs."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        return json.load(connection.getresponse())["value"]
    finally:
        connection.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[str]:
    if DRIVER is None or CHROMIUM is None:
        pytest.skip("chromium or chromedriver is not installed")
    with open_chromium() as session_url:
        yield session_url


@pytest.fixture
async def browser(chromium: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with ClientSession() as client:
        browser = Browser(chromium, client, tmp_path / "downloads")
        await browser.refresh()
        yield browser
