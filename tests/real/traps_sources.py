"""What the traps are laid with: sources of tests, and the builds around them."""

PASS_TEST = """
package trap;
class PassTest { @org.junit.jupiter.api.Test void passes() {} }
"""
BEFORE_ALL_TEST = """
package trap;
import org.junit.jupiter.api.*;
class BeforeAllTest {
    @BeforeAll static void connect() { throw new IllegalStateException("no database"); }
    @Test void order() {}
}
"""
ILLEGAL_TEST = """
package trap;
import org.junit.jupiter.api.*;
class IllegalTest { @Test void fails() { Assertions.fail("a bell: " + (char) 1); } }
"""
# Where the run's folders really are goes to a file, for a look after the run.
FOLDERS_TEST = """
package trap;
import static org.junit.Assert.*;
import java.io.File;
import java.nio.file.*;
public class FoldersTest {
    @org.junit.Test public void everythingIsInTheRunsFolder() throws Exception {
        String tmp = System.getenv("TMPDIR"), home = System.getenv("HOME");
        String said = tmp + "\\n" + home + "\\n" + Path.of(tmp).toRealPath();
        Files.writeString(Path.of(System.getenv("LABFLEET_PARAM_MARKER")), said);
        // The one may be a shorter way to the other.
        String javas = System.getProperty("java.io.tmpdir");
        assertEquals(Path.of(tmp).toRealPath(), Path.of(javas).toRealPath());
        assertEquals("kept", System.getProperty("profile"));
        File.createTempFile("left", "behind");
        assertTrue(new File(home, ".forgotten").mkdir());
        assertEquals("standard input is at its end", -1, System.in.read());
    }
}
"""
HANG_TEST = """
package trap;
import org.openqa.selenium.chrome.*;
class HangTest {
    @org.junit.jupiter.api.Test void hangs() throws Exception {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getenv("BROWSER"));
        options.addArguments(System.getenv("BROWSER_ARGUMENTS").split(" "));
        new ChromeDriver(options);
        Thread.sleep(600_000);
    }
}
"""
NO_SERVER_TEST = """
package trap;
import org.testng.annotations.*;
public class NoServerTest {
    @BeforeClass public void connect() { throw new RuntimeException("no server"); }
    @Test public void order() {}
    @Test public void pay() {}
}
"""
NG_TEST = """
package trap;
import org.testng.annotations.*;
public class NgTest {
    @DataProvider public Object[][] rows() { return new Object[][] {{1}, {2}}; }
    @Test(dataProvider = "rows") public void row(int n) {}
    @Test public void plain() {}
}
"""
EXIT_TEST = """
package trap;
public class ExitTest { @org.testng.annotations.Test public void exits() { System.exit(0); } }
"""
BROKEN_SOURCE = "package trap;\npublic class BrokenTest { nosuch }\n"
WRONG_TEST = """
package trap;
import org.junit.jupiter.api.*;
class WrongTest {
    @Test void right() {}
    @Test void wrong() { Assertions.fail("no"); }
}
"""
CALC_TESTS_CS = """
using NUnit.Framework;
namespace Shop { public class CalcTests { [Test] public void Adds() {} } }
"""

BUILD_XML = """
<project>
 <path id="all">
  <fileset dir="/usr/share/java" includes="junit4.jar,hamcrest.jar,junit-jupiter-*.jar,
    junit-platform-*.jar,opentest4j.jar,apiguardian-api.jar"/>
  <pathelement location="classes"/>
 </path>
 <target name="new"><mkdir dir="reports"/>
  <junitlauncher><classpath refid="all"/>
   <testclasses outputDir="reports"><fileset dir="classes" includes="trap/*Test.class"/>
    <listener type="legacy-xml"/></testclasses></junitlauncher>
 </target>
 <target name="forked"><mkdir dir="reports"/>
  <junit fork="yes"><classpath refid="all"/><formatter type="xml"/>
   <test name="trap.FoldersTest" todir="reports"/></junit>
  <junitreport todir="reports"><fileset dir="reports" includes="TEST-*.xml"/></junitreport>
 </target>
</project>
"""
MODULES = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>shop</groupId><artifactId>all</artifactId><version>1</version>
  <packaging>pom</packaging><modules><module>a</module><module>b</module></modules>
</project>
"""
