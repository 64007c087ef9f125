"""From a paid order to energy at its receiver.

The specification's AutoDelegationService. Each step does all work of its kind that is due,
can be killed anywhere, and can run in several processes: choose pools and store signed
delegations; send them; once a block holds them, read back that the receiver has the stake;
complete the order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
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
from db.delegations import DelegationRow, NewDelegation
from db.orders import OrderRow
from services.alerts import AlertKind, raise_alert
from services.allocation import Allocation, PoolStock, allocate, less
from services.chain_time import chain_now, rental_time
from services.fail_points import reach
from services.inventory import ChainStock, Inventory
from services.log_context import about, learned
from services.notices import POOL_TOPIC
from services.one_by_one import all_at_once, one_by_one
from services.order_ends import OrderEnds
from services.pool_health import counts_against_pool
from services.pools import Pool, Pools
from services.write_ahead import WriteAhead

# Decided in one transaction, which holds their rows meanwhile.
_BATCH = 100
# So many dead tries, and not just one that the chain's clock ran away from, are enough.
_ENOUGH_TRIES = 3
_LONGEST_ANSWER = 300

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """How long, in chain time after the first try, delivery is tried before it is given up."""

    patience: timedelta


@dataclass(frozen=True, slots=True)
class Supply:
    """What the pools have, and the last solid block."""

    stock: ChainStock
    solid: BlockRef


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
            order_ids = await tx.orders.deliverable()
        if not order_ids:
            return 0
        stock = await self._inventory.read()
        solid = await self._node.solid_head()
        sending: asyncio.Task[int] | None = None
        try:
            for start in range(0, len(order_ids), _BATCH):
                if (newer := await self._inventory.look()) is not stock:
                    stock, solid = newer, await self._node.solid_head()
                await all_at_once(
                    order_ids[start : start + _BATCH],
                    partial(self._decide, stock=stock, solid=solid),
                    what="deliver the order",
                    failed=self._postpone,
                )
                # While these are sent the next are decided; no more than two batches are under way,
                # or some would be old before their turn comes.
                if sending is not None:
                    await sending
                sending = asyncio.create_task(self._write_ahead.broadcast_due())
            if sending is not None:
                await sending
        finally:
            if sending is not None and not sending.done():
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        return len(order_ids)

    async def look(self) -> Supply:
        """What the pools have, for choosing one of them by hand.

        Raises:
            ChainError: no node could tell.
        """
        return Supply(await self._inventory.read(), await self._node.solid_head())

    async def pools_for(
        self, tx: Transaction, order: OrderRow, supply: Supply
    ) -> tuple[Address, ...]:
        """The pools that could deliver all of an order in one delegation, by their addresses."""
        stocks = await self._stocks_for(tx, order, supply.stock)
        energy, rate = order.energy_amount, supply.stock.rate
        return tuple(sorted(each.pool for each in stocks if allocate(energy, [each], rate)))

    async def deliver_by(
        self, tx: Transaction, order: OrderRow, pool: Address, supply: Supply
    ) -> bool:
        """Sign all of an order's energy from one pool; False if the pool has not got it.

        The pools and the order are locked, and nothing of the order is out or on its way.
        """
        stocks = await self._stocks_for(tx, order, supply.stock)
        chosen = [each for each in stocks if each.pool == pool]
        allocations = allocate(order.energy_amount, chosen, supply.stock.rate)
        if allocations is None:
            return False
        head = supply.stock.head
        await tx.orders.try_until([order.id], head.time + self._terms.patience)
        await self._delegate(
            tx, [(order, each) for each in allocations], head=head, solid=supply.solid
        )
        await tx.orders.process([order.id])
        return True

    async def _stocks_for(
        self, tx: Transaction, order: OrderRow, stock: ChainStock
    ) -> tuple[PoolStock, ...]:
        refusing = await tx.delegations.refusing_pools([order.id], await chain_now(tx))
        unable = refusing.get(order.id, frozenset()) | {order.recipient_address}
        left = await self._inventory.left(tx, stock)
        return tuple(each for each in left if each.pool not in unable)

    async def confirm_due(self) -> int:
        """Read back delegations that a block holds, and complete their orders.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            unread = await tx.delegations.unread()
        await one_by_one(unread, self._confirm, what="read back")
        return len(unread)

    async def _decide(
        self, order_ids: Sequence[UUID], *, stock: ChainStock, solid: BlockRef
    ) -> None:
        """Decide about these orders, all in one transaction, and sign what they get."""
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            # Orders that somebody else holds are not waited for: their turn comes again.
            orders = [
                order
                for order in await tx.orders.lock_free(order_ids)
                if order.status in ("paid", "processing") and not order.waits_for_person
            ]
            if not orders:
                return
            now = await chain_now(tx)
            delegations = await tx.delegations.of_orders([order.id for order in orders])
            refusing = await tx.delegations.refusing_pools([order.id for order in orders], now)
            lenders = await tx.delegations.lenders([order.recipient_address for order in orders])
            stocks = await self._inventory.left(tx, stock)
            chosen: list[tuple[OrderRow, Allocation]] = []
            waiting: list[OrderRow] = []
            tried: list[UUID] = []
            for order in orders:
                made = delegations.get(order.id, ())
                missing = order.energy_amount - sum(
                    row.energy_amount for row in made if row.status in ("pending", "active")
                )
                if missing <= 0:
                    continue
                deliver_until = order.deliver_until
                if deliver_until is None:
                    deliver_until = stock.head.time + self._terms.patience
                    tried.append(order.id)
                # No account can lend to itself.
                unable = refusing.get(order.id, frozenset()) | {order.recipient_address}
                allocations = allocate(
                    missing,
                    [left for left in stocks if left.pool not in unable],
                    stock.rate,
                    lending=frozenset(map(Address, lenders.get(order.recipient_address, ()))),
                )
                tries = sum(row.status == "failed" for row in made)
                if allocations is None or (tries >= _ENOUGH_TRIES and now >= deliver_until):
                    waiting.append(replace(order, deliver_until=deliver_until))
                    continue
                chosen += [(order, allocation) for allocation in allocations]
                stocks = less(stocks, allocations)
            await tx.orders.try_until(tried, stock.head.time + self._terms.patience)
            await self._delegate(tx, chosen, head=stock.head, solid=solid)
            await tx.orders.process(list({order.id for order, _ in chosen}))
            for order in waiting:
                with about(order=order.number, order_id=order.id):
                    await self._wait_or_fail(tx, order)
            reach("delegation not committed")
        reach("delegation stored")

    async def _postpone(self, order_id: UUID) -> None:
        """Nothing could be decided, for a reason of ours: that, too, must come to an end."""
        learned(order_id=order_id)
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if (
                order is not None
                and order.status in ("paid", "processing")
                and not order.waits_for_person
            ):
                learned(order=order.number)
                await tx.orders.try_until([order_id], await chain_now(tx) + self._terms.patience)
                await self._wait_or_fail(tx, order)

    async def _delegate(
        self,
        tx: Transaction,
        chosen: Sequence[tuple[OrderRow, Allocation]],
        *,
        head: BlockRef,
        solid: BlockRef,
    ) -> None:
        """Sign and store a delegation for each allocation."""
        wanted: list[tuple[DelegateResource, Pool]] = []
        for order, allocation in chosen:
            pool = self._pools.get(allocation.pool)
            if pool is None:
                raise RuntimeError(f"allocated the unknown pool {allocation.pool}")
            contract = DelegateResource(
                owner=pool.address,
                receiver=Address(order.recipient_address),
                balance=allocation.stake_sun,
                resource=Resource.ENERGY,
            )
            wanted.append((contract, pool))
        transaction_ids = await self._write_ahead.sign_all(tx, wanted, head=head, solid=solid)
        await tx.delegations.plan(
            NewDelegation(
                order_id=order.id,
                pool_address=allocation.pool,
                recipient_address=order.recipient_address,
                energy_amount=allocation.energy,
                balance_sun=allocation.stake_sun,
                duration_hours=order.rental_hours,
                tx_id=transaction_id,
                expires_at=head.time + rental_time(order.rental_hours),
            )
            for (order, allocation), transaction_id in zip(chosen, transaction_ids, strict=True)
        )
        for (order, allocation), transaction_id in zip(chosen, transaction_ids, strict=True):
            with about(
                order=order.number,
                order_id=order.id,
                pool=allocation.pool,
                transaction=transaction_id,
            ):
                log.info(
                    "order %s: %s energy from %s by %s",
                    *(order.number, allocation.energy, allocation.pool, transaction_id),
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
            with about(
                order_id=delegation.order_id,
                pool=delegation.pool_address,
                transaction=delegation.tx_id,
            ):
                await self._give_up(delegation)

    async def _give_up(self, delegation: DelegationRow) -> None:
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            order = await tx.orders.lock(delegation.order_id)
            transaction = await tx.chain_transactions.get(delegation.tx_id)
            state = transaction.state if transaction else "unknown"
            if not await tx.delegations.fail(delegation.id, state):
                return
            refusal = transaction.last_answer if transaction else None
            if order is not None:
                learned(order=order.number)
            if order is not None and order.status in ("paid", "processing"):
                await raise_alert(
                    tx,
                    AlertKind.DELEGATION_FAILED,
                    subject=f"order {order.number}",
                    details={
                        "order_id": str(order.id),
                        "order": str(order.number),
                        "pool": delegation.pool_address,
                        "state": state,
                        "answer": (refusal or "")[:_LONGEST_ANSWER],
                    },
                )
            if state == "rejected" and counts_against_pool(refusal or ""):
                failures = await tx.pools.refused(delegation.pool_address)
                log.warning("pool %s: refusal %s", delegation.pool_address, failures)
                await tx.wake(POOL_TOPIC)
            await tx.reclaims.look_again(delegation.recipient_address)
            if order is not None and await tx.orders.reopen(order.id):
                log.error("order %s: its delegation left the chain", order.number)
        reach("dead delegation given up")

    async def _confirm(self, delegation: DelegationRow) -> None:
        pool, recipient = Address(delegation.pool_address), Address(delegation.recipient_address)
        learned(order_id=delegation.order_id, pool=pool, transaction=delegation.tx_id)
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
            learned(order=order.number)
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
            await tx.pools.worked([delegation.pool_address])
            await tx.reclaims.look_again(recipient)
            await self._complete(tx, order)
        reach("read back")

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
