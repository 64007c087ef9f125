"""From a paid order to energy at its receiver.

The specification's AutoDelegationService. Each step does all work of its kind that is due,
can be killed anywhere, and can run in several processes: choose pools and store signed
delegations; send them; once a block holds them, read back that the receiver has the stake;
complete the order.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.contracts import DelegateResource, Resource
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, Transaction
from db.delegations import DelegationRow
from db.orders import OrderRow
from services.allocation import Allocation, allocate
from services.chain_time import chain_now, rental_time
from services.one_by_one import one_by_one
from services.order_ends import OrderEnds
from services.pools import ChainStock, Inventory, Pools
from services.write_ahead import WriteAhead

_BATCH = 50
# So many dead tries, and not just one that the chain's clock ran away from, are enough.
_ENOUGH_TRIES = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """How long, in chain time after the first try, delivery is tried before it is given up."""

    patience: timedelta


class Delegations:
    """Delivers paid orders."""

    def __init__(
        self,
        *,
        node: NodeClient,
        database: Database,
        pools: Pools,
        inventory: Inventory,
        write_ahead: WriteAhead,
        ends: OrderEnds,
        terms: DeliveryTerms,
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._inventory = inventory
        self._write_ahead = write_ahead
        self._ends = ends
        self._terms = terms

    async def deliver_due(self) -> int:
        """Give every paid order the delegations it lacks, and send them.

        Raises:
            ChainError: no node could tell what the pools have; nothing was decided.
        """
        await self._give_up_dead()
        async with self._database.transaction() as tx:
            order_ids = await tx.orders.deliverable(_BATCH)
        if not order_ids:
            return 0
        stock = await self._inventory.read()
        solid = await self._node.solid_head()
        await one_by_one(
            order_ids,
            partial(self._decide, stock=stock, solid=solid),
            what="deliver the order",
            failed=self._postpone,
        )
        await self._write_ahead.broadcast_due()
        return len(order_ids)

    async def confirm_due(self) -> int:
        """Read back delegations that a block holds, and complete their orders.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            unread = await tx.delegations.unread()
        await one_by_one(unread, self._confirm, what="read back")
        return len(unread)

    async def _decide(self, order_id: UUID, *, stock: ChainStock, solid: BlockRef) -> None:
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            order = await tx.orders.lock(order_id)
            if order is None or order.status not in ("paid", "processing"):
                return
            delegations = await tx.delegations.of_order(order_id)
            missing = order.energy_amount - sum(
                row.energy_amount for row in delegations if row.status in ("pending", "active")
            )
            if missing <= 0:
                return
            if order.deliver_until is None:
                deliver_until = stock.head.time + self._terms.patience
                await tx.orders.try_until(order_id, deliver_until)
                order = replace(order, deliver_until=deliver_until)
            # No account can lend to itself.
            unable = await tx.delegations.refusing_pools(order_id, await chain_now(tx))
            unable |= {order.recipient_address}
            stocks = [
                left for left in await self._inventory.left(tx, stock) if left.pool not in unable
            ]
            allocations = allocate(missing, stocks, stock.rate)
            tries = sum(row.status == "failed" for row in delegations)
            if allocations is None or (tries >= _ENOUGH_TRIES and await _is_late(tx, order)):
                await self._wait_or_fail(tx, order)
                return
            for allocation in allocations:
                await self._delegate(tx, order, allocation, head=stock.head, solid=solid)
            await tx.orders.process(order_id)

    async def _postpone(self, order_id: UUID) -> None:
        """Nothing could be decided, for a reason of ours: that, too, must come to an end."""
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if order is not None and order.status in ("paid", "processing"):
                await tx.orders.try_until(order_id, await chain_now(tx) + self._terms.patience)
                await self._wait_or_fail(tx, order)

    async def _delegate(
        self,
        tx: Transaction,
        order: OrderRow,
        allocation: Allocation,
        *,
        head: BlockRef,
        solid: BlockRef,
    ) -> None:
        pool = self._pools.get(allocation.pool)
        if pool is None:
            raise RuntimeError(f"allocated the unknown pool {allocation.pool}")
        recipient = Address(order.recipient_address)
        transaction_id = await self._write_ahead.sign(
            tx,
            DelegateResource(
                owner=pool.address,
                receiver=recipient,
                balance=allocation.stake_sun,
                resource=Resource.ENERGY,
            ),
            pool,
            head=head,
            solid=solid,
        )
        await tx.delegations.plan(
            order_id=order.id,
            pool_address=pool.address,
            recipient_address=recipient,
            energy_amount=allocation.energy,
            balance_sun=allocation.stake_sun,
            duration_hours=order.duration_hours,
            tx_id=transaction_id,
            expires_at=head.time + rental_time(order.duration_hours),
        )
        log.info(
            "order %s: %s energy from %s by %s",
            order.number,
            allocation.energy,
            pool.address,
            transaction_id,
        )

    async def _wait_or_fail(self, tx: Transaction, order: OrderRow) -> None:
        """Try again with the next block; when patience has run out, give up.

        While a part of the energy is on its way the order is not given up.
        """
        if not await _is_late(tx, order) or await tx.delegations.in_the_air(order.id):
            log.warning("order %s: no pool can deliver yet", order.number)
            return
        await self._ends.fail(tx, order.id, "no_energy")

    async def _give_up_dead(self) -> None:
        """Delegations whose transaction can never be included make room for another try."""
        async with self._database.transaction() as tx:
            undelivered = await tx.delegations.undelivered()
        for delegation in undelivered:
            async with self._database.transaction() as tx:
                order = await tx.orders.lock(delegation.order_id)
                transaction = await tx.chain_transactions.get(delegation.tx_id)
                state = transaction.state if transaction else "unknown"
                if not await tx.delegations.fail(delegation.id, state):
                    continue
                if order is not None and await tx.orders.reopen(order.id):
                    log.error("order %s: its delegation left the chain", order.number)

    async def _confirm(self, delegation: DelegationRow) -> None:
        pool, recipient = Address(delegation.pool_address), Address(delegation.recipient_address)
        try:
            stakes = await self._node.delegated_energy_stake(pool, recipient)
        except ChainError as error:
            log.warning("delegation %s could not be read back: %s", delegation.tx_id, error)
            raise
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(delegation.order_id)
            current = await tx.delegations.lock(delegation.id)
            transaction = await tx.chain_transactions.get(delegation.tx_id)
            if (
                order is None
                or current is None
                or current.status != "pending"
                or transaction is None
                or transaction.block_time is None
            ):
                return
            held = await tx.delegations.stake_held(pool, recipient)
            found = sum(stake.balance_sun for stake in stakes)
            if found < held + delegation.balance_sun:
                log.warning(
                    "delegation %s: the receiver has %s sun of stake, expected %s; looking again",
                    delegation.tx_id,
                    found,
                    held + delegation.balance_sun,
                )
                if await _is_late(tx, order) and not await tx.delegations.in_the_air(order.id):
                    await self._ends.fail(tx, order.id, "not_read_back")
                return
            await tx.delegations.activate(
                delegation.id,
                activated_at=transaction.block_time,
                expires_at=transaction.block_time + rental_time(delegation.duration_hours),
            )
            await self._complete(tx, order)

    async def _complete(self, tx: Transaction, order: OrderRow) -> None:
        active = [row for row in await tx.delegations.of_order(order.id) if row.status == "active"]
        if sum(row.energy_amount for row in active) < order.energy_amount:
            return
        times = [
            transaction.block_time
            for row in active
            if (transaction := await tx.chain_transactions.get(row.tx_id)) is not None
            and transaction.block_time is not None
        ]
        await self._ends.complete(
            tx,
            order.id,
            completed_at=max(times),
            expires_at=min(row.expires_at for row in active),
        )


async def _is_late(tx: Transaction, order: OrderRow) -> bool:
    return order.deliver_until is not None and await chain_now(tx) >= order.deliver_until
