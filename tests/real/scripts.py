"""The scripts that the runs are queued with, each an archive as a lab would upload it."""

import subprocess
from pathlib import Path

from tests.fleet import archive
from tests.real.profiles import NUNIT_FRAMEWORK, SELENIUM

CALC_TEST_4 = """
package shop;
import static org.junit.Assert.assertEquals;
import org.junit.Ignore;
import org.junit.Test;
public class Calc4Test {
    @Test public void adds() { assertEquals(3, 1 + 2); }
    @Test public void divides() { assertEquals(2, 5 / 2, 0); }
    @Test public void fails() { assertEquals("the sum", 4, 1 + 2); }
    @Ignore("not yet") @Test public void later() {}
}
"""
CALC_TEST_5 = """
package shop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.Test;
class CalcTest {
    @Test void adds() { assertEquals(3, 1 + 2); }
    @Test void knowsItsRun() {
        assertEquals("qa", System.getProperty("stage"));
        assertEquals("qa", System.getenv("LABFLEET_PARAM_STAGE"));
    }
}
"""
ORDER_TEST = """
package shop;
import org.testng.Assert;
import org.testng.annotations.*;
public class OrderTest {
    @DataProvider public Object[][] amounts() { return new Object[][] {{1}, {2}}; }
    @Test(dataProvider = "amounts") public void amount(int n) { Assert.assertNotEquals(n, 2); }
    @Test @Parameters("stage") public void stage(String stage) { Assert.assertEquals(stage, "qa"); }
}
"""
BROKEN_TEST = """
package shop;
import org.testng.annotations.*;
public class BrokenTest {
    @BeforeClass public void connect() { throw new RuntimeException("no database"); }
    @Test public void order() {}
}
"""
CALC_TESTS_CS = """
using NUnit.Framework;
namespace Shop {
    [TestFixture] public class CalcTests {
        [Test] public void Adds() { Assert.AreEqual(3, 1 + 2); }
        [Test] public void Fails() { Assert.AreEqual(4, 1 + 2, "the sum"); }
        [Test, Ignore("not yet")] public void Later() {}
    }
}
"""
POM = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>shop</groupId><artifactId>shop</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies><dependency>
    <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
    <scope>test</scope>
  </dependency></dependencies>
</project>
"""
# A report that an archive may bring along from the developer's own machine.
STALE = '<testsuite name="shop.OldTest"><testcase classname="shop.OldTest" name="old"/></testsuite>'


def maven_project(group: str, artifact: str, version: str, sources: dict[str, str]) -> bytes:
    pom = POM.format(group=group, artifact=artifact, version=version)
    tests = {f"shop/src/test/java/shop/{name}.java": text for name, text in sources.items()}
    stale = "shop/target/surefire-reports/TEST-shop.OldTest.xml"
    return archive({"shop/pom.xml": pom, **tests, stale: STALE})


def assembly(source: str, folder: Path, name: str) -> bytes:
    """Compile C# for NUnit 2 and pack the assembly alone, as a build would."""
    folder.mkdir(parents=True)
    (folder / "source.cs").write_text(source, encoding="utf-8")
    command = ["mcs", "-target:library", f"-r:{NUNIT_FRAMEWORK}", f"-out:{name}", "source.cs"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return archive({name: (folder / name).read_bytes()})


def browser_script(runner: str) -> bytes:
    """The sources of one runner's browser tests."""
    folder = SELENIUM / runner
    return archive({str(it.relative_to(folder)): it.read_bytes() for it in folder.rglob("*.java")})
