"""The last look at what a key is about to sign: the one place where a key of ours signs.

Whoever decided to send something says here, apart from the bytes, what it is (`Intent`). The
bytes are read back, and the key sees them only if they say exactly that, if that is something
this signer may say at all, and if they are the only bytes that say it. So neither a mistake in
the decision nor one in the encoding moves anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from chain.addresses import Address
from chain.contracts import Contract, DelegateResource, Resource, Transfer, UnDelegateResource
from chain.keys import SigningKey, recover
from chain.protobuf import MalformedTransaction
from chain.transactions import Raw, decode, encode
from services.refunds import RefundWallet

LONGEST_LIFE = timedelta(days=1)
"""No node takes a transaction that would be valid for longer (java-tron)."""
_LONGEST_LIFE_MS = LONGEST_LIFE // timedelta(milliseconds=1)

Sendable: TypeAlias = DelegateResource | UnDelegateResource | Transfer
"""The three things that a key of ours ever signs."""


class Signer(Protocol):
    """An account of ours, and the key that signs for it by one of its permissions."""

    @property
    def address(self) -> Address: ...
    @property
    def permission_id(self) -> int: ...
    @property
    def key(self) -> SigningKey: ...


@dataclass(frozen=True, slots=True)
class Intent:
    """What is meant to be signed.

    `ref_block_bytes` and `ref_block_hash` name the block it refers to, as in `Raw`; its life is
    counted from `born_ms`, the chain's time at which it was decided. Times in milliseconds.
    """

    contract: Sendable
    ref_block_bytes: bytes
    ref_block_hash: bytes
    born_ms: int
    timestamp_ms: int
    expiration_ms: int


class RefusedToSign(RuntimeError):
    """The key saw nothing, or its signature is not used: the program is wrong, not its world."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"refusing to sign: {reason}")


def signature_of(raw_bytes: bytes, intent: Intent, signer: Signer) -> bytes:
    """The signature of `signer` under bytes that say what `intent` says, and nothing else.

    Raises:
        RefusedToSign: they do not, or the signature is not that of the signer's key.
    """
    refuse_unless_meant(raw_bytes, intent, signer)
    signature = signer.key.sign(raw_bytes)
    if recover(raw_bytes, signature) != signer.key.address:
        raise RefusedToSign("the signature does not fit its key")
    return signature


def refuse_unless_meant(raw_bytes: bytes, intent: Intent, signer: Signer) -> None:
    """Raises RefusedToSign unless the bytes are what `signer` may sign and `intent` means."""
    try:
        said = decode(raw_bytes)
    except MalformedTransaction as error:
        raise RefusedToSign(f"the bytes cannot be read: {error}") from error
    for fault in (
        _fault_of_contract(said.contract, signer),
        _fault_of_frame(said, signer, intent.born_ms),
    ):
        if fault is not None:
            raise RefusedToSign(fault)
    if said.contract != intent.contract:
        raise RefusedToSign("the bytes do not say what was meant")
    if (said.ref_block_bytes, said.ref_block_hash) != (
        intent.ref_block_bytes,
        intent.ref_block_hash,
    ):
        raise RefusedToSign("the bytes refer to another block")
    if (said.timestamp_ms, said.expiration_ms) != (intent.timestamp_ms, intent.expiration_ms):
        raise RefusedToSign("the bytes have other times")
    # The same can be said by other bytes too (a field twice, or in another order), with other ids.
    if encode(said) != raw_bytes:
        raise RefusedToSign("the bytes are not those that we encode")


def _fault_of_contract(contract: Contract, signer: Signer) -> str | None:
    """Why this signer never signs such a contract, None if it may."""
    match contract:
        case Transfer(owner, receiver, sun) if isinstance(signer, RefundWallet):
            pass
        case DelegateResource(owner, receiver, sun, resource, lock, lock_period) if not isinstance(
            signer, RefundWallet
        ):
            if lock or lock_period:
                return "a locked delegation could not be taken back in time"
            if resource is not Resource.ENERGY:
                return f"{resource.name} is not what a pool lends"
        case UnDelegateResource(owner, receiver, sun, resource) if not isinstance(
            signer, RefundWallet
        ):
            if resource is not Resource.ENERGY:
                return f"{resource.name} is not what a pool lends"
        case _:
            return f"{type(contract).__name__} is nothing that {signer.address} sends"
    if owner != signer.address:
        return f"{owner} is not the account of this signer"
    if receiver == owner:
        return "it goes to where it comes from"
    if sun <= 0:
        return f"{sun} sun is no amount"
    return None


def _fault_of_frame(said: Raw, signer: Signer, born_ms: int) -> str | None:
    """What is around the contract and should not be, None if nothing is."""
    if said.permission_id != signer.permission_id:
        return f"permission {said.permission_id} is not the signer's"
    if said.memo:
        return "it has a memo, which costs TRX"
    if said.fee_limit:
        return "it has a fee limit, and nothing we send runs a contract"
    if not 0 < said.expiration_ms - born_ms <= _LONGEST_LIFE_MS:
        return "it would live for longer than a day, or not at all"
    return None
