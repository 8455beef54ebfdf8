"""What many tools write into JUnit XML, each in a small document of its own manner.

Composed by hand from what each tool's reporter is documented, or coded, to write.
"""

import pytest

from adapters.base import Report
from adapters.formats import read

P, F, S, B = "Passed", "Failed", "Skipped", "Blocked"

# Writer -> its document, and what must be read from it; none of them is to raise a problem.
WRITERS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "surefire 3, flaky and rerun": (
        """<testsuite name="a.T" time="1,234.5" tests="3" errors="0" skipped="0" failures="1"
         flakes="1" version="3.0.2">
         <properties><property name="failure" value="x"/></properties>
         <testcase name="ok" classname="a.T" time="0.1"><flakyFailure message="m" type="E">
           <stackTrace>x</stackTrace><system-out>o</system-out></flakyFailure></testcase>
         <testcase name="bad" classname="a.T"><failure type="E">s</failure>
           <rerunFailure type="E"><stackTrace>x</stackTrace></rerunFailure></testcase>
         <testcase name="p[1]" classname="a.T"><system-out>x</system-out></testcase>
         </testsuite>""",
        [("a.T.ok", P), ("a.T.bad", F), ("a.T.p[1]", P)],
    ),
    "phpunit 9": (
        """<testsuites><testsuite name="" tests="3" assertions="3" errors="0" warnings="0"
         failures="1" skipped="1" time="0.1"><testsuite name="ATest" file="/a.php" tests="3"
         assertions="3" errors="0" warnings="0" failures="1" skipped="1" time="0.1">
         <testcase name="testA" class="ATest" classname="ATest" file="/a.php" line="3"
          assertions="1" time="0.1"><skipped/></testcase>
         <testsuite name="ATest::testB" tests="2" assertions="2" failures="1" skipped="0">
         <testcase name="testB with data set #0" class="ATest" classname="ATest" assertions="1"/>
         <testcase name="testB with data set #1" class="ATest" classname="ATest" assertions="1">
          <failure type="E">x</failure></testcase></testsuite></testsuite></testsuite></testsuites>
        """,
        [("ATest.testA", S), ("ATest.testB with data set #0", P),
         ("ATest.testB with data set #1", F)],
    ),
    "phpunit 4, class without classname": (
        """<testsuites><testsuite name="ATest" tests="1" assertions="1" failures="0" errors="0">
         <testcase name="testA" class="ATest" file="/a.php" line="3" assertions="1"/></testsuite>
         </testsuites>""",
        [("ATest.testA", P)],
    ),
    "mocha-junit-reporter, names chosen, pending not written": (
        """<testsuites name="UI" time="1.2" tests="4" failures="0" skipped="3">
         <testsuite name="All" timestamp="t" tests="0" file="a.js" time="0" failures="0"/>
         <testsuite name="Cart" timestamp="t" tests="2" time="0" failures="0">
         <testcase name="Cart adds" time="0.1" classname="adds"/></testsuite>
         <testsuite name="Later" timestamp="t" tests="2" time="0" failures="0"/></testsuites>""",
        [("adds.Cart adds", P)],
    ),
    "mocha-junit-reporter, a test outside any suite": (
        """<testsuites name="Mocha Tests" time="1" tests="1" failures="1">
         <testsuite name="Root Suite" timestamp="t" tests="1" time="0" failures="1">
         <testcase name="Works" time="0.1" classname="Works"><failure message="m"/></testcase>
         </testsuite></testsuites>""",
        [("Works", F)],
    ),
    "mocha xunit": (
        """<testsuite name="UI" tests="3" failures="0" errors="1" skipped="1" timestamp="t"
         time="1">
         <testcase classname="Cart" name="adds" time="0"/>
         <testcase classname="Cart" name="later" time="0"><skipped/></testcase>
         <testcase classname="Cart" name="breaks" time="0"><failure>x</failure></testcase>
         </testsuite>""",
        [("Cart.adds", P), ("Cart.later", S), ("Cart.breaks", F)],
    ),
    "pytest, suite renamed, subtests": (
        """<testsuites><testsuite name="ui" errors="0" failures="0" skipped="0" tests="4" time="1"
         timestamp="t" hostname="h"><testcase classname="a" name="t" time="1"/></testsuite>
         </testsuites>""",
        [("a.t", P)],
    ),
    "pytest, xfail": (
        """<testsuite name="pytest" errors="0" failures="1" skipped="1" tests="2">
         <testcase classname="a" name="x"><skipped type="pytest.xfail" message="why"/></testcase>
         <testcase classname="a" name="y"><failure message="[XPASS(strict)]"/></testcase>
         </testsuite>""",
        [("a.x", S), ("a.y", F)],
    ),
    "nose": (
        """<testsuite name="nosetests" tests="2" errors="1" failures="0" skip="1">
         <testcase classname="a.T" name="t" time="0"><skipped type="unittest.case.SkipTest"/>
         </testcase><testcase classname="nose.suite.ContextSuite" name="context"><error/></testcase>
         </testsuite>""",
        [("a.T.t", S), ("nose.suite.ContextSuite.context", F)],
    ),
    "subunit's junitxml": (
        """<testsuite errors="0" failures="0" name="" tests="2" time="1">
         <testcase classname="a.T" name="t" time="0"><skip>why</skip></testcase>
         <testcase classname="a.T" name="u" time="0"/></testsuite>""",
        [("a.T.t", S), ("a.T.u", P)],
    ),
    "catch2": (
        """<testsuites><testsuite name="unit" errors="0" failures="1" skipped="0" tests="40"
         hostname="tbd" time="1" timestamp="t"><properties><property name="random-seed" value="1"/>
         </properties><testcase classname="unit.global" name="a/section" time="0" status="run"/>
         <testcase classname="unit.global" name="b" time="0" status="run"><failure message="x"
         type="REQUIRE">y</failure></testcase><system-out/><system-err/></testsuite>
         </testsuites>""",
        [("unit.global.a/section", P), ("unit.global.b", F)],
    ),
    "doctest": (
        """<testsuites><testsuite name="unit" errors="0" failures="0" tests="40" time="1"
         timestamp="t" doctest_version="2.4.11"><testcase classname="a.cpp" name="adds" time="0"
         status="run"/></testsuite></testsuites>""",
        [("a.cpp.adds", P)],
    ),
    "googletest 1.6 with a filter": (
        """<testsuites tests="9" failures="0" disabled="0" errors="0" time="0" name="AllTests">
         <testsuite name="Cart" tests="9" failures="0" disabled="0" errors="0" time="0">
         <testcase name="Adds" status="run" time="0" classname="Cart"/></testsuite></testsuites>""",
        [("Cart.Adds", P)],
    ),
    "googletest": (
        """<testsuites tests="4" failures="1" disabled="1" errors="0" time="0" name="AllTests">
         <testsuite name="Cart" tests="4" failures="1" disabled="1" skipped="1" errors="0">
         <testcase name="A" value_param="1" file="a.cpp" line="3" status="run" result="completed"
          classname="Cart"><properties><property name="k" value="v"/></properties></testcase>
         <testcase name="B" status="run" result="completed" classname="Cart">
          <failure message="a" type=""/><failure message="b" type=""/></testcase>
         <testcase name="C" status="run" result="skipped" classname="Cart"><skipped/></testcase>
         <testcase name="D" status="notrun" result="suppressed" classname="Cart"/>
         </testsuite></testsuites>""",
        [("Cart.A", P), ("Cart.B", F), ("Cart.C", S), ("Cart.D", S)],
    ),
    "ctest": (
        """<testsuite name="Linux-c++" tests="4" failures="2" disabled="1" skipped="0"
         hostname="" time="1" timestamp="t"><testcase name="core.math" classname="core.math"
         time="0"
         status="run"><system-out>x</system-out></testcase><testcase name="core.io"
         classname="core.io" time="0" status="fail"><failure message="Failed"/></testcase>
         <testcase name="Linux-c++" classname="Linux-c++" status="fail"><failure message=""/>
         </testcase><testcase name="off" classname="off" time="0" status="disabled">
         <skipped message="Disabled"/></testcase></testsuite>""",
        [("core.math", P), ("core.io", F), ("Linux-c++", F), ("off", S)],
    ),
    "qt test, messages counted as errors": (
        """<testsuite errors="7" failures="0" tests="2" name="tst_cart">
         <properties><property value="5.12" name="QTestVersion"/></properties>
         <testcase result="pass" name="initTestCase"/><testcase result="pass" name="adds">
         <!-- message="x" type="qdebug" --></testcase><system-err><![CDATA[x]]></system-err>
         </testsuite>""",
        [("tst_cart/initTestCase", P), ("tst_cart/adds", P)],
    ),
    "boost.test": (
        """<testsuite tests="1" skipped="0" errors="0" failures="1" id="1" name="m" time="0">
         <testsuite tests="1" skipped="0" errors="0" failures="1" id="2" name="s" time="0">
         <testcase assertions="2" name="a" time="0"><system-out>x</system-out></testcase>
         <testcase assertions="1" name="b" time="0"><failure message="failure"
         type="assertion error">x</failure></testcase></testsuite></testsuite>""",
        [("s/a", P), ("s/b", F)],
    ),
    "bazel": (
        """<testsuites><testsuite name="//a:b" tests="1" failures="0" errors="1">
         <testcase name="//a:b" status="run" duration="1" time="1"><error message="exited with 1">
         </error></testcase><system-out>log</system-out></testsuite></testsuites>""",
        [("//a:b///a:b", F)],
    ),
    "cargo nextest": (
        """<testsuites name="run" tests="2" failures="0" errors="0" uuid="u" timestamp="t" time="1">
         <testsuite name="crate" tests="2" disabled="0" errors="0" failures="0">
         <testcase name="a::b" classname="crate" timestamp="t" time="0"><flakyFailure
         type="test failure"><system-out>o</system-out></flakyFailure></testcase>
         <testcase name="a::c" classname="crate" time="0"/></testsuite></testsuites>""",
        [("crate.a::b", P), ("crate.a::c", P)],
    ),
    "node's own runner": (
        """<testsuites><testsuite name="cart" time="1" disabled="0" errors="0" tests="2"
         failures="1"
         skipped="0" hostname="h"><testcase name="adds" time="0" classname="test"/>
         <testcase name="breaks" time="0" classname="test" failure="a long text"><failure
         type="testCodeFailure" message="a long text">x</failure></testcase></testsuite>
         <testcase name="test" time="0" classname="test" failure="x"><failure/></testcase>
         <testcase name="later" time="0" classname="test"><skipped type="todo"
         message="x"/></testcase>
         <!-- tests 4 --></testsuites>""",
        [("test.adds", P), ("test.breaks", F), ("test", F), ("test.later", S)],
    ),
    "playwright": (
        """<testsuites id="" name="" tests="2" failures="1" skipped="1" errors="0" time="2">
         <testsuite name="a.spec.ts" timestamp="t" hostname="chromium" tests="2" failures="1"
         skipped="1" time="2" errors="0"><testcase name="x" classname="a.spec.ts"
         time="1"><properties>
         <property name="a" value="b"/></properties><failure message="m" type="FAILURE">x</failure>
         <system-out>[[ATTACHMENT|a.png]]</system-out></testcase><testcase name="y"
         classname="a.spec.ts" time="0"><skipped></skipped></testcase></testsuite></testsuites>""",
        [("a.spec.ts.x", F), ("a.spec.ts.y", S)],
    ),
    "nightwatch, assertions counted": (
        """<testsuites errors="0" failures="0" tests="5"><testsuite name="cart" errors="0"
         failures="0" hostname="" id="" package="cart" skipped="0" tests="5" time="1" timestamp="t">
         <testcase name="adds" classname="cart" time="1" assertions="3"/>
         <testcase name="empties" classname="cart" time="1" assertions="2"/></testsuite>
         </testsuites>""",
        [("cart.adds", P), ("cart.empties", P)],
    ),
    "ginkgo 2": (
        """<testsuites tests="4" disabled="1" errors="1" failures="0" time="1"><testsuite name="s"
         package="/a" tests="4" disabled="1" skipped="0" errors="1" failures="0" time="1">
         <properties><property name="SuiteSucceeded" value="false"/></properties>
         <testcase name="[It] a" classname="s" status="passed" time="0"><system-err>x</system-err>
         </testcase><testcase name="[It] b" classname="s" status="pending" time="0"><skipped
         message="pending"/></testcase><testcase name="[It] c" classname="s"
         status="panicked"><error
         message="x" type="panicked"/></testcase><testcase name="[It] d" classname="s"
         status="skipped"><skipped message="skipped"/></testcase></testsuite></testsuites>""",
        [("s.[It] a", P), ("s.[It] b", S), ("s.[It] c", F), ("s.[It] d", S)],
    ),
    "go-junit-report, build failed": (
        """<testsuites tests="1" errors="1"><testsuite name="a" tests="1" failures="0" errors="1"
         id="0" hostname="h" time="0"><testcase name="[build failed]" classname="a" time="0">
         <error message="Build error">x</error></testcase></testsuite></testsuites>""",
        [("a.[build failed]", F)],
    ),
    "gotestsum, skipped ones hidden": (
        """<testsuites tests="3" failures="0" errors="0"><testsuite tests="1" failures="0" name="a"
         skipped="0"><testcase classname="a" name="T" time="0"/></testsuite><testsuite tests="2"
         failures="0" skipped="2" name="b"/></testsuites>""",
        [("a.T", P)],
    ),
    "katalon": (
        """<testsuites name="s" time="1" tests="3" failures="1" errors="0"><testsuite name="s"
         tests="3" failures="1" errors="0" time="1" id="s"><properties/><testcase name="a" time="1"
         status="PASSED"><system-out>x</system-out></testcase><testcase name="b" status="FAILED">
         <failure type="F" message="m"/></testcase><testcase name="c" status="INCOMPLETE"/>
         </testsuite></testsuites>""",
        [("s/a", P), ("s/b", F), ("s/c", B)],
    ),
    "nunit 3 through its transform": (
        """<testsuites tests="3" failures="0" disabled="1" time="1"><testsuite tests="3"
         failures="0" errors="0" time="1" skipped="1" name="A.B"><testcase name="a" assertions="1"
         time="1" status="Passed" classname="A.B"/><testcase name="b" status="Skipped"
         classname="A.B"><skipped/></testcase><testcase name="c" status="Warning" classname="A.B"/>
         </testsuite></testsuites>""",
        [("A.B.a", P), ("A.B.b", S), ("A.B.c", P)],
    ),
    "pester": (
        """<testsuites name="Pester" tests="3" errors="0" failures="0" disabled="1" time="1">
         <testsuite name="a.ps1" tests="3" errors="0" failures="0" hostname="h" id="0" skipped="1"
         disabled="1" package="a" time="1"><properties/><testcase name="a" status="Passed"
         classname="a.ps1" assertions="0" time="1"/><testcase name="b" status="Skipped"
         classname="a.ps1" assertions="0"><skipped
         message=""/></testcase></testsuite></testsuites>""",
        [("a.ps1.a", P), ("a.ps1.b", S)],
    ),
    "eslint": (
        """<testsuites><testsuite package="org.eslint" time="0" tests="1" errors="1" name="/a.js">
         <testcase time="0" name="org.eslint.no-undef" classname="/a"><failure
         message="m">x</failure>
         </testcase></testsuite><testsuite package="org.eslint" time="0" tests="1" errors="0"
         name="/b.js"><testcase time="0" name="/b" classname="/b"/></testsuite></testsuites>""",
        [("/a.org.eslint.no-undef", F), ("/b", P)],
    ),
    "testng's junitreports": (
        """<testsuite hostname="h" failures="0" tests="2" name="a.T" time="1" errors="0"
         timestamp="t"
         skipped="1" ignored="1"><testcase classname="a.T" name="a" time="0"/>
         <testcase classname="a.T" name="b" time="0"><ignored/></testcase></testsuite>""",
        [("a.T.a", P), ("a.T.b", S)],
    ),
    "flank": (
        """<testsuites><testsuite name="phone" tests="1" failures="0" flakes="1" errors="0"
         skipped="0" time="1" timestamp="t"><testcase name="a" classname="a.T" time="1"
         flaky="true">
         <webLink>https://example.com</webLink></testcase></testsuite></testsuites>""",
        [("a.T.a", P)],
    ),
    "robot framework": (
        """<testsuite name="Shop" tests="2" errors="0" failures="0" skipped="1" time="1"
         timestamp="t">
         <testcase classname="Shop.Cart" name="Adds" time="1"></testcase><testcase
         classname="Shop.Cart" name="Later" time="0"><skipped message="x" type="SkipExecution"/>
         </testcase></testsuite>""",
        [("Shop.Cart.Adds", P), ("Shop.Cart.Later", S)],
    ),
    "suites within suites, a default namespace": (
        """<testsuites xmlns="urn:j" tests="1"><testsuites tests="1"><testsuite name="s" tests="1">
         <testcase name="a"/></testsuite></testsuites></testsuites>""",
        [("s/a", P)],
    ),
}  # fmt: skip


def read_text(text: str) -> Report:
    return read(text.encode())


@pytest.mark.parametrize("writer", WRITERS)
def test_each_writers_cases_are_read_without_a_false_doubt(writer: str) -> None:
    text, expected = WRITERS[writer]

    report = read_text(text)

    assert [(case.name, str(case.status)) for case in report.cases] == expected
    assert report.problems == ()
