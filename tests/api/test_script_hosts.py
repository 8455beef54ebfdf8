"""A script is followed to foreign servers as far as the settings allow, without credentials."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from orchestrator.api.client import HostClient
from orchestrator.api.download import Rules
from orchestrator.errors import ScriptError, TransientApiError
from tests.api.scripts import FREE, ZIP, fetch, follow, to
from tests.api.servers import Web, open_client, open_web
from tests.standin.lab import JUNIT, Host, Lab


@pytest.fixture
async def files() -> AsyncIterator[Web]:
    """A web server that has a script at /x.zip, and whatever else a test asks for by path."""

    def answer(request: web.Request) -> web.Response:
        if request.path == "/x.zip":
            return web.Response(body=ZIP)
        if request.path.startswith("/status/"):
            status = int(request.path.rsplit("/", 1)[1])
            return web.Response(status=status, text=f"<html>{status}</html>")
        if request.path == "/to":
            return to(request.query["it"])
        return web.Response(text=request.query.get("say", "<html>Log in</html>"))

    async with open_web(answer) as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_script_on_a_web_server_is_fetched_without_our_credentials(
    files: Web, tmp_path: Path, status: int
) -> None:
    location = f"{files.url}x.zip?sig=a%2Fb%2Bc"

    found, calls = await follow(location, tmp_path, files.place, status=status)

    assert found == ZIP
    (request,) = files.seen
    assert request.method == "GET"
    assert request.raw_path == "/x.zip?sig=a%2Fb%2Bc"
    assert not {"Authorization", "Cookie", "Referer"} & set(request.headers)
    assert calls == {("get_script", "3xx"): 1}, "a foreign server is not the API"


async def test_an_address_that_needs_escaping_is_escaped(files: Web, tmp_path: Path) -> None:
    await follow(f"{files.url}x.zip?a=b c&d=ü", tmp_path, files.place)

    assert files.seen[0].query == {"a": "b c", "d": "ü"}


async def test_the_standins_link_is_followed(
    lab: Lab, host: Host, client: HostClient, files: Web, tmp_path: Path
) -> None:
    run_id = await lab.scripted_run(host, JUNIT, f"{files.url}x.zip")

    script = await client.fetch_script(run_id, 1, JUNIT, tmp_path / "s", Rules(FREE))

    assert isinstance(script, Path)
    assert script.read_bytes() == ZIP


@pytest.mark.parametrize("form", ["/files/x.zip", "//{place}/files/x.zip", "HTTP://u:p@{place}/x"])
async def test_the_api_itself_gets_our_credentials_after_a_redirect(
    tmp_path: Path, form: str
) -> None:
    def answer(request: web.Request) -> web.Response:
        asked = request.path.endswith("/script")
        return to(form.format(place=request.host)) if asked else web.Response(body=ZIP)

    async with open_web(answer) as server, open_client(server.url) as (_, client):
        assert await fetch(client, tmp_path) == ZIP

    first, second = server.seen
    assert first.headers["Authorization"] == second.headers["Authorization"]


@pytest.mark.parametrize("back", [True, False], ids=["to the API", "to a third"])
async def test_credentials_once_dropped_stay_dropped(tmp_path: Path, back: bool) -> None:
    async with open_web(lambda _: web.Response(body=ZIP)) as third:
        home: list[str] = []

        def point(_: web.Request) -> web.Response:
            return to(f"{home[0] if back else third.url}files/x.zip")

        async with open_web(point) as foreign:

            def answer(request: web.Request) -> web.Response:
                asked = request.path.endswith("/script")
                return to(f"{foreign.url}y") if asked else web.Response(body=ZIP)

            async with open_web(answer) as server, open_client(server.url) as (_, client):
                home.append(server.url)
                assert await fetch(client, tmp_path, "127.0.0.1") == ZIP

    later = [*foreign.seen, *third.seen, *server.seen[1:]]
    assert len(later) == 2
    assert all("Authorization" not in request.headers for request in later)


async def test_another_name_of_the_same_machine_is_foreign(tmp_path: Path) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/script"):
            return to(f"http://LocalHost:{request.url.port}/x.zip")
        return web.Response(body=ZIP)

    async with open_web(answer) as server, open_client(server.url) as (_, client):
        with pytest.raises(ScriptError, match="script_hosts does not name"):
            await fetch(client, tmp_path, "files.lab")
        assert await fetch(client, tmp_path, "LOCALHOST") == ZIP

    assert "Authorization" not in server.seen[-1].headers


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://files.example/x.zip", "files.example:80 without TLS"),
        ("https://127.0.0.1/x.zip", "127.0.0.1:443 is no public address"),
        ("https://localhost:8443/x.zip", "localhost:8443 is no public address"),
        ("https://127.1/x", "127.1:443 is no public address"),
        ("https://2130706433/x", "2130706433:443 is no public address"),
        ("https://10.1.2.3/x", "10.1.2.3:443 is no public address"),
        ("https://192.168.0.1/x", "no public address"),
        ("https://172.16.0.1/x", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://100.64.0.1/x", "no public address"),
        ("https://0.0.0.0/x", "no public address"),
        ("https://[::1]/x", r"\[::1\]:443 is no public address"),
        ("https://[::ffff:127.0.0.1]/x", "no public address"),
        ("https://[fe80::1]/x", "no public address"),
        ("https://[fd00::1]/x", "no public address"),
    ],
)
async def test_without_named_hosts_only_public_servers_over_tls_are_asked(
    tmp_path: Path, location: str, reason: str
) -> None:
    with pytest.raises(ScriptError, match=f"{reason}.*name it in server.script_hosts"):
        await follow(location, tmp_path)


async def test_a_server_that_cannot_be_found_may_come_back(tmp_path: Path) -> None:
    for name in ("no-such-host.invalid", "a..b"):
        with pytest.raises(TransientApiError, match=f"{name} cannot be found"):
            await follow(f"https://{name}/x?sig=hunter2", tmp_path)


@pytest.mark.parametrize(
    ("named", "allowed"),
    [("{place}", True), ("127.0.0.1", True), ("127.0.0.1:1", False), ("27.0.0.1", False),
     ("localhost", False), ("http://{place}", False), ("", False)],
)  # fmt: skip
async def test_hosts_are_named_with_or_without_port(
    files: Web, tmp_path: Path, named: str, allowed: bool
) -> None:
    hosts = ("other.lab", named.format(place=files.place))
    if allowed:
        assert (await follow(f"{files.url}x.zip", tmp_path, *hosts))[0] == ZIP
        return

    with pytest.raises(ScriptError, match="does not name"):
        await follow(f"{files.url}x.zip", tmp_path, *hosts)

    assert files.seen == []


async def test_each_hop_has_to_be_allowed(files: Web, tmp_path: Path) -> None:
    location = f"{files.url}to?it=http://localhost:1/x.zip"

    with pytest.raises(ScriptError, match="localhost:1, which server"):
        await follow(location, tmp_path, files.place)


@pytest.mark.parametrize("said", ["/to?it=file:///etc", "/to?it=C:/x", "/say?say=/etc/passwd"])
async def test_only_the_api_may_point_to_a_path(files: Web, tmp_path: Path, said: str) -> None:
    with pytest.raises(ScriptError, match="as only QAComplete may"):
        await follow(files.url.rstrip("/") + said, tmp_path, *FREE)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("status/401", "answered 401 Unauthorized"),
        ("status/403", "answered 403 Forbidden"),
        ("status/404", "answered 404 Not Found"),
        ("status/410", "answered 410 Gone"),
        ("login", ": the answer is an HTML page, not a script"),
    ],
)
async def test_a_foreign_refusal_is_final_names_the_address_and_says_nothing_of_our_token(
    files: Web, tmp_path: Path, path: str, said: str
) -> None:
    location = f"http://user:hunter2@{files.place}/{path}?sig=hunter2#hunter2"

    with pytest.raises(ScriptError) as caught:
        await follow(location, tmp_path, files.place)

    assert str(caught.value).removesuffix(said).rstrip() == f"the script at {files.url}{path}"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_foreign_failure_may_pass_and_names_the_address(
    files: Web, tmp_path: Path, status: int
) -> None:
    with pytest.raises(TransientApiError) as caught:
        await follow(f"{files.url}status/{status}?sig=hunter2", tmp_path, files.place)

    assert f"the script at {files.url}status/{status} answered {status} " in str(caught.value)
    assert caught.value.status is None, "the API did not answer so"
    assert "hunter2" not in str(caught.value)


async def test_a_foreign_server_that_is_away_may_come_back(
    free_tcp_port: int, tmp_path: Path
) -> None:
    place = f"127.0.0.1:{free_tcp_port}"

    with pytest.raises(TransientApiError) as caught:
        await follow(f"http://u:hunter2@{place}/x.zip?sig=hunter2", tmp_path, place)

    assert str(caught.value) == (
        f"get_script: the script at http://{place}/x.zip: "
        f"cannot connect to {place}: Connection refused"
    )
