"""How fast a large report is read, and in how much memory, beside xmllint in the same run.

Nothing absolute is asserted: machines differ, and so does the load on them. What is asserted is
what would be a fault on any machine: memory that grows with the number of cases.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

MB = 1_000_000
SIZES_MB = (25, 100)
ROUNDS = 3
READ = """
import sys
from adapters.formats import read
report = read(open(sys.argv[1], "rb").read())
assert len(report.cases) >= 20_000, len(report.cases)
"""
HEADER = "   MB  labfleet MB/s  xmllint MB/s  ratio  peak over the file"
CASE = (
    '<testcase classname="shop.cart.CartTest{number}" name="case_{number}()" time="0.0{number}">'
    "<system-out><![CDATA[line of output {number}: {filling}]]></system-out></testcase>\n"
)
FAILURE = (
    '<testcase classname="shop.cart.CartTest{number}" name="bad_{number}()" time="1.{number}">'
    '<failure message="expected: {number}" type="AssertionError">at shop.Cart.total(Cart.java:'
    "{number}){filling}</failure></testcase>\n"
)


@dataclass(frozen=True)
class Figures:
    seconds: float
    peak_mb: float


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Path]]:
    folder = tmp_path_factory.mktemp("reports")
    yield {size: written(folder / f"{size}.xml", size * MB) for size in SIZES_MB}


def written(path: Path, size_bytes: int) -> Path:
    """Write a report of *size_bytes*, one case in a hundred failed."""
    done = number = 0
    with path.open("w", encoding="utf-8") as file:
        done += file.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="large">\n')
        while done < size_bytes:
            number += 1
            form = CASE if number % 100 else FAILURE
            done += file.write(form.format(number=number, filling="filling " * 20))
        file.write("</testsuite>\n")
    return path


def measured(*argv: str) -> Figures:
    """Run *argv* in a process of its own; its peak is what the kernel saw."""
    started = time.perf_counter()
    process = subprocess.Popen(argv, cwd=Path(__file__).parents[2])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Figures(seconds, usage.ru_maxrss * 1024 / MB)


def rounds(*argv: str) -> Figures:
    found = [measured(*argv) for _ in range(ROUNDS)]
    return Figures(median(it.seconds for it in found), max(it.peak_mb for it in found))


def test_a_large_report_is_read_beside_xmllint(reports: dict[int, Path]) -> None:
    version = subprocess.run(["xmllint", "--version"], capture_output=True, text=True, check=True)
    lines = [version.stderr.splitlines()[0], HEADER]
    above = {}
    for size, path in reports.items():
        ours = rounds(sys.executable, "-c", READ, str(path))
        theirs = rounds("xmllint", "--stream", "--noout", "--huge", str(path))
        above[size] = ours.peak_mb - path.stat().st_size / MB
        lines.append(
            f"{size:5} {size / ours.seconds:14.1f} {size / theirs.seconds:13.1f}"
            f" {ours.seconds / theirs.seconds:6.1f} {above[size]:16.0f} MB"
        )
    sys.stdout.write("\n".join(["", *lines, ""]))

    small, large = SIZES_MB
    assert above[large] < above[small] + (large - small) / 2, "memory grows with the report"
