package ui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;

/** The driver is found by SE_CHROMEDRIVER, the browser by BROWSER: nothing here names a path. */
class PageTest {
    private ChromeDriver driver;

    @BeforeEach
    void open() {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getenv("BROWSER"));
        options.addArguments(System.getenv("BROWSER_ARGUMENTS").split(" "));
        driver = new ChromeDriver(options);
        driver.get(System.getProperty("base_url"));
    }

    @AfterEach
    void close() {
        if (driver != null) {
            driver.quit();
        }
    }

    @Test
    void orderIsTaken() throws Exception {
        driver.findElement(By.id("what")).sendKeys("tea");
        driver.findElement(By.id("order")).click();
        assertEquals("Ordered: tea", driver.findElement(By.id("said")).getText());
    }

    @Test
    void totalIsShown() throws Exception {
        Files.write(Path.of("total.png"), driver.getScreenshotAs(OutputType.BYTES));
        driver.findElement(By.id("total"));
    }
}
