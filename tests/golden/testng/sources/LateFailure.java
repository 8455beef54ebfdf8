package ng;

import org.testng.annotations.AfterClass;
import org.testng.annotations.Test;

public class LateFailure {
  @Test
  public void fine() {}

  @AfterClass
  public void down() {
    throw new RuntimeException("still running");
  }
}
