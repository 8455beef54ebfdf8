import pytest

from adapters.formats.environment import advice, with_advice

SESSION = "org.openqa.selenium.SessionNotCreatedException"
DRIVER = "org.openqa.selenium.WebDriverException"
NET_SESSION = "OpenQA.Selenium.WebDriverException"
ANSWER = '{"value":{"error":"session not created","message":"session not created: %s"}}'
HTTP = "sending an HTTP request to the remote WebDriver server for URL http://localhost:4444/"


@pytest.mark.parametrize(
    ("error_type", "message", "said"),
    [
        (SESSION, "session not created\nfrom unknown error: no chrome binary at /x", "installed"),
        (DRIVER, "unknown error: cannot find Chrome binary", "browser is not installed"),
        (DRIVER, "unknown error: cannot find msedge binary", "browser is not installed"),
        (SESSION, "Expected browser binary location, but unable to find", "is not installed"),
        (SESSION, "session not created: Chrome instance exited. Examine", "a DISPLAY"),
        (SESSION, "session not created: Microsoft Edge instance exited", "a DISPLAY"),
        (DRIVER, "unknown error: Chrome failed to start: exited abnormally.", "a DISPLAY"),
        (DRIVER, "unknown error: Chrome failed to start: crashed", "--no-sandbox"),
        (DRIVER, "(unknown error: DevToolsActivePort file doesn't exist)", "--no-sandbox"),
        (SESSION, "Process unexpectedly closed with status 1", "--no-sandbox"),
        (SESSION, "probably user data directory is already in use, please", "--user-data-dir"),
        (SESSION, "This version of ChromeDriver only supports Chrome version 91", "fit together"),
        (SESSION, "This version of Microsoft Edge WebDriver only supports Microsoft Edge version 9",
         "do not fit together"),
        (SESSION, "Could not start a new session. Possible causes are invalid address of the "
         "remote server or browser start-up failure.", "no Grid or driver answers"),
        (SESSION, "Could not start a new session. New session request timed out", "no free"),
        (SESSION, "No nodes support the capabilities in the request", "of the kind"),
        (SESSION, "", "no session of the browser"),
        (SESSION, "unable to parse options", "no session of the browser"),
        ("org.openqa.selenium.remote.NoSuchDriverException", "Unable to obtain: chromedriver",
         "the driver is not installed"),
        (DRIVER, "'chromedriver' executable needs to be in PATH", "the driver is not installed"),
        ("java.lang.IllegalStateException",
         "The path to the driver executable must be set by the webdriver.chrome.driver property",
         "the driver is not installed"),
        ("java.lang.IllegalStateException", "The driver executable does not exist: /x", "driver"),
        (DRIVER, "Timed out waiting for driver server to start.", "the driver does not start"),
        (DRIVER, "unknown error: net::ERR_CONNECTION_REFUSED", "page under test"),
        (DRIVER, "unknown error: net::ERR_NAME_NOT_RESOLVED\n  (Session info: x)", "page under"),
        (DRIVER, "unknown error: net::ERR_PROXY_CONNECTION_FAILED", "page under test"),
        (DRIVER, "Reached error page: about:neterror?e=connectionFailure&u=http", "page under"),
        (DRIVER, "Reached error page: about:neterror?e=dnsNotFound&u=http", "page under test"),
        ("org.openqa.selenium.remote.UnreachableBrowserException", "Error communicating",
         "do not answer any more"),
        ("java.net.ConnectException", "Connection refused", "nothing answers"),
        ("java.net.UnknownHostException", "grid.lab", "is not known"),
        ("java.lang.UnsupportedClassVersionError", "a/B has been compiled by", "a newer Java"),
        ("java.lang.NoClassDefFoundError", "shop/Cart", "missing on the class path"),
        ("java.lang.NoClassDefFoundError", "Could not initialize class shop.Db", "static part"),
        ("java.lang.ClassNotFoundException", "shop.Cart", "missing on the class path"),
    ],
)  # fmt: skip
def test_java_tells_by_the_type_and_the_driver_by_its_words(
    error_type: str, message: str, said: str
) -> None:
    assert said in advice(error_type, message)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("OpenQA.Selenium.DriverServiceNotFoundException : The file chromedriver does not", "PATH"),
        (f"{NET_SESSION} : unknown error: net::ERR_CONNECTION_REFUSED", "page under test"),
        (f"SetUp : {NET_SESSION} : unknown error: net::ERR_CONNECTION_REFUSED", "page under test"),
        (f"OneTimeSetUp: {NET_SESSION} : session not created: Chrome instance exited", "DISPLAY"),
        (f"Test method A.B threw exception: \n{NET_SESSION}: cannot find Chrome binary", "browser"),
        (f"{NET_SESSION} : {HTTP}. The status of the exception was ConnectFailure", "no Grid"),
        (f"{NET_SESSION} : {HTTP}.\nThe exception message was: Connection refused", "no Grid"),
        (f"{NET_SESSION} : Cannot start the driver service on http://localhost:1/", "by hand"),
        (
            "System.InvalidOperationException : session not created: This version of ChromeDriver"
            " only supports Chrome version 91 (SessionNotCreated)",
            "fit together",
        ),
        ("System.InvalidOperationException : session not created", "no session"),
        (
            "System.IO.FileNotFoundException : Could not load file or assembly 'WebDriver'",
            "an assembly is missing",
        ),
        ("System.IO.FileLoadException : Could not load file or assembly 'A'", "another version"),
        ("System.BadImageFormatException : Could not load file", "another processor"),
        ("System.Net.Sockets.SocketException : Connection refused", "nothing answers"),
        ("System.Net.WebException : Error: ConnectFailure (Connection refused)", "nothing answers"),
        ("System.Net.Http.HttpRequestException : No such host is known.", "is not known"),
        (f"System.Exception : {ANSWER % 'Chrome instance exited'}", "DISPLAY"),
        (f"System.Exception : {ANSWER % 'no reason'}", "no session"),
        ('{"sessionId":"","status":33,"value":{"message":"session not created"}}', "no session"),
        (
            'System.Exception : {"value":{"error":"unknown error","message":'
            '"unknown error: net::ERR_CONNECTION_REFUSED\\n"}}',
            "page under test",
        ),
        ("selenium.common.exceptions.NoSuchDriverException: Message: Unable to", "PATH"),
        (
            'failed on setup with "selenium.common.exceptions.SessionNotCreatedException: '
            'Message: session not created: Chrome instance exited',
            "DISPLAY",
        ),
        (
            "urllib3.exceptions.MaxRetryError: HTTPConnectionPool(host='grid', port=4444): Max"
            " retries exceeded with url: /wd/hub/session (Caused by NewConnectionError",
            "no Grid",
        ),
    ],
)  # fmt: skip
def test_a_message_that_begins_with_the_type_tells_as_much(message: str, said: str) -> None:
    assert said in advice("", message)
    assert said in advice("failure", message)


@pytest.mark.parametrize(
    ("error_type", "message"),
    [
        ("org.openqa.selenium.NoSuchElementException", "no such element: #nosuch"),
        ("org.openqa.selenium.TimeoutException", "net::ERR_CONNECTION_REFUSED was waited for"),
        ("org.openqa.selenium.TimeoutException", "timeout: Timed out receiving message"),
        (DRIVER, "unknown error: net::ERR_CONNECTION_RESET"),
        (DRIVER, "unknown error: net::ERR_EMPTY_RESPONSE"),
        (DRIVER, "unknown error: net::ERR_CERT_AUTHORITY_INVALID"),
        (DRIVER, "unknown error: net::ERR_TOO_MANY_REDIRECTS"),
        (DRIVER, "stale element"),
        (DRIVER, ""),
        ("java.lang.AssertionError", f"{SESSION}: session not created"),
        ("java.lang.AssertionError", "expected 200 but got java.net.ConnectException: refused"),
        ("org.opentest4j.AssertionFailedError", ANSWER % "Chrome instance exited"),
        ("org.junit.ComparisonFailure", f"expected:<ok> but was:<{SESSION}>"),
        ("shop.ConnectException", "Connection refused"),
        ("java.lang.IllegalStateException", "Unable to obtain: the cart's lock"),
        ("java.lang.IllegalStateException", "instance exited"),
        ("java.io.IOException", "java.net.ConnectException: Connection refused"),
        ("java.lang.RuntimeException", f"no {SESSION}"),
        ("", "AssertionError: java.net.ConnectException: Connection refused"),
        ("", "  Expected: 1\n  But was:  java.net.ConnectException: refused"),
        ("", 'Expected: {"value": {"error": "session not created"}}'),
        ("", "expected SessionNotCreatedException"),
        ("", "System.IO.FileNotFoundException : Could not find file 'order.txt'"),
        ("", "System.Net.Http.HttpRequestException : Response status code: 500"),
        ("", "System.InvalidOperationException : Sequence contains no elements"),
        ("", 'System.Exception : {"value":{"error":"no such element","message":"no such"}}'),
        ("", 'System.Exception : {"status": 500, "error": "no stock"}'),
        ("", ""),
        ("failure", "AssertionError"),
    ],
)
def test_what_the_application_did_is_its_own(error_type: str, message: str) -> None:
    assert advice(error_type, message) == ""


def test_advice_stands_before_the_tools_first_line_without_what_selenium_appends() -> None:
    line = "unknown error: net::ERR_CONNECTION_REFUSED   (Session info: chrome=156) Build info: 4"

    assert with_advice("do this", line) == "do this: unknown error: net::ERR_CONNECTION_REFUSED"
    assert with_advice("do this", "first\nsecond") == "do this: first"
    assert with_advice("do this", "") == "do this"
    assert with_advice("", line) == line


def test_a_huge_message_is_looked_at_quickly() -> None:
    assert advice("", "a" * 4_000_000) == ""
    assert advice("", ("a: " * 2_000_000) + "{") == ""
    assert advice(DRIVER, "remote WebDriver server " * 200_000) == ""
