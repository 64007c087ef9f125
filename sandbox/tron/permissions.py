"""Who may sign what: signatures against an account's permissions, and changing those.

The order of the checks and their texts are java-tron's (TransactionCapsule,
AccountPermissionUpdateActuator).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from chain.addresses import Address
from chain.contract_types import contract_type
from chain.contracts import AccountPermissionUpdate, Permission, PermissionType
from chain.keys import SIGNATURE_LENGTH, recover
from chain.transactions import Raw
from sandbox.tron.accounts import (
    ACTIVE_ID,
    Account,
    active_permission,
    owner_permission,
)
from sandbox.tron.parameters import MAX_ACTIVE_PERMISSIONS, MAX_SIGNATURES
from sandbox.tron.refusals import BadSignatures, InvalidContract
from sandbox.tron.state import State, View

# Bits of the contract types a network with the same proposals knows.
AVAILABLE_OPERATIONS = bytes.fromhex("7fff1fc0037efb0f" + "00" * 24)

_OPERATION_BYTES = 32
_NAME_LENGTH = 32


def allows(operations: bytes, number: int) -> bool:
    """Whether a bitmap of operations has a contract type's bit."""
    return number // 8 < len(operations) and bool(operations[number // 8] >> number % 8 & 1)


def signing_permission(view: View, raw: Raw, operations: bytes) -> Permission:
    """The permission a transaction names. Raises `BadSignatures` if there is none or it may not."""
    owner = raw.contract.owner
    account = view.account(owner)
    if account is not None:
        permission = account.permission(raw.permission_id)
    elif raw.permission_id == 0:
        permission = owner_permission(owner)
    else:
        permission = (
            active_permission(owner, operations) if raw.permission_id == ACTIVE_ID else None
        )
    if permission is None:
        raise BadSignatures("permission isn't exit")
    if raw.permission_id:
        if permission.type is not PermissionType.ACTIVE:
            raise BadSignatures("Permission type is error")
        if not allows(permission.operations, contract_type(raw.contract).number):
            raise BadSignatures("Permission denied")
    return permission


def signers(
    permission: Permission, raw_bytes: bytes, signatures: Sequence[bytes]
) -> tuple[tuple[Address, int], ...]:
    """Who signed and with what weight. Raises `BadSignatures`."""
    if len(signatures) > len(permission.keys):
        raise BadSignatures(
            f"Signature count is {len(signatures)} more than key counts of permission : "
            f"{len(permission.keys)}"
        )
    weights = {key.address: key.weight for key in permission.keys}
    found: dict[Address, int] = {}
    for signature in signatures:
        if len(signature) < SIGNATURE_LENGTH:
            raise BadSignatures(f"Signature size is {len(signature)}")
        address = _recover(raw_bytes, signature[:SIGNATURE_LENGTH])
        if address not in weights:
            raise BadSignatures(
                f"{signature.hex()} is signed by {address} but it is not contained of permission."
            )
        if address in found:
            raise BadSignatures(f"{address} has signed twice!")
        found[address] = weights[address]
    return tuple(found.items())


def check_signatures(
    view: View, raw: Raw, raw_bytes: bytes, signatures: Sequence[bytes], operations: bytes
) -> None:
    """Refuses a transaction that is not signed as its account demands (`BadSignatures`)."""
    if not signatures:
        raise BadSignatures("miss sig or contract")
    if len(signatures) > MAX_SIGNATURES:
        raise BadSignatures("too many signatures")
    permission = signing_permission(view, raw, operations)
    weight = sum(weight for _, weight in signers(permission, raw_bytes, signatures))
    if weight < permission.threshold:
        raise BadSignatures("sig error")


def check_update(view: View, contract: AccountPermissionUpdate) -> None:
    """Refuses permissions that break a rule (`InvalidContract`)."""
    if view.account(contract.owner) is None:
        raise InvalidContract("ownerAddress account does not exist")
    if contract.owner_permission is None:
        raise InvalidContract("owner permission is missed")
    if contract.witness_permission is not None:
        raise InvalidContract("account isn't witness can't set witness permission")
    if not contract.active_permissions:
        raise InvalidContract("active permission is missed")
    if len(contract.active_permissions) > MAX_ACTIVE_PERMISSIONS:
        raise InvalidContract("active permission is too many")
    if contract.owner_permission.type is not PermissionType.OWNER:
        raise InvalidContract("owner permission type is error")
    _check_permission(contract.owner_permission)
    for permission in contract.active_permissions:
        if permission.type is not PermissionType.ACTIVE:
            raise InvalidContract("active permission type is error")
        _check_permission(permission)


def update(state: State, account: Account, contract: AccountPermissionUpdate) -> None:
    """Replaces all permissions; ids are given by position, whatever was asked for."""
    state.put_account(
        replace(
            account,
            owner_permission=contract.owner_permission,
            active_permissions=tuple(
                replace(permission, id=ACTIVE_ID + position)
                for position, permission in enumerate(contract.active_permissions)
            ),
        )
    )


@lru_cache(maxsize=4_096)
def _recover(raw_bytes: bytes, signature: bytes) -> Address:
    # A transaction is checked when it comes and again when its block is made.
    try:
        return recover(raw_bytes, signature)
    except ValueError:
        raise BadSignatures(
            "java.lang.IllegalArgumentException: Invalid point compression"
        ) from None


def _check_permission(permission: Permission) -> None:
    kind = permission.type.name.capitalize()
    weights = [key.weight for key in permission.keys]
    distinct = len({key.address for key in permission.keys}) == len(weights)
    complaints = (
        (
            len(weights) > MAX_SIGNATURES,
            f"number of keys in permission should not be greater than {MAX_SIGNATURES}",
        ),
        (not weights, "key's count should be greater than 0"),
        (permission.threshold <= 0, "permission's threshold should be greater than 0"),
        (len(permission.name) > _NAME_LENGTH, "permission's name is too long"),
        (permission.parent_id != 0, "permission's parent should be owner"),
        (not distinct, f"address should be distinct in permission {kind}"),
        (any(weight <= 0 for weight in weights), "key's weight should be greater than 0"),
        (
            sum(weights) < permission.threshold,
            f"sum of all key's weight should not be less than threshold in permission {kind}",
        ),
    )
    for wrong, complaint in complaints:
        if wrong:
            raise InvalidContract(complaint)
    _check_operations(permission, kind)


def _check_operations(permission: Permission, kind: str) -> None:
    if permission.type is not PermissionType.ACTIVE:
        if permission.operations:
            raise InvalidContract(f"{kind} permission needn't operations")
        return
    if len(permission.operations) != _OPERATION_BYTES:
        raise InvalidContract("operations size must 32")
    for number in range(8 * _OPERATION_BYTES):
        if allows(permission.operations, number) and not allows(AVAILABLE_OPERATIONS, number):
            raise InvalidContract(f"{number} isn't a validate ContractType")
