"""A payment that hangs, with a helper that would be left behind."""

import subprocess
import time


def test_the_card_is_charged():
    subprocess.Popen(["sleep", "600"], start_new_session=True)  # noqa: S607 - found on PATH
    time.sleep(600)
