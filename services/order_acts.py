"""What the people who run the shop can do with an order, each once and with a reason.

What is possible follows from the state of the order alone, and is looked at again under its lock:
nothing that is out or on its way is delivered twice, and money goes to one place.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chain.addresses import Address
from db.database import Database, Transaction, again_after_conflict
from db.delegations import DelegationRow
from db.orders import OrderRow
from db.payments import PaymentRow
from services import ledger
from services.acts import Act, ActFault, ActRefused, Acts, Proposal
from services.chain_time import chain_now, rental_time
from services.crediting import credit_held
from services.delegations import Delegations, Supply
from services.early_ends import EarlyEndTerms, early_credit_sun
from services.funded_orders import Purchase, buy, goods_of
from services.live import Live
from services.log_context import learned
from services.matching import HeldReason
from services.notices import DELIVERY_TOPIC, RECLAIM_TOPIC, NoticeKind, tell_customer
from services.order_ends import Compensation, OrderEnds
from services.order_history import Event, read_history
from services.order_views import OrderStatus, OrderView, Origin, order_views
from services.pricing import Need
from services.refunds import RefundRefused, Refunds
from services.staff import Actor
from services.trail import note

BY_STAFF = "by_staff"
"""Why an order failed that somebody of the shop gave up."""

MOST_HOURS = 24 * 30
"""As much time as can be given away at once."""
_LONGEST = timedelta(days=365)
_MOST_POOLS = 8
# Stake that is with the receiver, or may still get there.
_OUT = frozenset({"pending", "active", "expired", "reclaiming"})
# Of payments that the order had; others only came for it, and were held for reasons of their own.
_OF_THE_ORDER = (None, HeldReason.UNDELIVERABLE)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What decides about the acts.

    `asked`: it waits for a word about its risk. `out`: stake of it is with its receiver, on its way
    there, or on its way back. `whole`: all of its energy is there, in blocks. `money_sun` is what
    waits of its money: paid and not earned, or held because it could not be delivered.
    `returnable`: all of that came by payments whose senders may get it back. `complete`: it is
    enough to deliver the order after all.
    """

    status: OrderStatus
    is_extension: bool = False
    adrift: bool = False
    asked: bool = False
    out: bool = False
    whole: bool = False
    running: bool = False
    extension_open: bool = False
    money_sun: int = 0
    returnable: bool = False
    complete: bool = False


def possible(order: OrderFacts) -> frozenset[Act]:
    """What can be done with an order now."""
    if order.adrift or order.asked:
        return frozenset()  # its payment left the chain, or it is risky: first that is decided
    acts: set[Act] = set()
    match order.status:
        case OrderStatus.PAID | OrderStatus.PROCESSING:
            if not order.out:
                acts |= {Act.RETRY_ORDER, *_money_acts(order)}
                if not order.is_extension:
                    acts.add(Act.DELIVER_BY_POOL)
        case OrderStatus.FAILED:
            acts |= _money_acts(order)
            if order.complete and not order.out and not order.is_extension:
                acts.add(Act.RETRY_ORDER)
        case OrderStatus.COMPLETED:
            rents = order.running and order.whole and not order.is_extension
            if rents and not order.extension_open:
                acts |= {Act.EXTEND_ORDER, Act.END_ORDER}
    return frozenset(acts)


def _money_acts(order: OrderFacts) -> frozenset[Act]:
    if not order.money_sun:
        return frozenset()
    return frozenset(
        {Act.CREDIT_ORDER, Act.REFUND_ORDER} if order.returnable else {Act.CREDIT_ORDER}
    )


class OrderActImpossible(Exception):
    """The order has changed meanwhile; nothing was done."""


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """An order as the shop sees it. `most_back_sun` is what would come back at most, if its
    rental ended now for `share_percent` of what is not used."""

    view: OrderView
    username: str | None
    events: tuple[Event, ...]
    facts: OrderFacts
    possible: frozenset[Act]
    share_percent: int
    most_back_sun: int


class OrderActs:
    """Looks at orders, and does what is possible with them."""

    def __init__(
        self,
        database: Database,
        *,
        acts: Acts,
        delegations: Delegations,
        ends: OrderEnds,
        refunds: Refunds,
        early_end: Live[EarlyEndTerms],
    ) -> None:
        self._database = database
        self._acts = acts
        self._delegations = delegations
        self._ends = ends
        self._refunds = refunds
        self._early_end = early_end

    async def look(self, number: int) -> OrderDesk | None:
        """The order with this number, and what can be done with it."""
        async with self._database.transaction() as tx:
            order = await tx.orders.numbered(number)
            if order is None:
                return None
            facts = await self._facts(tx, order)
            [view] = await order_views(tx, [order])
            username = None if order.user_id is None else await tx.customers.username(order.user_id)
            share = self._early_end.now.percent if order.user_id is not None else 0
            return OrderDesk(
                view=view,
                username=username,
                events=await read_history(tx, order),
                facts=facts,
                possible=possible(facts),
                share_percent=share,
                most_back_sun=await _most_back(tx, order, share),
            )

    async def pools(self, number: int) -> tuple[Address, ...]:
        """The pools that can deliver the order now.

        Raises:
            ChainError: no node could tell what the pools have.
        """
        supply = await self._delegations.look()
        async with self._database.transaction() as tx:
            order = await tx.orders.numbered(number)
            if order is None or Act.DELIVER_BY_POOL not in possible(await self._facts(tx, order)):
                return ()
            return (await self._delegations.pools_for(tx, order, supply))[:_MOST_POOLS]

    async def carry_out(self, actor: Actor, proposal: Proposal) -> int:
        """Do what was proposed; the number of the order that it was done with.

        It is another's than was named where a failed order is delivered after all.

        Raises:
            ActRefused: it was done already, or may not be.
            OrderActImpossible: the order has changed meanwhile.
            ChainError: no node could tell what the pools have.
        """
        by_pool = proposal.act is Act.DELIVER_BY_POOL
        supply = await self._delegations.look() if by_pool else None
        return await self._carry_out(actor, proposal.nonce, supply)

    @again_after_conflict
    async def _carry_out(self, actor: Actor, nonce: str, supply: Supply | None) -> int:
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            if proposal.act is Act.DELIVER_BY_POOL:
                if supply is None:
                    raise ActRefused(ActFault.GONE)
                await tx.pools.lock()
            order = await tx.orders.lock_number(int(proposal.arguments["order"]))
            if order is None:
                raise OrderActImpossible
            learned(order=order.number, order_id=order.id)
            before = await self._facts(tx, order, lock=True)
            if proposal.act not in possible(before):
                raise OrderActImpossible
            after = await self._do(tx, order, proposal, supply)
            number = int(after.get("order", order.number))
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"status": before.status, "sun": before.money_sun},
                after=after,
            )
        log.info("order %s: %s by %s", order.number, proposal.act, actor.id)
        return number

    async def _do(
        self, tx: Transaction, order: OrderRow, proposal: Proposal, supply: Supply | None
    ) -> Mapping[str, Any]:
        """Do it; what the log says afterwards."""
        arguments = proposal.arguments
        match proposal.act:
            case Act.RETRY_ORDER:
                return await self._retry(tx, order)
            case Act.DELIVER_BY_POOL:
                assert supply is not None, "it was read for this"
                pool = Address(str(arguments["pool"]))
                if not await self._delegations.deliver_by(tx, order, pool, supply):
                    raise OrderActImpossible
                return {"pool": pool}
            case Act.REFUND_ORDER:
                return await self._give_back(tx, order, Compensation.REFUND)
            case Act.CREDIT_ORDER:
                return await self._give_back(tx, order, Compensation.CREDIT)
            case Act.EXTEND_ORDER:
                return await self._extend(tx, order, int(arguments["hours"]))
            case Act.END_ORDER:
                return await self._end(tx, order, int(arguments["percent"]))
            case _:
                raise OrderActImpossible

    # ── delivery ─────────────────────────────────────────────────────────────────────────────

    async def _retry(self, tx: Transaction, order: OrderRow) -> Mapping[str, Any]:
        if order.status != OrderStatus.FAILED:
            if order.extends_id is None:
                await tx.orders.try_anew(order.id)
            await tx.wake(DELIVERY_TOPIC)
            return {"status": order.status}
        # Its books are closed: what is held of its money buys the same again, as a new order.
        payments = _undelivered(await tx.payments.about(order.id))
        funds_sun = sum(payment.undecided_sun for payment in payments)
        again = await buy(
            tx,
            Purchase(
                transfers=order.transaction_count,
                need=Need(order.energy_per_transaction, order.energy_next, order.energy_own),
                price_sun=funds_sun,
                rest_sun=0,
            ),
            await goods_of(tx, order),
            payments,
            origin=Origin(order.origin),
            recipient=Address(order.recipient_address),
            burn_sun=order.burn_sun,
        )
        return {"order": again.number, "sun": funds_sun}

    # ── money ────────────────────────────────────────────────────────────────────────────────

    async def _give_back(
        self, tx: Transaction, order: OrderRow, wish: Compensation
    ) -> Mapping[str, Any]:
        if order.status != OrderStatus.FAILED:
            await self._ends.fail(tx, order.id, BY_STAFF, wish=wish)
        else:
            for payment in _undelivered(await tx.payments.about(order.id)):
                if wish is Compensation.CREDIT:
                    await credit_held(tx, payment)
                    continue
                try:
                    await self._refunds.of_payment(tx, payment, source=ledger.HELD, asked=False)
                except RefundRefused as error:
                    raise OrderActImpossible from error
            await tx.orders.compensate(order.id, wish)
        return {"status": OrderStatus.FAILED, "compensation": wish}

    # ── time ─────────────────────────────────────────────────────────────────────────────────

    async def _extend(self, tx: Transaction, order: OrderRow, hours: int) -> Mapping[str, Any]:
        more = Decimal(hours)
        longest = rental_time(order.rental_hours + more) > _LONGEST
        if not 0 < hours <= MOST_HOURS or longest or order.expires_at is None:
            raise OrderActImpossible
        if not await tx.orders.prolong(order.id, more, given=True):
            raise OrderActImpossible
        await tx.delegations.prolong(order.id, more)
        # What waits for this rental's end has to wait longer.
        await tx.reclaims.look_again(order.recipient_address)
        expires_at = order.expires_at + timedelta(hours=hours)
        await tell_customer(
            tx,
            NoticeKind.ORDER_EXTENDED,
            user_id=order.user_id,
            order_id=order.id,
            occasion=f"given {expires_at.isoformat()}",
        )
        return {"hours": hours, "expires_at": expires_at.isoformat()}

    async def _end(self, tx: Transaction, order: OrderRow, percent: int) -> Mapping[str, Any]:
        agreed = self._early_end.now.percent if order.user_id is not None else 0
        if percent not in (0, agreed):
            raise OrderActImpossible
        now = await chain_now(tx)
        if not await tx.orders.end_early(order.id, now, percent):
            raise OrderActImpossible
        await tx.delegations.cut_short(order.id)
        await tx.reclaims.look_again(order.recipient_address)
        await tx.wake(RECLAIM_TOPIC)
        return {"ended_at": now.isoformat(), "percent": percent}

    # ── what is so ───────────────────────────────────────────────────────────────────────────

    async def _facts(self, tx: Transaction, order: OrderRow, *, lock: bool = False) -> OrderFacts:
        if lock:
            delegations = await tx.delegations.lock_of_order(order.id)
            for payment in await tx.payments.about(order.id):
                await tx.payments.lock(payment.id)
        else:
            delegations = await tx.delegations.of_order(order.id)
        payments = await tx.payments.about(order.id)
        unsettled = await tx.delegations.undecided(order.id)
        extension = await tx.orders.open_extension(order.id)
        return facts_of(
            order,
            payments,
            delegations,
            now=await chain_now(tx),
            unsettled=unsettled,
            extension_open=extension is not None,
            may_go_back=frozenset(each.id for each in payments if self._refunds.can_go_back(each)),
        )


def facts_of(
    order: OrderRow,
    payments: Sequence[PaymentRow],
    delegations: Sequence[DelegationRow],
    *,
    now: datetime,
    unsettled: bool,
    extension_open: bool,
    may_go_back: frozenset[int],
) -> OrderFacts:
    """The facts, from the rows. `may_go_back` are the payments whose senders may get them back."""
    status = OrderStatus(order.status)
    failed = status is OrderStatus.FAILED
    if failed:
        counting = _undelivered(payments)
        money_sun = sum(each.undecided_sun for each in counting)
    else:
        counting = tuple(each for each in payments if each.status in ("matched", "delivered"))
        money_sun = order.balance_sun + sum(each.order_sun for each in counting)
    active = sum(each.energy_amount for each in delegations if each.status == "active")
    return OrderFacts(
        status=status,
        is_extension=order.extends_id is not None,
        adrift=any(each.adrift for each in payments),
        asked=order.waits_for_person and status is not OrderStatus.FAILED,
        out=any(each.status in _OUT for each in delegations),
        whole=active >= order.energy_amount and not unsettled,
        running=order.expires_at is not None
        and now < order.expires_at
        and order.ended_at is None
        and order.ended_early_at is None,
        extension_open=extension_open,
        money_sun=money_sun,
        returnable=bool(counting) and all(each.id in may_go_back for each in counting),
        # What came from the balance is there again, and is not taken a second time.
        complete=failed
        and bool(counting)
        and not order.balance_sun
        and all(each in counting or each.reason not in _OF_THE_ORDER for each in payments),
    )


def _undelivered(payments: Sequence[PaymentRow]) -> tuple[PaymentRow, ...]:
    """Held, because the order that had them could not be delivered."""
    return tuple(
        each
        for each in payments
        if each.status == "held" and each.reason == HeldReason.UNDELIVERABLE
    )


async def _most_back(tx: Transaction, order: OrderRow, percent: int) -> int:
    """What would come back if the rental ended now and nothing of it had been used."""
    if not percent or order.expires_at is None or order.status != OrderStatus.COMPLETED:
        return 0
    return early_credit_sun(
        await tx.orders.paid_sun(order.id),
        percent=percent,
        remaining=order.expires_at - rental_time(order.given_hours) - await chain_now(tx),
        total=rental_time(order.sold_hours),
        energy_unused=order.energy_amount,
        energy=order.energy_amount,
    )
