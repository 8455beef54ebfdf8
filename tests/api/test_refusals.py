"""Every status of the API, with every body it may have, becomes the right error."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.api.answers import retry_after_s
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api
from orchestrator.errors import ApiError, PermanentApiError, TransientApiError
from tests.api.servers import counted, open_client, open_web
from tests.standin.lab import Host, Lab, open_lab


async def refused(answer: web.Response) -> tuple[ApiError, dict[tuple[str, str], int]]:
    async with open_web(lambda _: answer) as server, open_client(server.url) as (api, client):
        with pytest.raises(ApiError) as caught:
            await client.get_host()
        return caught.value, counted(api)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422])
async def test_a_refusal_is_final(lab: Lab, api: Api, client: HostClient, status: int) -> None:
    lab.faults.answer("get_host", status)

    with pytest.raises(PermanentApiError) as caught:
        await client.get_host()

    assert caught.value.status == status
    assert str(caught.value) == f"get_host: {status} The stand-in was told to answer so"
    assert counted(api) == {("get_host", "4xx"): 1}


@pytest.mark.parametrize("status", [407, 408, 425, 429, 500, 501, 502, 503, 504, 511, 520])
async def test_a_failure_of_the_server_may_pass(
    lab: Lab, api: Api, client: HostClient, status: int
) -> None:
    lab.faults.answer("get_host", status)

    with pytest.raises(TransientApiError) as caught:
        await client.get_host()

    assert (caught.value.status, caught.value.operation) == (status, "get_host")
    assert caught.value.detail == "The stand-in was told to answer so"
    assert counted(api) == {("get_host", f"{status // 100}xx"): 1}


@pytest.mark.parametrize("status", [101, 600, 999])
async def test_a_status_that_http_does_not_know_is_no_success(status: int) -> None:
    answer = web.Response(status=status)
    async with open_web(lambda _: answer) as server, open_client(server.url) as (api, client):
        with pytest.raises(TransientApiError) as caught:
            await client.update_host({})

        assert counted(api) == {("update_host", "decode"): 1}
    assert caught.value.status == status


@pytest.mark.parametrize("quirk", ["errors-empty", "errors-html"])
async def test_an_error_without_a_document_is_told_by_its_reason(
    tmp_path_factory: pytest.TempPathFactory, quirk: str
) -> None:
    data_dir = tmp_path_factory.mktemp("lab")
    async with open_lab(data_dir, quirk) as lab, open_client(lab.url) as (_, client):
        with pytest.raises(PermanentApiError) as caught:
            await client.get_host()

    page = " (the answer is an HTML page)" if quirk == "errors-html" else ""
    assert str(caught.value) == f"get_host: 401 Unauthorized{page}"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"errors": [{"message": "Run not found", "code": 404}]}, "Run not found"),
        ({"errors": [{"message": "a"}, {"message": "b"}]}, "a; b"),
        ({"errors": ["plain"]}, "plain"),
        ({"Errors": [{"Message": "upper"}]}, "upper"),
        ({"response_status": {"error_code": "X", "message": "Bad id"}}, "Bad id"),
        ({"ResponseStatus": {"ErrorCode": "X", "Message": "Bad id"}}, "Bad id"),
        ({"message": "top"}, "top"),
        ({"errors": [{"message": None}]}, "Bad Request"),
        ({"errors": [{"message": {"a": 1}}]}, "Bad Request"),
        ({"errors": [None, 5]}, "Bad Request"),
        ({"errors": {}, "response_status": "x\ny"}, "x y"),
        ([], "Bad Request"),
        ({"errors": [{"message": "two\r\n lines\x1b[1m \u202e"}]}, "two lines[1m "),
        ({"errors": [{"message": "x" * 10_000}]}, "x" * 300),
    ],
)
async def test_the_servers_own_words_are_found(document: object, said: str) -> None:
    error, _ = await refused(web.json_response(document, status=400))

    assert error.detail == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Bad Request"),
        (b"<!DOCTYPE html><title>IIS</title>", "Bad Request (the answer is an HTML page)"),
        (b"\xef\xbb\xbf <HTML>", "Bad Request (the answer is an HTML page)"),
        (b"<Error/>", "Bad Request (the answer is XML)"),
        (b'{"errors": [{"mess', "Bad Request"),
        (b"[" * 100_000, "Bad Request"),
        (b"\xff\xfe", "Bad Request"),
    ],
    ids=["empty", "page", "marked page", "XML", "cut off", "deep", "binary"],
)
async def test_a_body_that_is_no_document_is_never_quoted(body: bytes, said: str) -> None:
    error, _ = await refused(web.Response(body=body, status=400))

    assert error.detail == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>Log in</html>", "an HTML page, not JSON"),
        (b'{"id": 5', "cut off or malformed, not JSON"),
        (b"Hello", "something else, not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"id": "\xff"}', "not JSON"),
        (b'{"id": "x"}', "id: "),
        (b"[]", "the document: "),
        (b"", "the document: "),
    ],
    ids=["page", "cut off", "text", "deep", "long number", "no UTF-8", "odd", "list", "empty"],
)
async def test_a_success_that_cannot_be_read_may_pass(body: bytes, said: str) -> None:
    error, calls = await refused(web.Response(body=body))

    assert isinstance(error, TransientApiError)
    assert said in error.detail
    assert calls == {("get_host", "decode"): 1}


async def test_an_answer_above_the_cap_is_refused_before_it_is_all_here() -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(50):
            await response.write(b" " * (1024 * 1024))
            sent += 1
        return response

    async with open_web(flood) as server, open_client(server.url) as (api, client):
        with pytest.raises(TransientApiError, match="longer than"):
            await client.get_host()
        assert counted(api) == {("get_host", "decode"): 1}

    assert sent < 40


async def test_an_answer_that_grows_by_unpacking_is_refused_as_well() -> None:
    answer = web.Response(body=b" " * 50 * 1024 * 1024)
    answer.enable_compression()

    error, _ = await refused(answer)

    assert "longer than" in error.detail


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_login_page_loses_nothing_and_tells_no_secret(status: int) -> None:
    target = "https://user:pw@login.example/sso/start?ticket=hunter2#frag"

    error, calls = await refused(web.Response(status=status, headers={"Location": target}))

    # What is owed must not become a dead letter because somebody has to log in.
    assert isinstance(error, TransientApiError)
    assert error.detail == "redirects to https://login.example/sso/start; is server.url right?"
    assert calls == {("get_host", "3xx"): 1}


async def test_a_redirect_to_nowhere_is_told(lab: Lab) -> None:
    error, _ = await refused(web.Response(status=302))

    assert "nowhere" in error.detail


async def test_a_wrong_base_address_is_a_404_that_shows_what_answered(lab: Lab, host: Host) -> None:
    async with open_client(f"{lab.url}elsewhere") as (_, client):
        with pytest.raises(PermanentApiError, match="There is nothing at /elsewhere") as caught:
            await client.get_host()

    assert caught.value.status == 404


async def test_the_pause_that_the_server_asks_for_is_told(lab: Lab, client: HostClient) -> None:
    lab.faults.answer("get_host", 503, retry_after="120")

    with pytest.raises(TransientApiError) as caught:
        await client.get_host()

    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), (" 7 ", 7), ("9" * 400, 3600), ("3601", 3600), ("-5", None), ("1.5", None),
     ("", None), ("soon", None), ("²", None), ("٣", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0),
     ("Fri, 31 Dec 9999 23:59:59 GMT", 3600), ("Mon, 99 Jan 2026 00:00:00 GMT", None)],
)  # fmt: skip
def test_a_pause_is_seconds_or_a_date_and_never_for_good(
    header: str, seconds: float | None
) -> None:
    assert retry_after_s(header) == seconds


def test_a_pause_until_a_date_is_what_is_left_of_it() -> None:
    in_a_minute = datetime.now(UTC) + timedelta(minutes=1)

    for header in (format_datetime(in_a_minute, usegmt=True), in_a_minute.ctime()):
        seconds = retry_after_s(header)
        assert seconds is None or 58 <= seconds <= 60


@given(st.text() | st.from_regex(r"\A\w{3}, \d{1,2} Jan \d{1,5} \d\d:\d\d:\d\d [+-]\d{1,12}\Z"))
def test_any_pause_is_within_bounds_or_none(header: str) -> None:
    seconds = retry_after_s(header)

    assert seconds is None or 0 <= seconds <= 3600


def test_an_error_says_operation_status_and_detail() -> None:
    error = TransientApiError("get_host", "no answer in time", retry_after_s=3)

    assert (str(error), error.status) == ("get_host: no answer in time", None)
    assert json.dumps(PermanentApiError("x", "y", status=400).args) == '["x: 400 y"]'
