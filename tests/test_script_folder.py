"""Results and pictures in the script's own folder, told from those that were there before."""

import os
from pathlib import Path

import pytest

from orchestrator import results
from orchestrator.script_folder import MAX_PICTURES, collect_new, new_pictures, note, noted

REPORTS = ("**/surefire-reports/TEST-*.xml",)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(4096)
ICON = PNG[:500]


def report(folder: Path, name: str, text: str = "<testsuite/>") -> Path:
    path = folder / "target" / "surefire-reports" / f"TEST-{name}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def folders(tmp_path: Path) -> tuple[Path, Path]:
    attempt, script = tmp_path / "attempt", tmp_path / "script"
    (attempt / "results").mkdir(parents=True)
    script.mkdir()
    return attempt, script


def taken(attempt: Path) -> list[str]:
    return [file.name.rpartition("/")[2] for file in collect_new(noted(attempt), REPORTS)[0]]


def test_only_reports_that_are_new_or_changed_are_collected(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    stale = report(script, "stale")
    again = report(script, "again")
    same_size_and_time = report(script, "replaced")
    note(attempt, script, REPORTS)

    again.write_text("<testsuite></testsuite>")
    times = (same_size_and_time.stat().st_atime_ns, same_size_and_time.stat().st_mtime_ns)
    other = same_size_and_time.with_name("new")
    other.write_text("<testsuite/>")
    os.utime(other, ns=times)
    other.replace(same_size_and_time)
    report(script / "module", "new", "<testsuite name='new'/>")

    assert stale.exists()
    assert sorted(taken(attempt)) == ["TEST-again.xml", "TEST-new.xml", "TEST-replaced.xml"]


def test_without_the_note_nothing_is_trusted(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    report(script, "new")

    for text in (
        None,
        "",
        "[]",
        '{"folder": 1, "files": {}}',
        '{"folder": "x", "files": {"a": 1}}',
    ):
        if text is not None:
            (attempt / "before.json").write_text(text)
        files, problems = collect_new(noted(attempt), REPORTS)
        assert files == ()
        assert "not known any more" in problems[0]


def test_a_link_in_the_script_to_a_folder_is_passed_over_and_no_problem(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    note(attempt, script, REPORTS)
    (script / "node_modules").symlink_to(tmp_path)

    assert collect_new(noted(attempt), REPORTS) == ((), ())


def test_reports_behind_a_link_out_of_the_script_are_a_doubt(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    fast = tmp_path / "fast"
    fast.mkdir()
    (script / "b").mkdir()
    (script / "b" / "target").symlink_to(fast)
    note(attempt, script, REPORTS)
    report(script / "a", "a")
    report(fast, "b").parent.rename(fast / "surefire-reports")

    files, problems = collect_new(noted(attempt), REPORTS)

    assert [file.name for file in files] == ["a/target/surefire-reports/TEST-a.xml"]
    assert problems == ("result folder b/target: is a link and was not looked into",)


def test_a_link_to_a_place_inside_the_script_hides_nothing(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    note(attempt, script, REPORTS)
    report(script / "1", "a")
    (script / "latest").symlink_to(script / "1")

    assert taken(attempt) == ["TEST-a.xml"]
    assert collect_new(noted(attempt), REPORTS)[1] == ()


def test_a_report_that_is_a_link_is_a_problem(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    note(attempt, script, REPORTS)
    path = report(script, "link")
    path.unlink()
    path.symlink_to("/etc/passwd")

    files, problems = collect_new(noted(attempt), REPORTS)

    assert files == ()
    assert "is a link, which is not followed" in problems[0]


def test_a_script_folder_behind_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    (tmp_path / "share").symlink_to(script)
    note(attempt, tmp_path / "share", REPORTS)
    report(script, "new")

    assert taken(attempt) == ["TEST-new.xml"]


def test_pictures_that_the_tool_made_are_found_wherever_they_lie(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    (script / "logo.png").write_bytes(PNG)
    note(attempt, script, ())
    made = [script / "shots" / "a.PNG", attempt / "results" / "b.jpg", script / "c.png"]
    for second, path in enumerate(made):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PNG)
        os.utime(path, (second, second))
    (attempt / "results" / "passed.png").write_bytes(ICON)

    assert new_pictures(noted(attempt), attempt / "results") == (made, 0)


def test_of_many_pictures_the_last_are_taken_and_the_others_counted(tmp_path: Path) -> None:
    attempt, _ = folders(tmp_path)
    for number in range(MAX_PICTURES + 5):
        path = attempt / "results" / f"{number}.png"
        path.write_bytes(PNG)
        os.utime(path, (number, number))

    pictures, more = new_pictures(None, attempt / "results")

    assert [path.stem for path in pictures] == [str(it) for it in range(5, MAX_PICTURES + 5)]
    assert more == 5


def test_a_report_that_was_moved_or_copied_is_still_an_old_one(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    moved = report(script, "moved", "<testsuite name='moved'/>")
    copied = report(script, "copied", "<testsuite name='copied'/>")
    note(attempt, script, REPORTS)
    history = script / "history" / "surefire-reports"
    history.mkdir(parents=True)
    moved.rename(history / "TEST-moved.xml")
    (history / "TEST-copy.xml").write_bytes(copied.read_bytes())
    report(script, "new", "<testsuite name='new'/>")

    files, problems = collect_new(noted(attempt), REPORTS)

    assert [file.name.rpartition("/")[2] for file in files] == ["TEST-new.xml"]
    assert len(problems) == 1
    assert "TEST-copy.xml: a copy of one that was there before" in problems[0]


def test_a_report_that_is_written_again_with_the_same_words_is_a_new_one(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    again = report(script, "again")
    note(attempt, script, REPORTS)
    again.unlink()
    report(script, "other")
    again = report(script, "again")

    assert "TEST-again.xml" in taken(attempt)


def test_a_report_with_a_time_before_the_run_is_a_problem(tmp_path: Path) -> None:
    attempt, script = folders(tmp_path)
    note(attempt, script, REPORTS)
    os.utime(report(script, "old"), (1000, 1000))

    files, problems = collect_new(noted(attempt), REPORTS, not_before=2000)

    assert files == ()
    assert "before this run began" in problems[0]


def test_a_folder_of_too_many_files_is_a_doubt_and_not_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_MAX_ENTRIES", 10)
    attempt, script = folders(tmp_path)
    (script / "node_modules").mkdir()
    for number in range(30):
        (script / "node_modules" / f"{number}.js").touch()
    note(attempt, script, REPORTS)
    assert collect_new(noted(attempt), REPORTS) == ((), ())

    (script / "data").mkdir()
    for number in range(30):
        (script / "data" / f"{number}.txt").touch()
        (script / "data" / f"in{number}").mkdir()

    _, problems = collect_new(noted(attempt), REPORTS)
    assert "not all were looked at" in problems[0]
    note(attempt, script, REPORTS)
    assert any("not all were looked at" in it for it in collect_new(noted(attempt), REPORTS)[1])
