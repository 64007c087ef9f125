"""Signing keys: what turns bytes encoded by us into a signature the network accepts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from hashlib import sha256
from typing import NoReturn

from coincurve import PrivateKey
from tronpy.exceptions import BadSignature
from tronpy.keys import PublicKey, Signature, keccak256
from typing_extensions import override

from chain.addresses import Address, parse_address

SIGNATURE_LENGTH = 65
KEY_LENGTH = 32
_LAST_BYTES = frozenset({0, 1, 27, 28})
MESSAGE_PREFIX = b"\x19TRON Signed Message:\n"
"""What every signed text begins with, so that no text can be a transaction (TIP-191)."""


class _HiddenKey(PrivateKey):
    """A private key that does not show itself: not in `repr`, `vars` or a pickle.

    tronpy's own key prints itself, and holds its bytes in a variable of each frame it signs in,
    where a traceback with variables would find them.
    """

    # In a slot, so that the instance's dictionary does not hold it.
    __slots__ = ("secret",)

    @override
    def __repr__(self) -> str:
        return "<a private key>"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")


class SigningKey:
    """A private key. It shows its address, and never itself: not in `str`, `repr` or `vars`, in a
    pickle, in an error, nor among the variables of a traceback.
    """

    __slots__ = ("_address", "_key")

    def __init__(self, key: _HiddenKey) -> None:
        self._key = key
        point = PublicKey(key.public_key.format(compressed=False)[1:])
        self._address = parse_address(point.to_base58check_address())

    @classmethod
    def from_hex(cls, text: str) -> SigningKey:
        """The key of 64 hex digits. Raises ValueError, which does not repeat the text."""
        key = _from_hex(text)
        if key is None:
            del text  # what is mistyped is nearly the key: no traceback shows it
            raise ValueError("a private key is 64 hex digits, and not zero")
        return cls(key)

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key, by the randomness of the operating system."""
        while (key := _from_bytes(os.urandom(KEY_LENGTH))) is None:
            pass
        return cls(key)

    @classmethod
    def unsealed(
        cls,
        decrypt: Callable[[bytes, bytes, bytes], bytes],
        nonce: bytes,
        ciphertext: bytes,
        associated: bytes,
    ) -> SigningKey:
        """The key that `sealed` made `ciphertext` of.

        Raises ValueError if that holds no key, and whatever `decrypt` raises.
        """
        key = _from_bytes(decrypt(nonce, ciphertext, associated))
        if key is None:
            raise ValueError("what was sealed is no private key")
        return cls(key)

    def sealed(
        self, encrypt: Callable[[bytes, bytes, bytes], bytes], nonce: bytes, associated: bytes
    ) -> bytes:
        """What `encrypt(nonce, key, associated)` makes of the key: the only way out for it."""
        return encrypt(nonce, self._key.secret, associated)

    @property
    def address(self) -> Address:
        """The address that belongs to the key (not always the account it signs for)."""
        return self._address

    def sign(self, raw_bytes: bytes) -> bytes:
        """The 65-byte signature of a transaction, given its ``raw_data`` bytes.

        The hash is taken here from the bytes themselves, so that nobody else can choose it. The
        same bytes always give the same signature (RFC 6979).
        """
        signature: bytes = self._sign(sha256(raw_bytes).digest()).to_bytes()
        return signature

    def sign_message(self, text: str) -> str:
        """The signature of a text, as tronweb's ``signMessageV2`` writes it: 0x, 130 hex digits."""
        signature: str = self._sign(message_digest(text)).tronweb_hex()
        return f"0x{signature.removeprefix('0x')}"

    def _sign(self, digest: bytes) -> Signature:
        return Signature(self._key.sign_recoverable(digest, hasher=None))

    @override
    def __repr__(self) -> str:
        # An error report may meet one that is not finished.
        return f"SigningKey({getattr(self, '_address', '…')})"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")

    def __copy__(self) -> SigningKey:
        return self

    def __deepcopy__(self, _: object) -> SigningKey:
        return self


def _from_hex(text: str) -> _HiddenKey | None:
    return _from_bytes(bytes.fromhex(text)) if re.fullmatch("[0-9a-fA-F]{64}", text) else None


def _from_bytes(secret: bytes) -> _HiddenKey | None:
    # coincurve would fill up what is shorter.
    if len(secret) != KEY_LENGTH:
        return None
    try:
        return _HiddenKey(secret)
    except ValueError:
        return None


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
