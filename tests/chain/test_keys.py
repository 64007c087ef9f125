from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.keys import SigningKey, recover
from tests.chain.samples import SIGNED, TRANSACTIONS

SECRET = "88" * 32
WITH_KEY = [vector for vector in TRANSACTIONS if "private_key_hex" in vector]


@pytest.mark.parametrize("vector", WITH_KEY, ids=lambda vector: vector["name"])
def test_signing_a_vector_gives_its_signature(vector: dict[str, Any]) -> None:
    key = SigningKey.from_hex(vector["private_key_hex"])
    raw_bytes = bytes.fromhex(vector["raw_data_hex"])
    signature = key.sign(raw_bytes)
    theirs = bytes.fromhex(vector["signature"].removeprefix("0x"))
    assert signature[:64] == theirs[:64]
    assert signature[64] == theirs[64] % 27
    assert recover(raw_bytes, signature) == key.address


@pytest.mark.parametrize("vector", SIGNED, ids=lambda vector: vector["name"])
def test_the_signer_of_a_vector_is_recovered(vector: dict[str, Any]) -> None:
    raw_bytes = bytes.fromhex(vector["raw_data_hex"])
    signature = bytes.fromhex(vector["signature"].removeprefix("0x"))
    signer = vector.get("recovered_signer_base58")
    if signer is None:
        signer = SigningKey.from_hex(vector["private_key_hex"]).address
    assert recover(raw_bytes, signature) == signer


@given(st.integers(1, 1 << 255), st.binary(max_size=200))
def test_whatever_is_signed_is_recovered(number: int, raw_bytes: bytes) -> None:
    key = SigningKey.from_hex(number.to_bytes(32, "big").hex())
    signature = key.sign(raw_bytes)
    assert len(signature) == 65
    assert recover(raw_bytes, signature) == key.address
    assert recover(raw_bytes, signature[:64] + bytes([signature[64] + 27])) == key.address
    assert key.sign(raw_bytes) == signature


def test_a_key_never_shows_itself() -> None:
    key = SigningKey.from_hex(SECRET)
    assert key.address == "TJzXt1sZautjqXnpjQT4xSCBHNSYgBkDr3"
    for shown in (str(key), repr(key), f"{key}", f"{[key]}"):
        assert key.address in shown
        assert "88" * 4 not in shown


@pytest.mark.parametrize("text", ["", "88" * 31, "88" * 33, "zz" * 32, "00" * 32, "ff" * 32])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits") as refused:
        SigningKey.from_hex(text)
    assert not text or text not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("signature", [b"", b"\x01" * 64, b"\x00" * 65, b"\x01" * 64 + b"\x1f"])
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(ValueError, match="signature"):
        recover(b"raw", signature)
