"""At the end of a rental: take the stake back, so that it can be sold again."""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.contracts import Resource, UnDelegateResource
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, Transaction
from db.delegations import DelegationRow
from services.chain_time import chain_now
from services.early_ends import credit_ended_early
from services.fail_points import reach
from services.notices import NoticeKind, tell_customer
from services.one_by_one import one_by_one
from services.pools import Pools
from services.write_ahead import WriteAhead

_BATCH = 50

log = logging.getLogger(__name__)


class Reclaims:
    """Undelegates what has reached its end."""

    def __init__(
        self, node: NodeClient, database: Database, pools: Pools, write_ahead: WriteAhead
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._write_ahead = write_ahead

    async def reclaim_due(self) -> int:
        """Take back every delegation whose end was reached; returns how many are due.

        Raises:
            ChainError: no node could answer; what was not decided stays due.
        """
        async with self._database.transaction() as tx:
            await tx.delegations.expire_due(await chain_now(tx))
            configured = [pool.address for pool in self._pools]
            due = await tx.delegations.expired(configured, _BATCH)
            for pool in await tx.delegations.pools_with_expired(but=configured):
                log.error("rentals are over, but their pool %s is not configured", pool)
        if not due:
            return 0
        reach("rentals expired")
        head = (await self._node.head()).ref
        solid = await self._node.solid_head()
        await one_by_one(due, partial(self._reclaim, head=head, solid=solid), what="take back")
        await self._write_ahead.broadcast_due()
        return len(due)

    async def finish_due(self) -> int:
        """Close the rentals whose undelegation a block holds; retry those that died."""
        async with self._database.transaction() as tx:
            decided = await tx.delegations.reclaiming(await chain_now(tx))
        await one_by_one(decided, self._finish, what="close the rental")
        return len(decided)

    async def _finish(self, decided: tuple[DelegationRow, str]) -> None:
        delegation, state = decided
        async with self._database.transaction() as tx:
            await tx.orders.lock(delegation.order_id)
            if state == "included":
                await tx.delegations.revoke(
                    delegation.id, old="reclaiming", revoked_at=await chain_now(tx)
                )
                await self._end_order(tx, delegation.order_id)
            elif await tx.delegations.try_reclaim_again(
                delegation.id, after=delegation.reclaim_tx_id
            ):
                log.warning("undelegation %s is %s", delegation.reclaim_tx_id, state)
            reach("reclaim finished, not committed")
        reach("reclaim finished")

    async def _reclaim(self, delegation_id: UUID, *, head: BlockRef, solid: BlockRef) -> None:
        async with self._database.transaction() as tx:
            delegation = await tx.delegations.lock(delegation_id)
            if delegation is None or delegation.status != "expired":
                return
            owner = Address(delegation.pool_address)
            receiver = Address(delegation.recipient_address)
            held_before = await tx.delegations.stake_held(owner, receiver)
        pool = self._pools.get(owner)
        if pool is None:
            return
        stakes = await self._node.delegated_energy_stake(owner, receiver)
        unlocked = sum(stake.balance_sun for stake in stakes if stake.locked_until is None)
        used = await self._energy_used(delegation)
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            await tx.orders.lock(delegation.order_id)
            current = await tx.delegations.lock(delegation_id)
            if current is None or current.status != "expired":
                return
            held = await tx.delegations.stake_held(owner, receiver)
            if held != held_before:
                return  # what the chain said may be older than what is held now: look again
            # What newer rentals of this pair paid for stays where it is.
            spare = unlocked - held
            amount = min(delegation.balance_sun, spare)
            if amount < delegation.balance_sun:
                if await tx.delegations.pair_in_motion(owner, receiver, delegation_id):
                    return  # the figures are about to change: look again with the next block
                log.warning(
                    "rental at %s: %s of %s sun are left to take back",
                    receiver,
                    max(amount, 0),
                    delegation.balance_sun,
                )
            if amount <= 0:
                await tx.delegations.revoke(
                    delegation_id, old="expired", revoked_at=await chain_now(tx)
                )
                await self._end_order(tx, delegation.order_id)
                return
            transaction_id = await self._write_ahead.sign(
                tx,
                UnDelegateResource(
                    owner=owner, receiver=receiver, balance=amount, resource=Resource.ENERGY
                ),
                pool,
                head=head,
                solid=solid,
            )
            await tx.delegations.reclaim(
                delegation_id, reclaim_tx_id=transaction_id, energy_used=used
            )
            reach("reclaim not committed")
        reach("reclaim stored")

    async def _energy_used(self, delegation: DelegationRow) -> int | None:
        """How much of the rented energy the receiver has spent, as far as the chain tells."""
        try:
            account = await self._node.account(Address(delegation.recipient_address))
        except ChainError:
            return None
        return min(account.energy_spent, delegation.energy_amount) if account else None

    async def _end_order(self, tx: Transaction, order_id: UUID) -> None:
        order = await tx.orders.lock(order_id)
        if order is not None and await tx.orders.end(order_id, await chain_now(tx)):
            await credit_ended_early(tx, order)
            await tell_customer(
                tx, NoticeKind.ORDER_ENDED, user_id=order.user_id, order_id=order_id
            )
            log.info("order %s: the rental is over, its stake is back", order.number)
