"""Reading what people type: addresses, numbers, signatures, and what they should not have sent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
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
_AMOUNT = re.compile(
    r"(?<![\w.,])(\d+(?:[ ,'\u00a0\u202f]\d{3})*)([.,]\d+)?(?![.,]?\d|(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[-−–]\s*\d|\d\s*[*^%eE×]\s*\d")
_GROUPED = re.compile(r"\D")
# Also with Cyrillic letters that look like these.
_TRX = re.compile(r"(?:trx|трх|тrx)(?!\w)", re.IGNORECASE)
_SUN_PER_TRX = 1_000_000
_LARGEST_AMOUNT = Decimal(10) ** 18
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


@dataclass(frozen=True, slots=True)
class Budget:
    """So much TRX, in sun."""

    sun: int


class Unclear:
    """There are digits, and more than one way to read them."""


def read_amount_beside(address: Address, text: str) -> Decimal | Unclear | None:
    """The amount that stands beside an address, such as ``T… 250``; None if none does."""
    rest = text.replace(address, " ")
    return _amount(rest) if any(letter.isdigit() for letter in rest) else None


def read_budget(text: str) -> Budget | None:
    """An amount of TRX, such as ``20 TRX``; None if the text is not about TRX or unclear."""
    text = unicodedata.normalize("NFKC", text)
    if not _TRX.search(text):
        return None
    amount = _amount(text)
    return None if isinstance(amount, Unclear) else Budget(int(amount * _SUN_PER_TRX))


def _amount(text: str) -> Decimal | Unclear:
    """The one amount above zero: ``1,250.50``, ``1 250,5``, ``250``.

    Three digits after a comma are thousands.
    """
    found = _AMOUNT.findall(unicodedata.normalize("NFKC", text))
    if len(found) != 1 or _SIGN.search(text):
        return Unclear()
    whole, fraction = found[0]
    amount = Decimal(_GROUPED.sub("", whole) + fraction.replace(",", "."))
    return amount if 0 < amount < _LARGEST_AMOUNT else Unclear()


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
