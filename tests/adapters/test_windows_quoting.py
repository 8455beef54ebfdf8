import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.testcomplete.quoting import one_line


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("a.exe", "/run"), "a.exe /run"),
        (("C:\\Program Files\\a.exe",), '"C:\\Program Files\\a.exe"'),
        (("", "b"), '"" b'),
        (('say "hi"',), '"say \\"hi\\""'),
        (("C:\\my folder\\",), '"C:\\my folder\\\\"'),
        (("C:\\folder\\",), "C:\\folder\\"),
    ],
)
def test_a_command_line_is_quoted_as_windows_programs_read_it(
    argv: tuple[str, ...], line: str
) -> None:
    assert one_line(argv) == line


@given(st.lists(st.text('ab \t"\\', max_size=8), min_size=1, max_size=4))
def test_python_quotes_the_same_way(argv: list[str]) -> None:
    assert one_line(argv) == subprocess.list2cmdline(argv)
