import pytest

from adapters.exit_codes import exit_text, signed


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "exit code 0"),
        (1, "exit code 1"),
        (127, "exit code 127"),
        (1000, "exit code 1000"),
        (255, "exit code 255 (-1 modulo 256)"),
        (156, "exit code 156 (-100 modulo 256)"),
        (137, "exit code 137 (as after SIGKILL)"),
        (143, "exit code 143 (as after SIGTERM)"),
        (-9, "signal SIGKILL"),
        (-64, "signal 64"),
        (4294967295, "exit code -1 (0xFFFFFFFF)"),
        (3221225477, "exit code -1073741819 (0xC0000005)"),
        (None, "an unknown exit code"),
    ],
)
def test_an_exit_code_is_said_so_that_it_can_be_looked_up(code: int | None, text: str) -> None:
    assert exit_text(code) == text


def test_windows_codes_get_their_sign() -> None:
    assert [signed(code) for code in (0, 255, 2**31 - 1, 2**31, 2**32 - 1)] == [
        0, 255, 2**31 - 1, -(2**31), -1,
    ]  # fmt: skip
