"""What drivers, Grids and Selenium's clients say when they cannot serve, and what helps.

Sources: real reports of Selenium 4.48 with Chromium 156; the texts in the source of the clients, of
chromedriver and of geckodriver.
"""

import re

NO_SESSION = "no session of the browser could be started"
NO_DRIVER = (
    "the driver is not installed where the test looks for it, and cannot be fetched: put it on"
    " the PATH or name its file"
)
# What a driver, or its client, says -> what to do about it; the first that fits counts.
_DRIVER_SAYS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (
            r"no [\w ]+ binary at|cannot find [\w ]+ binary|Cannot find firefox binary"
            r"|Expected browser binary location",
            "the browser is not installed where the test looks for it",
        ),
        (
            r"This version of [\w ]+ only supports [\w ]+ version",
            "driver and browser do not fit together: install the driver of the browser's version",
        ),
        (
            r"user data directory is already in use",
            "the browser's profile folder is in use: give each browser a --user-data-dir of its"
            " own, and as root --no-sandbox",
        ),
        (
            r"instance exited|DevToolsActivePort file doesn't exist|failed to start: (exited|crash)"
            r"|Process unexpectedly closed",
            "the browser ended at once: it needs a DISPLAY or headless mode, and as root"
            " --no-sandbox",
        ),
        (
            r"New session request timed out",
            "the Grid had no free browser in time: run less at once or add nodes",
        ),
        (
            r"No nodes support the capabilities|Empty pool of VM for setup",
            "the Grid has no browser of the kind the test asks for",
        ),
        (
            r"invalid address of the remote server|Max retries exceeded with url: \S*/session\b"
            r"|remote WebDriver server"
            r"[\s\S]*(ConnectFailure|[Cc]onnection refused|actively refused)",
            "no Grid or driver answers at the address the test uses: start it or correct the"
            " address",
        ),
        (
            r"Unable to (locate or )?obtain|path to the driver executable must be"
            r"|driver executable (does not|must) exist|executable needs to be in PATH",
            NO_DRIVER,
        ),
        (
            r"Cannot start the driver service|Timed out waiting for driver server to start"
            r"|Service \S+ unexpectedly exited",
            "the driver does not start: run it by hand to see why",
        ),
        # A connection that broke off later, or an empty answer, may be the application's fault.
        (
            r"net::ERR_(CONNECTION_(REFUSED|TIMED_OUT|FAILED)|NAME_(NOT_RESOLVED|RESOLUTION_FAILED)"
            r"|ADDRESS_(UNREACHABLE|INVALID)|INTERNET_DISCONNECTED|NETWORK_(CHANGED|ACCESS_DENIED)"
            r"|(PROXY|TUNNEL|SOCKS)_CONNECTION_FAILED)\b"
            r"|about:neterror\?e=(connectionFailure|dnsNotFound|net(Offline|Timeout)|"
            r"proxy\w+Failure|unknownProxyHost)\b",
            "the page under test cannot be reached: check its address and that it is served",
        ),
    )
)


def said_by_driver(message: str) -> str:
    """Give advice on what a driver or its client said; empty when it is no reason known here."""
    return next((said for pattern, said in _DRIVER_SAYS if pattern.search(message)), "")
