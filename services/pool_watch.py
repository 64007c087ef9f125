"""Looking after the pools: their figures, their permission, and whether they deliver.

A pool whose delegations the network refuses three times in a row is left alone; a trial that
nobody signs (the node validates a delegation of 1 TRX) brings it back. One that lost its
permission, its key or the means to pay for a transaction is taken out at once, and comes back by
itself. The operator hears of both.
"""

from __future__ import annotations

import logging
from functools import partial

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.contracts import DelegateResource, Resource
from chain.errors import Refused
from chain.node import NodeClient
from db.database import Database
from db.pools import PoolRow
from services.alerts import AlertKind, close_alert, raise_alert
from services.allocation import SMALLEST_DELEGATION_SUN
from services.energy import EnergyNeeds
from services.inventory import Inventory
from services.one_by_one import one_by_one
from services.pool_health import judge, probe_is_due
from services.pool_readings import look_at
from services.pools import Pools

LOOK_EVERY_SECONDS = 60.0
# Each takes three calls of the few that a node allows in a second: with very many pools a look gets
# older than a minute, and no more than the nodes can bear is asked.
_AT_A_TIME = 20

log = logging.getLogger(__name__)


class PoolWatch:
    """Reads every pool once a minute, and at once when something happened to it.

    `receiver` is an activated account that trials name as the one who would get the energy.
    """

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        pools: Pools,
        inventory: Inventory,
        needs: EnergyNeeds,
        *,
        receiver: Address,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._inventory = inventory
        self._needs = needs
        self._receiver = receiver
        self._look_every_seconds = look_every_seconds

    async def watch_due(self) -> int:
        """Look at every pool whose last look is old, or that has just been refused something.

        Raises:
            ChainError: no node could answer.
        """
        async with self._database.transaction() as tx:
            await self._pools.reload(tx)
            watched = {Address(pool.address): pool for pool in self._pools.watched}
            due = await tx.pools.unread_for(
                self._look_every_seconds, list(watched), limit=_AT_A_TIME
            )
        if not due:
            return 0
        head = (await self._node.head()).ref
        fee_sun = await self._needs.byte_fee_sun()
        await one_by_one(
            [watched[Address(address)] for address in due],
            partial(self._look, head=head, fee_sun=fee_sun),
            what="look at the pool",
        )
        async with self._database.transaction() as tx:
            await self._pools.reload(tx)
        return len(due)

    async def _look(self, pool: PoolRow, *, head: BlockRef, fee_sun: int) -> None:
        address = Address(pool.address)
        look = await look_at(self._node, address, head=head, bandwidth_fee_sun=fee_sun)
        probe_passed = await self._probe(address) if probe_is_due(pool, head.time) else None
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            current = await tx.pools.get(pool.address)
            assert current is not None, "no pool is ever deleted"
            health = judge(
                current,
                look,
                has_key=self._pools.get(address) is not None,
                probe_passed=probe_passed,
                now=head.time,
            )
            if look.reading is not None:
                await tx.pools.store_readings([look.reading])
            if not await tx.pools.in_trouble(
                pool.address,
                health.trouble,
                since=head.time,
                failures=health.failures,
                probe_at=health.probe_at,
            ):
                return
            log.warning("pool %s: %s", pool.address, health.trouble or "well again")
            subject = f"pool {pool.address}"
            if health.trouble is None:
                await close_alert(tx, AlertKind.POOL_OUT, subject)
            else:
                # Another trouble than before is news, though somebody acknowledged the last.
                await close_alert(tx, AlertKind.POOL_OUT, subject)
                await raise_alert(
                    tx,
                    AlertKind.POOL_OUT,
                    subject=subject,
                    details={
                        "pool": pool.address,
                        "trouble": health.trouble,
                        "permission_id": pool.permission_id,
                        "key_address": pool.key_address,
                    },
                )
        self._inventory.forget()

    async def _probe(self, pool: Address) -> bool:
        """Whether the network would take the smallest delegation of the pool."""
        trial = DelegateResource(pool, self._receiver, SMALLEST_DELEGATION_SUN, Resource.ENERGY)
        try:
            await self._node.try_delegation(trial)
        except Refused as refusal:
            log.info("pool %s is still refused: %s", pool, refusal)
            return False
        return True
