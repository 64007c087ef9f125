"""What the chain says about an account: money, stake, delegations, permissions, resources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chain import answers
from chain.addresses import Address
from chain.answers import Json
from chain.contracts import Permission, PermissionKey, PermissionType, Resource
from chain.errors import MalformedAnswer

_OPERATIONS_BYTES = 32
_WINDOW_SLOTS = 28_800
"""Slots of 3 seconds in which used energy recovers: a day."""
_WINDOW_PRECISION = 1_000
"""An optimized window is told in thousandths of a slot."""
_SLOT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An activated account. Amounts in sun.

    `frozen_energy_sun` is the own stake for energy that is not lent out, `delegated_energy_sun`
    what is lent to others, `acquired_energy_sun` what others lend to it; `energy_stake_sun` is all
    that yields energy to it, of both kinds of stake there are. `energy_used` is what has not
    recovered yet and will have in `energy_recovers_in`, `energy_spent` what it was when it was
    used: exact to one if it was used at once, close if it was used in several steps.
    """

    address: Address
    balance_sun: int
    is_contract: bool
    frozen_energy_sun: int
    delegated_energy_sun: int
    acquired_energy_sun: int
    energy_stake_sun: int
    frozen_bandwidth_sun: int
    energy_used: int
    energy_recovers_in: timedelta
    energy_spent: int
    owner_permission: Permission | None
    active_permissions: tuple[Permission, ...]
    witness_permission: Permission | None = None

    def permission(self, permission_id: int) -> Permission | None:
        """The permission with an id: 0 is the owner's, 2 to 9 are actives."""
        for permission in (self.owner_permission, *self.active_permissions):
            if permission is not None and permission.id == permission_id:
                return permission
        return None


@dataclass(frozen=True, slots=True)
class Resources:
    """An account's energy and bandwidth, used and at most, and the network's totals.

    What is used recovers over 24 hours; the figures are those of the moment of asking.
    `total_energy_limit` is energy per day, `total_energy_weight` in TRX (see `chain.energy`).
    """

    energy_limit: int
    energy_used: int
    free_bandwidth_limit: int
    free_bandwidth_used: int
    staked_bandwidth_limit: int
    staked_bandwidth_used: int
    total_energy_limit: int
    total_energy_weight: int

    @property
    def energy_left(self) -> int:
        """Energy that can be spent now."""
        return max(0, self.energy_limit - self.energy_used)

    def can_pay_bandwidth(self, size: int) -> bool:
        """Whether a transaction of `size` bytes burns no TRX; no two pools are ever combined."""
        return (
            size <= self.staked_bandwidth_limit - self.staked_bandwidth_used
            or size <= self.free_bandwidth_limit - self.free_bandwidth_used
        )


@dataclass(frozen=True, slots=True)
class DelegatedStake:
    """Stake lent by one account to another for energy, in sun; locked until a time, or not."""

    balance_sun: int
    locked_until: datetime | None


def parse_account(answer: Json, address: Address) -> Account | None:
    """``getaccount``; None if the account is not activated. Raises `MalformedAnswer`."""
    if not answer:
        return None
    found = answers.required_address(answer, "address")
    if found != address:
        raise MalformedAnswer(f"asked for {address}, told of {found}")
    energy = answers.optional_mapping(answer, "account_resource")
    frozen = dict.fromkeys(Resource, 0)
    for stake in answers.mappings(answer, "frozenV2"):
        frozen[_resource(stake)] += answers.count(stake, "amount")
    owner = answers.optional_mapping(answer, "owner_permission")
    witness = answers.optional_mapping(answer, "witness_permission")
    used = answers.count(energy, "energy_usage")
    acquired = answers.count(energy, "acquired_delegated_frozenV2_balance_for_energy")
    left, whole = _window(energy)
    return Account(
        address=found,
        balance_sun=answers.count(answer, "balance"),
        is_contract=answers.text(answer, "type") == "Contract",
        frozen_energy_sun=frozen[Resource.ENERGY],
        delegated_energy_sun=answers.count(energy, "delegated_frozenV2_balance_for_energy"),
        acquired_energy_sun=acquired,
        energy_stake_sun=frozen[Resource.ENERGY] + acquired + _stake_1_sun(energy),
        frozen_bandwidth_sun=frozen[Resource.BANDWIDTH],
        energy_used=used,
        energy_recovers_in=timedelta(seconds=left * _SLOT_SECONDS * _WINDOW_SLOTS / whole),
        energy_spent=-(-used * whole // left) if left < whole else used,
        owner_permission=_permission(owner, PermissionType.OWNER) if owner else None,
        active_permissions=tuple(
            _permission(permission, PermissionType.ACTIVE)
            for permission in answers.mappings(answer, "active_permission")
        ),
        witness_permission=_permission(witness, PermissionType.WITNESS) if witness else None,
    )


def parse_resources(answer: Json) -> Resources | None:
    """``getaccountresource``; None if the account is not activated. Raises `MalformedAnswer`."""
    if not answer:
        return None
    return Resources(
        energy_limit=answers.count(answer, "EnergyLimit"),
        energy_used=answers.count(answer, "EnergyUsed"),
        free_bandwidth_limit=answers.count(answer, "freeNetLimit"),
        free_bandwidth_used=answers.count(answer, "freeNetUsed"),
        staked_bandwidth_limit=answers.count(answer, "NetLimit"),
        staked_bandwidth_used=answers.count(answer, "NetUsed"),
        total_energy_limit=answers.required_count(answer, "TotalEnergyLimit"),
        total_energy_weight=answers.required_count(answer, "TotalEnergyWeight"),
    )


def parse_delegatable(answer: Json) -> int:
    """``getcandelegatedmaxsize``, in sun; less than 1 TRX cannot be delegated and counts as 0."""
    return answers.required_count(answer, "max_size") if answer else 0


def parse_delegated_energy(
    answer: Json, owner: Address, receiver: Address
) -> tuple[DelegatedStake, ...]:
    """``getdelegatedresourcev2``: the stake lent for energy. Raises `MalformedAnswer`."""
    if answer and "delegatedResource" not in answer:
        raise MalformedAnswer(f"delegatedResource is missing beside {', '.join(answer)}")
    stakes: list[DelegatedStake] = []
    for record in answers.mappings(answer, "delegatedResource"):
        parties = (
            answers.required_address(record, "from"),
            answers.required_address(record, "to"),
        )
        if parties != (owner, receiver):
            raise MalformedAnswer(f"asked for {owner} to {receiver}, told of {parties}")
        balance = answers.count(record, "frozen_balance_for_energy")
        until_ms = answers.count(record, "expire_time_for_energy")
        if balance:
            stakes.append(DelegatedStake(balance, answers.time_of(until_ms) if until_ms else None))
    return tuple(stakes)


def parse_receivers(answer: Json, owner: Address) -> tuple[Address, ...]:
    """``getdelegatedresourceaccountindexv2``: those it lends to. Raises `MalformedAnswer`."""
    found = answers.required_address(answer, "account")
    if found != owner:
        raise MalformedAnswer(f"asked for {owner}, told of {found}")
    receivers = answers.listing(answer, "toAccounts")
    return tuple(answers.address(receiver, "toAccounts") for receiver in receivers)


def _window(energy: Json) -> tuple[int, int]:
    """What is left of the window in which used energy recovers, and the whole of it.

    java-tron (ResourceProcessor.increaseV2) tells the part of the window that is left; none is told
    where nothing was used.
    """
    whole = _WINDOW_SLOTS
    if energy.get("energy_window_optimized"):
        whole *= _WINDOW_PRECISION
    left = answers.count(energy, "energy_window_size")
    return (left if 0 < left < whole else whole), whole


def _stake_1_sun(energy: Json) -> int:
    """What is left of the network's first kind of stake, its own or lent to it."""
    own = answers.optional_mapping(energy, "frozen_balance_for_energy")
    lent = answers.count(energy, "acquired_delegated_frozen_balance_for_energy")
    return answers.count(own, "frozen_balance") + lent


def _resource(stake: Json) -> Resource:
    name = answers.text(stake, "type") or Resource.BANDWIDTH.name
    try:
        return Resource[name]
    except KeyError:
        raise MalformedAnswer(f"{name} is no resource") from None


def _permission(permission: Json, kind: PermissionType) -> Permission:
    operations = answers.hex_bytes(answers.text(permission, "operations"), "operations")
    if kind is PermissionType.ACTIVE and len(operations) != _OPERATIONS_BYTES:
        raise MalformedAnswer(f"operations of {len(operations)} bytes")
    return Permission(
        type=kind,
        id=answers.count(permission, "id"),
        name=answers.text(permission, "permission_name"),
        threshold=answers.required_count(permission, "threshold"),
        parent_id=answers.count(permission, "parent_id"),
        operations=operations,
        keys=tuple(
            PermissionKey(answers.required_address(key, "address"), answers.count(key, "weight"))
            for key in answers.mappings(permission, "keys")
        ),
    )
