"""Customers' balances: prepaid money that pays an order at once.

A balance grows by what was paid too much, or for an order that did not come about; it pays
orders without waiting for a transfer; and what is in it can be paid out (`services.refunds`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chain.addresses import Address
from chain.messages import is_signed_by
from db.database import Database, Transaction, again_after_conflict
from db.ledger import Overdrawn
from services import ledger
from services.chain_time import chain_now
from services.crediting import pay_order
from services.fail_points import reach
from services.notices import NoticeKind, tell_customer
from services.order_views import OrderView, views_by_id
from services.orders import OrderFault, OrderRefused

_SHOWN = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of a balance, in sun; positive is in the customer's favour."""

    event: str
    sun: int
    order_number: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer has with us, in sun, and how it came about, newest first."""

    sun: int
    movements: tuple[Movement, ...]


class AddressNotProved(Exception):
    """The signature does not prove that the address belongs to whoever sent it."""


class AddressOfAnother(Exception):
    """Another customer has proved that the address is theirs."""


class Balances:
    """What customers have with us."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, user_id: int) -> Balance:
        """The customer's balance now."""
        account = ledger.user_account(user_id)
        async with self._database.transaction() as tx:
            sun = await tx.ledger.owed_to(account)
            rows = await tx.ledger.movements(account, _SHOWN)
        return Balance(
            sun, tuple(Movement(row.event, row.sun, row.order_number, row.at) for row in rows)
        )

    @again_after_conflict
    async def pay(self, user_id: int, order_id: UUID) -> OrderView:
        """Pay what an open order still needs, all of it, from the balance.

        Raises:
            OrderRefused: it is not the customer's or not open, a payment is in sight, or the
                balance does not hold so much.
        """
        async with self._database.transaction() as tx:
            order = await tx.orders.lock(order_id)
            if order is None or order.user_id != user_id:
                raise OrderRefused(OrderFault.NOT_YOURS)
            if order.status != "pending":
                raise OrderRefused(OrderFault.NOT_OPEN)
            in_sight = await tx.payments.in_sight_of(order_id)
            if any(payment.status == "seen" for payment in in_sight):
                raise OrderRefused(OrderFault.ALREADY_SEEN)
            received_sun = sum(payment.order_sun for payment in in_sight)
            needed_sun = order.trx_amount - received_sun
            try:
                await tx.ledger.book(
                    ledger.moved(ledger.user_account(user_id), ledger.ORDERS, needed_sun),
                    event="prepaid",
                    order_id=order_id,
                )
            except Overdrawn as error:
                raise OrderRefused(OrderFault.BALANCE_TOO_SMALL) from error
            await tx.orders.take_from_balance(order_id, needed_sun)
            await pay_order(
                tx,
                order,
                txid=None,
                paid_at=await chain_now(tx),
                received_sun=order.trx_amount,
            )
            view = (await views_by_id(tx, [order_id]))[order_id]
            reach("balance paid, not committed")
        reach("order paid from balance")
        return view

    @again_after_conflict
    async def prove_address(self, user_id: int, address: Address, text: str, signature: str) -> int:
        """Bind `address` to the customer, who signed `text` with its key.

        What its payments left with us becomes the customer's; returns how much, in sun.

        Raises:
            AddressNotProved: the signature is another key's, or of another text.
            AddressOfAnother: it is bound to another customer.
        """
        try:
            proved = is_signed_by(address, text, signature)
        except ValueError as error:
            raise AddressNotProved(address) from error
        if not proved:
            raise AddressNotProved(address)
        async with self._database.transaction() as tx:
            if not await tx.customers.bind_address(user_id, address):
                raise AddressOfAnother(address)
            claimed_sun = await self._claim(tx, user_id, address)
        reach("address proved")
        return claimed_sun

    async def _claim(self, tx: Transaction, user_id: int, address: Address) -> int:
        payer, user = ledger.balance_account(None, address), ledger.user_account(user_id)
        balance_sun = await tx.ledger.lock_balance(payer)
        if balance_sun:
            await tx.ledger.book(ledger.moved(payer, user, balance_sun), event="claimed")
        await tx.payments.claim(address, user_id)
        held = await tx.payments.unclaimed_of(address)
        for payment in held:
            await tx.ledger.book(
                ledger.moved(ledger.HELD, user, payment.undecided_sun),
                event="released",
                payment_id=payment.id,
            )
            await tx.payments.credit(payment.id, old="held", user_id=user_id)
            await tell_customer(
                tx, NoticeKind.PAYMENT_CREDITED, user_id=user_id, payment_id=payment.id
            )
        claimed_sun = balance_sun + sum(payment.undecided_sun for payment in held)
        log.info("%s proved to own %s, and has %s sun more", user_id, address, claimed_sun)
        return claimed_sun


def proof_text(bot_username: str, user_id: int, address: Address) -> str:
    """What a customer signs to prove an address: of use to nobody else, and nowhere else."""
    return f"{bot_username}: the address {address} belongs to Telegram user {user_id}"
