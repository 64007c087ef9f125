"""Signing keys: what turns bytes encoded by us into a signature the network accepts."""

from __future__ import annotations

from hashlib import sha256

from tronpy.exceptions import BadKey, BadSignature
from tronpy.keys import PrivateKey, Signature, keccak256
from typing_extensions import override

from chain.addresses import Address, parse_address

SIGNATURE_LENGTH = 65
_LAST_BYTES = frozenset({0, 1, 27, 28})
MESSAGE_PREFIX = b"\x19TRON Signed Message:\n"
"""What every signed text begins with, so that no text can be a transaction (TIP-191)."""


class SigningKey:
    """A private key. Neither `str` nor `repr` nor an error shows it; they show its address."""

    __slots__ = ("_address", "_key")

    def __init__(self, key: PrivateKey) -> None:
        self._key = key
        self._address = parse_address(key.public_key.to_base58check_address())

    @classmethod
    def from_hex(cls, text: str) -> SigningKey:
        """The key of 64 hex digits. Raises ValueError, which does not repeat the text."""
        try:
            return cls(PrivateKey(bytes.fromhex(text)))
        except (ValueError, BadKey):
            pass
        raise ValueError("a private key is 64 hex digits, and not zero")

    @property
    def address(self) -> Address:
        """The address that belongs to the key (not always the account it signs for)."""
        return self._address

    def sign(self, raw_bytes: bytes) -> bytes:
        """The 65-byte signature of a transaction, given its ``raw_data`` bytes.

        The hash is taken here from the bytes themselves, so that nobody else can choose it. The
        same bytes always give the same signature (RFC 6979).
        """
        signature: bytes = self._key.sign_msg_hash(sha256(raw_bytes).digest()).to_bytes()
        return signature

    def sign_message(self, text: str) -> str:
        """The signature of a text, as tronweb's ``signMessageV2`` writes it: 0x, 130 hex digits."""
        signature: str = self._key.sign_msg_hash(message_digest(text)).tronweb_hex()
        return f"0x{signature.removeprefix('0x')}"

    @override
    def __repr__(self) -> str:
        return f"SigningKey({self._address})"


def message_digest(text: str) -> bytes:
    """What is signed of a text (TIP-191): its hash behind a prefix and its length in bytes."""
    message = text.encode()
    return keccak(MESSAGE_PREFIX + str(len(message)).encode() + message)


def keccak(data: bytes) -> bytes:
    """The Keccak-256 hash, which Ethereum and TRON had before SHA-3 was settled differently."""
    digest: bytes = keccak256(data)
    return digest


def recover(raw_bytes: bytes, signature: bytes) -> Address:
    """The address whose key signed a transaction's bytes. Raises ValueError if it is none.

    The last byte may be 0 or 1, or 27 or 28, as wallets write it.
    """
    return recover_from_digest(sha256(raw_bytes).digest(), signature)


def recover_from_digest(digest: bytes, signature: bytes) -> Address:
    """The same, for what was signed of anything else."""
    if len(signature) != SIGNATURE_LENGTH:
        raise ValueError(f"a signature has {SIGNATURE_LENGTH} bytes, not {len(signature)}")
    if signature[-1] not in _LAST_BYTES:
        # tronpy takes what Ethereum writes there for other chains, too.
        raise ValueError(f"no signature ends with {signature[-1]}")
    try:
        key = Signature(signature).recover_public_key_from_msg_hash(digest)
    except BadSignature as error:
        raise ValueError(f"no key made this signature: {error}") from error
    return parse_address(key.to_base58check_address())
