import pytest

from adapters.formats import read
from adapters.formats.soapui import BODY_CHARS, readable

CANCELLING = "Cancelling due to failed test step"
ONE_STEP = (
    "<h3><b>Get order Failed</b></h3><pre>[Valid HTTP Status Codes] Response status code:500 is"
    " not in acceptable list of status codes\r\n</pre><hr/>"
)


def test_the_message_names_the_step_and_its_first_assertion() -> None:
    shown = readable(ONE_STEP, CANCELLING)

    assert shown is not None
    assert shown.message == (
        "Get order Failed: [Valid HTTP Status Codes] Response status code:500 is not in acceptable"
        " list of status codes"
    )
    assert shown.detail.split("\n") == [
        "Get order Failed",
        "[Valid HTTP Status Codes] Response status code:500 is not in acceptable list of status"
        " codes",
    ]


def test_every_failed_step_is_in_the_detail_and_the_first_in_the_message() -> None:
    second = ONE_STEP.replace("Get order", "Pay")

    shown = readable(ONE_STEP + second, CANCELLING)

    assert shown is not None
    assert shown.message.startswith("Get order Failed: ")
    assert "\nPay Failed\n" in shown.detail


def test_an_address_is_shown_without_its_link_and_is_not_the_message() -> None:
    body = (
        "<h3><b>Ask Failed</b></h3><pre>URL: "
        '<a target="new" href="http://a/?x=1&amp;y=2">http://a/?x=1&amp;y=2</a>\r\n'
        "[Contains] Missing token [ok] in Response\r\n</pre><hr/>"
    )

    shown = readable(body, CANCELLING)

    assert shown is not None
    assert shown.message == "Ask Failed: [Contains] Missing token [ok] in Response"
    assert "URL: http://a/?x=1&y=2\n" in shown.detail


def test_markup_of_a_response_stays_and_entities_become_characters() -> None:
    body = (
        "<h3><b>a &lt;b&gt; &quot;c&quot; Failed</b></h3><pre>[XPath Match] expected "
        "<ns:ok a='1'>yes</ns:ok> &amp; got &#8364;&#0;&#xFFFFFF;&nosuch;\n</pre><hr/>"
    )

    shown = readable(body)

    assert shown is not None
    assert shown.message == (
        "a <b> \"c\" Failed: [XPath Match] expected <ns:ok a='1'>yes</ns:ok> & got"
        " €&#0;&#xFFFFFF;&nosuch;"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [("&#9;", "\t"), ("&#65;", "A"), ("&#x41;", "A"), ("&#X4a;", "J"), ("&#11;", "&#11;"),
     ("&#1114112;", "&#1114112;"), ("&#xE000;", "&#xE000;")],
)  # fmt: skip
def test_a_number_stands_for_its_character_if_that_can_be_shown(written: str, shown: str) -> None:
    read_body = readable(f"<h3><b>a</b></h3><pre>x{written}y</pre>")

    assert read_body is not None
    assert read_body.message == f"a: x{shown}y"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "&#10;"])
def test_lines_end_in_any_way(end: str) -> None:
    shown = readable(f"<h3><b>a</b></h3><pre>x{end}y</pre>")

    assert shown is not None
    assert shown.detail == "a\nx\ny"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<h3><b>", ""),
        ("<h3><b>a Failed", "a Failed"),
        ("<h3><b>a Failed</b>", "a Failed"),
        ("<h3><b>a Failed</b></h3><pre>", "a Failed"),
        ("<h3><b>a Failed</b></h3><pre></pre><hr/>", "a Failed"),
        ("<h3><b>a Failed</b></h3><pre>\n\n [Script] no\n", "a Failed: [Script] no"),
        ("<h3><b>a Failed</b></h3><pre>URL: http://x\n", "a Failed: URL: http://x"),
        ("\n<H3><B>a Failed</B></H3><PRE>no</PRE><HR>", "a Failed: no"),
        ("<h3><b></b></h3><pre>no</pre><hr/>", "no"),
    ],
)
def test_broken_markup_is_taken_as_far_as_it_goes(body: str, message: str) -> None:
    shown = readable(body)

    assert shown is not None
    assert shown.message == message


@pytest.mark.parametrize(
    "reason",
    ["", CANCELLING, "Failing due to failed test step", " failing due to failed test steps. "],
)
def test_a_reason_that_says_nothing_is_left_out_of_the_message(reason: str) -> None:
    shown = readable("<h3><b>a Failed</b></h3><pre>no</pre>", reason)

    assert shown is not None
    assert shown.message == "a Failed: no"


def test_a_reason_that_says_something_stays_in_front() -> None:
    shown = readable("<h3><b>a Failed</b></h3><pre>no</pre>", "TestCase timed out")

    assert shown is not None
    assert shown.message == "TestCase timed out; a Failed: no"


def test_a_reason_stands_alone_where_the_body_says_nothing() -> None:
    shown = readable("<h3><b>", "TestCase timed out")

    assert shown is not None
    assert shown.message == "TestCase timed out"


@pytest.mark.parametrize(
    "body",
    ["", "no", "expected <h3><b>", "<h3>a</h3>", "<pre>a</pre>", "&lt;h3&gt;&lt;b&gt;a", "<b>a"],
)
def test_other_bodies_are_left_alone(body: str) -> None:
    assert readable(body, CANCELLING) is None


def test_a_huge_body_is_cut_to_its_start_and_its_end() -> None:
    shown = readable("<h3><b>a Failed</b></h3><pre>" + "x<a &lt;" * 500_000 + "END</pre><hr/>")

    assert shown is not None
    assert len(shown.detail) < BODY_CHARS + 2000
    assert len(shown.message) <= 500
    assert shown.detail.endswith("END")


def test_a_junit_file_of_soapui_shows_what_was_asserted() -> None:
    data = f"""<testsuite name="Shop.Orders" tests="1" failures="1" errors="0" time="0.1">
      <testcase name="pay" time="0.1"><failure type="{CANCELLING}" message="{CANCELLING}"
      ><![CDATA[{ONE_STEP}]]></failure></testcase></testsuite>"""

    (case,) = read(data.encode()).cases

    assert (case.name, case.status, case.raw_status) == ("Shop.Orders/pay", "Failed", "failure")
    assert case.message.startswith("Get order Failed: [Valid HTTP Status Codes]")
    assert case.detail.startswith(f"{CANCELLING}\nGet order Failed\n[Valid")
    assert "<" not in case.detail


def test_a_junit_file_of_another_tool_keeps_its_own_message() -> None:
    data = b"""<testsuite name="s"><testcase classname="A" name="b"><failure message="m"
      >a &lt;h3&gt;&lt;b&gt; b</failure></testcase></testsuite>"""

    (case,) = read(data).cases

    assert (case.message, case.detail) == ("m", "m\na <h3><b> b")
