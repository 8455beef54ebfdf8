"""The management pages over plain HTTP: who may, what is refused, and that nothing is run."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.standin.lab import PROJECT, Host, Lab, open_lab, result, upload
from tests.standin.reader import Reader, cookie, key, sign_in

HOME = f"/projects/{PROJECT}"
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
async def demo(lab: Lab) -> Reader:
    return await sign_in(lab, "demo@example.com")


async def test_who_is_not_signed_in_is_asked_to(lab: Lab) -> None:
    for path in ("/", f"{HOME}/runs", "/users"):
        answer = await lab.call("GET", path)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")

    assert (await lab.call("POST", f"{HOME}/tests/new", data={"title": "T"})).status == 303
    assert (await lab.door.call("GET", f"{PROJECT}/tests"))["results"] == []


async def test_a_wrong_password_opens_nothing(lab: Lab) -> None:
    page = await lab.call("GET", "/sign-in")
    fields = {"form_key": key(page), "email": "demo@example.com", "password": "secret-guess"}

    answer = await lab.call("POST", "/sign-in", data=fields, headers={"Cookie": cookie(page)})

    assert answer.status == 400
    assert b"The e-mail address or the password is wrong" in answer.body
    assert b"secret-guess" not in answer.body
    assert "standin-session" not in str(answer.headers.getall("Set-Cookie"))


async def test_the_session_is_in_a_cookie_that_no_script_and_no_other_site_uses(lab: Lab) -> None:
    page = await lab.call("GET", "/sign-in")
    fields = {"form_key": key(page), "email": "demo@example.com", "password": "demo"}
    sign_in_answer = await lab.call(
        "POST", "/sign-in", data=fields, headers={"Cookie": cookie(page)}
    )

    (session,) = [
        one for one in sign_in_answer.headers.getall("Set-Cookie") if "standin-session" in one
    ]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(session.split("; "))


async def test_signing_out_ends_the_session(demo: Reader) -> None:
    assert (await demo.get(f"{HOME}/runs")).status == 200

    assert await demo.done("/sign-out") == "/sign-in"

    assert (await demo.get(f"{HOME}/runs")).status == 303


@pytest.mark.parametrize("form_key", ["", "wrong", "é"])
async def test_a_form_without_the_key_of_the_session_is_refused(
    lab: Lab, demo: Reader, form_key: str
) -> None:
    answer = await demo.post(f"{HOME}/tests/new", {"form_key": form_key, "title": "T"})

    assert answer.status == 403
    assert (await lab.door.call("GET", f"{PROJECT}/tests"))["results"] == []


async def test_the_sign_in_form_needs_its_key_too(lab: Lab) -> None:
    page = await lab.call("GET", "/sign-in")
    fields = {"email": "demo@example.com", "password": "demo"}

    for sent, cookies in (
        ({**fields, "form_key": key(page)}, ""),
        ({**fields, "form_key": "other"}, cookie(page)),
        ({**fields, "form_key": ""}, cookie(page)),
    ):
        answer = await lab.call("POST", "/sign-in", data=sent, headers={"Cookie": cookies})
        assert answer.status == 400


async def test_the_sign_in_form_takes_no_more_than_it_needs(lab: Lab) -> None:
    page = await lab.call("GET", "/sign-in")
    fields = {"email": "x" * 20_000, "password": "demo", "form_key": key(page)}

    answer = await lab.call("POST", "/sign-in", data=fields, headers={"Cookie": cookie(page)})

    assert answer.status == 413


async def test_a_form_in_a_made_up_encoding_is_refused(demo: Reader) -> None:
    more = {"Content-Type": "application/x-www-form-urlencoded; charset=no-such"}
    headers = {"Cookie": demo.cookie, **more}

    answer = await demo.lab.call("POST", "/departments", data=b"a=b", headers=headers)
    assert answer.status == 400


async def test_a_test_that_rests_in_its_set_stays_at_rest(
    lab: Lab, host: Host, demo: Reader
) -> None:
    tests = [await lab.door.add_test(PROJECT, f"T{n}") for n in (1, 2)]
    set_path = await demo.done(f"{HOME}/sets/new", {"name": "S", "add": str(tests[0])})
    await demo.done(
        set_path, {"name": "S", "test": str(tests[0]), "place-1": "1", "add": str(tests[1])}
    )
    set_id = set_path.rpartition("/")[2]

    order = {"what": f"set-{set_id}", "host": str(host.id)}
    await demo.done(f"{HOME}/runs/new", order)

    (run,) = (await lab.pending(host))["results"]
    assert [item["test_id"] for item in run["test_run_items"]] == [tests[1]]


async def test_every_form_that_changes_something_has_the_key(lab: Lab, host: Host) -> None:
    reader = await sign_in(lab, "lead@example.com")
    for path in await _every_page(lab, host):
        text = await reader.text(path)
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
        assert forms, path
        assert all(f'name="form_key" value="{reader.form_key}"' in form for form in forms), path


async def test_every_page_says_what_it_is_names_its_fields_and_lets_no_script_run(
    lab: Lab, host: Host
) -> None:
    reader = await sign_in(lab, "lead@example.com")
    reader_paths = await _every_page(lab, host)
    for answer in [await lab.call("GET", "/sign-in"), *[await reader.get(p) for p in reader_paths]]:
        text = answer.body.decode()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "stand-in, not QAComplete" in text
        assert '<a href="/rest-api/service/automation/v2/">' in text
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<script|<style|\son\w+=|\sstyle=", text)
        ids = re.findall(r'\sid="([^"]*)"', text)
        assert len(ids) == len(set(ids))
        named = re.findall(r'\s(?:for|aria-describedby)="([^"]*)"', text)
        assert set(named) <= set(ids)
        fields = re.findall(r"<(?:input|select|textarea)[^>]*>", text)
        assert all(
            re.search(r'type="hidden"|aria-label="[^"]', field)
            or set(re.findall(r'\sid="([^"]*)"', field)) & set(named)
            for field in fields
        )


async def test_texts_of_others_are_shown_as_texts(lab: Lab) -> None:
    host = await lab.host("L<b>", host_configuration=MARKUP, os=MARKUP)
    test_id = await lab.door.add_test(PROJECT, MARKUP, [(MARKUP, MARKUP)])
    await lab.door.add_automation(PROJECT, test_id, "junit", Title=MARKUP, Params={"a": MARKUP})
    set_id = await lab.door.add_set(PROJECT, MARKUP, [(test_id, True)])
    run_id = await lab.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)
    steps = [{"status": "Failed", "actual_result": MARKUP}]
    body = result("Failed", test_run_results=steps)
    assert (await lab.call("PATCH", host.item(run_id), host.auth, json=body)).status == 200
    log = upload("a<b>.xml", MARKUP.encode())
    await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=log)
    demo = await sign_in(lab, "demo@example.com")

    paths = [
        *await _every_page(lab, host),
        f"{HOME}/tests/{test_id}/automations/junit",
        f"{HOME}/runs/{run_id}/items/1/log",
    ]
    texts = [await demo.text(path) for path in paths]

    assert not [path for path, text in zip(paths, texts, strict=True) if "<script" in text]
    assert not [path for path, text in zip(paths, texts, strict=True) if "<img" in text]
    assert sum("&lt;script&gt;" in text for text in texts) > 8


async def test_people_see_the_projects_of_their_departments_only(lab: Lab, demo: Reader) -> None:
    lead = await sign_in(lab, "lead@example.com")

    assert (await demo.get("/projects/4103/runs")).status == 403
    assert (await demo.get("/projects/9999/runs")).status == 404
    assert "Warehouse" not in await demo.text(f"{HOME}/runs")
    assert "Warehouse" in await lead.text("/projects/4103/runs")
    assert await lead.done_at("/open?project=4103") == "/projects/4103/runs"
    assert await demo.done_at("/open?project=4103") == "/"


async def test_what_belongs_to_another_project_is_not_found_in_this_one(
    lab: Lab, host: Host
) -> None:
    lead = await sign_in(lab, "lead@example.com")
    run_id = await lab.run(host)

    for path in (f"runs/{run_id}", "tests/1", f"hosts/{host.id}", "sets/1"):
        assert (await lead.get(f"/projects/4103/{path}")).status == 404
    for path in (f"runs/{run_id}/restart", f"runs/{run_id}/remove", "tests/1/remove"):
        assert (await lead.post(f"/projects/4103/{path}")).status == 404


async def test_hosts_and_tokens_need_the_read_right(lab: Lab, host: Host, demo: Reader) -> None:
    guest = await sign_in(lab, "guest@example.com")

    assert host.token in await demo.text(f"{HOME}/hosts/{host.id}")
    assert host.token not in await demo.text(f"{HOME}/hosts")
    for path in (f"{HOME}/hosts", f"{HOME}/hosts/{host.id}", "/departments/5120", "/users/new"):
        assert (await guest.get(path)).status == 403
    for path in (f"{HOME}/hosts/{host.id}", f"{HOME}/hosts/{host.id}/token", "/departments"):
        assert (await guest.post(path, {"host_name": "X"})).status == 403
    assert host.token not in await guest.text(f"{HOME}/runs/new")


async def test_a_host_is_renamed_put_to_rest_and_given_another_token(
    lab: Lab, host: Host, demo: Reader
) -> None:
    path = f"{HOME}/hosts/{host.id}"
    await lab.host("LAB-02")

    assert (await demo.post(path, {"host_name": "lab-02"})).status == 400
    assert await demo.done(path, {"host_name": "LAB-09"}) == path
    await demo.done(f"{path}/token")

    assert (await lab.call("GET", host.path, host.auth)).status == 401
    text = await demo.text(path)
    assert "LAB-09" in text
    assert "not active" in text
    assert host.token not in text
    assert "LAB-09" not in await demo.text(f"{HOME}/runs/new")


async def test_the_history_is_paged_newest_first_and_filtered(lab: Lab, demo: Reader) -> None:
    hosts = [await lab.host("LAB-01"), await lab.host("LAB-02")]
    test_id = await lab.door.add_test(PROJECT, "T")
    runs = [
        await lab.door.queue(project=PROJECT, host_id=hosts[n % 2].id, test_id=test_id)
        for n in range(60)
    ]
    await lab.report(hosts[0], runs[0], "Failed")

    async def shown(query: str) -> list[int]:
        text = await demo.text(f"{HOME}/runs{query}")
        return [int(found) for found in re.findall(rf'href="{HOME}/runs/(\d+)"', text)]

    assert await shown("") == runs[:9:-1]
    assert await shown("?page=2") == runs[9::-1]
    assert await shown("?page=99") == await shown("?page=2")
    assert await shown("?page=-1") == await shown("")
    assert await shown(f"?host={hosts[0].id}") == runs[-2::-2]
    assert await shown("?status=Failed") == [runs[0]]
    assert await shown(f"?status=Failed&host={hosts[1].id}") == []
    assert "?host=1&amp;page=2" not in await demo.text(f"{HOME}/runs?host=1")
    assert "51 to 60 of 60" in await demo.text(f"{HOME}/runs?page=2")


async def test_a_form_that_is_wrong_keeps_what_was_typed(demo: Reader) -> None:
    answer = await demo.post(
        f"{HOME}/tests/new", {"title": "x" * 300, "step": "Open", "expected": "Opened"}
    )

    text = unescape(answer.body.decode())
    assert answer.status == 400
    assert "At most 255 characters" in text
    assert "x" * 300 in text
    assert "Opened" in text


async def test_what_is_said_is_said_once(demo: Reader) -> None:
    path = await demo.done(f"{HOME}/tests/new", {"title": "T"})

    assert "was added" in await demo.text(path)
    assert "was added" not in await demo.text(path)


async def test_automations_take_a_link_and_refuse_what_is_none(lab: Lab, demo: Reader) -> None:
    test_path = await demo.done(f"{HOME}/tests/new", {"title": "T"})
    fields = {"agent": "testcomplete", "title": "Suite", "params": "a=1\nb = x=y", "timeout": "60"}

    refused = await demo.post(f"{test_path}/automations/new", {**fields, "link": "javascript:x"})
    assert refused.status == 400
    assert b'id="link-error"' in refused.body
    good = {**fields, "link": r"\\srv\share\t.zip"}
    assert await demo.done(f"{test_path}/automations/new", good) == test_path
    wrong = await demo.post(f"{test_path}/automations/testcomplete", {"params": "novalue"})
    assert wrong.status == 400

    automation = await _automation(lab)
    assert automation["link"] == r"\\srv\share\t.zip"
    assert (await demo.post(f"{test_path}/automations/new", fields)).status == 400
    await demo.done(f"{test_path}/automations/testcomplete", fields)
    automation = await _automation(lab)
    assert (automation["params"], automation["timeout"]) == ({"a": "1", "b": "x=y"}, 60)
    assert automation["link"] == r"\\srv\share\t.zip"


async def test_an_upload_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    async with open_lab(tmp_path, max_upload_bytes=50_000) as lab:
        demo = await sign_in(lab, "demo@example.com")
        test_path = await demo.done(f"{HOME}/tests/new", {"title": "T"})

        await demo.done(f"{test_path}/automations/new", {"agent": "nunit"})

        small = b"PK\x03\x04"
        for agent, content in (("junit", b"no zip"), ("junit", small * 15_000), ("nunit", small)):
            form = upload("t.zip", content, field="script")
            form.add_field("form_key", demo.form_key)
            form.add_field("agent", agent)
            answer = await lab.call(
                "POST",
                f"{test_path}/automations/new",
                data=form,
                headers={"Cookie": demo.cookie},
            )
            assert answer.status in (400, 413), answer.body
            assert b'role="alert"' in answer.body

        assert "JUnit" not in await demo.text(test_path)
        assert not list((tmp_path / "files").iterdir())


async def _automation(lab: Lab) -> dict[str, object]:
    answer = await lab.door.call("GET", f"{PROJECT}/tests/1/automations")
    (automation,) = answer["results"]
    return automation


async def _every_page(lab: Lab, host: Host) -> list[str]:
    """Every address with something on it: what is not there yet is made."""
    test_id = await lab.door.add_test(PROJECT, "T", [("Do", "Done")])
    await lab.door.add_automation(PROJECT, test_id, "junit")
    set_id = await lab.door.add_set(PROJECT, "S", [(test_id, True)])
    run_id = await lab.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)
    for kind, name in (("logs", "a.xml"), ("report", "a.mht")):
        await lab.call("POST", f"{host.item(run_id)}/{kind}", host.auth, data=upload(name))
    in_project = [
        "runs",
        "runs/new",
        f"runs/{run_id}",
        f"runs/{run_id}/items/1/log",
        f"runs/{run_id}/items/1/report",
        "tests",
        "tests/new",
        "tests/1",
        f"tests/{test_id}/automations/new",
        f"tests/{test_id}/automations/junit",
        "sets",
        "sets/new",
        "sets/1",
        "hosts",
        f"hosts/{host.id}",
        "configurations",
    ]
    rest = ["/departments", "/departments/5120", "/users", "/users/new", "/users/1", "/rehearsal"]
    return [f"{HOME}/{path}" for path in in_project] + rest


async def test_a_removed_test_stays_in_the_history(lab: Lab, host: Host, demo: Reader) -> None:
    run_id = await lab.run(host)
    await lab.report(host, run_id, "Passed")

    await demo.done(f"{HOME}/tests/1/remove")

    text = await demo.text(f"{HOME}/runs/{run_id}")
    assert "Add item" in text
    assert "its test was removed" in text
    assert f'href="{HOME}/tests/1"' not in text
    again = await demo.post(f"{HOME}/runs/{run_id}/restart")
    assert again.status == 400
    assert b"<h1>Not possible</h1>" in again.body
