"""Bandwidth and energy: what a stake yields, how use adds up and recovers, what may be delegated.

The arithmetic is java-tron's, with its roundings (ResourceProcessor, EnergyProcessor and
BandwidthProcessor with the proposals of Stake 2.0 and of the optimised window switched on), because
a client that plans with these numbers meets them to the last unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from chain.contracts import Resource
from sandbox.tron.accounts import Account, Holding
from sandbox.tron.parameters import SLOT_MS, TRX, Parameters
from sandbox.tron.state import BANDWIDTH_WEIGHT, ENERGY_WEIGHT, View

WINDOW = 28_800
"""Slots in which use recovers: 24 hours of 3 seconds."""

WINDOW_UNIT = 1_000
FULL_WINDOW = WINDOW * WINDOW_UNIT
_PRECISION = 1_000_000
_DELEGATE_BANDWIDTH = 275
"""What the node reckons for the delegation itself when it says how much can be delegated."""


def slot_at(time_ms: int) -> int:
    """The slot of a chain time; slots are counted from 1970."""
    return time_ms // SLOT_MS


@dataclass(frozen=True, slots=True)
class Market:
    """How much of a resource there is, and among how much stake (in TRX) it is shared."""

    limit: int
    weight: int

    def units(self, stake: int) -> int:
        """What a stake of so many sun yields in 24 hours."""
        return int(stake / TRX * (self.limit / self.weight)) if self.weight > 0 else 0

    def units_for_calls(self, stake: int) -> int:
        """The same as contract calls count it: by whole TRX, so up to one TRX's worth less."""
        return int(stake // TRX * (self.limit / self.weight)) if self.weight > 0 else 0

    def stake(self, units: int) -> int:
        """The stake in sun that an amount of the resource stands for."""
        return int(units * TRX * (self.weight / self.limit))


def market(view: View, parameters: Parameters, resource: Resource) -> Market:
    """Limit and weight of a resource now."""
    if resource is Resource.ENERGY:
        return Market(parameters.total_energy_limit, view.number(ENERGY_WEIGHT))
    return Market(parameters.total_net_limit, view.number(BANDWIDTH_WEIGHT))


def weight_key(resource: Resource) -> str:
    """Where the total weight of a resource's stakes is kept."""
    return ENERGY_WEIGHT if resource is Resource.ENERGY else BANDWIDTH_WEIGHT


def used(holding: Holding, slot: int) -> int:
    """What is still used at a slot."""
    return _grown(holding, 0, slot)[0]


def recovered(holding: Holding, slot: int) -> Holding:
    """The holding with its use as it stands at a slot; the slot of the last use stays."""
    amount, window = _grown(holding, 0, slot)
    return replace(holding, used=amount, window=window)


def after_use(holding: Holding, amount: int, slot: int) -> Holding:
    """The holding after using some more at a slot."""
    total, window = _grown(holding, amount, slot)
    return replace(holding, used=total, window=window, used_slot=slot)


def after_energy_use(holding: Holding, amount: int, slot: int) -> Holding:
    """The same for a contract call, which the node accounts for in two steps."""
    return after_use(replace(recovered(holding, slot), used_slot=slot), amount, slot)


def left(holding: Holding, resource_market: Market, slot: int) -> int:
    """What can still be used at a slot without burning TRX."""
    return max(resource_market.units(holding.yielding) - used(holding, slot), 0)


def left_for_calls(holding: Holding, energy: Market, slot: int) -> int:
    """The energy a contract call may take from stakes."""
    return max(energy.units_for_calls(holding.yielding) - used(holding, slot), 0)


def free_used(amount: int, last_slot: int, slot: int) -> int:
    """What is still used of the free bandwidth."""
    return _plain_grown(amount, 0, last_slot, slot)


def after_free_use(amount: int, last_slot: int, added: int, slot: int) -> int:
    """The used free bandwidth after using some more."""
    return _plain_grown(free_used(amount, last_slot, slot), added, slot, slot)


def taken_back(
    receiver: Holding, stake: int, resource_market: Market, slot: int
) -> tuple[Holding, int]:
    """The receiver's side after a stake was taken back from it, and the use that goes with it.

    Use follows the stake in proportion, but never more than the stake could have yielded.
    """
    now = replace(recovered(receiver, slot), used_slot=slot)
    if now.acquired < stake:
        return replace(now, acquired=0), 0
    share = int(now.used * (stake / now.yielding))
    moved = min(resource_market.units(stake), share)
    return replace(now, acquired=now.acquired - stake, used=now.used - moved), moved


def after_taking_back(owner: Holding, receiver: Holding, moved: int, slot: int) -> Holding:
    """The owner's side after use came back with its stake: windows are weighed by use."""
    if moved <= 0:
        return owner
    now = recovered(owner, slot)
    total = now.used + moved
    window = _ceil_div(now.used * _window(now) + moved * _window(receiver), total)
    return replace(now, used=total, window=min(window, FULL_WINDOW), used_slot=slot)


def delegatable(
    account: Account,
    resource: Resource,
    resource_market: Market,
    slot: int,
    *,
    reserve_bandwidth: bool = False,
) -> int:
    """How much of an account's own stake can be delegated now, in sun; may be negative.

    Own stake counts as used last: what was lent to the account covers its use first. With
    `reserve_bandwidth` the bandwidth of the delegation itself is kept back.
    """
    holding = account.holding(resource)
    units = used(holding, slot)
    if reserve_bandwidth:
        units += _bandwidth_of_delegating(holding.own)
    return holding.own - max(0, resource_market.stake(units) - holding.acquired)


def _bandwidth_of_delegating(balance: int) -> int:
    # The longest delegation (locked, with a period of 864,000 blocks) against the shortest.
    lock_and_period = 2 + 4
    return _DELEGATE_BANDWIDTH + max(
        0, lock_and_period + _varint_size(balance) - _varint_size(TRX) - (2 if not balance else 0)
    )


def _varint_size(value: int) -> int:
    return max(1, -(-value.bit_length() // 7))


def _window(holding: Holding) -> int:
    # Below one slot the node takes the window for unset.
    return holding.window if holding.window >= WINDOW_UNIT else FULL_WINDOW


def _grown(holding: Holding, added: int, slot: int) -> tuple[int, int]:
    """Use and window (in thousandths of a slot) at a slot, after adding some use."""
    window_milli = _window(holding)
    window = window_milli // WINDOW_UNIT
    before = _ceil_div(holding.used * _PRECISION, window)
    elapsed = slot - holding.used_slot
    if elapsed:
        before = _faded(before, elapsed, window)
    remaining = before * window // _PRECISION
    total = (before * window + _ceil_div(added * _PRECISION, WINDOW) * WINDOW) // _PRECISION
    if remaining == 0:
        return total, FULL_WINDOW
    rest = window_milli - elapsed * WINDOW_UNIT
    grown = _ceil_div(remaining * rest + added * FULL_WINDOW, total)
    return total, min(grown, FULL_WINDOW)


def _plain_grown(amount: int, added: int, last_slot: int, slot: int) -> int:
    before = _ceil_div(amount * _PRECISION, WINDOW)
    if last_slot != slot:
        before = _faded(before, slot - last_slot, WINDOW)
    return (before + _ceil_div(added * _PRECISION, WINDOW)) * WINDOW // _PRECISION


def _faded(average: int, elapsed: int, window: int) -> int:
    if elapsed >= window:
        return 0
    return math.floor(average * ((window - elapsed) / window) + 0.5)


def _ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
