package mix;
import org.junit.jupiter.api.*;
class SetupFailsTest { @BeforeAll static void up() { throw new RuntimeException("fixture failed"); } @Test void a() {} @Test void b() {} }
@Disabled("whole class off") class OffTest { @Test void a() {} @Test void b() {} }
class TearTest { @AfterAll static void down() { throw new RuntimeException("teardown failed"); } @Test void a() {} }
class ZHangTest { @Test void hang() throws Exception { System.out.println("hanging"); Thread.sleep(Long.getLong("hang", 60000)); } @Test void z() {} }
class ZZNeverTest { @Test void never() {} }
