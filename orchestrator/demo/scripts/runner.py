"""Any program can be a tool if it writes JUnit XML; this one writes what its title asks for."""

import sys
from pathlib import Path

REPORTS = {
    "good": '<testsuite tests="1"><testcase classname="own" name="good"/></testsuite>',
    "empty": '<testsuite tests="0"/>',
    "broken": '<testsuite tests="1"><testcase classname="own" name="broken">',
}

results, title = sys.argv[1:]
Path(results, "report.xml").write_text(REPORTS[title], encoding="utf-8")
