"""A discount that was computed wrongly."""


def test_no_discount_below_the_limit():
    assert price(90) == 90


def test_ten_percent_from_one_hundred_on():
    assert price(100) == 90, "the discount is missing"


def price(total):
    return total if total <= 100 else total * 0.9
