"""How much energy can be sold: what the chain says the pools can lend, less what is under way.

Never "stake minus open orders", since used energy comes back with the stake and blocks it. Each
pool's figures are counted from the block at which they were read; whatever was signed or included
after it is taken off here.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.errors import ChainError, Unavailable
from chain.node import NodeClient
from db.chain_transactions import InFlight
from db.database import Database, Transaction
from db.pools import LentStake, PoolReadingRow
from services.allocation import EnergyRate, PoolStock, largest_order_energy, sellable_energy
from services.chain_time import chain_now
from services.energy import EnergyNeeds
from services.outlook import free_stake, rate_of
from services.pool_readings import burned_sun, look_at, paid_by_bandwidth, paid_by_burning
from services.pools import Pool, Pools

HOUR = timedelta(hours=1)
_IDLE = InFlight(0, 0)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The operator's bounds for every pool: energy in one delegation, delegations in an hour."""

    delegation_energy: int
    hourly_delegations: int


@dataclass(frozen=True, slots=True)
class ChainStock:
    """What the chain says about the pools. `newer` has the stake of some as of the block `head`."""

    head: BlockRef
    rate: EnergyRate
    readings: Mapping[Address, PoolReadingRow]
    newer: Mapping[Address, int] = field(default_factory=dict)

    def stake_of(self, pool: Address) -> tuple[int, int]:
        """What a pool can lend, in sun, and the block as of which that is so."""
        if pool in self.newer:
            return self.newer[pool], self.head.number
        reading = self.readings[pool]
        return reading.delegatable_sun, reading.block_number


@dataclass(frozen=True, slots=True)
class Capacity:
    """Energy that could be sold now, and all there is when nothing is lent out or recovering."""

    free_energy: int
    total_energy: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Energy free now, the most that one order could get, and what is free some hours from now."""

    now: int
    one_order: int
    later: Mapping[int, int]


class Inventory:
    """How much energy can be sold right now, and later."""

    # A quote may look at stock this old, in seconds of the machine's clock: pacing, not money.
    _QUOTE_CACHE_SECONDS = 3.0
    # So many pools are read again for each delivery; of the others the last look has to do.
    _READ_AGAIN = 8

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        pools: Pools,
        needs: EnergyNeeds,
        limits: PoolLimits,
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._needs = needs
        self._limits = limits
        self._cached: tuple[float, ChainStock] | None = None

    async def read(self) -> ChainStock:
        """The stock as the chain tells it now.

        Raises:
            ChainError: no node could answer.
        """
        async with self._database.transaction() as tx:
            await self._pools.reload(tx)
            readings = {Address(each.address): each for each in await tx.pools.readings()}
        if not self._pools.addresses:
            raise Unavailable("there is no pool")
        # The head first: everything up to this block is certainly in the answers below.
        head = (await self._node.head()).ref
        selling = [pool.address for pool in self._pools if pool.sells]
        unread = [pool for pool in selling if pool not in readings]
        readings |= await self._read_whole(unread, head)
        richest = sorted(
            (pool for pool in selling if pool in readings and pool not in unread),
            key=lambda pool: (-readings[pool].delegatable_sun, pool),
        )[: self._READ_AGAIN]
        asked = richest[0] if richest else next(iter(readings), None)
        if asked is None:
            raise Unavailable("no pool is an activated account")
        resources, stakes = await asyncio.gather(
            self._node.resources(asked), asyncio.gather(*(self._stake(pool) for pool in richest))
        )
        rate = rate_of(readings[asked])
        if resources is not None:
            rate = EnergyRate(resources.total_energy_limit, resources.total_energy_weight)
        stock = ChainStock(head, rate, readings, dict(zip(richest, stakes, strict=True)))
        self._cached = (time.monotonic(), stock)
        return stock

    async def look(self) -> ChainStock:
        """The stock as the chain told it a moment ago.

        Raises:
            ChainError: no node could answer.
        """
        cached = self._cached
        if cached is None or time.monotonic() - cached[0] > self._QUOTE_CACHE_SECONDS:
            return await self.read()
        return cached[1]

    def forget(self) -> None:
        """Read again at the next look: a pool has changed."""
        self._cached = None

    async def refresh(self) -> int:
        """Know the pools as they are in the database now; 1 if any was changed, here or elsewhere.

        In every process: who takes rentals back has to know a pool as well as who sells from it.
        """
        async with self._database.transaction() as tx:
            changed = await self._pools.reload(tx)
        if changed:
            self.forget()
        return int(changed)

    async def offerable(self) -> int:
        """Energy that one new order could get: no other order was promised it.

        Raises:
            ChainError: no node could answer.
        """
        stock = await self.look()
        async with self._database.transaction() as tx:
            return await self.unsold(tx, stock)

    async def capacity(self) -> Capacity:
        """What is free of all there is. Raises ChainError if no node could answer."""
        stock = await self.look()
        async with self._database.transaction() as tx:
            stocks = await self.left(tx, stock)
            free = sellable_energy(stocks, stock.rate) - await tx.orders.energy_promised()
        whole = sum(
            stock.rate.energy_of(max(0, read.stake_sun + read.lent_sun - pool.reserve_sun))
            for pool in self._pools
            if pool.sells and (read := stock.readings.get(pool.address))
        )
        return Capacity(max(0, free), whole)

    async def free_if(self, changed: Pool) -> int:
        """Energy that could be sold now if one pool were so.

        Raises:
            ChainError: no node could answer.
        """
        stock = await self.look()
        async with self._database.transaction() as tx:
            stocks = await self.left(tx, stock, instead=changed)
            free = sellable_energy(stocks, stock.rate) - await tx.orders.energy_promised()
        return max(0, free)

    async def outlook(self, hours: Sequence[int] = (1, 6, 24)) -> Outlook:
        """What is free now and then, if nothing more is sold.

        Raises:
            ChainError: no node could answer.
        """
        stock = await self.look()
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            stocks = await self.left(tx, stock)
            promised = await tx.orders.energy_promised()
            lent: dict[str, list[LentStake]] = defaultdict(list)
            for rental in await tx.pools.lent(now):
                lent[rental.pool_address].append(rental)
        later = {}
        for each in hours:
            at = now + timedelta(hours=each)
            energy = 0
            for pool in self._pools:
                reading = stock.readings.get(pool.address)
                if pool.sells and reading is not None:
                    stake = free_stake(reading, lent[pool.address], at) - pool.reserve_sun
                    energy += stock.rate.energy_of(max(0, stake))
            later[each] = max(0, energy - promised)
        now_free = max(0, sellable_energy(stocks, stock.rate) - promised)
        return Outlook(now_free, min(now_free, largest_order_energy(stocks, stock.rate)), later)

    async def unsold(self, tx: Transaction, stock: ChainStock) -> int:
        """What of `stock` one order could get, and no other was promised.

        It stays so while `tx.pools` is locked.
        """
        stocks = await self.left(tx, stock)
        promised = await tx.orders.energy_promised()
        unsold = sellable_energy(stocks, stock.rate) - promised
        return max(0, min(unsold, largest_order_energy(stocks, stock.rate)))

    async def left(
        self, tx: Transaction, stock: ChainStock, *, instead: Pool | None = None
    ) -> tuple[PoolStock, ...]:
        """What each pool can still delegate, given what is under way since `stock`.

        With `instead` as if the pool of its address were so.
        """
        pools = [
            instead if instead is not None and pool.address == instead.address else pool
            for pool in self._pools
        ]
        selling = [pool for pool in pools if pool.sells and pool.address in stock.readings]
        looked_at = {
            str(pool.address): (
                stock.stake_of(pool.address)[1],
                stock.readings[pool.address].block_number,
            )
            for pool in selling
        }
        flights = await tx.chain_transactions.in_flight(looked_at)
        made = await tx.pools.delegations_since(stock.head.time - HOUR)
        return tuple(
            _stock(
                pool,
                stock,
                flights.get(pool.address, _IDLE),
                made.get(pool.address, 0),
                self._limits,
            )
            for pool in selling
        )

    async def _read_whole(
        self, pools: Sequence[Address], head: BlockRef
    ) -> dict[Address, PoolReadingRow]:
        """Of pools that nobody has looked at yet, those that can be read."""
        if not pools:
            return {}
        fee_sun = await self._needs.byte_fee_sun()
        found = await asyncio.gather(
            *(look_at(self._node, pool, head=head, bandwidth_fee_sun=fee_sun) for pool in pools),
            return_exceptions=True,
        )
        readings: dict[Address, PoolReadingRow] = {}
        for look in found:
            if isinstance(look, BaseException):
                # One pool that cannot be read must not keep the others from selling.
                if not isinstance(look, ChainError):
                    raise look
            elif look.reading is not None:
                readings[Address(look.reading.address)] = look.reading
        return readings

    async def _stake(self, pool: Address) -> int:
        try:
            return await self._node.delegatable_energy_stake(pool)
        except ChainError:
            return 0  # as above


def _stock(
    pool: Pool, stock: ChainStock, flight: InFlight, made: int, limits: PoolLimits
) -> PoolStock:
    """What a pool can deliver: its stake, its bounds, and what it can pay transactions with.

    One transaction is always kept for taking a rental back.
    """
    reading = stock.readings[pool.address]
    stake_sun, _ = stock.stake_of(pool.address)
    by_bandwidth = paid_by_bandwidth(reading) - flight.transactions
    by_burning = max(0, paid_by_burning(reading) + min(0, by_bandwidth))
    by_bandwidth = max(0, by_bandwidth)
    if by_burning:
        by_burning -= 1
    else:
        by_bandwidth = max(0, by_bandwidth - 1)
    caps = [stock.rate.stake_for(limits.delegation_energy)]
    if pool.cap_sun is not None:
        caps.append(pool.cap_sun)
    hourly = pool.hourly_delegations or limits.hourly_delegations
    return PoolStock(
        pool=pool.address,
        stake_sun=max(0, stake_sun - flight.stake_sun - pool.reserve_sun),
        cap_sun=min(caps),
        priority=pool.priority,
        free_transactions=by_bandwidth,
        paid_transactions=by_burning,
        burn_sun=burned_sun(reading),
        delegations_left=max(0, hourly - made),
        busy=made,
        cost_sun=pool.cost_sun,
    )
