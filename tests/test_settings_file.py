from pathlib import Path

import pytest

from orchestrator.errors import SettingsError
from orchestrator.settings.toml_file import lines, read

DOCUMENT = '''\
# a comment
first = 1

[ a . "b c" ]
plain = 2
dotted.inner."x.y" = 3
inline = { one = 1, two = { three = 3 } }
text = """
[not.a.table]
plain = 4
"""
list = [
  "a = 1", # b = 2
  ']',
]
after = \'\'\'
\'\'\'
[a]
"quoted" = 5
[[c]]
d = 1
[[c]]
d = 2
'''


def test_the_line_of_every_key_and_table_is_found() -> None:
    assert lines(DOCUMENT) == {
        ("first",): 2,
        ("a",): 4,
        ("a", "b c"): 4,
        ("a", "b c", "plain"): 5,
        ("a", "b c", "dotted"): 6,
        ("a", "b c", "dotted", "inner"): 6,
        ("a", "b c", "dotted", "inner", "x.y"): 6,
        ("a", "b c", "inline"): 7,
        ("a", "b c", "inline", "one"): 7,
        ("a", "b c", "inline", "two"): 7,
        ("a", "b c", "inline", "two", "three"): 7,
        ("a", "b c", "text"): 8,
        ("a", "b c", "list"): 12,
        ("a", "b c", "after"): 16,
        ("a", "quoted"): 19,
        ("c",): 20,
        ("c", "d"): 21,
    }


def test_line_ends_of_windows_count_the_same() -> None:
    assert lines(DOCUMENT.replace("\n", "\r\n")) == lines(DOCUMENT)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "labfleet.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n")

    assert read(path).values == {"a": 1}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a = 1\nb = \n", ":2:5: ", "is not TOML: Invalid value"),
        ("a = 1\na = 2\n", ":2:6: ", "is not TOML: Cannot overwrite a value"),
        ("a = [1,\n", ": at the end: ", "is not TOML"),
    ],
)
def test_a_syntax_error_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    path = tmp_path / "labfleet.toml"
    path.write_text(text)

    with pytest.raises(SettingsError) as caught:
        read(path)

    assert str(caught.value).startswith(f"{path}{place}{said}")


def test_a_missing_file_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such file.*deploy/labfleet.toml.*labfleet schema"):
        read(tmp_path / "labfleet.toml")


@pytest.mark.parametrize("data", [None, b"a = '\xff'"])
def test_what_cannot_be_read_as_text_is_told(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path
    if data is not None:
        path = tmp_path / "labfleet.toml"
        path.write_bytes(data)

    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory|is not UTF-8: byte 5"):
        read(path)
