"""Which pools deliver an order? A pure decision.

Fewest transactions first, since each costs the pool bandwidth and the customer time; then
the best fit, so that large pools stay able to serve large orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chain.addresses import Address
from chain.energy import SUN_PER_TRX, energy_for_calls, stake_for_calls

# java-tron's DelegateResourceActuator refuses less than 1 TRX.
SMALLEST_DELEGATION_SUN = SUN_PER_TRX


@dataclass(frozen=True, slots=True)
class EnergyRate:
    """What a stake yields at the moment: both numbers from the chain, the weight in TRX.

    A contract call can spend the energy of whole TRX only, so only whole TRX are delegated.
    """

    total_limit: int
    total_weight: int

    def energy_of(self, stake_sun: int) -> int:
        return energy_for_calls(stake_sun, self.total_limit, self.total_weight)

    def stake_for(self, energy: int) -> int:
        """The smallest stake, in sun of whole TRX, of which calls can spend `energy`."""
        stake = stake_for_calls(energy, self.total_limit, self.total_weight)
        return max(stake, SMALLEST_DELEGATION_SUN)


@dataclass(frozen=True, slots=True)
class PoolStock:
    """What one pool can delegate now, its reserve already set aside."""

    pool: Address
    stake_sun: int
    cap_sun: int | None = None
    priority: int = 0
    free_transactions: int = 1_000_000
    paid_transactions: int = 0
    burn_sun: int = 0
    delegations_left: int | None = None
    busy: int = 0
    cost_sun: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """One delegation to make: `stake_sun` of `pool` for `energy`."""

    pool: Address
    energy: int
    stake_sun: int


def sellable_energy(stocks: Iterable[PoolStock], rate: EnergyRate) -> int:
    """How much energy all pools together can deliver."""
    return sum(rate.energy_of(stock.stake_sun) for stock in _usable(stocks))


def largest_order_energy(stocks: Iterable[PoolStock], rate: EnergyRate) -> int:
    return sellable_energy(stocks, rate)


def allocate(
    energy: int, stocks: Iterable[PoolStock], rate: EnergyRate
) -> tuple[Allocation, ...] | None:
    """The delegations that together deliver `energy`; None if the pools cannot.

    Deterministic: equal stocks are taken in the order of their addresses.
    """
    if energy <= 0:
        raise ValueError("nothing to allocate")
    rest = energy
    left = sorted(_usable(stocks), key=lambda stock: (-stock.stake_sun, stock.pool))
    taken: list[Allocation] = []
    while rest > 0:
        needed = rate.stake_for(rest)
        enough = [stock for stock in left if stock.stake_sun >= needed]
        if enough:
            # The smallest that still fits; among equals the first by address.
            smallest = enough[-1].stake_sun
            fit = next(stock for stock in enough if stock.stake_sun == smallest)
            taken.append(Allocation(fit.pool, rest, needed))
            return tuple(taken)
        if not left:
            return None
        largest = left.pop(0)
        share = min(rate.energy_of(largest.stake_sun), rest)
        if share > 0:
            taken.append(Allocation(largest.pool, share, rate.stake_for(share)))
            rest -= share
    return tuple(taken)


def less(stocks: Iterable[PoolStock], taken: Iterable[Allocation]) -> tuple[PoolStock, ...]:
    """What is left of `stocks` after the allocations in `taken`."""
    gone: dict[Address, int] = {}
    for each in taken:
        gone[each.pool] = gone.get(each.pool, 0) + each.stake_sun
    return tuple(
        PoolStock(stock.pool, stock.stake_sun - gone.get(stock.pool, 0)) for stock in stocks
    )


def _usable(stocks: Iterable[PoolStock]) -> list[PoolStock]:
    return [stock for stock in stocks if stock.stake_sun >= SMALLEST_DELEGATION_SUN]
