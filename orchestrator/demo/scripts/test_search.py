"""A search, of which one part is not ready."""

import pytest


@pytest.mark.parametrize("word", ["tea", "cup", "tea cup"])
def test_a_word_is_found(word):
    assert word in "a tea cup"


@pytest.mark.skip(reason="needs the new index")
def test_synonyms_are_found():
    raise AssertionError
