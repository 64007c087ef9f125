"""Reading what contracts answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tronpy.abi import trx_abi

from chain.abi import read_number, read_text


@given(st.text())
def test_a_text_is_read_as_it_was_encoded(text: str) -> None:
    assert read_text(trx_abi.encode_abi(["string"], [text])) == text


@pytest.mark.parametrize("symbol", ["MKR", "x" * 32, ""])
def test_old_contracts_answer_with_one_word(symbol: str) -> None:
    assert read_text(symbol.encode().ljust(32, b"\0")) == symbol


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff" * 32,
        b"\0" * 64,
        (32).to_bytes(32, "big"),
        (32).to_bytes(32, "big") + (40).to_bytes(32, "big") + b"short",
        (32).to_bytes(32, "big") + (1).to_bytes(32, "big") + b"\xff".ljust(32, b"\0"),
    ],
)
def test_what_is_no_text_is_none(answer: bytes) -> None:
    assert read_text(answer) is None


@given(st.binary(max_size=200))
def test_any_answer_is_a_text_or_none(answer: bytes) -> None:
    read_text(answer)


@given(st.integers(0, 2**256 - 1))
def test_a_number_is_one_word(number: int) -> None:
    assert read_number(number.to_bytes(32, "big")) == number
    assert read_number(number.to_bytes(33, "big")) is None
