"""What a TRON transaction can do: the contracts we send and read, and what they are made of.

Amounts are int sun, resources `Resource`. Which values the chain accepts is the chain's business: a
negative amount can be written and read, as it can be on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from chain.addresses import Address


class Resource(IntEnum):
    """What a stake yields."""

    BANDWIDTH = 0
    ENERGY = 1
    TRON_POWER = 2


class PermissionType(IntEnum):
    """Which of an account's permissions one is: owner has id 0, witness 1, actives 2 to 9."""

    OWNER = 0
    WITNESS = 1
    ACTIVE = 2


@dataclass(frozen=True, slots=True)
class Transfer:
    """TRX from one account to another; `amount` in sun."""

    owner: Address
    to: Address
    amount: int


@dataclass(frozen=True, slots=True)
class TriggerSmartContract:
    """A call of a smart contract; `data` is the ABI-encoded call, `call_value` is in sun."""

    owner: Address
    contract: Address
    data: bytes = b""
    call_value: int = 0
    call_token_value: int = 0
    token_id: int = 0


@dataclass(frozen=True, slots=True)
class DelegateResource:
    """Lends what `balance` sun of the owner's stake yield; `lock_period` counts blocks of 3 s."""

    owner: Address
    receiver: Address
    balance: int
    resource: Resource
    lock: bool = False
    lock_period: int = 0


@dataclass(frozen=True, slots=True)
class UnDelegateResource:
    """Takes back `balance` sun of the stake delegated to `receiver`."""

    owner: Address
    receiver: Address
    balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class FreezeBalanceV2:
    """Stakes `frozen_balance` sun."""

    owner: Address
    frozen_balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class UnfreezeBalanceV2:
    """Ends the stake of `unfreeze_balance` sun; it can be withdrawn after the waiting time."""

    owner: Address
    unfreeze_balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class WithdrawExpireUnfreeze:
    """Withdraws the ended stakes whose waiting time is over."""

    owner: Address


@dataclass(frozen=True, slots=True)
class CancelAllUnfreezeV2:
    """Stakes again everything that still waits, and withdraws what need not wait."""

    owner: Address


@dataclass(frozen=True, slots=True)
class PermissionKey:
    """A key of a permission, by the address it belongs to, and its weight."""

    address: Address
    weight: int


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may sign what for an account.

    `operations` is a bitmap of 32 bytes over contract numbers, number n being bit ``n % 8`` of
    byte ``n // 8``; it is empty for owner and witness. The chain gives out `id` by position.
    """

    type: PermissionType
    id: int
    name: str
    threshold: int
    parent_id: int
    operations: bytes
    keys: tuple[PermissionKey, ...]


@dataclass(frozen=True, slots=True)
class AccountPermissionUpdate:
    """Replaces all permissions of an account."""

    owner: Address
    owner_permission: Permission | None
    witness_permission: Permission | None
    active_permissions: tuple[Permission, ...]


Contract: TypeAlias = (
    Transfer
    | TriggerSmartContract
    | DelegateResource
    | UnDelegateResource
    | FreezeBalanceV2
    | UnfreezeBalanceV2
    | WithdrawExpireUnfreeze
    | CancelAllUnfreezeV2
    | AccountPermissionUpdate
)
