"""Names that a parameter cannot have, since the tools act on the property of that name.

A parameter would choose the program that runs, what runs, or whether anything runs at all: with
`testng.mode.dryrun` TestNG calls every test passed. Sources: the user properties in the
documentation of Surefire and Failsafe, Maven, Ant, the JVM, JUnit Platform and TestNG.
"""

import re
from collections.abc import Iterable

from adapters.base import AdapterError
from adapters.java.runner import Runner

_JVM = re.compile(
    r"java\.(?!awt\.headless$).*|javax\.(?!net\.ssl\.).*|(jdk|sun|com\.sun)\..*"
    r"|user\.(dir|home)|(path|file|line)\.separator"
    # What the frameworks inside read; the last is ours.
    r"|(junit\.platform|testng|labfleet)\..*"
)
_MAVEN = re.compile(
    r"(maven|surefire|failsafe|it|project|org\.slf4j\.simpleLogger)\..*|basedir|style\.color"
    r"|jvm|argLine|test|groups|excludedGroups|skip|skip[\w.-]*(Tests?|ITs?|UTs?|[.-]tests?)"
    r"|fork(Count|Mode)|reuseForks|parallel\w*|perCoreThreadCount|threadCount\w*"
    r"|useUnlimitedThreads|useSystemClassLoader|useManifestOnlyJar|debugForkedProcess"
    r"|enableAssertions|failIfNo(Tests|SpecifiedTests)|disableXmlReport|trimStackTrace"
    r"|childDelegation|dependenciesToScan|objectFactory|junitArtifactName|testNGArtifactName"
    r"|tempDir"
)
_ANT = re.compile(r"ant\..*|build\.(sysclasspath|compiler)|basedir|org\.apache\.tools\.ant\..*")
_READ_BY = {Runner.MAVEN: (_MAVEN, "Maven or Surefire"), Runner.ANT: (_ANT, "Ant")}


def refuse_reserved(names: Iterable[str], runner: Runner) -> None:
    """Raise AdapterError for the first of *names* that *runner* or its JVM acts on itself."""
    reserved = [(_JVM, "the JVM, the test framework or labfleet"), *_of(runner)]
    for name in names:
        for pattern, reader in reserved:
            if pattern.fullmatch(name):
                raise AdapterError(
                    f"{name[:80]} cannot be a parameter: {reader} acts on the property of that "
                    "name; rename it, or set it in the tool's profile"
                )


def _of(runner: Runner) -> list[tuple[re.Pattern[str], str]]:
    return [_READ_BY[runner]] if runner in _READ_BY else []
