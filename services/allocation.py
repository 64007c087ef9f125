"""Which pools deliver an order? A pure decision.

1. The fewest transactions, since each costs a pool bandwidth and the customer time;
2. what the operator prefers: the higher priority;
3. rich pools before poor ones, in steps of a factor of two, so that what follows has a say;
4. the load spread: fewer delegations in the last hour;
5. the cheapest: the least TRX burned for bandwidth, then the least that the energy cost;
6. a pool that does not lend to this receiver yet, since the chain keeps one record for each pair;
7. the best fit: no remainder too small to be delegated, then the smallest remainder;
8. the address, so that the same stock always gives the same answer.

An order that no pool can deliver alone takes whole what the first pools have, and the rest from the
last. Each pool gives to an order once: its cap is to bound what one delegation can be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from chain.addresses import Address
from chain.energy import SUN_PER_TRX, energy_for_calls, stake_for_calls

# java-tron's DelegateResourceActuator refuses less than 1 TRX.
SMALLEST_DELEGATION_SUN = SUN_PER_TRX

_BY_RANK = attrgetter("rank")
_BY_MOST = attrgetter("most_sun")


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
    """What one pool can delegate now, its reserve already set aside.

    `cap_sun` bounds a single delegation, `delegations_left` their number under the pool's hourly
    limit; None is no bound. The bandwidth of `free_transactions` delegations is there, of which
    the caller keeps what taking back needs; for `paid_transactions` further ones the pool has TRX
    to burn, `burn_sun` each. `busy` counts its delegations in the last hour. `cost_sun` is what
    1,000 energy of it for a day cost the operator.

    What choosing asks of every pool for every order is worked out once: `most_sun`, the most that
    one delegation can be, of whole TRX, 0 if the pool is out; and `rank`, lower before higher.
    """

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
    most_sun: int = field(init=False, repr=False, compare=False)
    rank: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        most = self.stake_sun if self.cap_sun is None else min(self.stake_sun, self.cap_sun)
        most -= most % SUN_PER_TRX
        if most < SMALLEST_DELEGATION_SUN or self.delegations <= 0:
            most = 0
        burn = 0 if self.free_transactions > 0 else self.burn_sun
        rich = max(0, self.stake_sun // SUN_PER_TRX).bit_length()
        rank = (-self.priority, -rich, self.busy, burn, self.cost_sun)
        # The way in which a frozen dataclass sets its own fields, too.
        object.__setattr__(self, "most_sun", most)
        object.__setattr__(self, "rank", rank)

    @property
    def delegations(self) -> int:
        """How many more it can make, as far as bandwidth and the hourly limit go."""
        payable = max(0, self.free_transactions) + max(0, self.paid_transactions)
        return payable if self.delegations_left is None else min(payable, self.delegations_left)


@dataclass(frozen=True, slots=True)
class Allocation:
    """One delegation to make: `stake_sun` of `pool` for `energy`."""

    pool: Address
    energy: int
    stake_sun: int


def sellable_energy(stocks: Iterable[PoolStock], rate: EnergyRate) -> int:
    """How much energy all pools together can deliver, in delegations as large as may be."""
    return sum(_sellable(stock, rate) for stock in stocks if stock.most_sun)


def largest_order_energy(stocks: Iterable[PoolStock], rate: EnergyRate) -> int:
    """The most that one order could get: `allocate` answers up to this, and never beyond."""
    return sum(rate.energy_of(stock.most_sun) for stock in stocks)


def allocate(
    energy: int,
    stocks: Iterable[PoolStock],
    rate: EnergyRate,
    *,
    lending: Container[Address] = frozenset(),
) -> tuple[Allocation, ...] | None:
    """The delegations that together deliver `energy`; None if the pools cannot.

    `lending` are the pools that lend to the receiver already. Each pool is in `stocks` once; the
    order of `stocks` does not matter.
    """
    if energy <= 0:
        raise ValueError("nothing to allocate")
    stocks = tuple(stocks)
    stake = rate.stake_for(energy)
    alone = _best(stake, stocks, lending)
    if alone is not None:
        return (Allocation(alone.pool, energy, stake),)
    return _split(energy, stocks, rate, lending)


def less(stocks: Iterable[PoolStock], taken: Iterable[Allocation]) -> tuple[PoolStock, ...]:
    """What is left of `stocks` after the allocations in `taken`."""
    gone: defaultdict[Address, list[int]] = defaultdict(list)
    for each in taken:
        gone[each.pool].append(each.stake_sun)
    # Untouched stocks are kept: there can be a thousand, and an order takes from a few.
    return tuple(
        [_without(stock, gone[stock.pool]) if stock.pool in gone else stock for stock in stocks]
    )


def _without(stock: PoolStock, stakes: Sequence[int]) -> PoolStock:
    """`stock` after delegations of `stakes`, which use bandwidth that is there first."""
    free = min(len(stakes), max(0, stock.free_transactions))
    left = stock.delegations_left
    return replace(
        stock,
        stake_sun=stock.stake_sun - sum(stakes),
        free_transactions=stock.free_transactions - free,
        paid_transactions=stock.paid_transactions - (len(stakes) - free),
        delegations_left=None if left is None else left - len(stakes),
        busy=stock.busy + len(stakes),
    )


def _sellable(stock: PoolStock, rate: EnergyRate) -> int:
    """Delegations of the cap, then one of what is left; each loses its fraction of an energy."""
    whole, rest = divmod(stock.stake_sun - stock.stake_sun % SUN_PER_TRX, stock.most_sun)
    if whole >= stock.delegations:
        return stock.delegations * rate.energy_of(stock.most_sun)
    return whole * rate.energy_of(stock.most_sun) + rate.energy_of(rest)


def _best(
    stake_sun: int, stocks: Iterable[PoolStock], lending: Container[Address]
) -> PoolStock | None:
    """The pool to take one delegation of `stake_sun` from."""
    enough = [stock for stock in stocks if stock.most_sun >= stake_sun]
    if not enough:
        return None
    rank = min(map(_BY_RANK, enough))
    return min(
        (stock for stock in enough if stock.rank == rank),
        key=lambda stock: (
            stock.pool in lending,
            _strands(stock, stake_sun),
            stock.stake_sun,
            stock.pool,
        ),
    )


def _strands(stock: PoolStock, stake_sun: int) -> bool:
    """Whether `stake_sun` less would leave something, but too little to delegate it."""
    return 0 < stock.stake_sun - stake_sun < SMALLEST_DELEGATION_SUN


def _split(
    energy: int, stocks: Sequence[PoolStock], rate: EnergyRate, lending: Container[Address]
) -> tuple[Allocation, ...] | None:
    """The same from as few pools as can be, which are more than one.

    Begins with the largest pools, the fewest that suffice. What they have beyond the order is
    room: as far as it goes, pools of a better rank take the places of the smallest of them.
    """
    largest: dict[Address, int] = {}
    room = -energy
    for stock in sorted(stocks, key=_BY_MOST, reverse=True):
        if room >= 0:
            break
        largest[stock.pool] = rate.energy_of(stock.most_sun)
        room += largest[stock.pool]
    if room < 0:
        return None

    able = [stock for stock in stocks if stock.most_sun]
    able.sort(
        key=lambda stock: (
            stock.rank,
            stock.pool in lending,
            _strands(stock, stock.most_sun),
            -stock.most_sun,
            stock.pool,
        )
    )
    taken: dict[Address, Allocation] = {}
    rest = energy
    for stock in able:
        if len(largest) == 1:
            break
        share = rate.energy_of(stock.most_sun)
        if stock.pool in largest:
            del largest[stock.pool]
        else:
            smallest = next(reversed(largest))
            lost = largest[smallest] - share
            if lost > room:
                continue
            room -= lost
            del largest[smallest]
        taken[stock.pool] = Allocation(stock.pool, share, rate.stake_for(share))
        rest -= share

    # One place is left, and the pool that still stands for it can deliver the rest.
    stake = rate.stake_for(rest)
    last = _best(stake, (stock for stock in able if stock.pool not in taken), lending)
    assert last is not None
    return (*taken.values(), Allocation(last.pool, rest, stake))
