"""More time for a rental that runs: an order of its own, which delivers nothing on the chain.

It is paid like any other, and costs what its rental would have cost more if it had been sold for
that long. When it is paid, everything that is out for the rental ends later, in one go. While its
money is here, or in a block, the rental is not taken back (`db.delegations.expire_due`), so there
is no gap. Money that comes when the rental is over goes where that of undelivered orders goes.

What is risky about it waits for a person, as an order does; meanwhile its rental is not kept, or
whoever is looked at would have time for nothing. If the rental ends first, its money came too late.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from db.database import Database, Transaction, again_after_conflict
from db.delegations import DelegationRow
from db.orders import OrderRow
from db.prices import PriceRow
from services.chain_time import ChainUnread, chain_now, rental_time
from services.fail_points import reach
from services.log_context import learned
from services.notices import NoticeKind, tell_customer
from services.one_by_one import one_by_one
from services.order_ends import OrderEnds
from services.order_views import OrderView, Origin, order_views
from services.orders import Orders
from services.price_curve import price_difference_sun
from services.prices import rows_on_offer, tariff_of
from services.quotes import ByProgram
from services.risk import Outcome
from services.risk_check import RiskCheck

RENTAL_OVER = "rental_over"
"""Why an extension failed whose money came when there was nothing left to prolong."""

_LONGEST = timedelta(days=365)

log = logging.getLogger(__name__)


class ExtensionFault(StrEnum):
    """Why a rental is not prolonged."""

    NOT_YOURS = "not_yours"
    NOT_RUNNING = "not_running"
    ALREADY_OPEN = "already_open"
    PRICE_GONE = "price_gone"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    DECLINED = "declined"
    BANNED = "banned"


class ExtensionRefused(Exception):
    """Nothing was placed, because of `fault`.

    `open_order` comes with ALREADY_OPEN: the extension that is to be paid, or is being carried out.
    """

    def __init__(self, fault: ExtensionFault, *, open_order: OrderView | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.open_order = open_order


@dataclass(frozen=True, slots=True)
class ExtensionOffer:
    """So much more time for `price_sun`; the rental then lasts until `expires_at`, chain time."""

    duration: timedelta
    price_sun: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ExtensionOffers:
    """How a running rental can be prolonged, by the shortest time first."""

    rental: OrderView
    offers: tuple[ExtensionOffer, ...]


@dataclass(frozen=True, slots=True)
class ExtensionTerms:
    """The operator's rules for extensions: `minimum_sun` is the least that one costs."""

    minimum_sun: int


class Extensions:
    """Offers, sells and carries out extensions."""

    def __init__(
        self,
        database: Database,
        orders: Orders,
        ends: OrderEnds,
        terms: ExtensionTerms,
        *,
        risk: RiskCheck,
    ) -> None:
        self._database = database
        self._orders = orders
        self._ends = ends
        self._terms = terms
        self._risk = risk

    async def offers(self, user_id: int, order_id: UUID) -> ExtensionOffers:
        """How the customer's rental, or the one that this extension prolongs, can be prolonged.

        Raises:
            ExtensionRefused: it is not theirs, does not run, or an extension of it is open.
        """
        async with self._database.transaction() as tx:
            rental = await self._rental(tx, user_id, order_id)
            prices = await rows_on_offer(tx)
            [view] = await order_views(tx, [rental])
        return ExtensionOffers(view, offers_of(rental, prices, self._terms))

    @again_after_conflict
    async def place(
        self,
        user_id: int,
        order_id: UUID,
        *,
        duration: timedelta,
        price_sun: int,
        by_program: ByProgram | None = None,
    ) -> OrderView:
        """Order `duration` more for the price that was offered; a second call gives the same order.

        `by_program`: a program of the customer's asks.

        Raises:
            ExtensionRefused: as above; it costs another price by now; or nothing new is sold to
                them.
        """
        async with self._database.transaction() as tx:
            rental_id = await self._rental_id(tx, user_id, order_id)
            # Whoever holds the rental decides what becomes of it: one after the other.
            await tx.orders.lock(rental_id)
            already = await tx.orders.open_extension(rental_id)
            if already is not None and rental_time(already.duration_hours) == duration:
                return (await order_views(tx, [already]))[0]
            if await tx.customers.is_banned(user_id):
                raise ExtensionRefused(ExtensionFault.BANNED)
            rental = await self._rental(tx, user_id, rental_id)
            placed = await self._place(tx, user_id, rental, duration, price_sun, by_program)
            [view] = await order_views(tx, [placed])
            reach("extension placed, not committed")
        reach("extension placed")
        return view

    async def offered_sun(self, user_id: int, extension_id: UUID) -> int:
        """What an extension of the customer's was offered for: its amount without the few sun that
        tell orders apart.

        Raises:
            ExtensionRefused: it is not theirs.
        """
        async with self._database.transaction() as tx:
            extension = await tx.orders.get(extension_id)
            if extension is None or extension.user_id != user_id:
                raise ExtensionRefused(ExtensionFault.NOT_YOURS)
            return (await tx.quotes.get(extension.quote_id)).price_sun

    async def apply_due(self) -> int:
        """Prolong the rentals whose extensions are paid; returns how many extensions were due."""
        async with self._database.transaction() as tx:
            due = await tx.orders.paid_extensions()
        await one_by_one(due, self._apply, what="carry out the extension")
        return len(due)

    async def _rental_id(self, tx: Transaction, user_id: int, order_id: UUID) -> UUID:
        order = await tx.orders.get(order_id)
        if order is None or order.user_id != user_id:
            raise ExtensionRefused(ExtensionFault.NOT_YOURS)
        return order.extends_id or order.id

    async def _rental(self, tx: Transaction, user_id: int, order_id: UUID) -> OrderRow:
        """The rental, which can be prolonged now."""
        rental = await tx.orders.get(await self._rental_id(tx, user_id, order_id))
        assert rental is not None, "the schema keeps it"
        try:
            now = await chain_now(tx)
        except ChainUnread:
            raise ExtensionRefused(ExtensionFault.CHAIN_UNAVAILABLE) from None
        already = await tx.orders.open_extension(rental.id)
        if already is not None:
            [view] = await order_views(tx, [already])
            raise ExtensionRefused(ExtensionFault.ALREADY_OPEN, open_order=view)
        delegations = await tx.delegations.of_order(rental.id)
        if rental.expires_at is None or now >= rental.expires_at or not _runs(rental, delegations):
            raise ExtensionRefused(ExtensionFault.NOT_RUNNING)
        return rental

    async def _place(
        self,
        tx: Transaction,
        user_id: int,
        rental: OrderRow,
        duration: timedelta,
        price_sun: int,
        by_program: ByProgram | None,
    ) -> OrderRow:
        prices = await rows_on_offer(tx)
        price = next(
            (each for each in prices if rental_time(each.duration_hours) == duration), None
        )
        offered = {offer.duration: offer for offer in offers_of(rental, prices, self._terms)}
        if price is None or duration not in offered or offered[duration].price_sun != price_sun:
            raise ExtensionRefused(ExtensionFault.PRICE_GONE)
        assert rental.expires_at is not None, "it runs"
        now = await chain_now(tx)
        found = await self._risk.of_order(
            tx,
            user_id=user_id,
            recipient=rental.recipient_address,
            amount_sun=price_sun,
            # It was looked at when the rental was ordered.
            holds_token=None,
            now=now,
            prolongs=True,
        )
        if found.outcome is Outcome.REFUSE:
            raise ExtensionRefused(ExtensionFault.DECLINED)
        quote_id = await tx.quotes.store(
            user_id=user_id,
            recipient_address=rental.recipient_address,
            destination_address=rental.destination_address,
            destination_holds_token=rental.destination_holds_token,
            token_address=rental.token_address,
            token_amount=None if rental.token_amount is None else int(rental.token_amount),
            price_config_id=price.id,
            surge_percent=0,
            transaction_count=rental.transaction_count,
            energy_per_transaction=rental.energy_per_transaction,
            energy_next=rental.energy_next,
            energy_own=rental.energy_own,
            estimated=rental.estimated,
            price_sun=price_sun,
            burn_sun=0,
            holds_until=now,
            api_key_id=by_program.api_key_id if by_program else None,
            request_id=by_program.request_id if by_program else None,
        )
        quote = await tx.quotes.lock(quote_id)
        assert quote is not None, "it was stored a line above"
        order = await self._orders.with_unique_amount(
            tx,
            quote,
            now,
            # What is paid later finds nothing to prolong.
            pay_before=rental.expires_at,
            origin=Origin.EXTENSION,
            extends_id=rental.id,
        )
        learned(order=order.number, order_id=order.id)
        if found.outcome is Outcome.ASK:
            await self._risk.ask(tx, order, found)
        log.info(
            "order %s: placed for %s sun, %s more for order %s",
            *(order.number, order.trx_amount, duration, rental.number),
        )
        return order

    async def _apply(self, extension_id: UUID) -> None:
        learned(order_id=extension_id)
        async with self._database.transaction() as tx:
            extension = await tx.orders.lock(extension_id)
            if (
                extension is None
                or extension.extends_id is None
                or extension.status not in ("paid", "processing")
                or any(payment.adrift for payment in await tx.payments.of_order(extension_id))
            ):
                return
            learned(order=extension.number)
            rental = await tx.orders.lock(extension.extends_id)
            assert rental is not None, "the schema keeps it"
            if rental.status in ("paid", "processing"):
                return  # its energy left the chain and is delivered again, or it is given up
            # Held, or what is being taken back in this very moment would count as running.
            delegations = await tx.delegations.lock_of_order(rental.id)
            runs = _runs(rental, delegations)
            if runs and extension.waits_for_person:
                return
            if not runs or not await _prolong(tx, extension, sign=1):
                log.warning("order %s: there is no rental left to prolong", extension.number)
                await self._ends.fail(tx, extension_id, RENTAL_OVER)
            else:
                await self._complete(tx, extension)
            reach("extension carried out, not committed")
        reach("extension carried out")

    async def _complete(self, tx: Transaction, extension: OrderRow) -> None:
        assert extension.extends_id is not None, "it is an extension"
        rental = await tx.orders.get(extension.extends_id)
        assert rental is not None, "it is locked"
        assert rental.expires_at is not None, "it runs"
        await tx.orders.process([extension.id])
        await self._ends.complete(
            tx,
            extension.id,
            completed_at=await chain_now(tx),
            expires_at=rental.expires_at,
        )
        # The extension's own news say until when; the rental's card is to say it, too.
        await tell_customer(
            tx,
            NoticeKind.ORDER_EXTENDED,
            user_id=rental.user_id,
            order_id=rental.id,
            occasion=str(extension.number),
        )
        log.info("order %s: lasts until %s", rental.number, rental.expires_at)


def offers_of(
    rental: OrderRow, prices: Sequence[PriceRow], terms: ExtensionTerms
) -> tuple[ExtensionOffer, ...]:
    """What each duration on offer costs as additional time for the rental."""
    curve = [
        (
            _seconds(rental_time(price.duration_hours)),
            tariff_of(price).price_sun(rental.energy_amount),
        )
        for price in prices
    ]
    before = rental_time(rental.rental_hours)
    found = []
    for price in prices:
        duration = rental_time(price.duration_hours)
        if rental.expires_at is None or before + duration > _LONGEST:
            continue
        difference_sun = price_difference_sun(curve, _seconds(before), _seconds(before + duration))
        found.append(
            ExtensionOffer(
                duration=duration,
                price_sun=max(difference_sun, terms.minimum_sun),
                expires_at=rental.expires_at + duration,
            )
        )
    return tuple(found)


async def undo_unbegun(tx: Transaction, order_id: UUID) -> bool:
    """Take the time of an extension back whose payment is gone, unless it has begun.

    Its order, which the caller has locked, is then as before it was carried out. False for every
    order that is no extension, and where the time was, or is being, used: that is delivered.
    """
    extension = await tx.orders.get(order_id)
    if extension is None or extension.extends_id is None or extension.status != "completed":
        return False
    rental = await tx.orders.lock(extension.extends_id)
    if rental is None or rental.expires_at is None:
        return False
    before = rental.expires_at - rental_time(extension.duration_hours)
    if await chain_now(tx) >= before or not await _prolong(tx, extension, sign=-1):
        return False
    await tx.orders.reopen(order_id)
    await tell_customer(
        tx,
        NoticeKind.ORDER_EXTENDED,
        user_id=rental.user_id,
        order_id=rental.id,
        occasion=f"{extension.number} undone",
    )
    log.warning("order %s: lasts until %s again", rental.number, before)
    return True


def _runs(rental: OrderRow, delegations: Sequence[DelegationRow]) -> bool:
    """Whether all of the rental's energy is out, and none of it on its way back."""
    if rental.status != "completed" or rental.ended_at or rental.ended_early_at:
        return False
    active = sum(row.energy_amount for row in delegations if row.status == "active")
    return active >= rental.energy_amount


async def _prolong(tx: Transaction, extension: OrderRow, *, sign: int) -> bool:
    """Let the rental end later by the extension's time, or earlier (-1); False if it is over."""
    assert extension.extends_id is not None, "it is an extension"
    hours = extension.duration_hours * sign
    if not await tx.orders.prolong(extension.extends_id, hours):
        return False
    await tx.delegations.prolong(extension.extends_id, hours)
    # What waits for this rental's end may be taken back earlier, or has to wait longer.
    await tx.reclaims.look_again(extension.recipient_address)
    return True


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
