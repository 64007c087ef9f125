"""Orders as customers see them: placed, cancelled, listed, shown.

The specification's EnergyFlashService, as far as customers call it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random, SystemRandom
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from db.database import Database, Transaction, again_after_conflict
from db.orders import AmountTaken, OrderRow, OrderStory
from db.quotes import QuoteRow
from services import ledger, pricing
from services.chain_time import ChainUnread, chain_now, rental_time
from services.crediting import give_up_parts
from services.fail_points import reach
from services.notices import NoticeKind, tell_customer
from services.order_ends import Compensation
from services.pools import ChainStock, Inventory

PAGE_SIZE = 5
_BATCH = 100

log = logging.getLogger(__name__)


class OrderStatus(StrEnum):
    """The states an order can be stored in."""

    PENDING = "pending"
    PAID = "paid"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """Where a customer stands with an order."""

    AWAITING = "awaiting"
    UNDERPAID = "underpaid"
    SEEN = "seen"
    PAID = "paid"
    DELIVERED = "delivered"
    ENDED = "ended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Origin(StrEnum):
    """How an order came about: asked for; by TRX sent without asking; or as much of an underpaid
    order as its money was enough for."""

    ASKED = "asked"
    FLASH = "flash"
    LESS = "less"


class OrderFault(StrEnum):
    """Why an order cannot be placed or cancelled."""

    QUOTE_UNKNOWN = "quote_unknown"
    QUOTE_LAPSED = "quote_lapsed"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    NOT_ENOUGH_ENERGY = "not_enough_energy"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    NOT_YOURS = "not_yours"
    ALREADY_SEEN = "already_seen"
    NOT_OPEN = "not_open"
    BALANCE_TOO_SMALL = "balance_too_small"


class OrderRefused(Exception):
    """The order was not placed or not cancelled, because of `fault`."""

    def __init__(self, fault: OrderFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything a card says about an order. Amounts in sun, times of the chain, UTC.

    `due_sun` is what a payment has to bring now; `received_sun` what is there of `amount_sun`, of
    which `balance_sun` came from the balance; `credited_sun` what was paid too much. While an
    order waits for money, `balance_available_sun` is what its customer's balance holds.
    """

    id: UUID
    number: int
    origin: Origin
    user_id: int | None
    stage: Stage
    status: OrderStatus
    recipient: Address
    destination: Address | None
    payment_address: Address
    amount_sun: int
    due_sun: int
    received_sun: int
    balance_sun: int
    credited_sun: int
    balance_available_sun: int
    transfers: int
    energy_per_transfer: int
    energy: int
    duration: timedelta
    burn_sun: int
    ordered_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    payment_txid: str | None
    payment_seen_at: datetime | None
    delegation_txids: tuple[str, ...]
    reclaim_txids: tuple[str, ...]
    energy_used: int | None
    failure: str | None
    compensation: Compensation | None
    card_chat_id: int | None
    card_message_id: int | None
    now: datetime

    @property
    def missing_sun(self) -> int:
        """What the order still needs: that much its balance would pay."""
        return self.amount_sun - self.received_sun

    @property
    def balance_covers(self) -> bool:
        """Whether the balance holds all that the order still needs."""
        return 0 < self.missing_sun <= self.balance_available_sun

    @property
    def came_in_part(self) -> bool:
        """Whether some of the price had come before; remembered when the order is closed."""
        return self.due_sun < self.amount_sun

    @property
    def delivery_seconds(self) -> int | None:
        """From the block with the payment to the block with the energy."""
        if self.paid_at is None or self.completed_at is None:
            return None
        return int((self.completed_at - self.paid_at).total_seconds())


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


class Orders:
    """Places, cancels and shows orders."""

    def __init__(
        self,
        database: Database,
        inventory: Inventory,
        terms: OrderTerms,
        *,
        admins: Sequence[int],
        random: Random | None = None,
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._terms = terms
        self._admins = admins
        self._random = random or SystemRandom()

    @again_after_conflict
    async def place(self, user_id: int, quote_id: UUID) -> OrderView:
        """Turn a quote into an order; a second call gives the same order.

        Raises:
            OrderRefused: the quote lapsed, is unknown or another person's; or the energy
                was sold in the meantime.
        """
        async with self._database.transaction() as tx:
            placed = await self._placed(tx, user_id, quote_id)
            if placed is not None:
                return (await _views(tx, [placed]))[0]
        try:
            stock = await self._inventory.look()
        except ChainError as error:
            raise OrderRefused(OrderFault.CHAIN_UNAVAILABLE) from error
        async with self._database.transaction() as tx:
            placed = await self._place(tx, user_id, quote_id, stock)
            view = (await _views(tx, [placed]))[0]
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
            if order.status == OrderStatus.PENDING:
                if not await tx.orders.cancel(order_id):
                    raise OrderRefused(OrderFault.ALREADY_SEEN)
                await self._give_up_parts(tx, order)
                log.info("order %s: cancelled", order.number)
            elif order.status != OrderStatus.CANCELLED:
                raise OrderRefused(OrderFault.NOT_OPEN)
            current = await tx.orders.get(order_id)
            assert current is not None, "the order is locked"
            view = (await _views(tx, [current]))[0]
        reach("order cancelled")
        return view

    async def view(self, user_id: int | None, order_id: UUID) -> OrderView | None:
        """The customer's order; None if it is unknown or another person's."""
        async with self._database.transaction() as tx:
            order = await tx.orders.get(order_id)
            if order is None or order.user_id != user_id:
                return None
            return (await _views(tx, [order]))[0]

    async def page(self, user_id: int, page: int) -> OrderPage:
        """A page of the customer's orders; a page beyond the ends is the nearest one."""
        async with self._database.transaction() as tx:
            pages = max(1, -(-await tx.orders.count(user_id) // PAGE_SIZE))
            page = min(max(page, 1), pages)
            rows = await tx.orders.page(user_id, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
            return OrderPage(await _views(tx, rows), page, pages)

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
        await give_up_parts(tx, order, choice=self._terms.choice, admins=self._admins)

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
        if now > quote.holds_until:
            raise OrderRefused(OrderFault.QUOTE_LAPSED)
        # One order at a time, or two could be promised the same energy.
        await tx.pools.lock()
        available = await self._inventory.unsold(tx, stock)
        if available < quote.transaction_count * quote.energy_per_transaction:
            raise OrderRefused(OrderFault.NOT_ENOUGH_ENERGY)
        if await tx.orders.count_open(user_id) >= self._terms.open_orders_per_user:
            raise OrderRefused(OrderFault.TOO_MANY_OPEN_ORDERS)
        order = await self._with_unique_amount(tx, quote, now)
        await tx.customers.remember_address(user_id, quote.recipient_address)
        log.info("order %s: placed for %s sun", order.number, order.trx_amount)
        return order

    async def _with_unique_amount(
        self, tx: Transaction, quote: QuoteRow, now: datetime
    ) -> OrderRow:
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
                    pay_until=now + self._terms.time_to_pay,
                )
            except AmountTaken:
                continue


async def _views(tx: Transaction, rows: Sequence[OrderRow]) -> tuple[OrderView, ...]:
    if not rows:
        return ()
    stories = await tx.orders.stories([row.id for row in rows])
    now = await chain_now(tx)
    # Nobody asks what could pay an order that needs no money.
    accounts = {
        row.id: ledger.user_account(row.user_id)
        for row in rows
        if row.status == OrderStatus.PENDING and row.user_id is not None
    }
    balances = await tx.ledger.owed_to_each(set(accounts.values())) if accounts else {}
    return tuple(
        _view(row, stories[row.id], balances.get(accounts.get(row.id, ""), 0), now) for row in rows
    )


async def views_by_id(tx: Transaction, order_ids: Sequence[UUID]) -> dict[UUID, OrderView]:
    """The orders with these ids, whoever they belong to."""
    rows = await tx.orders.by_ids(list(order_ids))
    return {view.id: view for view in await _views(tx, rows)}


def stage_of(status: OrderStatus, *, payment_seen: bool, in_part: bool, ended: bool) -> Stage:
    """Where a customer stands, from the stored state and what was seen on the chain."""
    match status:
        case OrderStatus.PENDING:
            if payment_seen:
                return Stage.SEEN
            return Stage.UNDERPAID if in_part else Stage.AWAITING
        case OrderStatus.PAID | OrderStatus.PROCESSING:
            return Stage.PAID
        case OrderStatus.COMPLETED:
            return Stage.ENDED if ended else Stage.DELIVERED
        case OrderStatus.EXPIRED:
            return Stage.SEEN if payment_seen else Stage.EXPIRED
        case OrderStatus.CANCELLED:
            return Stage.CANCELLED
        case OrderStatus.FAILED:
            return Stage.FAILED


def _view(row: OrderRow, story: OrderStory, balance_available_sun: int, now: datetime) -> OrderView:
    status = OrderStatus(row.status)
    return OrderView(
        id=row.id,
        number=row.number,
        origin=Origin(row.origin),
        user_id=row.user_id,
        stage=stage_of(
            status,
            payment_seen=story.paying,
            in_part=story.received_sun > 0,
            ended=row.ended_at is not None,
        ),
        status=status,
        recipient=Address(row.recipient_address),
        destination=Address(row.destination_address) if row.destination_address else None,
        payment_address=Address(row.payment_address),
        amount_sun=row.trx_amount,
        due_sun=row.due_sun,
        received_sun=story.received_sun,
        balance_sun=row.balance_sun,
        credited_sun=story.credited_sun,
        balance_available_sun=balance_available_sun,
        transfers=row.transaction_count,
        energy_per_transfer=row.energy_per_transaction,
        energy=row.energy_amount,
        duration=rental_time(row.duration_hours),
        burn_sun=row.burn_sun,
        ordered_at=row.ordered_at,
        pay_until=row.pay_until,
        paid_at=row.paid_at,
        completed_at=row.completed_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        payment_txid=row.payment_txid or story.seen_txid,
        payment_seen_at=story.seen_at,
        delegation_txids=tuple(story.delegation_txids),
        reclaim_txids=tuple(story.reclaim_txids),
        energy_used=story.energy_used,
        failure=row.failure,
        compensation=Compensation(row.compensation) if row.compensation else None,
        card_chat_id=row.card_chat_id,
        card_message_id=row.card_message_id,
        now=now,
    )
