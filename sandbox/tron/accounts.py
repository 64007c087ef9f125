"""What an account of the local TRON node holds: TRX, stakes, used resources, permissions.

All values are immutable; a rule makes a changed copy and puts it into the `State`. Amounts are int
sun, times int milliseconds of the chain's clock, slots are 3-second steps of that clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chain.addresses import Address
from chain.contracts import Permission, PermissionKey, PermissionType, Resource

ACTIVE_ID = 2
"""The id of the first active permission; owner is 0, witness 1."""

DEFAULT_OPERATIONS = bytes.fromhex("7fff1fc0033efb0f" + "00" * 24)
"""What the active permission of a new account allows on the main network."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One account's side of one resource: its stakes and what it has used.

    `own` is staked and not delegated away, `delegated` is staked here and lent out, `acquired` is
    lent to this account. `used` is what had been used when it was last written, at slot
    `used_slot`; it recovers over `window` thousandths of a slot (0 stands for the full 24 hours).
    """

    own: int = 0
    delegated: int = 0
    acquired: int = 0
    used: int = 0
    used_slot: int = 0
    window: int = 0

    @property
    def yielding(self) -> int:
        """The stake whose resource this account may use, in sun."""
        return self.own + self.acquired


@dataclass(frozen=True, slots=True)
class Unfreezing:
    """A stake that has ended and waits until it can be withdrawn."""

    resource: Resource
    amount: int
    expire_ms: int


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `written` tells whether a transaction after its creation has changed it."""

    address: Address
    balance: int = 0
    create_time_ms: int = 0
    latest_operation_ms: int = 0
    is_contract: bool = False
    name: str = ""
    bandwidth: Holding = Holding()
    energy: Holding = Holding()
    tron_power_stake: int = 0
    free_bandwidth_used: int = 0
    free_bandwidth_slot: int = 0
    unfreezing: tuple[Unfreezing, ...] = ()
    owner_permission: Permission | None = None
    active_permissions: tuple[Permission, ...] = ()
    written: bool = False

    def holding(self, resource: Resource) -> Holding:
        """The account's side of bandwidth or energy."""
        return self.energy if resource is Resource.ENERGY else self.bandwidth

    def with_holding(self, resource: Resource, holding: Holding) -> Account:
        """The account with one side replaced."""
        if resource is Resource.ENERGY:
            return replace(self, energy=holding)
        return replace(self, bandwidth=holding)

    def staked(self, resource: Resource) -> int:
        """What this account has staked for a resource, delegated or not, in sun."""
        if resource is Resource.TRON_POWER:
            return self.tron_power_stake
        holding = self.holding(resource)
        return holding.own + holding.delegated

    def permission(self, permission_id: int) -> Permission | None:
        """The permission with an id; None if there is none (only witnesses have id 1)."""
        if permission_id == 0:
            return self.owner_permission or owner_permission(self.address)
        for permission in self.active_permissions:
            if permission.id == permission_id:
                return permission
        return None


def owner_permission(address: Address) -> Permission:
    """The owner permission that an account has until it sets another."""
    return _single_key(PermissionType.OWNER, 0, "owner", b"", address)


def active_permission(address: Address, operations: bytes) -> Permission:
    """The active permission that an account has until it sets others."""
    return _single_key(PermissionType.ACTIVE, ACTIVE_ID, "active", operations, address)


def _single_key(
    kind: PermissionType, number: int, name: str, operations: bytes, address: Address
) -> Permission:
    return Permission(kind, number, name, 1, 0, operations, (PermissionKey(address, 1),))


def new_account(
    address: Address, create_time_ms: int, operations: bytes = DEFAULT_OPERATIONS
) -> Account:
    """An account as the network creates it: nothing but its default permissions."""
    return Account(
        address,
        create_time_ms=create_time_ms,
        owner_permission=owner_permission(address),
        active_permissions=(active_permission(address, operations),),
    )
