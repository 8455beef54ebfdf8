package ui;

import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Parameters;
import org.testng.annotations.Test;

/** One browser for all tests of the class. */
public class PageTest {
    private ChromeDriver driver;

    @BeforeClass
    @Parameters("base_url")
    public void open(String baseUrl) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getenv("BROWSER"));
        options.addArguments(System.getenv("BROWSER_ARGUMENTS").split(" "));
        driver = new ChromeDriver(options);
        driver.get(baseUrl);
    }

    @AfterClass(alwaysRun = true)
    public void close() {
        if (driver != null) {
            driver.quit();
        }
    }

    @Test
    public void titleIsShop() {
        Assert.assertEquals(driver.getTitle(), "Shop");
    }

    @Test
    public void greetingIsShown() {
        Assert.assertEquals(driver.findElement(By.id("said")).getText(), "Good morning");
    }
}
