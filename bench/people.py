"""Accounts of the benches: each name has a key, an address and, if it needs one, a number."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from chain.addresses import Address, address_from_bytes
from chain.contract_types import contract_type_named
from chain.contracts import Permission, PermissionKey, PermissionType
from chain.keys import SigningKey

TRX = 1_000_000
START_MS = 1_795_435_200_000
"""The time of the local chain's first visible block, 2026-11-23 12:00 UTC."""

FIRST_AMOUNT_SUN = 5 * TRX
BUYER = "buyer"
"""Has USDT to send."""
USDT = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
"""The contract of the main network, as it is configured."""
POOLS = ("pool 0", "pool 1", "pool 2", "pool 3")


def key_hex(name: str) -> str:
    return sha256(f"bench key of {name}".encode()).hexdigest()


@cache
def key(name: str) -> SigningKey:
    """The key that belongs to a name."""
    return SigningKey.from_hex(key_hex(name))


def address(name: str) -> Address:
    return key(name).address


def stranger(number: int) -> Address:
    """An address that nobody has the key of; a thousand times quicker than one with a key."""
    return address_from_bytes(b"\x41" + sha256(f"stranger {number}".encode()).digest()[:20])


def customer(number: int) -> str:
    """The name of a customer who has an account on the chain."""
    return f"customer {number}"


def delegate_only(hot: Address) -> Permission:
    """An active permission that can delegate and undelegate, and nothing else."""
    operations = bytearray(32)
    for name in ("DelegateResourceContract", "UnDelegateResourceContract"):
        kind = contract_type_named(name)
        assert kind is not None
        operations[kind.number // 8] |= 1 << (kind.number % 8)
    return Permission(
        type=PermissionType.ACTIVE,
        id=2,
        name="delegate",
        threshold=1,
        parent_id=0,
        operations=bytes(operations),
        keys=(PermissionKey(hot, 1),),
    )
