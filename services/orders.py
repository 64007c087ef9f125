"""Orders as customers see them: placed, cancelled, listed, shown.

The specification's EnergyFlashService, as far as customers call it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random, SystemRandom
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from db.database import Database, Transaction, again_after_conflict
from db.order_lists import Selection
from db.orders import AmountTaken, ClientOrderIdTaken, OrderRow
from db.quotes import QuoteRow
from services import pricing
from services.chain_time import ChainUnread, chain_now
from services.crediting import give_up_parts
from services.fail_points import reach
from services.inventory import ChainStock, Inventory
from services.limits import OrderLimits, own_limits, passed_limit
from services.live import Live
from services.log_context import learned
from services.maintenance import Closure, closure
from services.notices import DELIVERY_TOPIC, NoticeKind, tell_customer
from services.order_views import OrderStatus, OrderView, Origin, order_views, views_by_id
from services.risk import Outcome
from services.risk_check import RiskCheck

PAGE_SIZE = 5
_BATCH = 100

log = logging.getLogger(__name__)


class OrderFault(StrEnum):
    """Why an order cannot be placed or cancelled."""

    QUOTE_UNKNOWN = "quote_unknown"
    QUOTE_LAPSED = "quote_lapsed"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    TOO_OFTEN = "too_often"
    NOT_ENOUGH_ENERGY = "not_enough_energy"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    NOT_YOURS = "not_yours"
    ALREADY_SEEN = "already_seen"
    NOT_OPEN = "not_open"
    BALANCE_TOO_SMALL = "balance_too_small"
    MAINTENANCE = "maintenance"
    DECLINED = "declined"
    BANNED = "banned"
    NAME_TAKEN = "name_taken"


class OrderRefused(Exception):
    """The order was not placed or not cancelled, because of `fault`.

    With MAINTENANCE comes `closure`, what there is to tell; with TOO_MANY_OPEN_ORDERS `limit`; with
    NAME_TAKEN `order`, which the customer's program calls so already.
    """

    def __init__(
        self,
        fault: OrderFault,
        *,
        closure: Closure | None = None,
        limit: int | None = None,
        order: OrderView | None = None,
    ) -> None:
        super().__init__(fault)
        self.fault = fault
        self.closure = closure
        self.limit = limit
        self.order = order


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of a customer's orders, newest first; pages count from 1."""

    orders: tuple[OrderView, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """The operator's rules for orders.

    `amount_tail_sun` is the largest tail that makes an amount unique; `reserved_for` is how
    long after its deadline the amount of an order is given to no other order; `grace` how long
    an order that was paid in part waits for the rest; `choice` how long a customer may then say
    what becomes of the part.
    """

    payment_address: Address
    time_to_pay: timedelta
    amount_tail_sun: int
    reserved_for: timedelta
    open_orders_per_user: int
    grace: timedelta
    choice: timedelta
    limits: OrderLimits


class Orders:
    """Places, cancels and shows orders."""

    def __init__(
        self,
        database: Database,
        inventory: Inventory,
        terms: Live[OrderTerms],
        *,
        risk: RiskCheck,
        random: Random | None = None,
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._live_terms = terms
        self._risk = risk
        self._random = random or SystemRandom()

    @property
    def _terms(self) -> OrderTerms:
        return self._live_terms.now

    @again_after_conflict
    async def place(self, user_id: int, quote_id: UUID) -> OrderView:
        """Turn a quote into an order; a second call gives the same order.

        Raises:
            OrderRefused: the quote lapsed, is unknown or another person's; the energy was sold
                in the meantime; or nothing new is sold, to them or to anybody.
        """
        async with self._database.transaction() as tx:
            placed = await self._placed(tx, user_id, quote_id)
            if placed is not None:
                return (await order_views(tx, [placed]))[0]
        try:
            stock = await self._inventory.look()
        except ChainError as error:
            raise OrderRefused(OrderFault.CHAIN_UNAVAILABLE) from error
        async with self._database.transaction() as tx:
            placed = await self._place(tx, user_id, quote_id, stock)
            view = (await order_views(tx, [placed]))[0]
            reach("order placed, not committed")
        reach("order placed")
        return view

    @again_after_conflict
    async def cancel(self, user_id: int, order_id: UUID) -> OrderView:
        """Cancel an order that nobody has paid; for a part of its price they are asked.

        Raises:
            OrderRefused: it is not the customer's, is paid, or a payment is in sight.
        """
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if order is None or order.user_id != user_id:
                raise OrderRefused(OrderFault.NOT_YOURS)
            learned(order=order.number, order_id=order_id)
            if order.status == OrderStatus.PENDING:
                if not await tx.orders.cancel(order_id):
                    raise OrderRefused(OrderFault.ALREADY_SEEN)
                await self._give_up_parts(tx, order)
                log.info("order %s: cancelled", order.number)
            elif order.status != OrderStatus.CANCELLED:
                raise OrderRefused(OrderFault.NOT_OPEN)
            current = await tx.orders.get(order_id)
            assert current is not None, "the order is locked"
            view = (await order_views(tx, [current]))[0]
        reach("order cancelled")
        return view

    async def view(self, user_id: int | None, order_id: UUID) -> OrderView | None:
        """The customer's order; None if it is unknown or another person's."""
        async with self._database.transaction() as tx:
            order = await tx.orders.get(order_id)
            if order is None or order.user_id != user_id:
                return None
            return (await order_views(tx, [order]))[0]

    async def page(self, user_id: int, page: int) -> OrderPage:
        """A page of the customer's orders; a page beyond the ends is the nearest one."""
        async with self._database.transaction() as tx:
            pages = max(1, -(-await tx.orders.count(user_id) // PAGE_SIZE))
            page = min(max(page, 1), pages)
            rows = await tx.orders.page(user_id, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
            return OrderPage(await order_views(tx, rows), page, pages)

    async def selected(
        self, user_id: int, selection: Selection, *, page: int, size: int
    ) -> OrderPage:
        """A page of those of the customer's orders; one beyond the last is empty."""
        async with self._database.transaction() as tx:
            count = await tx.order_lists.count(user_id, selection)
            ids = await tx.order_lists.ids(user_id, selection, offset=(page - 1) * size, limit=size)
            views = await views_by_id(tx, ids)
        return OrderPage(tuple(views[each] for each in ids), page, max(1, -(-count // size)))

    @again_after_conflict
    async def shorten(self, user_id: int, order_id: UUID, time_to_pay: timedelta) -> bool:
        """Let the order wait for its money for so long from now, if it would wait longer.

        It never waits longer for that; and one of whose price anything is there, or in sight, waits
        as it did.

        Raises:
            OrderRefused: it is not the customer's.
        """
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if order is None or order.user_id != user_id:
                raise OrderRefused(OrderFault.NOT_YOURS)
            until = await chain_now(tx) + time_to_pay
            shorter = await tx.orders.wait_until(order_id, until)
        if shorter:
            log.info("order %s: is to be paid until %s", order.number, until)
        return shorter

    async def hurry(self) -> None:
        """Deliver what is paid, now."""
        async with self._database.transaction() as tx:
            await tx.wake(DELIVERY_TOPIC)

    async def shown_on(self, order_id: UUID, chat_id: int, message_id: int) -> None:
        """This message shows the order from now on."""
        async with self._database.transaction() as tx:
            await tx.orders.shown_on(order_id, chat_id, message_id)

    async def expire_due(self) -> int:
        """Close orders whose time to pay ran out, and tell their customers."""
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            expired = await tx.orders.expire_unpaid(
                now, _BATCH, in_part_before=now - self._terms.grace
            )
            for order in expired:
                await tell_customer(
                    tx, NoticeKind.ORDER_EXPIRED, user_id=order.user_id, order_id=order.id
                )
                await self._give_up_parts(tx, order)
                log.info("order %s: not paid in time", order.number)
                reach("orders expired, not committed")
        if expired:
            reach("orders expired")
        return len(expired)

    async def _give_up_parts(self, tx: Transaction, order: OrderRow) -> None:
        await give_up_parts(tx, order, choice=self._terms.choice)

    async def release_amounts(self) -> int:
        """Free amounts that no late payment can be meant for any more."""
        async with self._database.transaction() as tx:
            return await tx.orders.release_amounts(await chain_now(tx) - self._terms.reserved_for)

    async def _placed(self, tx: Transaction, user_id: int, quote_id: UUID) -> OrderRow | None:
        order = await tx.orders.of_quote(quote_id)
        if order is not None and order.user_id != user_id:
            raise OrderRefused(OrderFault.QUOTE_UNKNOWN)
        return order

    async def _place(
        self, tx: Transaction, user_id: int, quote_id: UUID, stock: ChainStock
    ) -> OrderRow:
        quote = await tx.quotes.lock(quote_id)
        if quote is None or quote.user_id != user_id:
            raise OrderRefused(OrderFault.QUOTE_UNKNOWN)
        # Whoever held the lock before us may have placed it.
        placed = await self._placed(tx, user_id, quote_id)
        if placed is not None:
            return placed
        try:
            now = await chain_now(tx)
        except ChainUnread:
            raise OrderRefused(OrderFault.CHAIN_UNAVAILABLE) from None
        closed = await closure(tx)
        if closed is not None:
            raise OrderRefused(OrderFault.MAINTENANCE, closure=closed)
        if await tx.customers.is_banned(user_id):
            raise OrderRefused(OrderFault.BANNED)
        if now > quote.holds_until:
            raise OrderRefused(OrderFault.QUOTE_LAPSED)
        # One order at a time, or two could be promised the same energy.
        await tx.pools.lock()
        available = await self._inventory.unsold(tx, stock)
        if available < quote.energy_amount:
            raise OrderRefused(OrderFault.NOT_ENOUGH_ENERGY)
        await self._check_bounds(tx, user_id, quote, now)
        found = await self._risk.of_order(
            tx,
            user_id=user_id,
            recipient=quote.recipient_address,
            amount_sun=quote.price_sun,
            holds_token=quote.recipient_holds_token,
            now=now,
        )
        if found.outcome is Outcome.REFUSE:
            raise OrderRefused(OrderFault.DECLINED)
        try:
            order = await self.with_unique_amount(tx, quote, now)
        except ClientOrderIdTaken as error:
            # The request that placed it may be forgotten: the name stays with the order.
            raise await self._name_taken(tx, quote) from error
        if found.outcome is Outcome.ASK:
            await self._risk.ask(tx, order, found)
        await tx.customers.remember_address(user_id, quote.recipient_address)
        learned(order=order.number, order_id=order.id)
        log.info("order %s: placed for %s sun", order.number, order.trx_amount)
        return order

    async def _check_bounds(
        self, tx: Transaction, user_id: int, quote: QuoteRow, now: datetime
    ) -> None:
        """Refuses one more order than may wait for money, or may be placed in an hour or a day."""
        limits, most_open = await own_limits(
            tx, self._terms.limits, self._terms.open_orders_per_user, user_id
        )
        if await tx.orders.count_open(user_id) >= most_open:
            raise OrderRefused(OrderFault.TOO_MANY_OPEN_ORDERS, limit=most_open)
        if await passed_limit(
            tx,
            limits,
            user_id=user_id,
            recipient=quote.recipient_address,
            energy=quote.transaction_count * quote.energy_per_transaction,
            now=now,
        ):
            raise OrderRefused(OrderFault.TOO_OFTEN)

    async def _name_taken(self, tx: Transaction, quote: QuoteRow) -> OrderRefused:
        assert quote.user_id is not None, "only customers' programs name orders"
        assert quote.client_order_id is not None, "it is taken"
        order = await tx.orders.named(quote.user_id, quote.client_order_id)
        assert order is not None, "orders stay"
        [view] = await order_views(tx, [order])
        return OrderRefused(OrderFault.NAME_TAKEN, order=view)

    async def with_unique_amount(
        self,
        tx: Transaction,
        quote: QuoteRow,
        now: datetime,
        *,
        pay_before: datetime | None = None,
        origin: Origin = Origin.ASKED,
        extends_id: UUID | None = None,
    ) -> OrderRow:
        """Store the order of a quote, with an amount that no other order asks for.

        Its time to pay ends at `pay_before`, if that comes first.
        """
        pay_until = now + self._terms.time_to_pay
        if pay_before is not None:
            pay_until = max(now, min(pay_until, pay_before))
        tail = self._terms.amount_tail_sun
        while True:
            reserved = await tx.orders.reserved_amounts(
                self._terms.payment_address, quote.price_sun, quote.price_sun + tail
            )
            amount = pricing.unique_amount(
                quote.price_sun, tail_sun=tail, reserved=reserved, random=self._random
            )
            if amount is None:
                tail *= 10  # so many orders of one price are open: allow a longer tail
                continue
            try:
                return await tx.orders.place(
                    quote,
                    payment_address=self._terms.payment_address,
                    amount_sun=amount,
                    ordered_at=now,
                    pay_until=pay_until,
                    origin=origin,
                    extends_id=extends_id,
                )
            except AmountTaken:
                continue
