using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Text.RegularExpressions;
using System.Threading;
using NUnit.Framework;

namespace Shop.Ui {
    /// <summary>
    /// Speaks WebDriver's own protocol (W3C) to the driver: Selenium's .NET client is in no package
    /// that can be had here.
    /// </summary>
    [TestFixture]
    public class PageTests {
        private Process driver;
        private string address;
        private string session;

        [TestFixtureSetUp]
        public void Open() {
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("SE_CHROMEDRIVER"), "--port=0") {
                UseShellExecute = false, RedirectStandardOutput = true
            };
            driver = Process.Start(start);
            string line;
            while ((line = driver.StandardOutput.ReadLine()) != null && address == null) {
                var port = Regex.Match(line, @"started successfully on port (\d+)");
                if (port.Success) {
                    address = "http://127.0.0.1:" + port.Groups[1].Value;
                    break;
                }
            }
            string words = Environment.GetEnvironmentVariable("BROWSER_ARGUMENTS").Replace(" ", "\",\"");
            string browser = Environment.GetEnvironmentVariable("BROWSER");
            string made = Call("POST", "/session", "{\"capabilities\":{\"alwaysMatch\":{\"goog:chromeOptions\":"
                + "{\"binary\":\"" + browser + "\",\"args\":[\"" + words + "\"]}}}}");
            session = "/session/" + Regex.Match(made, "\"sessionId\":\"([^\"]+)\"").Groups[1].Value;
            string page = Environment.GetEnvironmentVariable("LABFLEET_PARAM_BASE_URL");
            Call("POST", session + "/url", "{\"url\":\"" + page + "\"}");
        }

        [TestFixtureTearDown]
        public void Close() {
            try {
                Call("DELETE", session, null);
            } finally {
                driver.Kill();
            }
        }

        [Test]
        public void TitleIsShop() {
            StringAssert.Contains("Shop", Call("GET", session + "/title", null));
        }

        [Test]
        public void TotalIsShown() {
            Call("POST", session + "/element", "{\"using\":\"css selector\",\"value\":\"#total\"}");
        }

        private string Call(string method, string path, string body) {
            var request = (HttpWebRequest) WebRequest.Create(address + path);
            request.Method = method;
            request.Timeout = 30000;
            request.ServicePoint.Expect100Continue = false;
            if (body != null) {
                request.ContentType = "application/json";
                using (var writer = new StreamWriter(request.GetRequestStream())) {
                    writer.Write(body);
                }
            }
            try {
                return Text(request.GetResponse());
            } catch (WebException error) {
                if (error.Response == null) {
                    throw;
                }
                throw new Exception(Text(error.Response));
            }
        }

        private static string Text(WebResponse response) {
            using (var reader = new StreamReader(response.GetResponseStream())) {
                return reader.ReadToEnd();
            }
        }
    }
}
