"""The operator's pools: whose stake is sold, with which key, and how much is left.

The specification's energyPoolService. What can be delegated is the chain's word
(`getcandelegatedmaxsize`), less what is on its way there, less the pool's reserve; never
"stake minus open orders", since used energy comes back with the stake and blocks it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.errors import ChainError, Unavailable
from chain.keys import SigningKey
from chain.node import NodeClient
from db.database import Database, Transaction
from db.pools import PoolRow
from services.allocation import EnergyRate, PoolStock, sellable_energy


@dataclass(frozen=True, slots=True)
class Pool:
    """An account with staked TRX, and the key that may delegate its stake.

    `permission_id` is 0 for the owner's permission, else the active permission that is
    limited to DelegateResource and UnDelegateResource.
    """

    address: Address
    permission_id: int
    key: SigningKey
    reserve_sun: int


class Pools:
    """The configured pools by address."""

    def __init__(self, pools: Iterable[Pool]) -> None:
        self._pools: Mapping[Address, Pool] = {pool.address: pool for pool in pools}

    def __contains__(self, address: object) -> bool:
        return address in self._pools

    def __iter__(self) -> Iterator[Pool]:
        return iter(self._pools.values())

    def get(self, address: Address) -> Pool | None:
        return self._pools.get(address)

    async def publish(self, tx: Transaction) -> None:
        """Let the database know exactly these pools as enabled."""
        await tx.pools.publish(
            PoolRow(pool.address, pool.permission_id, pool.reserve_sun)
            for pool in self._pools.values()
        )


@dataclass(frozen=True, slots=True)
class ChainStock:
    """What the chain says about all pools, as of at least the block `head`."""

    head: BlockRef
    rate: EnergyRate
    delegatable: Mapping[Address, int]


class Inventory:
    """How much energy can be sold right now."""

    # A quote may look at stock this old, in seconds of the machine's clock: pacing, not money.
    _QUOTE_CACHE_SECONDS = 3.0

    def __init__(self, node: NodeClient, database: Database, pools: Pools) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._cached: tuple[float, ChainStock] | None = None

    async def read(self) -> ChainStock:
        """The stock as the chain tells it now.

        Raises:
            ChainError: no node could answer.
        """
        pools = [pool.address for pool in self._pools]
        if not pools:
            raise Unavailable("no pool is configured")
        # The head first: everything up to this block is certainly in the answers below.
        head = (await self._node.head()).ref
        resources, stakes = await asyncio.gather(
            self._node.resources(pools[0]),
            asyncio.gather(*(self._stake(pool) for pool in pools)),
        )
        if resources is None:
            raise Unavailable(f"the pool {pools[0]} is not an activated account")
        stock = ChainStock(
            head=head,
            rate=EnergyRate(resources.total_energy_limit, resources.total_energy_weight),
            delegatable=dict(zip(pools, stakes, strict=True)),
        )
        self._cached = (time.monotonic(), stock)
        return stock

    async def sellable(self) -> int:
        """Energy that a new order could get: stock less what other orders were promised.

        Raises:
            ChainError: no node could answer.
        """
        stock = await self.look()
        async with self._database.transaction() as tx:
            return await self.unsold(tx, stock)

    async def look(self) -> ChainStock:
        """The stock as the chain told it a moment ago.

        Raises:
            ChainError: no node could answer.
        """
        cached = self._cached
        if cached is None or time.monotonic() - cached[0] > self._QUOTE_CACHE_SECONDS:
            return await self.read()
        return cached[1]

    async def unsold(self, tx: Transaction, stock: ChainStock) -> int:
        """Energy of `stock` that is promised to nobody; it stays so while `tx.pools` is locked."""
        left = await self.left(tx, stock)
        promised = await tx.orders.energy_promised()
        return max(0, sellable_energy(left, stock.rate) - promised)

    async def left(self, tx: Transaction, stock: ChainStock) -> tuple[PoolStock, ...]:
        """What each pool can still delegate, given what is on its way since `stock`."""
        in_flight = await tx.chain_transactions.stake_in_flight(stock.head.number)
        return tuple(
            PoolStock(
                pool.address,
                max(
                    0,
                    stock.delegatable.get(pool.address, 0)
                    - in_flight.get(pool.address, 0)
                    - pool.reserve_sun,
                ),
            )
            for pool in self._pools
        )

    async def _stake(self, pool: Address) -> int:
        try:
            return await self._node.delegatable_energy_stake(pool)
        except ChainError:
            # One pool that cannot be read must not keep the others from selling.
            return 0
