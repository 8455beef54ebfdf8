"""A module without a fault: the report is `all-passed.xml`."""


def test_one():
    assert int("1") == 1


def test_parts(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number < 3
