"""Failures that are not the tested application's: browser, driver, Grid, network, class path.

A test reports them by the type of an exception, some by its words alone. Each is given with a
sentence that a person can act on.
"""

import re
from collections.abc import Mapping

from adapters.formats.capped_text import one_line
from adapters.formats.driver_words import NO_DRIVER, NO_SESSION, said_by_driver

# Errors that are an environment's whatever they say; the driver's words may say more.
_ALWAYS: Mapping[str, str] = {
    "SessionNotCreatedException": NO_SESSION,
    "NoSuchDriverException": NO_DRIVER,
    "DriverServiceNotFoundException": NO_DRIVER,
    "UnreachableBrowserException": "browser or driver do not answer any more: they may have"
    " crashed or been ended",
    "UnsupportedClassVersionError": "it is compiled for a newer Java than the one that runs it",
    "NoClassDefFoundError": "a class is missing on the class path",
    "ClassNotFoundException": "a class is missing on the class path",
    "BadImageFormatException": "an assembly is built for another processor or runtime",
}
# Errors that only the words make an environment's; Python's client throws the second.
_SAY_IT_IN_WORDS = frozenset({"WebDriverException", "MaxRetryError"})
# Older clients throw general errors: Java's without a driver, .NET's without a session.
_GENERAL = frozenset({"IllegalStateException", "InvalidOperationException"})
_OLD_CLIENT_SAYS = re.compile(
    r"path to the driver executable must be|driver executable (does not|must) exist"
    r"|session not created"
)
_REFUSED = "nothing answers where the test connects to: start the server or correct the address"
_UNKNOWN_HOST = "a name the test connects to is not known: correct it or the name service"
_NETWORK: Mapping[str, str] = {
    "java.net.ConnectException": _REFUSED,
    "java.net.UnknownHostException": _UNKNOWN_HOST,
}
_DOTNET_NETWORK = frozenset(
    {
        "System.Net.Sockets.SocketException",
        "System.Net.Http.HttpRequestException",
        "System.Net.WebException",
    }
)
_DOTNET_REFUSED = re.compile(r"(Connection|actively) refused|ConnectFailure")
_DOTNET_UNKNOWN_HOST = re.compile(
    r"No such host is known|Name or service not known|NameResolutionFailure"
    r"|remote name could not be resolved"
)
_DOTNET_LOADING = frozenset({"FileNotFoundException", "FileLoadException"})
_NOT_INITIALISED = "Could not initialize class"

# Runners without a place for the type begin the message with it, some after words of their own:
# pytest of a fixture, NUnit of a set-up, MSTest of every exception.
_LEADING_TYPE = re.compile(
    r"\s*(?:failed on (?:setup|teardown) with \"|(?:OneTime|TestFixture)?(?:SetUp|TearDown) ?: "
    r"|Test method \S+ threw exception:\s*)?([A-Za-z_][\w.$+]*)(?=\s*:|\s*\Z)"
)
_NO_TYPE = frozenset({"", "failure", "failed", "error"})
_ASSERTION = re.compile("assert|comparison|expect", re.IGNORECASE)
# A driver's answer as it comes over the wire, from a test that speaks the protocol by itself.
_ANSWER = re.compile(r"\s*(?:[\w.$+]{1,200}\s*:\s*){0,2}\{\s*\"(value|sessionId|status)\"\s*:")
_SESSION_REFUSED = re.compile(r"\"(error|message)\"\s*:\s*\"session not created")
# What Selenium's clients append; an XML attribute has no lines, so the first one is all of it.
_APPENDIX = re.compile(r"\s+(\(Session info|Host info|Build info):.*")
_LOOKED_AT_CHARS = 4000


def advice(error_type: str, message: str) -> str:
    """Say what is wrong with the test's surroundings; empty when it is no failure of them.

    *message* is the whole of it, since a driver gives the cause in a later line. Where
    *error_type* is empty, or a word like "failure", the type that the message begins with counts.
    What an assertion found is never a failure of the surroundings, whatever it quotes.
    """
    message = message[:_LOOKED_AT_CHARS]
    name = _type_of(error_type.strip(), message)
    if _ASSERTION.search(name):
        return ""
    short = re.split(r"[.$+]", name)[-1]
    if short in _ALWAYS:
        return said_by_driver(message) or _of_type(short, message)
    if short in _SAY_IT_IN_WORDS:
        return said_by_driver(message)
    if short in _GENERAL and _OLD_CLIENT_SAYS.search(message):
        return said_by_driver(message) or NO_SESSION
    return _of_network(name, message) or _of_loading(short, message) or _of_answer(message)


def with_advice(said: str, message: str) -> str:
    """Put advice in front of the tool's own first line; without one that line stands alone."""
    if not said:
        return one_line(message)
    line = _APPENDIX.sub("", one_line(message))
    return one_line(f"{said}: {line}") if line else said


def _type_of(error_type: str, message: str) -> str:
    if error_type.lower() not in _NO_TYPE:
        return error_type
    leading = _LEADING_TYPE.match(message)
    return leading[1] if leading else ""


def _of_type(short: str, message: str) -> str:
    if short == "NoClassDefFoundError" and _NOT_INITIALISED in message:
        return "a class could not be set up: its static part failed when it was first used"
    return _ALWAYS[short]


def _of_network(name: str, message: str) -> str:
    if name not in _DOTNET_NETWORK:
        return _NETWORK.get(name, "")
    if _DOTNET_REFUSED.search(message):
        return _REFUSED
    return _UNKNOWN_HOST if _DOTNET_UNKNOWN_HOST.search(message) else ""


def _of_loading(short: str, message: str) -> str:
    missing = short in _DOTNET_LOADING and "Could not load file or assembly" in message
    return "an assembly is missing or of another version" if missing else ""


def _of_answer(message: str) -> str:
    if not _ANSWER.match(message):
        return ""
    refused = _SESSION_REFUSED.search(message)
    return said_by_driver(message) or (NO_SESSION if refused else "")
