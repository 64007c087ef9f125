"""Signed texts, against signatures that tronweb made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.addresses import parse_address
from chain.keys import SigningKey
from chain.messages import is_signed_by, signed_message_address

MESSAGES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "messages.json").read_text(encoding="utf-8")
)["messages"]
KEY = SigningKey.from_hex("88" * 32)
OTHER = SigningKey.from_hex("77" * 32)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: repr(message["text"][:20]))
def test_signatures_of_tronweb_name_their_address(message: dict[str, Any]) -> None:
    address = parse_address(message["address"])
    text = message["text"]
    assert signed_message_address(text, message["v2"]) == address
    for way in ("v2", "v1_bytes", "v1_keccak"):
        if way in message:
            assert is_signed_by(address, text, message[way]), way
            assert is_signed_by(address, text, message[way].removeprefix("0x").upper()), way
            assert not is_signed_by(OTHER.address, text, message[way]), way
            assert not is_signed_by(address, text + " ", message[way]), way
    # Only with an address at hand can an old signature be told from a new one.
    assert signed_message_address(text, message["v1_keccak"]) != address


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: repr(message["text"][:20]))
def test_we_sign_exactly_as_tronweb_does(message: dict[str, Any]) -> None:
    key = SigningKey.from_hex(message["private_key_hex"])
    assert key.sign_message(message["text"]) == message["v2"]


@settings(deadline=None)
@given(text=st.text(max_size=200), other=st.text(max_size=200))
def test_a_signature_is_of_one_text_by_one_key(text: str, other: str) -> None:
    signature = KEY.sign_message(text)
    assert signed_message_address(text, signature) == KEY.address
    assert is_signed_by(KEY.address, text, signature)
    assert not is_signed_by(OTHER.address, text, signature)
    assert is_signed_by(KEY.address, other, signature) == (other == text)


def test_the_last_byte_may_be_written_in_two_ways() -> None:
    signature = bytes.fromhex(KEY.sign_message("hello").removeprefix("0x"))
    low = signature[:-1] + bytes([signature[-1] - 27])
    assert signed_message_address("hello", low.hex()) == KEY.address


GOOD = KEY.sign_message("hello")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0x",
        "hello",
        GOOD[:-2],
        GOOD[:-1],
        GOOD + "00",
        GOOD + "\n",
        " " + GOOD,
        GOOD[:10] + " " + GOOD[11:],
        "0x" + GOOD,
        GOOD[:-1] + "g",
        GOOD[:-2] + "1d",
        GOOD[:-2] + "ff",
        "00" * 65,
        "ff" * 64 + "1b",
    ],
)
def test_what_is_no_signature_is_an_error(signature: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        signed_message_address("hello", signature)
    with pytest.raises(ValueError, match="signature"):
        is_signed_by(KEY.address, "hello", signature)


def test_a_signed_text_is_no_signed_transaction() -> None:
    transaction = b"hello"
    signature = KEY.sign(transaction).hex()
    assert not is_signed_by(KEY.address, "hello", signature)
