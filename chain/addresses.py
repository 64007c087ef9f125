"""TRON addresses: the strict check, base58 and hex forms, and finding one in what a person typed.

An address is 21 bytes, the first of them 0x41; its text form is base58check, always 34 characters,
the first of them ``T``. Nothing else is accepted: no other prefix with a good checksum (a text may
begin with ``T`` and still not be a TRON address), no white space around it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import NewType

import base58

Address = NewType("Address", str)
"""Base58 text of a TRON address; a value of this type has passed `parse_address`."""

ADDRESS_LENGTH = 34
ADDRESS_PREFIX = 0x41

_ALPHABET = frozenset("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
_BYTES_LENGTH = 21
_CHECKSUM_LENGTH = 4
_CACHED_ADDRESSES = 65_536

_ETHEREUM_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
# Latin, Greek and Cyrillic letters: the scripts whose letters are mistaken for one another.
_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u0370-\u04ff]+")
_SHORTEST_LOOK_ALIKE = 20


class AddressFault(StrEnum):
    """Why a text is not a TRON address."""

    EMPTY = "empty"
    LENGTH = "length"
    ALPHABET = "alphabet"
    CHECKSUM = "checksum"
    NOT_TRON = "not_tron"


class InvalidAddress(ValueError):
    """A text that is not a TRON address; `fault` says why, `found_length` how long it was."""

    def __init__(self, fault: AddressFault, text: str) -> None:
        super().__init__(f"not a TRON address ({fault}): {text[:80]!r}")
        self.fault = fault
        self.text = text
        self.found_length = len(text)


def parse_address(text: str) -> Address:
    """Check `text`, which must be an address and nothing more.

    Raises `InvalidAddress` with the first fault found, in the order of `AddressFault` (an
    Ethereum address is called NOT_TRON at once, since its length would mislead).
    """
    _checked_bytes(text)
    return Address(text)


def address_bytes(address: Address) -> bytes:
    """The 21 bytes of an address, 0x41 first."""
    return _checked_bytes(address)


@lru_cache(maxsize=_CACHED_ADDRESSES)
def address_from_bytes(raw: bytes) -> Address:
    """The address of 21 bytes. Raises `InvalidAddress` (LENGTH, NOT_TRON)."""
    if len(raw) != _BYTES_LENGTH:
        raise InvalidAddress(AddressFault.LENGTH if raw else AddressFault.EMPTY, raw.hex())
    if raw[0] != ADDRESS_PREFIX:
        raise InvalidAddress(AddressFault.NOT_TRON, raw.hex())
    return Address(base58.b58encode(raw + _checksum(raw)).decode("ascii"))


def address_hex(address: Address) -> str:
    """The hex form of an address: 42 lower-case digits, ``41`` first."""
    return _checked_bytes(address).hex()


def address_from_hex(text: str) -> Address:
    """The address of 42 hex digits. Raises `InvalidAddress` (EMPTY, LENGTH, ALPHABET, NOT_TRON)."""
    if not text:
        raise InvalidAddress(AddressFault.EMPTY, text)
    if len(text) != 2 * _BYTES_LENGTH:
        raise InvalidAddress(AddressFault.LENGTH, text)
    if re.fullmatch(r"[0-9a-fA-F]+", text) is None:
        raise InvalidAddress(AddressFault.ALPHABET, text)
    return address_from_bytes(bytes.fromhex(text))


def find_address(text: str) -> str | None:
    """The part of a message that is, or most looks like, an address; None if nothing does.

    A valid address wins wherever it stands: in a sentence, in an explorer's link, broken over two
    lines, or with invisible characters in it. Without one, the word most like an address is
    returned, so that `parse_address` can say what is wrong with it.
    """
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) != "Cf"
    )
    squeezed = "".join(visible.split())
    for start, character in enumerate(squeezed):
        if character == "T":
            candidate = squeezed[start : start + ADDRESS_LENGTH]
            if len(candidate) == ADDRESS_LENGTH and is_address(candidate):
                return candidate
    words = [word for word in _WORD.findall(visible) if len(word) >= _SHORTEST_LOOK_ALIKE]
    return min(words, key=_unlikeness, default=None)


def is_address(text: str) -> bool:
    """Whether `text` is exactly an address."""
    try:
        _checked_bytes(text)
    except InvalidAddress:
        return False
    return True


def _unlikeness(word: str) -> tuple[bool, int]:
    # The Greek and Cyrillic capitals drawn like a Latin T count as one.
    return word[0] not in "TtΤТ", abs(len(word) - ADDRESS_LENGTH)


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _checked_bytes(text: str) -> bytes:
    if not text:
        raise InvalidAddress(AddressFault.EMPTY, text)
    if _ETHEREUM_ADDRESS.fullmatch(text):
        raise InvalidAddress(AddressFault.NOT_TRON, text)
    if len(text) != ADDRESS_LENGTH:
        raise InvalidAddress(AddressFault.LENGTH, text)
    if not _ALPHABET.issuperset(text):
        raise InvalidAddress(AddressFault.ALPHABET, text)
    decoded = base58.b58decode(text)
    raw, checksum = decoded[:-_CHECKSUM_LENGTH], decoded[-_CHECKSUM_LENGTH:]
    if len(raw) != _BYTES_LENGTH or checksum != _checksum(raw):
        raise InvalidAddress(AddressFault.CHECKSUM, text)
    if raw[0] != ADDRESS_PREFIX or base58.b58encode(decoded) != text.encode("ascii"):
        raise InvalidAddress(AddressFault.NOT_TRON, text)
    return raw


def _checksum(raw: bytes) -> bytes:
    return sha256(sha256(raw).digest()).digest()[:_CHECKSUM_LENGTH]
