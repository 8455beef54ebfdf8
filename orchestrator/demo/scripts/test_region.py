"""A test that is told where it runs."""

import os


def test_the_parameters_of_the_automation_arrive():
    assert os.environ["LABFLEET_PARAM_REGION"] == "EU"


def test_the_run_is_known():
    assert int(os.environ["LABFLEET_RUN_ID"]) > 0
