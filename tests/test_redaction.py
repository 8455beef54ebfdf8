import base64
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.redaction import redact, remember_secret, without_bytes

TOKEN = "4f0e2d1c-77aa-4b0e-9c55-d2b1e8a60f37"
AWKWARD = "pä ss/w+ord&\"quoted\\'=?%~<3>"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "python": repr,
    "json": json.dumps,
    "path": quote,
    "query": quote_plus,
    "strict": lambda text: quote(text, safe=""),
    "lower hex": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text)),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 of Latin-1": lambda text: base64.b64encode(text.encode("latin-1")).decode(),
}


@pytest.fixture(autouse=True)
def _remember() -> None:
    remember_secret(TOKEN)
    remember_secret(AWKWARD)


@pytest.mark.parametrize("secret", [TOKEN, AWKWARD])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_masked_in_every_spelling(secret: str, spelling: str) -> None:
    text = SPELLINGS[spelling](secret)

    masked = redact(f"before {text} after")

    assert text[3:-3] not in masked
    assert masked.startswith("before ")
    assert "***" in masked
    assert masked.endswith(" after")


@given(
    token=st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=8, max_size=40),
    before=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=9),
    after=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=9),
)
def test_a_secret_inside_something_encoded_is_masked(token: str, before: str, after: str) -> None:
    remember_secret(token)
    encoded = base64.b64encode(f"{before}{token}{after}".encode()).decode()

    left = redact(f"<{encoded}>")[1:-1].split("***")

    # What stays shows at most one character's bits at each end of the token.
    assert len(left) >= 2
    assert sum(map(len, left)) <= (len(before) + len(after)) * 4 // 3 + 8


def test_any_basic_credential_is_masked_also_an_unknown_one() -> None:
    header = base64.b64encode(b"user@example.com:a password").decode()

    assert redact(f"{{'Authorization': 'Basic {header}'}}") == "{'Authorization': 'Basic ***'}"
    assert redact(f"authorization%3A%20basic%20{header}") == "authorization%3A%20basic%20***"
    assert "cGFzc3" not in redact(f"basic {header[:-3]}")


def test_words_after_basic_stay() -> None:
    assert redact("401: Basic authentication failed") == "401: Basic authentication failed"


def test_the_longest_of_two_secrets_is_masked_whole() -> None:
    remember_secret("abcdefgh")
    remember_secret("abcdefgh-and-more")

    assert redact("x abcdefgh-and-more abcdefgh y") == "x *** *** y"


def test_an_empty_secret_masks_nothing_and_a_short_one_itself() -> None:
    remember_secret("")
    remember_secret("q7x")

    assert redact("a q7x b") == "a *** b"


def test_ten_thousand_secrets_do_not_slow_masking_down() -> None:
    text = "nothing of interest in here " * 4000
    redact(text)
    begun = time.process_time()
    redact(text)
    with_few_s = time.process_time() - begun

    for number in range(10_000):
        remember_secret(f"{number:08x}-0000-4000-8000-00000000cafe")
    begun = time.process_time()
    redact(text)
    with_many_s = time.process_time() - begun

    assert redact(f"a {77:08x}-0000-4000-8000-00000000cafe b") == "a *** b"
    assert with_many_s < 5 * with_few_s + 0.5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_secret_in_a_file_is_masked_in_the_files_own_encoding(encoding: str) -> None:
    key = 'AB&12"cd-4f6e'
    text = f'<a key="AB&amp;12&quot;cd-4f6e">{key}, {key.encode().hex()}</a>'

    masked = without_bytes(text.encode(encoding), key).decode(encoding)

    assert masked == '<a key="***">***, ***</a>'
