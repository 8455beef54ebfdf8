// Fixtures that go wrong in every place that a case does not show.
using System;
using NUnit.Framework;

namespace Odd {
  [TestFixture] public class BadDown {
    [TestFixtureTearDown] public void Down() { throw new Exception("down broke"); }
    [Test] public void A() {}
  }
  [TestFixture] public class AssertDown {
    [TestFixtureTearDown] public void Down() { Assert.Fail("down assert"); }
    [Test] public void A() {}
  }
  [TestFixture] public class BadBoth {
    [TestFixtureTearDown] public void Down() { throw new Exception("down broke"); }
    [Test] public void A() { Assert.Fail("x"); }
  }
  [TestFixture] public class CaseDown {
    [TearDown] public void Down() { throw new Exception("case down"); }
    [Test] public void A() {}
  }
  [TestFixture] public class CaseUp {
    [SetUp] public void Up() { throw new Exception("case up"); }
    [Test] public void A() {}
  }
  [TestFixture] public class IgnoreUp {
    [TestFixtureSetUp] public void Up() { Assert.Ignore("not here"); }
    [Test] public void A() {}
  }
  [TestFixture] public class UnsureUp {
    [TestFixtureSetUp] public void Up() { Assert.Inconclusive("not sure"); }
    [Test] public void A() {}
  }
  [TestFixture] public class AssertUp {
    [TestFixtureSetUp] public void Up() { Assert.Fail("up assert"); }
    [Test] public void A() {}
    [TestCase("a.b")] public void Each(string s) {}
  }
  [TestFixture] public class BadConstructor {
    public BadConstructor() { throw new Exception("constructor"); }
    [Test] public void A() {}
  }
  [TestFixture] public class NoConstructor {
    public NoConstructor(int x) {}
    [Test] public void A() {}
  }
  [TestFixture] public class Empty {}
  [TestFixture, Ignore("whole")] public class Off { [Test] public void A() {} }
  [TestFixture, Platform("Win")] public class OnlyWindows { [Test] public void A() {} }
  [TestFixture("a.b"), TestFixture("c(d")] public class Parameters {
    public Parameters(string s) {}
    [Test] public void A() {}
    [TestCase("x.y,z")] public void Each(string s) {}
  }
  [TestFixture(typeof(int))] public class Generic<T> { [Test] public void A() {} }
  [TestFixture] public class Theories {
    [Datapoint] public int zero = 0;
    [Theory] public void Large(int x) { Assume.That(x > 5); }
  }
  public class Outer { [TestFixture] public class Inner { [Test] public void A() {} } }
  [TestFixture] public class Names {
    [TestCase(1, TestName = "named. case")] public void Named(int i) {}
    [Test, ExpectedException(typeof(Exception))] public void Expects() {}
    [TestCaseSource("nope")] public void NoSource(int i) {}
  }
  namespace BadNamespace {
    [SetUpFixture] public class Up { [SetUp] public void Begin() { throw new Exception("namespace up"); } }
    [TestFixture] public class F { [Test] public void A() {} }
  }
  namespace BadNamespaceEnd {
    [SetUpFixture] public class Down { [TearDown] public void End() { throw new Exception("namespace down"); } }
    [TestFixture] public class F { [Test] public void A() {} }
  }
}

[TestFixture] public class InNoNamespace {
  [Test, Category("smoke")] public void A() {}
  [Test] public void ReadsEnvironment() { Assert.AreEqual("qa", Environment.GetEnvironmentVariable("LABFLEET_PARAM_ENV")); }
}
