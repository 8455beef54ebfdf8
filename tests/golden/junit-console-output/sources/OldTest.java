package mix;
import org.junit.*;
import org.junit.runner.RunWith; import org.junit.runners.Parameterized; import java.util.*;
public class OldTest { @Test public void ok(){} @Test public void bad(){ Assert.fail("old bad"); } @Ignore("why") @Test public void ign(){} }
