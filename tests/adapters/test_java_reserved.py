"""Names that no parameter may have: by them one would choose what runs."""

from pathlib import PurePosixPath

import pytest

from adapters import junit, testng
from adapters.base import AdapterError, Automation, Tool, Workspace

TOOL = Tool(("java", "-jar", "/opt/console.jar"), 60)
MAVEN, ANT, CONSOLE = "pom.xml", "build.xml", "shop/ATest.class"


def argv(file: str, **params: str) -> tuple[str, ...]:
    folders = (PurePosixPath(f"/w/{name}") for name in ("script", "results", "tmp"))
    where = Workspace(*folders, (PurePosixPath(file),))
    context = {"run_id": "7"}
    return junit.build_command(Automation("", params, context=context), TOOL, where).argv


@pytest.mark.parametrize(
    "name",
    [
        "jvm", "argLine", "test", "it.test", "groups", "excludedGroups", "skip", "skipTests",
        "skipITs", "skip.unit.tests", "skipIntegrationTests", "maven.ext.class.path",
        "maven.test.skip", "surefire.suiteXmlFiles", "failsafe.rerunFailingTestsCount",
        "forkCount", "parallel", "threadCount", "org.slf4j.simpleLogger.logFile", "style.color",
        "java.system.class.loader",
    ],
)  # fmt: skip
def test_maven_acts_on_no_parameter(name: str) -> None:
    with pytest.raises(AdapterError, match=f"{name} cannot be a parameter: .*rename it"):
        argv(MAVEN, **{name: "x"})


@pytest.mark.parametrize("file", [MAVEN, ANT, CONSOLE])
@pytest.mark.parametrize(
    "name",
    [
        "java.io.tmpdir", "java.ext.dirs", "javax.xml.parsers.SAXParserFactory", "user.dir",
        "user.home", "jdk.module.main", "sun.misc.x", "com.sun.management.jmxremote",
        "path.separator", "labfleet.results", "labfleet.run_id",
        "junit.platform.execution.dryRun.enabled", "testng.mode.dryrun",
    ],
)  # fmt: skip
def test_no_jvm_acts_on_a_parameter(name: str, file: str) -> None:
    with pytest.raises(AdapterError, match="rename it"):
        argv(file, **{name: "x"})


@pytest.mark.parametrize("name", ["ant.file", "build.compiler", "build.sysclasspath", "basedir"])
def test_ant_acts_on_no_parameter(name: str) -> None:
    with pytest.raises(AdapterError, match="Ant acts on"):
        argv(ANT, **{name: "x"})


@pytest.mark.parametrize("file", [MAVEN, ANT, CONSOLE])
@pytest.mark.parametrize(
    "name",
    [
        "env", "browser", "base.url", "user", "user.name", "timeout", "webdriver.chrome.driver",
        "javax.net.ssl.trustStore", "http.proxyHost", "java.awt.headless", "file.encoding",
        "testEnv", "tests", "javaVersion", "skipLogin", "skipVisits", "item", "os.name", "group",
        "junit.jupiter.execution.timeout.default", "mavenish", "suite", "debug",
    ],
)  # fmt: skip
def test_ordinary_names_are_free(name: str, file: str) -> None:
    assert f"-D{name}=x" in argv(file, **{name: "x"})


@pytest.mark.parametrize("name", ["test", "groups", "parallel", "skip"])
def test_what_only_maven_knows_is_free_elsewhere(name: str) -> None:
    assert f"-D{name}=x" in argv(CONSOLE, **{name: "x"})
    assert f"-D{name}=x" in argv(ANT, **{name: "x"})


def test_testng_gets_no_such_parameter_either() -> None:
    folders = (PurePosixPath(f"/w/{name}") for name in ("script", "results", "tmp"))
    where = Workspace(*folders, (PurePosixPath(CONSOLE),))
    tool = Tool(("java",), 60, {"class_path": ("/opt/testng.jar",)})

    with pytest.raises(AdapterError, match="rename it"):
        testng.build_command(Automation("", {"testng.mode.dryrun": "true"}), tool, where)


@pytest.mark.parametrize("file", [MAVEN, ANT, CONSOLE])
def test_our_own_properties_come_last(file: str) -> None:
    words = argv(file, env="qa")

    assert (
        words.index("-Denv=qa")
        < words.index("-Dlabfleet.run_id=7")
        < words.index("-Djava.io.tmpdir=/w/tmp")
    )
