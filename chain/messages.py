"""Texts that somebody signed with a wallet, to prove that an address is theirs.

A signature says by itself which key made it, if it is known how the text was hashed; with another
hash it says some other address, which nobody owns. TIP-191 settled the hash (TronLink's and
tronweb's ``signMessageV2``). Before, ``trx.sign`` took hex digits and claimed a length of 32
whatever they were; applications gave it the text's own bytes, or their Keccak-256 hash.
"""

from __future__ import annotations

import re

from chain.addresses import Address
from chain.keys import MESSAGE_PREFIX, keccak, message_digest, recover_from_digest

_SIGNATURE = re.compile(r"(?:0[xX])?([0-9a-fA-F]{130})")
_OLD_PREFIX = MESSAGE_PREFIX + b"32"


def signed_message_address(text: str, signature_hex: str) -> Address:
    """The address whose key signed the text by ``signMessageV2``.

    An address comes of nearly any signature, also of another text: compare it with the one that is
    claimed. Raises ValueError for what is no signature.
    """
    return recover_from_digest(message_digest(text), _signature(signature_hex))


def is_signed_by(address: Address, text: str, signature_hex: str) -> bool:
    """Whether the key of `address` signed the text, in the new way or in one of the old ones.

    Raises ValueError for what is no signature.
    """
    signature = _signature(signature_hex)
    message = text.encode()
    digests = (
        message_digest(text),
        keccak(_OLD_PREFIX + keccak(message)),
        keccak(_OLD_PREFIX + message),
    )
    return any(recover_from_digest(digest, signature) == address for digest in digests)


def _signature(signature_hex: str) -> bytes:
    found = _SIGNATURE.fullmatch(signature_hex)
    if found is None:
        raise ValueError("a signature is 130 hex digits, with or without 0x before them")
    return bytes.fromhex(found[1])
