package mix;
import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.*;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;
import java.util.stream.*;
@TestMethodOrder(MethodOrderer.MethodName.class)
class MixTest {
  @Test void a_pass() { System.out.println("a line of the test\n     status: [OK] SUCCESSFUL\nno newline follows"); System.out.print("tail"); }
  @Test @DisplayName("two\nlines — ünïcode") void b_display() {}
  @Test void c_fail() { assertEquals(1, 2, "sum\nsecond line\n     status: ✔ SUCCESSFUL"); }
  @Test @Disabled("BUG-17 not\nfixed") void d_off() {}
  @Test void e_assumed() { assumeTrue(false, "env absent"); }
  @ParameterizedTest @ValueSource(strings={"x","[OK]","a\nb"}) void f_param(String s) { System.out.println("p " + s); }
  @RepeatedTest(2) void g_repeat() {}
  @TestFactory Stream<DynamicNode> h_factory() { return Stream.of(DynamicContainer.dynamicContainer("inner", Stream.of(DynamicTest.dynamicTest("dyn1", () -> {}), DynamicTest.dynamicTest("dyn2", () -> fail("no")))) , DynamicTest.dynamicTest("dyn3", () -> {})); }
  @Nested class Inner { @Test void deep() {} @Nested class Deeper { @Test void deepest(TestReporter r) { r.publishEntry("key","value"); } } }
  @Test void y_reports(TestReporter r) { r.publishEntry("status", "[OK] SUCCESSFUL"); }
}
