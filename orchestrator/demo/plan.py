"""What the demo's hosts have, what is queued for them, and how each item must end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JUNIT = "JUnit (Selenium)"
# The API knows five agents. A lab gives a tool that has none of them a name it does not use.
OWN = "TestNG (Selenium)"
UNKNOWN = "NUnit (Selenium)"

PASSED, FAILED, BLOCKED, SKIPPED = "Passed", "Failed", "Blocked", "Skipped"


class From(StrEnum):
    """Where a script lies."""

    ZIP = "a zip at the server"
    WEB = "a web server, by redirect"
    FOLDER = "a folder of this machine"
    LOCAL_ZIP = "a zip file of this machine"
    NOWHERE = "a web server that lacks it"
    DAMAGED = "a damaged zip"


@dataclass(frozen=True, slots=True)
class Test:
    """One test: its script, and the verdict it must get."""

    name: str
    expected: str
    files: tuple[str, ...] = ()
    source: From = From.ZIP
    agent: str = JUNIT
    title: str = ""
    timeout_s: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    stops: bool = False


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """One run: a single test, or a sequential set."""

    host: str
    tests: tuple[Test, ...]
    set_name: str = ""


BASKET = Test("Basket", PASSED, ("test_basket.py",))
DISCOUNT = Test("Discount", FAILED, ("test_discount.py",))

# key: tools and limit. Java's hosts come only where there is Java.
HOSTS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "lab_01": (("pytest",), 2),
    "lab_02": (("pytest",), 1),
    "lab_03": (("pytest",), 1),
    "lab_04": (("pytest", "own_runner"), 1),
    "lab_05": (("own_runner",), 2),
    "lab_06": (("pytest",), 1),
}
JAVA_HOST, JAVA_TOOL = "lab_07", "junit"

RUNS = (
    QueuedRun("lab_01", (BASKET,)),
    QueuedRun("lab_01", (DISCOUNT,)),
    QueuedRun("lab_01", (Test("Voucher", SKIPPED, ("test_voucher.py",)),)),
    QueuedRun("lab_01", (Test("Search", PASSED, ("test_search.py",)),)),
    QueuedRun("lab_02", (Test("Login crashes", BLOCKED, ("test_login.py",)),)),
    QueuedRun("lab_02", (Test("Payment hangs", BLOCKED, ("test_payment.py",), timeout_s=15),)),
    QueuedRun(
        "lab_03",
        (
            BASKET,
            Test("Discount stops the set", FAILED, ("test_discount.py",), stops=True),
            Test("Search after the stop", BLOCKED, ("test_search.py",)),
            Test("Basket after the stop", BLOCKED, ("test_basket.py",)),
        ),
        set_name="Nightly checkout",
    ),
    QueuedRun("lab_03", (BASKET, Test("Search", PASSED, ("test_search.py",))), set_name="Smoke"),
    QueuedRun("lab_04", (Test("Basket by redirect", PASSED, ("test_basket.py",), From.WEB),)),
    QueuedRun("lab_04", (Test("In a folder", PASSED, (), From.FOLDER, title="test_basket.py"),)),
    QueuedRun("lab_04", (Test("Local zip", PASSED, ("test_basket.py",), From.LOCAL_ZIP),)),
    QueuedRun("lab_04", (Test("Own runner", PASSED, ("runner.py",), agent=OWN, title="good"),)),
    QueuedRun("lab_05", (Test("Empty report", BLOCKED, ("runner.py",), agent=OWN, title="empty"),)),
    QueuedRun("lab_05", (Test("Cut report", BLOCKED, ("runner.py",), agent=OWN, title="broken"),)),
    QueuedRun("lab_05", (Test("Own runner", PASSED, ("runner.py",), agent=OWN, title="good"),)),
    QueuedRun("lab_05", (Test("No such tool here", BLOCKED, ("runner.py",), agent=UNKNOWN),)),
    QueuedRun("lab_06", (Test("Script not there", BLOCKED, (), From.NOWHERE),)),
    QueuedRun("lab_06", (Test("Damaged script", BLOCKED, (), From.DAMAGED),)),
    QueuedRun("lab_06", (Test("No such test", BLOCKED, ("test_basket.py",), title="nowhere.py"),)),
    QueuedRun("lab_06", (Test("Region", PASSED, ("test_region.py",), params={"region": "EU"}),)),
    QueuedRun("lab_06", (BASKET,)),
    QueuedRun("lab_02", (DISCOUNT,)),
)

JAVA_RUNS = (
    QueuedRun(JAVA_HOST, (Test("Cart", FAILED, ("classes",), title="shop.CartTest"),)),
    QueuedRun(
        JAVA_HOST,
        (Test("Empty cart", PASSED, ("classes",), title="shop.CartTest#anEmptyCartCostsNothing"),),
    ),
)
