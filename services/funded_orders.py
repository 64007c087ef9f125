"""Orders whose money is here already: nobody is asked to pay them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from chain.addresses import Address
from db.database import Transaction
from db.orders import OrderRow
from db.payments import PaymentRow
from db.prices import PriceRow
from services import ledger, pricing
from services.chain_time import chain_now
from services.crediting import pay_order
from services.log_context import learned
from services.order_views import Origin
from services.pricing import Need, Tariff

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What held money buys: the energy of whole transfers, and what is left over, in sun."""

    transfers: int
    need: Need
    price_sun: int
    rest_sun: int

    @property
    def energy(self) -> int:
        """What is bought, the own energy of its recipient subtracted."""
        return self.need.energy(self.transfers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is bought, and at what price; `estimated` from configured figures."""

    price: PriceRow
    surge_percent: int = 0
    destination: Address | None = None
    destination_holds_token: bool = True
    token_address: str | None = None
    token_amount: int | None = None
    estimated: bool


def purchase(funds_sun: int, tariff: Tariff, need: Need, *, most_transfers: int) -> Purchase | None:
    """As many whole transfers as `funds_sun` pay for; None if they pay for no energy at all."""
    transfers = min(most_transfers, pricing.affordable_transfers(funds_sun, need, tariff))
    energy = need.energy(transfers)
    if energy < 1:
        return None
    price_sun = tariff.price_sun(energy)
    return Purchase(
        transfers=transfers, need=need, price_sun=price_sun, rest_sun=funds_sun - price_sun
    )


async def goods_of(tx: Transaction, order: OrderRow) -> Goods:
    """What the order sells, at the price it was offered at."""
    quote = await tx.quotes.get(order.quote_id)
    return Goods(
        price=await tx.prices.get(order.price_config_id),
        surge_percent=quote.surge_percent,
        destination=Address(order.destination_address) if order.destination_address else None,
        destination_holds_token=order.destination_holds_token,
        token_address=order.token_address,
        token_amount=None if order.token_amount is None else int(order.token_amount),
        estimated=order.estimated,
    )


async def buy(
    tx: Transaction,
    wanted: Purchase,
    goods: Goods,
    payments: Sequence[PaymentRow],
    *,
    origin: Origin,
    recipient: Address,
    burn_sun: int,
) -> OrderRow:
    """Turn held payments of one payer into a paid order; what is left over is credited.

    Their money is booked as held; the first of them pays first.
    """
    first = payments[0]
    now = await chain_now(tx)
    quote_id = await tx.quotes.store(
        user_id=first.user_id,
        recipient_address=recipient,
        destination_address=goods.destination,
        destination_holds_token=goods.destination_holds_token,
        token_address=goods.token_address,
        token_amount=goods.token_amount,
        price_config_id=goods.price.id,
        surge_percent=goods.surge_percent,
        transaction_count=wanted.transfers,
        energy_per_transaction=wanted.need.first,
        energy_next=wanted.need.next,
        energy_own=wanted.need.own,
        estimated=goods.estimated,
        price_sun=wanted.price_sun,
        burn_sun=burn_sun,
        holds_until=now,
    )
    quote = await tx.quotes.lock(quote_id)
    assert quote is not None, "it was stored a line above"
    order = await tx.orders.place(
        quote,
        payment_address=first.receiver,
        amount_sun=wanted.price_sun,
        ordered_at=now,
        pay_until=now,
        origin=origin,
        amount_reserved=False,
    )
    needed_sun = wanted.price_sun
    for payment in payments:
        order_sun = min(payment.undecided_sun, needed_sun)
        needed_sun -= order_sun
        await assign(tx, payment, order, order_sun)
    await pay_order(
        tx,
        order,
        txid=payments[-1].txid,
        paid_at=first.block_time,
        received_sun=wanted.price_sun,
    )
    learned(order=order.number, order_id=order.id)
    log.info("order %s: %s, %s transfers", order.number, origin, wanted.transfers)
    return order


async def assign(tx: Transaction, payment: PaymentRow, order: OrderRow, order_sun: int) -> None:
    """Of a payment that is booked as held, `order_sun` pay the order; the rest is credited."""
    excess_sun = payment.undecided_sun - order_sun
    account = ledger.balance_account(payment.user_id, Address(payment.sender))
    await tx.ledger.book(
        ledger.assigned(order_sun, excess_sun, account),
        event="assigned",
        payment_id=payment.id,
        order_id=order.id,
    )
    if order_sun:
        # An order that it paid, and that could not be delivered, has it no more.
        await tx.orders.let_go_of(payment.txid)
        await tx.payments.assign(
            payment.id,
            old=payment.status,
            order_id=order.id,
            order_sun=order_sun,
            credited_sun=payment.credited_sun + excess_sun,
        )
    else:
        await tx.payments.credit(payment.id, old=payment.status)
