"""Payments that wait for a decision: their customer's, or a person's of the shop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from db.database import Database, Transaction, again_after_conflict
from db.orders import OrderRow
from db.payments import PaymentRow
from services import ledger
from services.chain_time import chain_now
from services.crediting import credit_held, pay_order
from services.fail_points import reach
from services.funded_orders import Goods, Purchase, assign, buy, goods_of, purchase
from services.log_context import learned
from services.matching import HeldReason
from services.notices import PAYMENT_TOPIC
from services.one_by_one import one_by_one
from services.order_views import Origin
from services.prices import tariff_of
from services.pricing import Need
from services.refunds import RefundRefused, Refunds

_SHOWN = 5
_BATCH = 50

log = logging.getLogger(__name__)


class Choice(StrEnum):
    """What can become of a held payment."""

    CREDIT = "credit"
    REFUND = "refund"
    DELIVER = "deliver"


class ChoiceFault(StrEnum):
    """Why a choice cannot be carried out."""

    NOT_YOURS = "not_yours"
    DECIDED = "decided"
    NOT_POSSIBLE = "not_possible"
    NO_CUSTOMER = "no_customer"
    NO_SUCH_ORDER = "no_such_order"


class ChoiceRefused(Exception):
    """Nothing was done, because of `fault`."""

    def __init__(self, fault: ChoiceFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """A payment that waits for a decision. `amount_sun` is what of it waits, `time` its block's.

    For the parts of one order's price it is all of them together. `possible` is what the customer
    may choose until `choose_until`, `transfers` what DELIVER would deliver, `refund_fee_sun` what
    would be kept of a refund. `from_wallet`: it came from somebody's own wallet, which may get it
    back or energy for it, not from a contract, an exchange or ourselves. `adrift`: it left the
    chain, and may come back. Once decided, `status` says how.
    """

    id: int
    txid: str
    sender: Address
    receiver: Address
    amount_sun: int
    status: str
    reason: str
    user_id: int | None
    order_id: UUID | None
    order_number: int | None
    time: datetime
    choose_until: datetime | None
    possible: tuple[Choice, ...]
    transfers: int
    refund_fee_sun: int
    from_wallet: bool
    adrift: bool


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """All held payments: how many, how much in sun, and the newest of them, or another page."""

    count: int
    total_sun: int
    newest: tuple[HeldPayment, ...]
    page: int = 1
    pages: int = 1


class HeldPayments:
    """What somebody has to decide about."""

    def __init__(self, database: Database, refunds: Refunds) -> None:
        self._database = database
        self._refunds = refunds

    async def look(self, page: int = 1) -> HeldMoney:
        """The held payments as they are now; a page beyond the ends is the nearest one."""
        async with self._database.transaction() as tx:
            count, total_sun = await tx.payments.held_total()
            pages = max(1, -(-count // _SHOWN))
            page = min(max(page, 1), pages)
            rows = await tx.payments.held(_SHOWN, (page - 1) * _SHOWN)
            newest = await self.views(tx, rows)
        held = tuple(newest[row.id] for row in rows)
        return HeldMoney(count, total_sun, held, page, pages)

    async def view(self, payment_id: int) -> HeldPayment | None:
        """One payment, decided or not."""
        async with self._database.transaction() as tx:
            rows = await tx.payments.by_ids([payment_id])
            return (await self.views(tx, rows.values())).get(payment_id)

    async def views(self, tx: Transaction, rows: Iterable[PaymentRow]) -> dict[int, HeldPayment]:
        """The payments with the numbers of the orders they were probably meant for, by id."""
        rows = tuple(rows)
        ids = [row.order_id for row in rows if row.order_id is not None]
        orders = {order.id: order for order in await tx.orders.by_ids(ids)}
        return {
            row.id: await self._view(tx, row, orders.get(row.order_id) if row.order_id else None)
            for row in rows
        }

    # ── the customer's choice ────────────────────────────────────────────────────────────────

    @again_after_conflict
    async def choose(self, user_id: int, payment_id: int, choice: Choice) -> HeldPayment:
        """Do with a held payment what its customer wants.

        Raises:
            ChoiceRefused: it is not theirs, was decided already, or that is not possible.
        """
        async with self._database.transaction() as tx:
            payment = await tx.payments.lock(payment_id)
            if payment is None or payment.user_id != user_id:
                raise ChoiceRefused(ChoiceFault.NOT_YOURS)
            if payment.status == "held" and payment.choose_until is None:
                raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE)  # a person of the shop decides
            learned(payment=payment.txid)
            await self._carry_out(tx, payment, choice)
            log.info("payment %s: its customer chose %s", payment.txid, choice)
            rows = await tx.payments.by_ids([payment_id])
            chosen = (await self.views(tx, rows.values()))[payment_id]
            reach("choice not committed")
        reach("choice carried out")
        return chosen

    async def decide_unchosen(self) -> int:
        """Credit what customers have said nothing about in time; returns how many payments."""
        async with self._database.transaction() as tx:
            due = await tx.payments.unchosen(await chain_now(tx), _BATCH)
        await one_by_one(due, self._credit_unchosen, what="credit payment")
        return len(due)

    async def _credit_unchosen(self, payment_id: int) -> None:
        async with self._database.transaction() as tx:
            payment = await tx.payments.lock(payment_id)
            if payment is None or payment.status != "held" or payment.choose_until is None:
                return
            learned(payment=payment.txid)
            if await chain_now(tx) >= payment.choose_until:
                await credit_held(tx, payment)
                log.info("payment %s: nobody chose, it is credited", payment.txid)
        reach("nobody chose, credited")

    # ── the shop's decision ──────────────────────────────────────────────────────────────────

    # In the transaction of whoever decides; all raise ChoiceRefused and have done nothing then.

    async def waiting(self, tx: Transaction, payment_id: int) -> PaymentRow:
        """The payment, held until the transaction ends, if it waits for a decision."""
        payment = await tx.payments.lock(payment_id)
        if payment is None or payment.status != "held" or payment.adrift:
            raise ChoiceRefused(ChoiceFault.DECIDED)
        return payment

    async def decide(self, tx: Transaction, payment_id: int, choice: Choice) -> None:
        """Do with a held payment what its customer could have chosen."""
        await self._carry_out(tx, await self.waiting(tx, payment_id), choice)

    async def keep(self, tx: Transaction, payment_id: int) -> None:
        """A held payment turned out to be the operator's own money."""
        payment = await self.waiting(tx, payment_id)
        await tx.ledger.book(
            ledger.moved(ledger.HELD, ledger.OWNER, payment.undecided_sun),
            event="deposited",
            payment_id=payment.id,
        )
        await tx.payments.settle(payment.id, old="held", new="own")

    async def flash(self, tx: Transaction, payment_id: int) -> None:
        """Let a held payment become energy for its sender, as if it had been sent for that."""
        payment = await self.waiting(tx, payment_id)
        if payment.position or _is_part(payment):
            raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE)
        await tx.payments.settle(payment.id, old="held", new="flash")
        await tx.wake(PAYMENT_TOPIC)

    async def credit_to(self, tx: Transaction, payment_id: int, user_id: int | None) -> None:
        """Credit a held payment to this customer; None: to the balance of its sender.

        Of an order's price all parts go together. Who has proved that the sender is theirs is
        the sender.
        """
        payment = await self.waiting(tx, payment_id)
        for each in await self._group(tx, payment):
            owner = user_id if user_id is not None else await tx.customers.owner_of(each.sender)
            await tx.payments.belong_to(each.id, owner)
            found = await tx.payments.lock(each.id)
            assert found is not None, "it is locked"
            await credit_held(tx, found)

    async def fault_of_assigning(self, payment_id: int, order_number: int) -> ChoiceFault | None:
        """Why a payment cannot pay this order now; None if it can."""
        async with self._database.transaction() as tx:
            try:
                await self._assignable(tx, payment_id, order_number)
            except ChoiceRefused as refusal:
                return refusal.fault
        return None

    async def _assignable(
        self, tx: Transaction, payment_id: int, order_number: int
    ) -> tuple[PaymentRow, OrderRow, int]:
        """The payment, the order, and what the order needs of it."""
        payment = await self.waiting(tx, payment_id)
        order = await tx.orders.lock_number(order_number)
        if order is None or order.status not in ("pending", "expired"):
            raise ChoiceRefused(ChoiceFault.NO_SUCH_ORDER)
        parts = await tx.payments.in_sight_of(order.id)
        if any(part.status == "seen" for part in parts):
            raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE)
        needed_sun = order.trx_amount - sum(part.order_sun for part in parts)
        if payment.undecided_sun < needed_sun:
            raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE)
        return payment, order, needed_sun

    async def assign(self, tx: Transaction, payment_id: int, order_number: int) -> None:
        """Let a held payment pay this order, as if it had been matched; the rest is credited."""
        payment, order, needed_sun = await self._assignable(tx, payment_id, order_number)
        await tx.payments.belong_to(payment.id, order.user_id)
        payment = await self.waiting(tx, payment_id)
        await assign(tx, payment, order, needed_sun)
        await pay_order(
            tx,
            order,
            txid=payment.txid,
            paid_at=payment.block_time,
            received_sun=order.trx_amount,
        )

    # ── carrying out ─────────────────────────────────────────────────────────────────────────

    async def _carry_out(self, tx: Transaction, payment: PaymentRow, choice: Choice) -> None:
        if payment.status != "held" or payment.adrift:
            raise ChoiceRefused(ChoiceFault.DECIDED)
        group = await self._group(tx, payment)
        match choice:
            case Choice.CREDIT:
                for each in group:
                    await credit_held(tx, each)
            case Choice.REFUND:
                for each in group:
                    await self._refund(tx, each)
            case Choice.DELIVER:
                await self._deliver(tx, group)

    async def _refund(self, tx: Transaction, payment: PaymentRow) -> None:
        try:
            await self._refunds.of_payment(tx, payment, source=ledger.HELD, asked=True)
        except RefundRefused as error:
            raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE) from error

    async def _deliver(self, tx: Transaction, group: Sequence[PaymentRow]) -> None:
        found = await self._less(tx, group)
        if found is None:
            raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE)
        order, goods, wanted = found
        less = await buy(
            tx,
            wanted,
            goods,
            group,
            origin=Origin.LESS,
            recipient=Address(order.recipient_address),
            burn_sun=order.burn_sun * wanted.energy // order.energy_amount,
        )
        if order.waits_for_person:
            # What was risky about it still is.
            await tx.risk.ask(less.id, order.risk_reasons)

    async def _group(self, tx: Transaction, payment: PaymentRow) -> tuple[PaymentRow, ...]:
        """The payments that wait for the same decision: all parts of one order's price."""
        if _is_part(payment) and payment.order_id is not None:
            return await tx.payments.lock_held_parts(payment.order_id)
        return (payment,)

    async def _less(
        self, tx: Transaction, group: Sequence[PaymentRow]
    ) -> tuple[OrderRow, Goods, Purchase] | None:
        """What the parts of an order's price are enough for, at the price it was sold at."""
        first = group[0]
        if first.reason != HeldReason.UNDERPAID or first.order_id is None:
            return None
        order = await tx.orders.get(first.order_id)
        if order is None or order.origin == Origin.EXTENSION:
            return None  # of time there is no less that could be delivered
        goods = await goods_of(tx, order)
        wanted = purchase(
            sum(payment.undecided_sun for payment in group),
            tariff_of(goods.price, goods.surge_percent),
            Need(order.energy_per_transaction, order.energy_next, order.energy_own),
            most_transfers=order.transaction_count,
        )
        return None if wanted is None else (order, goods, wanted)

    async def _view(self, tx: Transaction, row: PaymentRow, order: OrderRow | None) -> HeldPayment:
        waits = row.status == "held"
        group: Sequence[PaymentRow] = ()
        if waits and _is_part(row) and row.order_id is not None:
            # Without a lock: whoever looks waits for nobody, and may see it a moment too late.
            group = await tx.payments.held_parts(row.order_id)
        group = group or (row,)
        less = await self._less(tx, group) if waits else None
        amount_sun = sum(each.undecided_sun for each in group) if waits else row.amount_sun
        possible = [Choice.CREDIT] if waits else []
        if less is not None:
            possible.insert(0, Choice.DELIVER)
        if waits and all(
            self._refunds.can_go_back(each) and each.undecided_sun > self._refunds.fee_sun
            for each in group
        ):
            possible.append(Choice.REFUND)
        return HeldPayment(
            id=row.id,
            txid=row.txid,
            sender=Address(row.sender),
            receiver=Address(row.receiver),
            amount_sun=amount_sun,
            status=row.status,
            reason=row.reason or "",
            user_id=row.user_id,
            order_id=row.order_id,
            order_number=order.number if order else None,
            time=row.block_time,
            choose_until=row.choose_until,
            possible=tuple(possible),
            transfers=less[2].transfers if less is not None else 0,
            refund_fee_sun=self._refunds.fee_sun * len(group),
            from_wallet=self._refunds.can_go_back(row),
            adrift=row.adrift,
        )


def _is_part(payment: PaymentRow) -> bool:
    """Whether it came for a price that was never paid in full."""
    return payment.reason == HeldReason.UNDERPAID
