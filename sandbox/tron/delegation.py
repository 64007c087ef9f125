"""Delegating stake and taking it back, after java-tron's two actuators for it.

Each pair of accounts has two records, one unlocked and one locked. A locked record whose time is
over stays as it is until the pair is touched again, and then joins the unlocked one.
"""

from __future__ import annotations

from dataclasses import replace

from chain.addresses import Address, address_hex
from chain.contracts import DelegateResource, Resource, UnDelegateResource
from sandbox.tron.accounts import Account
from sandbox.tron.parameters import DEFAULT_LOCK_BLOCKS, SLOT_MS, TRX, Parameters
from sandbox.tron.refusals import InvalidContract
from sandbox.tron.resources import (
    after_taking_back,
    delegatable,
    market,
    slot_at,
    taken_back,
)
from sandbox.tron.state import Delegation, State, View


def missing_account(address: Address) -> InvalidContract:
    """The refusal of an account that is not activated."""
    return InvalidContract(f"Account[{address_hex(address)}] not exists")


def check_delegate(
    view: View,
    contract: DelegateResource,
    parameters: Parameters,
    now_ms: int,
    *,
    being_built: bool = False,
) -> None:
    """Refuses a delegation that breaks a rule (`InvalidContract`).

    `being_built` is the stricter check made before there is a signature: the bandwidth that the
    delegation itself will cost is then kept back.
    """
    owner = view.account(contract.owner)
    if owner is None:
        raise missing_account(contract.owner)
    if contract.balance < TRX:
        raise InvalidContract("delegateBalance must be greater than or equal to 1 TRX")
    resource = contract.resource
    if resource is Resource.TRON_POWER:
        raise InvalidContract("ResourceCode error, valid ResourceCode[BANDWIDTH、ENERGY]")
    available = delegatable(
        owner,
        resource,
        market(view, parameters, resource),
        slot_at(now_ms),
        reserve_bandwidth=being_built and resource is Resource.BANDWIDTH,
    )
    if available < contract.balance:
        raise InvalidContract(
            "delegateBalance must be less than or equal to available "
            f"Freeze{resource.name.capitalize()}V2 balance"
        )
    if contract.receiver == contract.owner:
        raise InvalidContract("receiverAddress must not be the same as ownerAddress")
    receiver = view.account(contract.receiver)
    if receiver is None:
        raise missing_account(contract.receiver)
    if contract.lock:
        _check_lock(view, contract, parameters, now_ms)
    if receiver.is_contract:
        raise InvalidContract("Do not allow delegate resources to contract addresses")


def delegate(state: State, contract: DelegateResource, now_ms: int) -> None:
    """Carries out a checked delegation."""
    owner, receiver = contract.owner, contract.receiver
    resource, balance = contract.resource, contract.balance
    _release_expired(state, owner, receiver, now_ms)
    expire_ms = now_ms + _lock_blocks(contract) * SLOT_MS if contract.lock else 0
    record = state.delegation(owner, receiver, locked=contract.lock) or Delegation()
    state.put_delegation(
        owner, receiver, _added(record, resource, balance, expire_ms), locked=contract.lock
    )
    state.put_pair(owner, receiver, now_ms)
    lender = _existing(state, owner)
    side = lender.holding(resource)
    state.put_account(
        lender.with_holding(
            resource, replace(side, own=side.own - balance, delegated=side.delegated + balance)
        )
    )
    borrower = _existing(state, receiver)
    side = borrower.holding(resource)
    state.put_account(
        borrower.with_holding(resource, replace(side, acquired=side.acquired + balance))
    )


def check_undelegate(view: View, contract: UnDelegateResource, now_ms: int) -> None:
    """Refuses to take back what cannot be taken back (`InvalidContract`)."""
    owner, receiver = contract.owner, contract.receiver
    if view.account(owner) is None:
        raise InvalidContract(f"Account[{address_hex(owner)}] does not exist")
    if receiver == owner:
        raise InvalidContract("receiverAddress must not be the same as ownerAddress")
    unlocked = view.delegation(owner, receiver, locked=False)
    locked = view.delegation(owner, receiver, locked=True)
    if unlocked is None and locked is None:
        raise InvalidContract("delegated Resource does not exist")
    if contract.balance <= 0:
        raise InvalidContract("unDelegateBalance must be more than 0 TRX")
    resource = contract.resource
    if resource is Resource.TRON_POWER:
        raise InvalidContract("ResourceCode error.valid ResourceCode[BANDWIDTH、Energy]")
    available = _amount(unlocked, resource)
    if locked is not None and _expire_ms(locked, resource) < now_ms:
        available += _amount(locked, resource)
    if available < contract.balance:
        # The two texts differ in spelling, too.
        what = (
            "delegateFrozenBalance(Energy)"
            if resource is Resource.ENERGY
            else "delegatedFrozenBalance(BANDWIDTH)"
        )
        raise InvalidContract(
            f"insufficient {what}, request={contract.balance}, unlock_balance={available}"
        )


def undelegate(
    state: State, contract: UnDelegateResource, parameters: Parameters, now_ms: int
) -> None:
    """Carries out a checked reclaim; the receiver's use goes back with the stake."""
    owner, receiver = contract.owner, contract.receiver
    resource, balance = contract.resource, contract.balance
    slot = slot_at(now_ms)
    borrower = state.account(receiver)
    borrower_side, moved = None, 0
    if borrower is not None:
        borrower_side, moved = taken_back(
            borrower.holding(resource), balance, market(state, parameters, resource), slot
        )
        state.put_account(borrower.with_holding(resource, borrower_side))
    _release_expired(state, owner, receiver, now_ms)
    record = _added(
        state.delegation(owner, receiver, locked=False) or Delegation(), resource, -balance, 0
    )
    empty = record.bandwidth == 0 and record.energy == 0
    state.put_delegation(owner, receiver, None if empty else record, locked=False)
    if empty and state.delegation(owner, receiver, locked=True) is None:
        state.put_pair(owner, receiver, None)
    lender = _existing(state, owner)
    side = lender.holding(resource)
    side = replace(side, own=side.own + balance, delegated=side.delegated - balance)
    if borrower_side is not None:
        side = after_taking_back(side, borrower_side, moved, slot)
    state.put_account(lender.with_holding(resource, side))


def _check_lock(
    view: View, contract: DelegateResource, parameters: Parameters, now_ms: int
) -> None:
    blocks, longest = _lock_blocks(contract), parameters.max_delegate_lock_period
    if not 0 <= blocks <= longest:
        raise InvalidContract(
            "The lock period of delegate resource cannot be less than 0 and cannot exceed "
            f"{longest}!"
        )
    locked = view.delegation(contract.owner, contract.receiver, locked=True)
    if locked is None:
        return
    remaining_ms = _expire_ms(locked, contract.resource) - now_ms
    if blocks * SLOT_MS < remaining_ms:
        name = contract.resource.name
        raise InvalidContract(
            f"The lock period for {name} this time cannot be less than the remaining "
            f"time[{remaining_ms}ms] of the last lock period for {name}!"
        )


def _lock_blocks(contract: DelegateResource) -> int:
    return contract.lock_period or DEFAULT_LOCK_BLOCKS


def _release_expired(state: State, owner: Address, receiver: Address, now_ms: int) -> None:
    locked = state.delegation(owner, receiver, locked=True)
    if locked is None:
        return
    unlocked = state.delegation(owner, receiver, locked=False) or Delegation()
    if locked.bandwidth_expire_ms < now_ms and locked.bandwidth:
        unlocked = replace(unlocked, bandwidth=unlocked.bandwidth + locked.bandwidth)
        locked = replace(locked, bandwidth=0, bandwidth_expire_ms=0)
    if locked.energy_expire_ms < now_ms and locked.energy:
        unlocked = replace(unlocked, energy=unlocked.energy + locked.energy)
        locked = replace(locked, energy=0, energy_expire_ms=0)
    some_left = locked.bandwidth or locked.energy
    state.put_delegation(owner, receiver, locked if some_left else None, locked=True)
    if unlocked != Delegation():
        state.put_delegation(owner, receiver, unlocked, locked=False)


def _added(record: Delegation, resource: Resource, amount: int, expire_ms: int) -> Delegation:
    if resource is Resource.ENERGY:
        return replace(record, energy=record.energy + amount, energy_expire_ms=expire_ms)
    return replace(record, bandwidth=record.bandwidth + amount, bandwidth_expire_ms=expire_ms)


def _amount(record: Delegation | None, resource: Resource) -> int:
    if record is None:
        return 0
    return record.energy if resource is Resource.ENERGY else record.bandwidth


def _expire_ms(record: Delegation, resource: Resource) -> int:
    if resource is Resource.ENERGY:
        return record.energy_expire_ms
    return record.bandwidth_expire_ms


def _existing(state: State, address: Address) -> Account:
    account = state.account(address)
    if account is None:
        raise missing_account(address)
    return account
