"""The five names by which the API knows test runners."""

# Source: vendor reference, POST hosts, "agents": long and short names, matched without case.
_NAMES = {
    "testcomplete": "TestComplete/TestExecute",
    "junit": "JUnit (Selenium)",
    "nunit": "NUnit (Selenium)",
    "testng": "TestNG (Selenium)",
    "readyapi": "ReadyAPI / SoapUI OS",
}
_LONG = _NAMES | {long.casefold(): long for long in _NAMES.values()}


def long_name(name: str) -> str:
    """Return the long form of *name*, given in any case. Raises ValueError if unknown."""
    try:
        return _LONG[name.strip().casefold()]
    except KeyError:
        known = ", ".join(_NAMES.values())
        raise ValueError(f"unknown agent {name!r}; known are {known}") from None
