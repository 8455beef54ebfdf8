from pathlib import Path

import pytest

from adapters.formats import read

GOLDEN = Path(__file__).parents[1] / "golden/soapui"


# Beside each report lies what it says, as in the other golden folders: status | raw status | name
# | seconds | message; a last `~` stands for the rest of the message.
@pytest.mark.parametrize("name", ["TEST-Orders", "TEST-The_Depot", "TEST-Gone"])
def test_every_case_of_a_soapui_report_is_read(name: str) -> None:
    rows = (GOLDEN / f"{name}.cases").read_text("utf-8").splitlines()

    report = read((GOLDEN / f"{name}.xml").read_bytes())

    assert len(report.cases) == len(rows)
    for case, row in zip(report.cases, rows, strict=True):
        status, raw_status, case_name, seconds, message = (c.strip() for c in row.split(" |"))
        assert (case.status, case.raw_status, case.name) == (status, raw_status, case_name)
        assert case.seconds == float(seconds)
        assert case.message.startswith(message.removesuffix("~"))
        assert message.endswith("~") or case.message == message


def test_only_a_soapui_report_that_is_cut_off_is_in_doubt() -> None:
    problems = {path.stem: read(path.read_bytes()).problems for path in GOLDEN.glob("*.xml")}

    assert problems["TEST-Gone"] and "cut off" in problems["TEST-Gone"][0]
    assert (problems["TEST-Orders"], problems["TEST-The_Depot"]) == ((), ())


def test_the_detail_of_a_soapui_failure_is_plain_text() -> None:
    report = read((GOLDEN / "TEST-Orders.xml").read_bytes())

    pay = next(case for case in report.cases if case.name.endswith("/pay"))

    assert pay.detail.split("\n") == [
        "Cancelling due to failed test step",
        "pay <now> Failed",
        "[Valid HTTP Status Codes] Response status code:500 is not in acceptable list of status"
        " codes",
        '[Contains] Missing token [<paid amount="12">] in Response',
        "URL: http://127.0.0.1/pay?id=7&now=1",
    ]
