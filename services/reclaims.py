"""At the end of a rental: take the stake back, so that it can be sold again.

Never more than the chain has, never what other rentals of the pair hold, and, while the receiver
has newer rentals, only as much as does them no harm (`services.taking_back`). What waits says so on
its row, and no node is asked about it before its time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from chain.addresses import Address
from chain.contracts import Resource, UnDelegateResource
from chain.node import NodeClient
from db.database import Database, Transaction
from db.reclaims import DecidedRow, EndedRow, LockedRow
from services.alerts import AlertKind, close_alert, raise_alert
from services.chain_time import chain_now
from services.early_ends import credit_ended_early
from services.energy_use import part_of, used_of
from services.fail_points import reach
from services.lent_stake import Look, Pair, Standing, look
from services.log_context import about, learned
from services.notices import NoticeKind, tell_customer
from services.one_by_one import all_at_once, one_by_one
from services.pools import Pool, Pools
from services.write_ahead import LIFETIME, WriteAhead

# Asked about together, and of one pool decided in one transaction, which holds their rows.
_BATCH = 100
# Refusals that speak of the pool, whatever is taken back: no bandwidth and TRX, no permission.
_OF_THE_POOL = frozenset({"BANDWITH_ERROR", "SIGERROR"})
# How long after each refusal in a row, in chain time, one is tried again.
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One undelegation to make, of a rental; `again_at` is when what it leaves is looked at."""

    rental: LockedRow
    sun: int
    leaves_sun: int
    again_at: datetime | None


class Reclaims:
    """Undelegates what has reached its end."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        pools: Pools,
        write_ahead: WriteAhead,
    ) -> None:
        self._node = node
        self._database = database
        self._pools = pools
        self._write_ahead = write_ahead
        self._keyless: frozenset[str] = frozenset()

    async def reclaim_due(self) -> int:
        """Take back every rental whose end was reached; returns how many were looked at.

        Raises:
            ChainError: no node could answer; what was not decided stays due.
        """
        seen: set[UUID] = set()
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            await tx.reclaims.expire_due(now)
            pools = self._with_key(await tx.reclaims.pools_with_ended())
        while pools:
            async with self._database.transaction() as tx:
                due = await tx.reclaims.due(now, pools, but=seen, limit=_BATCH)
            if not due:
                break
            if not seen:
                reach("rentals expired")
            seen |= {rental.id for rental in due}
            await self._take_back(due)
            if len(due) < _BATCH:
                break
        return len(seen)

    async def finish_due(self) -> int:
        """Close the rentals whose undelegation a block holds; retry those that died."""
        async with self._database.transaction() as tx:
            decided = await tx.reclaims.decided()
        await one_by_one(decided, self._finish, what="close the rental")
        return len(decided)

    # ── taking back ──────────────────────────────────────────────────────────────────────────

    def _with_key(self, addresses: Sequence[str]) -> tuple[Address, ...]:
        """The pools whose key is known, whether or not they are still sold from."""
        keyless = frozenset(each for each in addresses if self._pools.get(Address(each)) is None)
        for address in sorted(keyless - self._keyless):
            log.error("rentals are over, but there is no key of their pool %s", address)
        self._keyless = keyless
        return tuple(Address(each) for each in addresses if each not in keyless)

    async def _take_back(self, due: Sequence[EndedRow]) -> None:
        pairs = {_pair(rental) for rental in due}
        answered = await look(self._node, pairs)
        of_pool: dict[Address, list[EndedRow]] = defaultdict(list)
        for rental in due:
            if _pair(rental) in answered.stakes:
                of_pool[Address(rental.pool_address)].append(rental)
        for address, rentals in of_pool.items():
            pool = self._pools.get(address)
            assert pool is not None, "only of pools with a key is anything due"
            await all_at_once(
                rentals, partial(self._decide, pool=pool, look=answered), what="take back"
            )
        await self._write_ahead.broadcast_due()

    async def _decide(self, due: Sequence[EndedRow], *, pool: Pool, look: Look) -> None:
        """Decide about these rentals of a pool in one transaction, and sign what is taken back."""
        async with self._database.transaction() as tx:
            await tx.pools.lock()
            # Orders that somebody else holds are not waited for: their turn comes again.
            free = {order.id for order in await tx.orders.lock_free([row.order_id for row in due])}
            rentals = await tx.reclaims.lock(
                [row.id for row in due if row.order_id in free], up_to_block=look.head.number
            )
            if not rentals:
                return
            now = await chain_now(tx)
            standing = await Standing.read(tx, look)
            takings: list[_Taking] = []
            for rental in rentals:
                with about(order_id=rental.order_id, pool=rental.pool_address):
                    taking = await self._decide_one(tx, rental, standing, now)
                if taking is not None:
                    takings.append(taking)
            await self._undelegate(tx, takings, pool, look)
            await tx.reclaims.try_one([pool.address] if takings else (), until=now + _PAUSES[0])
            reach("reclaim not committed")
        reach("reclaim stored")

    async def _decide_one(
        self, tx: Transaction, rental: LockedRow, standing: Standing, now: datetime
    ) -> _Taking | None:
        pair = _pair(rental)
        if rental.there is False:
            return None  # a fork took its delegation from the chain, which may be back
        # What newer rentals of this pair paid for stays where it is.
        spare = standing.spare_sun(pair)
        on_chain = max(0, min(rental.rest_sun, spare)) if rental.there is not None else 0
        if on_chain < rental.rest_sun:
            if pair in standing.moving:
                return None  # the figures are about to change: look again with the next block
            log.warning(
                "rental at %s: %s of %s sun are left to take back",
                pair[1],
                on_chain,
                rental.rest_sun,
            )
        if on_chain == 0:
            await tx.reclaims.revoke(rental.id, old="expired", revoked_at=now)
            await self._end_order(tx, rental.order_id)
            return None
        verdict = standing.verdict(pair, on_chain, now)
        if verdict.sun == 0:
            if verdict.again_at is not None and verdict.again_at > now:
                used = _energy_used(standing.look, rental)
                await tx.reclaims.wait(rental.id, again_at=verdict.again_at, energy_used=used)
                await self._end_order(tx, rental.order_id)
                log.info(
                    "stake at %s stays until %s: taking it now would cost newer rentals energy",
                    pair[1],
                    verdict.again_at,
                )
            return None
        standing.take(pair, verdict.sun)
        return _Taking(rental, verdict.sun, on_chain - verdict.sun, verdict.again_at)

    async def _undelegate(
        self, tx: Transaction, takings: Sequence[_Taking], pool: Pool, look: Look
    ) -> None:
        """Sign and store an undelegation for each."""
        transaction_ids = await self._write_ahead.sign_all(
            tx,
            [
                (
                    UnDelegateResource(
                        owner=pool.address,
                        receiver=Address(taking.rental.recipient_address),
                        balance=taking.sun,
                        resource=Resource.ENERGY,
                    ),
                    pool,
                )
                for taking in takings
            ],
            head=look.head,
            solid=look.solid,
        )
        for taking, transaction_id in zip(takings, transaction_ids, strict=True):
            rental = taking.rental
            await tx.reclaims.reclaim(
                rental.id,
                reclaim_tx_id=transaction_id,
                leaves_sun=taking.leaves_sun,
                again_at=taking.again_at,
                energy_used=_energy_used(look, rental),
            )

    # ── what became of it ────────────────────────────────────────────────────────────────────

    async def _finish(self, decided: DecidedRow) -> None:
        learned(order_id=decided.order_id, pool=decided.pool_address, transaction=decided.tx_id)
        async with self._database.transaction() as tx:
            if (order := await tx.orders.lock(decided.order_id)) is not None:
                learned(order=order.number)
            if decided.state == "included":
                await self._is_back(tx, decided)
            else:
                await self._try_again(tx, decided)
            reach("reclaim finished, not committed")
        reach("reclaim finished")

    async def _is_back(self, tx: Transaction, decided: DecidedRow) -> None:
        signed_at = decided.expiration - LIFETIME
        if await tx.reclaims.works_again(decided.pool_address, signed_at=signed_at):
            log.info("the undelegations of %s are taken again", decided.pool_address)
            await close_alert(tx, AlertKind.RECLAIMS_REFUSED, f"pool {decided.pool_address}")
        if await tx.reclaims.leaves(decided.tx_id):
            await tx.reclaims.take_rest(decided.delegation_id, after=decided.tx_id)
        else:
            await tx.reclaims.revoke(
                decided.delegation_id, old="reclaiming", revoked_at=await chain_now(tx)
            )
        await self._end_order(tx, decided.order_id)

    async def _try_again(self, tx: Transaction, decided: DecidedRow) -> None:
        """It can be in no block; what refuses it seldom changes from one to the next."""
        now = await chain_now(tx)
        again_at = None
        code = (decided.answer or "").partition(":")[0]
        if decided.state == "rejected" and code not in _OF_THE_POOL:
            before = await tx.reclaims.refused_before(decided.delegation_id)
            again_at = now + _PAUSES[min(max(before, 1), len(_PAUSES)) - 1]
        if not await tx.reclaims.undo(
            decided.delegation_id, tx_id=decided.tx_id, again_at=again_at
        ):
            return
        log.warning("undelegation %s is %s: %s", decided.tx_id, decided.state, decided.answer)
        if decided.state == "rejected" and code in _OF_THE_POOL:
            await self._pool_is_refused(tx, decided.pool_address, code, now)

    async def _pool_is_refused(self, tx: Transaction, pool: str, code: str, now: datetime) -> None:
        """Leave the pool in peace for a while; raise an alert until it works again."""
        if not await tx.reclaims.trouble(pool, reason=code, now=now, pauses=_PAUSES):
            return
        await raise_alert(
            tx,
            AlertKind.RECLAIMS_REFUSED,
            subject=f"pool {pool}",
            details={
                "pool": pool,
                "rentals": await tx.reclaims.waiting(pool),
                "no_bandwidth": code == "BANDWITH_ERROR",
            },
        )

    async def _end_order(self, tx: Transaction, order_id: UUID) -> None:
        order = await tx.orders.lock(order_id)
        if order is not None:
            learned(order=order.number)
        if order is not None and await tx.orders.end(order_id, await chain_now(tx)):
            await credit_ended_early(tx, order)
            await tell_customer(
                tx, NoticeKind.ORDER_ENDED, user_id=order.user_id, order_id=order_id
            )
            log.info("order %s: the rental is over", order.number)


def _energy_used(look: Look, rental: LockedRow) -> int | None:
    """How much of the rental was used, as far as the chain tells."""
    spent = look.energy_spent(Address(rental.recipient_address))
    if spent is None:
        return None
    used = used_of(spent, older=rental.older_energy, energy=rental.order_energy)
    return part_of(used, part=rental.energy_amount, energy=rental.order_energy)


def _pair(rental: EndedRow | LockedRow) -> Pair:
    return Address(rental.pool_address), Address(rental.recipient_address)
