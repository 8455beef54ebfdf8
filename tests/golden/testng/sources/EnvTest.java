package ng;

import org.testng.Assert;
import org.testng.Reporter;
import org.testng.annotations.Optional;
import org.testng.annotations.Parameters;
import org.testng.annotations.Test;

public class EnvTest {
  @Test(groups = "smoke")
  @Parameters("env")
  public void suiteParameter(@Optional("none") String env) {
    Assert.assertEquals(env, "a \"b\" <c> & d");
  }

  @Test(groups = "smoke")
  public void systemProperty() {
    Assert.assertEquals(System.getProperty("env"), "a \"b\" <c> & d");
    Reporter.log("run " + System.getProperty("labfleet.run_id"));
    Reporter.log("tmp " + System.getProperty("java.io.tmpdir"));
  }
}
