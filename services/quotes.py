"""Quotes: what a rental costs, what burning would cost, and until when the price holds."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from db.database import Database
from db.prices import PriceRow
from services import pricing
from services.chain_time import ChainUnread, chain_now, rental_time
from services.energy import EnergyNeeds, IsContract, NotActivated, RecipientFacts
from services.inventory import Inventory
from services.limits import Limit, OrderLimits, passed_limit


class QuoteFault(StrEnum):
    """Why nothing is offered."""

    NOT_ACTIVATED = "not_activated"
    IS_CONTRACT = "is_contract"
    IS_OURS = "is_ours"
    DESTINATION_IS_RECIPIENT = "destination_is_recipient"
    NOT_ENOUGH_ENERGY = "not_enough_energy"
    TOO_MANY_TRANSFERS = "too_many_transfers"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    ORDER_TOO_LARGE = "order_too_large"
    RECEIVER_LIMIT = "receiver_limit"
    DAILY_LIMIT = "daily_limit"
    PRICE_GONE = "price_gone"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    NO_POOLS = "no_pools"


class QuoteRefused(Exception):
    """Nothing is offered, because of `fault`.

    `available_energy` comes with NOT_ENOUGH_ENERGY; `limit` with TOO_MANY_TRANSFERS,
    TOO_MANY_OPEN_ORDERS, RECEIVER_LIMIT and DAILY_LIMIT, and in energy with ORDER_TOO_LARGE.
    """

    def __init__(
        self, fault: QuoteFault, *, available_energy: int | None = None, limit: int | None = None
    ) -> None:
        super().__init__(fault)
        self.fault = fault
        self.available_energy = available_energy
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Price:
    """What energy costs for one duration, in sun per energy."""

    id: str
    duration: timedelta
    sun_per_energy: int
    minimum_sun: int


@dataclass(frozen=True, slots=True)
class TypicalPrice:
    """One USDT transfer to a holder: rented for the shortest duration, and burned, in sun."""

    price_sun: int
    burn_sun: int
    energy: int


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer that holds until `holds_until`, in chain time. Prices in sun."""

    id: UUID
    recipient: Address
    destination: Address | None
    transfers: int
    energy_per_transfer: int
    energy: int
    price: Price
    price_sun: int
    price_per_transfer_sun: int
    burn_sun: int
    available_energy: int
    holds_until: datetime
    estimated_from_chain: bool
    needs_nothing: bool


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """The operator's rules for quotes."""

    margin_percent: int
    largest_order_transfers: int
    open_orders_per_user: int
    holds_for: timedelta
    limits: OrderLimits


_LIMIT_FAULTS = {
    Limit.ORDER_ENERGY: QuoteFault.ORDER_TOO_LARGE,
    Limit.RECEIVER_HOUR: QuoteFault.RECEIVER_LIMIT,
    Limit.USER_DAY: QuoteFault.DAILY_LIMIT,
}


class Quotes:
    """Makes and stores quotes."""

    def __init__(
        self,
        database: Database,
        needs: EnergyNeeds,
        inventory: Inventory,
        terms: QuoteTerms,
        *,
        own_addresses: Container[Address],
    ) -> None:
        self._database = database
        self._needs = needs
        self._inventory = inventory
        self._terms = terms
        self._own = own_addresses

    @property
    def largest_order_transfers(self) -> int:
        return self._terms.largest_order_transfers

    async def prices(self) -> tuple[Price, ...]:
        """The prices on offer, shortest duration first."""
        async with self._database.transaction() as tx:
            rows = await tx.prices.active()
        return tuple(_price(row) for row in rows)

    async def typical(self) -> TypicalPrice:
        """The figure to greet with. Raises QuoteRefused(PRICE_GONE) without any price."""
        prices = await self.prices()
        if not prices:
            raise QuoteRefused(QuoteFault.PRICE_GONE)
        base = self._needs.figures.holder
        energy = pricing.with_margin(base, self._terms.margin_percent)
        return TypicalPrice(
            price_sun=pricing.price_sun(energy, prices[0].sun_per_energy, prices[0].minimum_sun),
            burn_sun=pricing.burn_sun(base, await self._needs.fee_sun()),
            energy=energy,
        )

    async def examine(self, recipient: Address) -> RecipientFacts:
        """What the chain says about the address, before any price.

        Raises:
            QuoteRefused: nothing can be delegated to it, or no node could answer.
        """
        if recipient in self._own:
            raise QuoteRefused(QuoteFault.IS_OURS)
        try:
            return await self._needs.recipient(recipient)
        except NotActivated:
            raise QuoteRefused(QuoteFault.NOT_ACTIVATED) from None
        except IsContract:
            raise QuoteRefused(QuoteFault.IS_CONTRACT) from None
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error

    async def quote(
        self,
        user_id: int,
        *,
        recipient: Address,
        transfers: int,
        price_id: str,
        destination: Address | None = None,
        destination_holds_token: bool = True,
    ) -> Quote:
        """Offer energy for `transfers` USDT transfers from `recipient`, and remember the offer.

        Raises:
            QuoteRefused: with the reason; nothing was stored.
        """
        if not 1 <= transfers <= self._terms.largest_order_transfers:
            raise QuoteRefused(
                QuoteFault.TOO_MANY_TRANSFERS, limit=self._terms.largest_order_transfers
            )
        if destination == recipient:
            raise QuoteRefused(QuoteFault.DESTINATION_IS_RECIPIENT)
        price = next((price for price in await self.prices() if price.id == price_id), None)
        if price is None:
            raise QuoteRefused(QuoteFault.PRICE_GONE)
        facts = await self.examine(recipient)
        need = await self._needs.of_transfer(
            recipient, destination, destination_holds_token=destination_holds_token
        )
        energy_per_transfer = pricing.with_margin(need.energy, self._terms.margin_percent)
        energy = energy_per_transfer * transfers
        available = await self._available(energy)
        price_sun = pricing.price_sun(energy, price.sun_per_energy, price.minimum_sun)
        burn_sun = pricing.burn_sun(need.energy * transfers, await self._needs.fee_sun())
        try:
            quote_id, holds_until = await self._store(
                user_id,
                recipient=recipient,
                destination=destination,
                price=price,
                transfers=transfers,
                energy_per_transfer=energy_per_transfer,
                price_sun=price_sun,
                burn_sun=burn_sun,
            )
        except ChainUnread:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from None
        return Quote(
            id=quote_id,
            recipient=recipient,
            destination=destination,
            transfers=transfers,
            energy_per_transfer=energy_per_transfer,
            energy=energy,
            price=price,
            price_sun=price_sun,
            price_per_transfer_sun=price_sun // transfers,
            burn_sun=burn_sun,
            available_energy=available,
            holds_until=holds_until,
            estimated_from_chain=need.simulated,
            needs_nothing=facts.energy_free >= need.energy * transfers,
        )

    async def forget_lapsed(self) -> int:
        """Delete offers that nobody took, a day after they lapsed."""
        async with self._database.transaction() as tx:
            return await tx.quotes.forget_lapsed(await chain_now(tx) - timedelta(days=1))

    async def _available(self, energy: int) -> int:
        try:
            available = await self._inventory.offerable()
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error
        if available < energy:
            raise QuoteRefused(QuoteFault.NOT_ENOUGH_ENERGY, available_energy=available)
        return available

    async def _store(
        self,
        user_id: int,
        *,
        recipient: Address,
        destination: Address | None,
        price: Price,
        transfers: int,
        energy_per_transfer: int,
        price_sun: int,
        burn_sun: int,
    ) -> tuple[UUID, datetime]:
        async with self._database.transaction() as tx:
            if await tx.orders.count_open(user_id) >= self._terms.open_orders_per_user:
                raise QuoteRefused(
                    QuoteFault.TOO_MANY_OPEN_ORDERS, limit=self._terms.open_orders_per_user
                )
            now = await chain_now(tx)
            limit = await passed_limit(
                tx,
                self._terms.limits,
                user_id=user_id,
                recipient=recipient,
                energy=energy_per_transfer * transfers,
                now=now,
            )
            if limit is not None:
                raise QuoteRefused(_LIMIT_FAULTS[limit], limit=self._terms.limits.most(limit))
            holds_until = now + self._terms.holds_for
            quote_id = await tx.quotes.store(
                user_id=user_id,
                recipient_address=recipient,
                destination_address=destination,
                price_config_id=price.id,
                transaction_count=transfers,
                energy_per_transaction=energy_per_transfer,
                price_sun=price_sun,
                burn_sun=burn_sun,
                holds_until=holds_until,
            )
        return quote_id, holds_until


async def publish_prices(database: Database, prices: list[tuple[Decimal, int, int]]) -> None:
    """Make `(duration_hours, sun_per_energy, minimum_sun)` the prices on offer.

    A price's id says what it is, so that a changed price is a new row and an order keeps
    pointing to the one it was sold at.
    """
    async with database.transaction() as tx:
        await tx.prices.publish(
            PriceRow(f"{hours.normalize():f}h-{sun}-{minimum}", hours, sun, minimum)
            for hours, sun, minimum in prices
        )


def _price(row: PriceRow) -> Price:
    return Price(
        id=row.id,
        duration=rental_time(row.duration_hours),
        sun_per_energy=row.sun_per_energy,
        minimum_sun=row.minimum_sun,
    )
