"""Spoilt files and tokens are refused with a reason, and never anything else; ``python -m tests.fuzz`` tries millions."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.fuzz import file_holds, read, token_holds

SEEDS = st.integers(0, 2**64 - 1)


@settings(max_examples=300)
@given(SEEDS)
def test_a_spoilt_file_is_taken_as_it_stands_or_refused_with_places(seed: int) -> None:
    file_holds(Random(seed))


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_no_file(content: bytes) -> None:
    assert read(content) is None


@settings(max_examples=500)
@given(SEEDS)
def test_a_spoilt_token_is_not_believed(seed: int) -> None:
    token_holds(Random(seed))
