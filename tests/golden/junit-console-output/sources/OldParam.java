package mix;
import org.junit.*;
import org.junit.runner.RunWith; import org.junit.runners.Parameterized; import java.util.*;
@RunWith(Parameterized.class) public class OldParam { @Parameterized.Parameters(name="{index}: {0}+1") public static Object[] d(){ return new Object[]{1,2}; } @Parameterized.Parameter public int i; @Test public void inc(){} }
