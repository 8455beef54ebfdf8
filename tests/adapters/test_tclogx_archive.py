import io
import tracemalloc
import zipfile

import pytest

from adapters.base import Ending, Finished, ResultFile, UnreadableReport, Verdict
from adapters.formats import read
from adapters.formats.tclogx import archive as tclogx_archive
from adapters.formats.tclogx import read_folder
from adapters.results import outcome_of
from tests.adapters.tclogx_samples import document, golden, node, zipped


def verdict(data: bytes) -> Verdict:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("run.tcLogX", data),))).verdict


def test_names_count_in_any_case_of_letters_and_in_one_folder() -> None:
    files = golden("single-routine")
    expected = read_folder(files)

    assert read(zipped({name.upper(): data for name, data in files.items()})) == expected
    assert read(zipped({f"24.11 LOG/{name}": data for name, data in files.items()})) == expected
    assert read(zipped(files, zipfile.ZIP_STORED)) == expected


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused_since_they_cannot_be_bounded(method: int) -> None:
    report = read(zipped(golden("all-passed"), method))

    assert any("packed in an unknown way" in problem for problem in report.problems)


def test_a_summary_that_is_cut_off_inside_a_whole_archive_passes_nothing() -> None:
    files = golden("all-passed")
    data = files["Summary.dat"]

    cut = zipped({**files, "Summary.dat": data[: data.rindex(b"</Nodes>")]})

    assert any("Summary.dat: cut off at line" in problem for problem in read(cut).problems)
    assert verdict(cut) is Verdict.BLOCKED


def test_two_logs_in_one_archive_are_refused() -> None:
    files = golden("all-passed")

    with pytest.raises(UnreadableReport, match="2 TestComplete logs"):
        read(zipped({f"{folder}/{name}": files[name] for name in files for folder in "ab"}))


def test_an_archive_of_something_else_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="no TestComplete log"):
        read(zipped({"readme.txt": b"hello"}))


def test_an_archive_cut_off_anywhere_is_refused() -> None:
    data = zipped(golden("all-passed"))

    for length in range(4, len(data), 7):
        with pytest.raises(UnreadableReport, match="damaged or cut off"):
            read(data[:length])
        assert verdict(data[:length]) is Verdict.BLOCKED
    assert verdict(data) is Verdict.PASSED


def test_a_damaged_file_in_an_archive_is_a_problem() -> None:
    data = bytearray(zipped(golden("all-passed"), zipfile.ZIP_STORED))
    place = data.index(b'value="Page 5"')
    data[place + 12 : place + 13] = b"9"

    report = read(bytes(data))

    assert any("Summary.dat in the archive is damaged" in p for p in report.problems)
    assert verdict(bytes(data)) is Verdict.BLOCKED


def test_an_encrypted_file_is_a_problem() -> None:
    data = bytearray(zipped(golden("all-passed")))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(signature, start + 1)) >= 0:
            data[start + flags] |= 1

    report = read(bytes(data))

    assert any("Summary.dat in the archive is encrypted" in p for p in report.problems)
    assert verdict(bytes(data)) is Verdict.BLOCKED


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_a_problem() -> None:
    files = golden("all-passed")
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, data in [*files.items(), ("Summary.dat", files["Summary.dat"])]:
            archive.writestr(name, data)

    assert any("Summary.dat twice" in p for p in read(memory.getvalue()).problems)
    assert any(
        "there twice, in different letters" in problem
        for problem in read(zipped({**files, "SUMMARY.DAT": b""})).problems
    )


def test_a_bomb_is_not_unpacked() -> None:
    files = golden("all-passed")
    bomb = b" " * (tclogx_archive.FILE_BYTES + 1)

    report = read(zipped({**files, "Summary.dat": bomb}))

    assert any("is larger than" in problem for problem in report.problems)
    assert verdict(zipped({**files, "picture.png": bomb})) is Verdict.PASSED


def test_no_more_than_the_limit_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_archive, "FILE_BYTES", 1_000_000)
    data = zipped({"Summary.dat": b" " * 40_000_000})

    tracemalloc.start()
    report = read(data)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert any("is larger than 1000000 bytes" in problem for problem in report.problems)
    assert peak_bytes < 10_000_000


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_archive, "ENTRY_LIMIT", 1)

    with pytest.raises(UnreadableReport, match="holds 2 files: refused"):
        read(zipped(golden("all-passed")))


def test_all_files_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tclogx_archive, "ALL_BYTES", 2000)

    assert any("is larger than" in p for p in read(zipped(golden("all-passed"))).problems)


def test_files_up_to_the_limit_are_unpacked_and_each_takes_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tclogx_archive, "FILE_BYTES", 10)
    monkeypatch.setattr(tclogx_archive, "ALL_BYTES", 18)
    archive = tclogx_archive.Archive(zipped({"a": b"1234567890", "b": b"12345678", "c": b"1"}))

    assert (len(archive["a"]), len(archive["b"])) == (10, 8)
    with pytest.raises(UnreadableReport, match="c in the archive is larger than 0 bytes"):
        archive["c"]


def test_an_archive_of_windows_has_folders_too() -> None:
    files = golden("single-routine")

    assert read_folder({f"log\\{name}": data for name, data in files.items()}) == read_folder(files)


def test_a_header_that_names_only_its_tree_says_that_the_run_was_interrupted() -> None:
    files = golden("single-routine")
    files["Description.tcLog"] = document(node("root", root_file_name="RootLogData.dat"))

    assert read_folder(files).problems == ("the run was interrupted before its end",)


def test_a_log_without_all_three_files_that_matter_holds_nothing() -> None:
    report = read_folder({"Summary.dat": document(node("root"))})

    assert report.cases == ()
    assert report.problems == (
        "no readable Description.tcLog: whether the run was completed is not known",
        "neither Summary.dat nor RootLogData.dat says which tests were run",
    )
