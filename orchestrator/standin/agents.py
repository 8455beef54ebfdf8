"""The five names by which the API knows test runners."""

# Source: vendor reference, POST hosts, "agents": long and short names, matched without case.
AGENTS = {
    "testcomplete": "TestComplete/TestExecute",
    "junit": "JUnit (Selenium)",
    "nunit": "NUnit (Selenium)",
    "testng": "TestNG (Selenium)",
    "readyapi": "ReadyAPI / SoapUI OS",
}
_LONG = AGENTS | {long.casefold(): long for long in AGENTS.values()}


def long_name(name: str) -> str:
    """Return the long form of *name*, given in any case. Raises ValueError if unknown."""
    try:
        return _LONG[name.strip().casefold()]
    except KeyError:
        known = ", ".join(AGENTS.values())
        raise ValueError(f"unknown agent {name!r}; known are {known}") from None


def short_name(name: str) -> str:
    """Return the short form, which an address can hold as it is, of a long one."""
    return next(short for short, long in AGENTS.items() if long == name)
