"""The one transaction by which the owner of an account lets a key delegate for it.

An update of permissions replaces all of them (java-tron, AccountPermissionUpdateActuator), so it
has to say again everything that shall stay; ids are given out by position. Nothing here signs: the
owner does, in their own wallet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from chain.accounts import Account
from chain.addresses import Address
from chain.contracts import AccountPermissionUpdate, Permission, PermissionKey, PermissionType
from services.permissions import (
    DELEGATION_OPERATIONS,
    OWNER_PERMISSION,
    delegation_permission,
    operations_of,
    signs_alone,
)

_SUN = 1_000_000
_FIRST_ACTIVE = 2
_MOST_ACTIVES = 8
# What a thief would care about; the rest is named by its number.
_WHAT_OPERATIONS_DO = {
    1: "send its TRX away",
    2: "send its tokens (TRC-10) away",
    31: "call contracts: send its USDT and other tokens away",
    46: "change its permissions: take the account over for good",
    54: "stake its TRX",
    55: "end its stakes",
    56: "withdraw ended stakes",
    59: "cancel the end of stakes",
}


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a thief of a key could do to an account that no pool needs.

    Whatever permission the program signs by: the thief may choose another. `operations` are the
    numbers of the contracts; they say nothing where the key can do `everything`.
    """

    everything: bool
    operations: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.everything or bool(self.operations)


class NoRoom(Exception):
    """The account has as many active permissions as the network allows."""

    def __init__(self) -> None:
        super().__init__(
            f"it has {_MOST_ACTIVES} active permissions, the most that the network allows: let its"
            " owner remove one first"
        )


def powers_of(account: Account, key: Address) -> tuple[Permission, ...]:
    """All permissions by which `key` alone can sign for an account, the owner's first."""
    owner = account.owner_permission or _usual_owner(account.address)
    return tuple(
        permission
        for permission in (owner, *account.active_permissions)
        if signs_alone(permission, key)
    )


def beyond_of(account: Account, key: Address) -> Beyond:
    """What `key` can do to an account beyond delegating, by any of its permissions."""
    powers = powers_of(account, key)
    if any(permission.id == OWNER_PERMISSION for permission in powers):
        return Beyond(everything=True)
    able = frozenset[int]().union(*(operations_of(permission) for permission in powers))
    return Beyond(everything=False, operations=tuple(sorted(able - DELEGATION_OPERATIONS)))


def beyond_delegation(account: Account, key: Address) -> tuple[str, ...]:
    """What a thief of `key` could do to an account that no pool needs, in words; empty if nothing.

    Whatever permission the program signs by: the thief may choose another.
    """
    beyond = beyond_of(account, key)
    if beyond.everything:
        return ("do everything: send all its TRX and tokens away, and take the account over",)
    known = [_WHAT_OPERATIONS_DO[each] for each in beyond.operations if each in _WHAT_OPERATIONS_DO]
    if others := [each for each in beyond.operations if each not in _WHAT_OPERATIONS_DO]:
        known.append(f"make transactions of the kinds {', '.join(map(str, others))}")
    return tuple(known)


def grant_to(account: Account, key: Address) -> AccountPermissionUpdate:
    """The update that keeps every permission and adds one by which `key` can only delegate.

    Raises:
        NoRoom: there is no room for one more.
    """
    kept = account.active_permissions
    if len(kept) >= _MOST_ACTIVES:
        raise NoRoom
    new = delegation_permission(_FIRST_ACTIVE + len(kept), key)
    return AccountPermissionUpdate(
        owner=account.address,
        owner_permission=account.owner_permission or _usual_owner(account.address),
        witness_permission=account.witness_permission,
        # As the chain will number them.
        active_permissions=tuple(
            replace(permission, id=_FIRST_ACTIVE + position)
            for position, permission in enumerate((*kept, new))
        ),
    )


def as_request(update: AccountPermissionUpdate) -> dict[str, Any]:
    """The update as ``/wallet/accountpermissionupdate`` and wallets take it."""
    request: dict[str, Any] = {"owner_address": update.owner}
    if update.owner_permission is not None:
        request["owner"] = _as_json(update.owner_permission)
    if update.witness_permission is not None:
        request["witness"] = _as_json(update.witness_permission)
    request["actives"] = [_as_json(permission) for permission in update.active_permissions]
    request["visible"] = True
    return request


def grant_lines(account: Account, key: Address, *, fee_sun: int) -> list[str]:
    """What the owner of an account has to sign, in words and as JSON.

    `fee_sun` is what the network burns for it (`ChainParameters.permission_update_fee_sun`).
    """
    try:
        update = grant_to(account, key)
    except NoRoom as full:
        return [f"A permission for {key} cannot be added to {account.address}: {full}."]
    new = update.active_permissions[-1]
    before = [permission.id for permission in update.active_permissions[:-1]]
    owner = update.owner_permission
    keys = "key has to" if owner is not None and len(owner.keys) == 1 else "keys have to"
    by = f"its owner's {keys}"
    stays = ["the owner's"]
    if update.witness_permission is not None:
        stays.append("the witness's")
    if before:
        stays.append(f"the active {', '.join(map(str, before))}")
    lines = [
        f"The owner of {account.address} has to sign one transaction, an AccountPermissionUpdate:",
        f"  - it adds permission {new.id}, named {new.name}, by which the key of {key} alone",
        "    may make DelegateResource (57) and UnDelegateResource (58), and nothing else;",
        f"  - it replaces all permissions, and so says again what stays: {', '.join(stays)};",
        f"  - {by} sign it, and the network burns {fee_sun // _SUN:,} TRX of the account,",
        f"    which has {account.balance_sun // _SUN:,} TRX.",
        "Give this to /wallet/accountpermissionupdate of a node, or its parts to tronWeb's",
        "transactionBuilder.updateAccountPermissions(owner_address, owner, witness, actives), and",
        "sign what comes back:",
        *json.dumps(as_request(update), indent=2).splitlines(),
    ]
    if account.balance_sun < fee_sun:
        lines.append(f"The account has less than {fee_sun // _SUN:,} TRX: send it some first.")
    return lines


def _as_json(permission: Permission) -> dict[str, Any]:
    form: dict[str, Any] = {"type": int(permission.type)}
    if permission.type is PermissionType.ACTIVE:
        form["id"] = permission.id
    form["permission_name"] = permission.name
    form["threshold"] = permission.threshold
    if permission.operations:
        form["operations"] = permission.operations.hex()
    form["keys"] = [{"address": each.address, "weight": each.weight} for each in permission.keys]
    return form


def _usual_owner(address: Address) -> Permission:
    """What an account has whose owner never changed anything, and which nodes may not tell."""
    return Permission(
        type=PermissionType.OWNER,
        id=OWNER_PERMISSION,
        name="owner",
        threshold=1,
        parent_id=0,
        operations=b"",
        keys=(PermissionKey(address, 1),),
    )
