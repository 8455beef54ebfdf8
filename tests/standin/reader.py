"""Somebody at the management pages, over plain HTTP: signs in, opens pages, sends forms."""

import re
from html import unescape
from typing import Any

from tests.standin.lab import Answer, Lab

_KEY = re.compile(r'name="form_key" value="([^"]+)"')


class Reader:
    def __init__(self, lab: Lab, email: str) -> None:
        self.lab = lab
        self.email = email
        self.cookie = ""
        self.form_key = ""

    async def get(self, path: str) -> Answer:
        return await self.lab.call("GET", path, headers={"Cookie": self.cookie})

    async def text(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return answer.body.decode()

    async def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Answer:
        data = {"form_key": self.form_key, **(fields or {})}
        return await self.lab.call("POST", path, data=data, headers={"Cookie": self.cookie}, **more)

    async def done_at(self, path: str) -> str:
        """Open a page that sends the browser on; return where to."""
        answer = await self.get(path)
        assert answer.status == 303, answer.body.decode()
        return str(answer.headers["Location"])

    async def done(self, path: str, fields: dict[str, Any] | None = None) -> str:
        """Send a form that is taken; return where the browser is sent."""
        answer = await self.post(path, fields)
        assert answer.status == 303, answer.body.decode()
        return str(answer.headers["Location"])


async def sign_in(lab: Lab, email: str, password: str = "") -> Reader:
    """Sign in as one of the seeded people, whose passwords are their names."""
    reader = Reader(lab, email)
    page = await reader.get("/sign-in")
    reader.cookie = cookie(page)
    fields = {"email": email, "password": password or email.partition("@")[0]}
    answer = await reader.post("/sign-in", {**fields, "form_key": key(page)})
    assert answer.status == 303, answer.body.decode()
    reader.cookie = cookie(answer)
    reader.form_key = key(await reader.get("/users"))
    return reader


def key(page: Answer) -> str:
    found = _KEY.search(page.body.decode())
    assert found is not None, page.body.decode()
    return unescape(found[1])


def cookie(answer: Answer) -> str:
    """The cookie that is set, leaving out those that are taken back."""
    set_cookies = answer.headers.getall("Set-Cookie")
    return "; ".join(one.partition(";")[0] for one in set_cookies if "Max-Age=0" not in one)
