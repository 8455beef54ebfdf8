"""Every tool that can be real here, the whole way: what the server has at the end is looked at."""

import base64
import email
import email.policy
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.fleet import Fleet, archive
from tests.real import scripts
from tests.real.profiles import SELENIUM, need_real_tools, profiles, selenium_jar
from tests.standin.lab import open_lab

JUNIT, TESTNG, NUNIT = "JUnit (Selenium)", "TestNG (Selenium)", "NUnit (Selenium)"
P, F, B, S = "Passed", "Failed", "Blocked", "Skipped"
ALL_RUNS_S = 180


@dataclass(frozen=True)
class Wanted:
    """One run: what is queued, and what the server shall have of it."""

    agent: str
    script: bytes
    title: str
    verdict: str
    cases: dict[str, str]
    params: dict[str, str] = field(default_factory=dict)


def runs(page: str, folder: Path) -> dict[str, Wanted]:
    stage = {"stage": "qa"}
    base = {"base_url": page}
    four, five = {"Calc4Test": scripts.CALC_TEST_4}, {"CalcTest": scripts.CALC_TEST_5}
    testng = {"OrderTest": scripts.ORDER_TEST}
    jupiter = ("org.junit.jupiter", "junit-jupiter", "5.9.2")
    ng = ("org.testng", "testng", "debian")
    order = {
        "shop.OrderTest.amount(1)": P,
        "shop.OrderTest.amount(2)": F,
        "shop.OrderTest.stage(qa)": P,
    }
    browser = (SELENIUM / "nunit" / "PageTests.cs").read_text(encoding="utf-8")
    return {
        "JUnit 4 by the vintage engine": Wanted(
            JUNIT,
            archive({"shop/Calc4Test.java": four["Calc4Test"]}),
            "shop.Calc4Test",
            F,
            {
                "shop.Calc4Test.adds": P,
                "shop.Calc4Test.divides": P,
                "shop.Calc4Test.fails": F,
                "shop.Calc4Test.later": S,
            },
        ),
        "JUnit 5 by the console launcher": Wanted(
            JUNIT,
            archive({"shop/CalcTest.java": five["CalcTest"]}),
            "",
            P,
            {"shop.CalcTest.adds()": P, "shop.CalcTest.knowsItsRun()": P},
            stage,
        ),
        "JUnit 5 by Maven": Wanted(
            JUNIT,
            scripts.maven_project(*jupiter, five),
            "shop.CalcTest#adds",
            P,
            {"shop.CalcTest.adds": P},
        ),
        "TestNG": Wanted(
            TESTNG,
            archive({"shop/OrderTest.java": testng["OrderTest"]}),
            "shop.OrderTest",
            F,
            order,
            stage,
        ),
        "TestNG with a failed configuration": Wanted(
            TESTNG,
            archive({"shop/BrokenTest.java": scripts.BROKEN_TEST}),
            "shop.BrokenTest",
            B,
            {"shop.BrokenTest.order": B},
        ),
        "TestNG by Maven": Wanted(
            TESTNG, scripts.maven_project(*ng, testng), "shop.OrderTest", F, order, stage
        ),
        "NUnit 2": Wanted(
            NUNIT,
            scripts.assembly(scripts.CALC_TESTS_CS, folder / "calc", "Shop.Tests.dll"),
            "",
            F,
            {"Shop.CalcTests.Adds": P, "Shop.CalcTests.Fails": F, "Shop.CalcTests.Later": S},
        ),
        "Selenium under JUnit": Wanted(
            JUNIT,
            scripts.browser_script("junit"),
            "ui.PageTest",
            F,
            {"ui.PageTest.orderIsTaken()": P, "ui.PageTest.totalIsShown()": F},
            base,
        ),
        "Selenium without a browser": Wanted(
            JUNIT,
            scripts.browser_script("junit"),
            "ui.NoBrowserTest",
            B,
            {"ui.NoBrowserTest.pageOpens()": B},
            base,
        ),
        "Selenium under TestNG, with a window": Wanted(
            TESTNG,
            scripts.browser_script("testng"),
            "ui.PageTest",
            F,
            {"ui.PageTest.titleIsShop": P, "ui.PageTest.greetingIsShown": F},
            base,
        ),
        "Selenium's protocol under NUnit": Wanted(
            NUNIT,
            scripts.assembly(browser, folder / "browser", "Shop.Ui.dll"),
            "",
            F,
            {"Shop.Ui.PageTests.TitleIsShop": P, "Shop.Ui.PageTests.TotalIsShown": F},
            base,
        ),
    }


NAMES = (
    "JUnit 4 by the vintage engine",
    "JUnit 5 by the console launcher",
    "JUnit 5 by Maven",
    "TestNG",
    "TestNG with a failed configuration",
    "TestNG by Maven",
    "NUnit 2",
    "Selenium under JUnit",
    "Selenium without a browser",
    "Selenium under TestNG, with a window",
    "Selenium's protocol under NUnit",
)


@dataclass(frozen=True)
class Arrived:
    """What the server has of a run."""

    item: dict[str, Any]
    report: bytes

    @property
    def steps(self) -> dict[str, str]:
        return {step["step"]: step["status"] for step in self.item["test_run_results"]}

    @property
    def reason(self) -> str:
        first = self.item["test_run_results"][0]
        return str(first["actual_result"]) if first["step"] == "labfleet" else ""


@dataclass(frozen=True)
class Night:
    """All runs and what came of them."""

    wanted: dict[str, Wanted]
    arrived: dict[str, Arrived]


@pytest.fixture(scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Night]:
    need_real_tools()
    folder = tmp_path_factory.mktemp("night")
    with served(SELENIUM) as address:
        wanted = runs(f"{address}/page.html", folder)
        async with open_lab(folder / "standin") as lab:
            fleet = Fleet(lab, folder, tools=profiles(selenium_jar()), host={"limit": 2})
            await fleet.add_hosts(1)
            ids = {name: await queued(fleet, it) for name, it in wanted.items()}
            await fleet.work_off(limit_s=ALL_RUNS_S)
            yield Night(wanted, {name: await arrived(fleet, it) for name, it in ids.items()})


async def queued(fleet: Fleet, wanted: Wanted) -> int:
    return await fleet.queue(
        wanted.script, agent=wanted.agent, title=wanted.title, params=wanted.params
    )


async def arrived(fleet: Fleet, run_id: int) -> Arrived:
    return Arrived(await fleet.item(run_id), await fleet.upload(run_id, "report"))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve *folder* on loopback; gives its address."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("name", NAMES)
async def test_the_server_has_the_verdict_and_the_steps_of(name: str, night: Night) -> None:
    wanted, found = night.wanted[name], night.arrived[name]

    assert found.item["status"] == wanted.verdict, found.reason + str(found.steps)
    assert {step: status for step, status in found.steps.items() if step != "labfleet"} == (
        wanted.cases
    )


async def test_every_run_that_is_queued_is_looked_at(night: Night) -> None:
    assert set(NAMES) == set(night.wanted)


async def test_a_browser_that_is_missing_is_told_in_words_to_act_on(night: Night) -> None:
    assert "browser" in night.arrived["Selenium without a browser"].reason


async def test_a_screenshot_that_a_test_took_is_in_the_report(night: Night) -> None:
    message = email.message_from_bytes(
        night.arrived["Selenium under JUnit"].report, policy=email.policy.default
    )
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]

    assert len(pictures) == 1
    assert base64.b64decode(pictures[0].get_payload()).startswith(b"\x89PNG")
