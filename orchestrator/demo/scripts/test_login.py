"""A log-in whose browser dies before anything is reported, with an exit code that lies."""

import os


def test_the_user_is_logged_in():
    os._exit(0)
