package ui;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;

/** The application has no part in this failure. */
class NoBrowserTest {
    @Test
    void pageOpens() {
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/nonexistent/browser");
        new ChromeDriver(options).quit();
    }
}
