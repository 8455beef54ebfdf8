"""A log folder of which one file is damaged: no crash, and no pass where a failure was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import UnreadableReport, Verdict
from adapters.formats.tclogx import read_folder
from tests.adapters.tclogx_samples import golden

FOLDER = golden("failed-and-passed")
BAD = {Verdict.FAILED, Verdict.BLOCKED}


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.sampled_from(sorted(FOLDER)),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=8),
)
def test_a_damaged_file_makes_no_pass_of_a_folder_with_a_failure(
    name: str, wounds: list[tuple[int, bytes]]
) -> None:
    data = FOLDER[name]
    for somewhere, patch in wounds:
        place = somewhere % len(data)
        data = data[:place] + patch + data[place + len(patch) + 1 :]

    try:
        report = read_folder({**FOLDER, name: data})
    except UnreadableReport as error:
        assert str(error)
    else:
        assert report.problems or BAD & {case.status for case in report.cases}
