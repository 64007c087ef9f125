"""Reading what people type: addresses, numbers, signatures, and what they should not have sent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

from chain.addresses import (
    Address,
    AddressFault,
    InvalidAddress,
    address_from_hex,
    find_address,
    parse_address,
)

_ETHEREUM = re.compile(r"\b0x[0-9a-f]{40}\b", re.IGNORECASE)
_HEX_ADDRESS = re.compile(r"\b(?:0x)?(41[0-9a-f]{40})\b", re.IGNORECASE)
_TRANSACTION = re.compile(r"(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?<![0-9a-z])(?:0x)?[0-9a-f]{130}(?![0-9a-z])", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_NOT_WHOLE = re.compile(r"\d\s*[.,·٫٬/:eE+\-−–×*^%]|[-−–+.,]\s*\d")
_SEED_WORD = re.compile(r"[a-z]{3,8}")
_SEED_LENGTHS = (12, 15, 18, 21, 24)


@dataclass(frozen=True, slots=True)
class WrongAddress:
    """A text that was meant as an address; `found_length` in characters."""

    fault: AddressFault
    found_length: int


@dataclass(frozen=True, slots=True)
class HexAddress:
    """The right address in its hexadecimal form: worth asking whether it is meant."""

    address: Address


class EthereumAddress:
    """An address of another network that wallets show next to TRON's."""


FoundAddress: TypeAlias = Address | HexAddress | EthereumAddress | WrongAddress


def read_address(text: str) -> FoundAddress:
    """The address in a message, or what is wrong with what looks most like one."""
    found = find_address(text)
    problem = WrongAddress(AddressFault.EMPTY, 0)
    if found is not None:
        try:
            return parse_address(found)
        except InvalidAddress as error:
            problem = WrongAddress(error.fault, error.found_length)
    if _ETHEREUM.search(text):
        return EthereumAddress()
    if hexadecimal := _HEX_ADDRESS.search(text):
        return HexAddress(address_from_hex(hexadecimal[1]))
    return problem


def read_count(text: str) -> int | None:
    """The one whole number in a short answer: ``3``, ``3 transfers``, ``٣``, ``五``, or None.

    Fractions, exponents, signs and a second number make it unclear, and unclear is None.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if len(text) == 1 and not text.isdigit():
        value = unicodedata.numeric(text, None)
        return int(value) if value is not None and value == int(value) else None
    if _NOT_WHOLE.search(text):
        return None
    numbers = _DIGITS.findall(text)
    # Longer than any sensible number; int() would refuse absurd lengths with an exception.
    if len(numbers) != 1 or len(numbers[0]) > 18:
        return None
    return int(numbers[0])


def has_transaction_id(text: str) -> bool:
    """Whether there are 64 hexadecimal digits: a transaction id, or a private key."""
    return _TRANSACTION.search(text) is not None


def read_signature(text: str) -> str | None:
    """The signature of a text in a message, whatever stands around it."""
    found = _SIGNATURE.search(text)
    return found[0] if found else None


def looks_like_seed_phrase(text: str) -> bool:
    """Whether the whole message could be a wallet's recovery phrase (BIP-39)."""
    words = text.split()
    return len(words) in _SEED_LENGTHS and all(_SEED_WORD.fullmatch(word) for word in words)
