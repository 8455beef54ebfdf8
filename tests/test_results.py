"""What tools leave behind, collected without following or waiting on any of it."""

import os
import socket
from pathlib import Path
from typing import Any

from orchestrator.results import Limits, collect, tail


def took(results: Path, *patterns: str, each: int = 1000, total: int = 9000, files: int = 9):
    limits = Limits(max_file_bytes=each, max_total_bytes=total, max_files=files)
    found, problems = collect(results, patterns, limits=limits)
    return [(file.name, file.data) for file in found], list(problems)


# --- collection


def test_matching_files_are_collected_by_name(tmp_path):
    for name in ("b.xml", "a.xml", "A.XML", "note.txt", "in/c.xml", "in/er/d.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    assert [n for n, _ in took(tmp_path, "*.xml")[0]] == ["A.XML", "a.xml", "b.xml"]
    assert [n for n, _ in took(tmp_path, "in/*.xml")[0]] == ["in/c.xml"]
    assert [n for n, _ in took(tmp_path, "in/**")[0]] == ["in/c.xml", "in/er/d.xml"]
    everywhere, problems = took(tmp_path, "**/*.xml", "*.xml")
    assert [name for name, _ in everywhere] == [
        "A.XML",
        "a.xml",
        "b.xml",
        "in/c.xml",
        "in/er/d.xml",
    ]
    assert problems == []


def test_links_and_pipes_are_not_followed_and_named(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "stale.xml").write_text("stale")
    results = tmp_path / "results"
    results.mkdir()
    (results / "link.xml").symlink_to(secret / "stale.xml")
    (results / "folder").symlink_to(secret)
    (results / "other.log").symlink_to(secret / "stale.xml")
    os.mkfifo(results / "pipe.xml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fsencode(results / "socket.xml"))

        files, problems = took(results, "**/*.xml")

    assert files == []
    assert problems == [
        "result folder folder: is a link and was not looked into",
        "result file link.xml: is a link, which is not followed",
        "result file pipe.xml: is not a regular file",
        "result file socket.xml: No such device or address",
    ]


def test_a_file_over_a_limit_is_named_and_the_others_are_collected(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"x" * 10)
    (tmp_path / "b.xml").write_bytes(b"x" * 11)
    (tmp_path / "c.xml").write_bytes(b"x" * 10)
    (tmp_path / "d.xml").write_bytes(b"x" * 5)
    (tmp_path / "e.xml").write_bytes(b"")

    files, problems = took(tmp_path, "*.xml", each=10, total=15, files=4)

    assert [name for name, _ in files] == ["a.xml", "d.xml"]
    assert problems == [
        "result file b.xml: larger than the 10 bytes that are collected of a file",
        "result file c.xml: not taken, since all files together are larger than is collected",
        "result file e.xml: not taken, since 4 files are collected at most",
    ]


def test_many_problems_are_counted(tmp_path):
    for number in range(50):
        (tmp_path / f"{number:02}.xml").symlink_to("nowhere")

    files, problems = took(tmp_path, "*.xml", files=100)

    assert files == []
    assert len(problems) == 21
    assert problems[-1] == "and 30 more problems of this kind"


def test_results_that_are_gone_or_too_deep_are_a_problem(tmp_path):
    (tmp_path / ("d/" * 70)).mkdir(parents=True)

    assert took(tmp_path / "absent", "*.xml")[1] == ["result folder : No such file or directory"]
    assert "lies deeper than 64 folders" in took(tmp_path, "**/*.xml")[1][0]
    assert took(tmp_path, "*.xml") == ([], [])


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.xml")).write_bytes(b"x")

    assert took(tmp_path, "*.xml")[0] == [("caf\ufffd.xml", b"x")]


# --- output


def test_the_tail_is_plain_text(tmp_path):
    output = tmp_path / "output.log"
    output.write_bytes(
        b"\x1b[31mred\x1b[0m\ttab\r\n10%\r20%\n"
        b"\x07bell \x00nul \x1b]0;title\x07caf\xe9 \xe2\x80\xaeeno"
    )

    assert tail(output) == "red\ttab\n10%\n20%\nbell nul caf\ufffd eno"


def test_the_tail_is_the_end_of_a_long_output(tmp_path):
    output = tmp_path / "output.log"
    output.write_bytes(b"x" * 100_000 + b"the end")

    assert tail(output, max_bytes=9) == "xxthe end"


def test_the_tail_of_no_output_is_empty_and_of_a_pipe_says_so(tmp_path):
    os.mkfifo(tmp_path / "output.log")

    assert tail(tmp_path / "absent.log") == ""
    assert tail(tmp_path / "output.log") == (
        "[the tool's output cannot be read: is not a regular file]"
    )


def test_a_report_in_capitals_is_collected_too(tmp_path: Path) -> None:
    (tmp_path / "B.XML").write_text("<testsuite/>")

    files, problems = taken(tmp_path, "**/*.xml")

    assert [file.name for file in files] == ["B.XML"]
    assert problems == ()


def test_a_file_that_is_older_than_the_run_is_a_problem_and_no_result(tmp_path: Path) -> None:
    (tmp_path / "old.xml").write_text("<testsuite/>")
    os.utime(tmp_path / "old.xml", (1_000_000, 1_000_000))

    files, problems = taken(tmp_path, "*.xml", not_before=2_000_000.0)

    assert files == ()
    assert "before this run began" in problems[0]


def test_a_results_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.xml").write_text("<testsuite/>")
    (tmp_path / "results").symlink_to(tmp_path / "elsewhere")

    files, problems = taken(tmp_path / "results", "*.xml")

    assert files == ()
    assert "link" in problems[0]


def taken(results: Path, pattern: str, *, not_before: float = 0.0) -> tuple[Any, Any]:
    return collect(
        results,
        [pattern],
        limits=Limits(max_file_bytes=1000, max_total_bytes=1000, max_files=10),
        not_before=not_before,
    )
