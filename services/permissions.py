"""What a key may do for an account. A pure judgement of what the chain says about it.

A pool's key should be able to delegate and undelegate and nothing else (TIP-16): whoever steals
such a key can move no TRX and unstake nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chain.accounts import Account
from chain.addresses import Address
from chain.contract_types import CONTRACT_TYPES
from chain.contracts import (
    DelegateResource,
    Permission,
    PermissionKey,
    PermissionType,
    UnDelegateResource,
)

OWNER_PERMISSION = 0
DELEGATION_OPERATIONS = frozenset(
    kind.number
    for kind in CONTRACT_TYPES
    if kind.contract_class in {DelegateResource, UnDelegateResource}
)
"""The numbers of the two contracts, 57 and 58."""


class PermissionFault(StrEnum):
    """Why a key cannot delegate for an account."""

    MISSING = "missing"
    """The account has no permission of this id."""
    NOT_ALONE = "not_alone"
    """The permission does not let this key sign, or not alone."""
    LACKS_OPERATIONS = "lacks_operations"
    """The permission does not allow both contracts."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key may do by a permission of an account.

    `fault` is None if it can delegate and undelegate; `beyond` are operations that an active
    permission has and does not need.
    """

    fault: PermissionFault | None
    beyond: frozenset[int] = frozenset()


def grant_of(account: Account, permission_id: int, key: Address) -> Grant:
    """What `key` may do for `account` by its permission `permission_id`."""
    permission = account.permission(permission_id)
    if permission is None:
        return Grant(PermissionFault.MISSING)
    if not signs_alone(permission, key):
        return Grant(PermissionFault.NOT_ALONE)
    if permission_id == OWNER_PERMISSION:
        return Grant(None)
    allowed = operations_of(permission)
    if not allowed >= DELEGATION_OPERATIONS:
        return Grant(PermissionFault.LACKS_OPERATIONS)
    return Grant(None, beyond=allowed - DELEGATION_OPERATIONS)


def signs_alone(permission: Permission, key: Address) -> bool:
    """Whether `key` needs no other key to sign by this permission."""
    weight = sum(entry.weight for entry in permission.keys if entry.address == key)
    return weight >= permission.threshold


def operations_of(permission: Permission) -> frozenset[int]:
    """The numbers of the contracts that a permission allows."""
    return frozenset(
        number
        for number in range(len(permission.operations) * 8)
        if permission.operations[number // 8] >> (number % 8) & 1
    )


def delegation_permission(permission_id: int, key: Address) -> Permission:
    """The permission that lets `key` delegate and undelegate, and do nothing else."""
    operations = bytearray(32)
    for number in DELEGATION_OPERATIONS:
        operations[number // 8] |= 1 << (number % 8)
    return Permission(
        type=PermissionType.ACTIVE,
        id=permission_id,
        name="energy",
        threshold=1,
        parent_id=0,
        operations=bytes(operations),
        keys=(PermissionKey(key, 1),),
    )
