"""Quotes: what a rental costs, what burning would cost, and until when the price holds."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from db.database import Database
from db.tokens import TokenRow
from services import pricing
from services.chain_time import ChainUnread, chain_now
from services.energy import (
    DestinationFacts,
    EnergyNeeds,
    IsContract,
    NotActivated,
    Obstacle,
    RecipientFacts,
    Transfer,
    TransferNeed,
)
from services.inventory import Inventory
from services.limits import Limit, OrderLimits, own_limits, passed_limit
from services.live import Live
from services.maintenance import Closure, closure
from services.prices import Price, PriceList
from services.pricing import Need
from services.tokens import NotAToken, Token


class QuoteFault(StrEnum):
    """Why nothing is offered."""

    NOT_ACTIVATED = "not_activated"
    IS_CONTRACT = "is_contract"
    IS_OURS = "is_ours"
    NOT_TRC20 = "not_trc20"
    SENDER_FROZEN = "sender_frozen"
    DESTINATION_FROZEN = "destination_frozen"
    BALANCE_TOO_SMALL = "balance_too_small"
    TRANSFER_REVERTS = "transfer_reverts"
    NEEDS_NOTHING = "needs_nothing"
    BUDGET_TOO_SMALL = "budget_too_small"
    DESTINATION_IS_RECIPIENT = "destination_is_recipient"
    NOT_ENOUGH_ENERGY = "not_enough_energy"
    TOO_MANY_TRANSFERS = "too_many_transfers"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    ORDER_TOO_LARGE = "order_too_large"
    RECEIVER_LIMIT = "receiver_limit"
    DAILY_LIMIT = "daily_limit"
    PRICE_GONE = "price_gone"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    MAINTENANCE = "maintenance"


_OF_OBSTACLE = {
    Obstacle.BALANCE_TOO_SMALL: QuoteFault.BALANCE_TOO_SMALL,
    Obstacle.SENDER_FROZEN: QuoteFault.SENDER_FROZEN,
    Obstacle.DESTINATION_FROZEN: QuoteFault.DESTINATION_FROZEN,
    Obstacle.REVERTS: QuoteFault.TRANSFER_REVERTS,
}


class QuoteRefused(Exception):
    """Nothing is offered, because of `fault`.

    With NOT_ENOUGH_ENERGY come `available_energy` and for how many `transfers` it is enough; with
    NEEDS_NOTHING the `transfers` that the wallet's own energy is enough for; with BUDGET_TOO_SMALL
    `price_sun`, what one transfer costs; with TOO_MANY_TRANSFERS, TOO_MANY_OPEN_ORDERS,
    RECEIVER_LIMIT and DAILY_LIMIT `limit`, which is energy with ORDER_TOO_LARGE; with MAINTENANCE
    `closure`, what there is to tell.
    """

    def __init__(
        self,
        fault: QuoteFault,
        *,
        available_energy: int | None = None,
        transfers: int | None = None,
        price_sun: int | None = None,
        limit: int | None = None,
        closure: Closure | None = None,
    ) -> None:
        super().__init__(fault)
        self.fault = fault
        self.closure = closure
        self.available_energy = available_energy
        self.transfers = transfers
        self.price_sun = price_sun
        self.limit = limit


@dataclass(frozen=True, slots=True)
class ByProgram:
    """Which program asks: with which key; in which request, of which a repetition gets the same
    quote; and how it calls the order.
    """

    api_key_id: UUID
    request_id: UUID | None = None
    client_order_id: str | None = None


@dataclass(frozen=True, slots=True)
class TypicalPrice:
    """One USDT transfer to a holder: rented for the shortest duration, and burned, in sun."""

    price_sun: int
    burn_sun: int
    energy: int


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer that holds until `holds_until`, in chain time. Prices in sun.

    `energy_per_transfer` is for the first transfer, `energy_next` for each further one, both with
    the margin. `own_energy` is what the recipient has of its own for as long as the rental lasts,
    `energy_own` what was subtracted of it: nothing, unless only the shortfall was asked for.
    `burn_sun` is what the network would burn for energy without the rental, `bandwidth_sun` what
    it will burn all the same, for bandwidth. Of a budget `budget_buys` says how many
    transfers it pays for, also where one order cannot have all of them now. `estimated` from
    configured figures, not simulated.
    """

    id: UUID
    recipient: Address
    destination: Address | None
    destination_facts: DestinationFacts | None
    token: Token
    token_units: int | None
    token_missing: bool
    transfers: int
    budget_buys: int | None
    energy_per_transfer: int
    energy_next: int
    energy_own: int
    own_energy: int
    energy: int
    price: Price
    price_sun: int
    price_per_transfer_sun: int
    burn_sun: int
    bandwidth_sun: int
    available_energy: int
    holds_until: datetime
    estimated: bool

    @property
    def surge_percent(self) -> int:
        """What is on top of the usual price, while little energy is free."""
        return self.price.tariff.surge_percent


@dataclass(frozen=True, slots=True)
class Affordable:
    """What some TRX buys: at most so many transfers, their energy, and what that costs, in sun."""

    transfers: int
    energy_per_transfer: int
    energy_next: int
    energy_own: int
    energy: int
    price: Price
    price_sun: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a transfer takes, and what that costs for each duration.

    `first` and `next` are the energy of the first transfer and of each further one to the same
    destination, as the chain simulated it; `rented_first` and `rented_next` are with the margin,
    which is what is sold. `own_energy` is what the sender could spend now. Burned, in sun:
    `burn_first_sun` and `burn_next_sun` for the energy of one transfer without any,
    `bandwidth_sun` for the bandwidth of one where no free one is left. `prices` are those of one
    first transfer, in sun. `estimated` from configured figures, not simulated.
    """

    token: Token
    first: int
    next: int
    rented_first: int
    rented_next: int
    own_energy: int
    burn_first_sun: int
    burn_next_sun: int
    bandwidth_sun: int
    destination: DestinationFacts | None
    prices: tuple[tuple[Price, int], ...]
    estimated: bool


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """The operator's rules for quotes."""

    margin_percent: int
    largest_order_transfers: int
    open_orders_per_user: int
    holds_for: timedelta
    limits: OrderLimits


# Own energy is told of from a hundredth of a transfer on.
_WORTH_A_LINE = 100

_LIMIT_FAULTS = {
    Limit.ORDER_ENERGY: QuoteFault.ORDER_TOO_LARGE,
    Limit.RECEIVER_HOUR: QuoteFault.RECEIVER_LIMIT,
    Limit.USER_DAY: QuoteFault.DAILY_LIMIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What somebody asks for, without how much of it."""

    recipient: Address
    price_id: str
    destination: Address | None
    destination_holds_token: bool
    token: Address | None
    token_units: int | None
    shortfall_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What the chain says about a wish: `need` is with the margin, `transfer` without."""

    facts: RecipientFacts
    transfer: TransferNeed
    own_energy: int
    need: Need
    price: Price


class Quotes:
    """Makes and stores quotes."""

    def __init__(
        self,
        database: Database,
        needs: EnergyNeeds,
        inventory: Inventory,
        prices: PriceList,
        terms: Live[QuoteTerms],
        *,
        own_addresses: Container[Address],
    ) -> None:
        self._database = database
        self._needs = needs
        self._inventory = inventory
        self._prices = prices
        self._live_terms = terms
        self._own = own_addresses

    @property
    def _terms(self) -> QuoteTerms:
        return self._live_terms.now

    @property
    def largest_order_transfers(self) -> int:
        return self._terms.largest_order_transfers

    def usual_transfers(self, free_energy: int, typical: TypicalPrice) -> int:
        """The most transfers of the usual kind that one order can be for, of so much energy."""
        energy = min(free_energy, self._terms.limits.order_energy)
        return min(energy // typical.energy, self._terms.largest_order_transfers)

    async def closure(self) -> Closure | None:
        """What to tell everybody while the shop takes no new orders; None while it does."""
        async with self._database.transaction() as tx:
            return await closure(tx)

    async def prices(self) -> tuple[Price, ...]:
        """The prices on offer, shortest duration first."""
        return await self._prices.on_offer()

    async def typical(self) -> TypicalPrice:
        """The figure to greet with. Raises QuoteRefused(PRICE_GONE) without any price."""
        prices = await self.prices()
        if not prices:
            raise QuoteRefused(QuoteFault.PRICE_GONE)
        try:
            price = await self._prices.with_surge(prices[0])
        except ChainError:
            price = prices[0]
        base = self._needs.figures.holder
        energy = self._padded(base)
        return TypicalPrice(
            price_sun=price.tariff.price_sun(energy),
            burn_sun=pricing.burn_sun(base, await self._needs.fee_sun()),
            energy=energy,
        )

    async def token(self, address: Address | None) -> Token:
        """The token at an address; None is USDT.

        Raises:
            QuoteRefused: there is no token, or no node could answer.
        """
        try:
            return await self._needs.tokens.find(address)
        except NotAToken:
            raise QuoteRefused(QuoteFault.NOT_TRC20) from None
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error

    async def examine(self, recipient: Address, token: Address | None = None) -> RecipientFacts:
        """What the chain says about the address that will send a token, before any price.

        Raises:
            QuoteRefused: energy could not be delegated to it, or would be useless to it; or no
                node could answer.
        """
        if recipient in self._own:
            raise QuoteRefused(QuoteFault.IS_OURS)
        named = await self.token(token)
        try:
            facts = await self._needs.recipient(recipient, named)
        except NotActivated:
            raise QuoteRefused(QuoteFault.NOT_ACTIVATED) from None
        except IsContract:
            raise QuoteRefused(QuoteFault.IS_CONTRACT) from None
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error
        if facts.frozen:
            raise QuoteRefused(QuoteFault.SENDER_FROZEN)
        return facts

    async def try_transfer(
        self,
        recipient: Address,
        destination: Address,
        *,
        token: Address | None = None,
        token_units: int | None = None,
    ) -> TransferNeed:
        """What the chain says about a transfer, before any price.

        Raises:
            QuoteRefused: the transfer would not come to its end.
        """
        named = await self.token(token)
        transfer = Transfer(
            sender=recipient, token=named, destination=destination, units=token_units
        )
        return await self._try(transfer, await self._needs.units_of(recipient, named))

    async def quote(
        self,
        user_id: int,
        *,
        recipient: Address,
        price_id: str,
        transfers: int | None = None,
        budget_sun: int | None = None,
        destination: Address | None = None,
        destination_holds_token: bool = True,
        token: Address | None = None,
        token_units: int | None = None,
        shortfall_only: bool = False,
        by_program: ByProgram | None = None,
    ) -> Quote:
        """Offer energy for transfers of a token from `recipient`, and remember the offer.

        For so many `transfers`; or for as many as `budget_sun` buys, and as can be delivered.
        `token` None is USDT. With `shortfall_only` the recipient's own energy is counted in.
        `by_program`: a program of the customer's asks.

        Raises:
            QuoteRefused: with the reason; nothing was stored.
        """
        closed = await self.closure()
        if closed is not None:
            raise QuoteRefused(QuoteFault.MAINTENANCE, closure=closed)
        largest = self._terms.largest_order_transfers
        if (transfers is None) == (budget_sun is None):
            raise ValueError("either a number of transfers or a budget")
        if transfers is not None and not 1 <= transfers <= largest:
            raise QuoteRefused(QuoteFault.TOO_MANY_TRANSFERS, limit=largest)
        wish = _Wish(
            recipient=recipient,
            price_id=price_id,
            destination=destination,
            destination_holds_token=destination_holds_token,
            token=token,
            token_units=token_units,
            shortfall_only=shortfall_only,
        )
        buys: int | None = None
        found = await self._measure(wish)
        need, tariff = found.need, found.price.tariff
        available = await self._available()
        if transfers is None:
            assert budget_sun is not None
            buys = self._affordable(budget_sun, found)
            transfers = max(1, min(buys, largest, need.transfers_within(available)))
        if found.own_energy >= found.transfer.of(transfers):
            raise QuoteRefused(QuoteFault.NEEDS_NOTHING, transfers=transfers)
        energy = need.energy(transfers)
        if available < energy:
            raise QuoteRefused(
                QuoteFault.NOT_ENOUGH_ENERGY,
                available_energy=available,
                transfers=need.transfers_within(available),
            )
        price_sun = tariff.price_sun(energy)
        burnt_energy = max(0, found.transfer.of(transfers) - found.own_energy)
        burn_sun = pricing.burn_sun(burnt_energy, await self._needs.fee_sun())
        without_bandwidth = max(0, transfers - found.facts.bandwidth_transfers)
        bandwidth_sun = (
            without_bandwidth * await self._needs.bandwidth_fee_sun() if without_bandwidth else 0
        )
        quote_id, holds_until = await self._store(
            user_id,
            wish,
            found,
            transfers=transfers,
            price_sun=price_sun,
            burn_sun=burn_sun,
            by_program=by_program,
        )
        return Quote(
            id=quote_id,
            recipient=recipient,
            destination=destination,
            destination_facts=found.transfer.destination,
            token=found.facts.token,
            token_units=token_units,
            token_missing=found.facts.token_units == 0,
            transfers=transfers,
            budget_buys=buys,
            energy_per_transfer=need.first,
            energy_next=need.next,
            energy_own=need.own,
            own_energy=found.own_energy,
            energy=energy,
            price=found.price,
            price_sun=price_sun,
            price_per_transfer_sun=price_sun // transfers,
            burn_sun=burn_sun,
            bandwidth_sun=bandwidth_sun,
            available_energy=available,
            holds_until=holds_until,
            estimated=not found.transfer.simulated,
        )

    async def affordable(
        self,
        budget_sun: int,
        *,
        recipient: Address,
        price_id: str,
        destination: Address | None = None,
        destination_holds_token: bool = True,
        token: Address | None = None,
        shortfall_only: bool = False,
    ) -> Affordable:
        """How many transfers `budget_sun` buys, however much energy there is to sell just now.

        The specification's `calculate`. Nothing is stored.

        Raises:
            QuoteRefused: not even one, or for another reason.
        """
        found = await self._measure(
            _Wish(
                recipient=recipient,
                price_id=price_id,
                destination=destination,
                destination_holds_token=destination_holds_token,
                token=token,
                token_units=None,
                shortfall_only=shortfall_only,
            )
        )
        transfers = self._affordable(budget_sun, found)
        energy = found.need.energy(transfers)
        return Affordable(
            transfers=transfers,
            energy_per_transfer=found.need.first,
            energy_next=found.need.next,
            energy_own=found.need.own,
            energy=energy,
            price=found.price,
            price_sun=found.price.tariff.price_sun(energy),
            estimated=not found.transfer.simulated,
        )

    async def estimate(
        self,
        sender: Address,
        *,
        destination: Address | None = None,
        destination_holds_token: bool = True,
        token: Address | None = None,
        token_units: int | None = None,
    ) -> Estimate:
        """What a transfer of a token from `sender` takes. Nothing is stored.

        Raises:
            QuoteRefused: energy cannot be delegated to the sender, or the transfer would not come
                to its end however much energy there is.
        """
        if destination == sender:
            raise QuoteRefused(QuoteFault.DESTINATION_IS_RECIPIENT)
        facts = await self.examine(sender, token)
        need = await self._try(
            Transfer(
                sender=sender,
                token=facts.token,
                destination=destination,
                destination_holds_token=destination_holds_token,
                units=token_units,
            ),
            facts.token_units,
        )
        try:
            prices = [await self._prices.with_surge(price) for price in await self.prices()]
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error
        rented_first = self._padded(need.first)
        fee_sun = await self._needs.fee_sun()
        return Estimate(
            token=facts.token,
            first=need.first,
            next=need.next,
            rented_first=rented_first,
            rented_next=self._padded(need.next),
            own_energy=facts.energy_free,
            burn_first_sun=pricing.burn_sun(need.first, fee_sun),
            burn_next_sun=pricing.burn_sun(need.next, fee_sun),
            bandwidth_sun=0 if facts.bandwidth_transfers else await self._needs.bandwidth_fee_sun(),
            destination=need.destination,
            prices=tuple((price, price.tariff.price_sun(rented_first)) for price in prices),
            estimated=not need.simulated,
        )

    async def of_request(self, request_id: UUID) -> UUID | None:
        """The offer that a program's request was given, before it was interrupted.

        None also if no order came of it and it has lapsed: the request may be given another.
        """
        async with self._database.transaction() as tx:
            quote = await tx.quotes.of_request(request_id)
            if quote is None:
                return None
            placed = await tx.orders.of_quote(quote.id)
            if placed is None and await chain_now(tx) > quote.holds_until:
                await tx.quotes.let_go_of_request(quote.id)
                return None
            return quote.id

    async def forget_lapsed(self) -> int:
        """Delete offers that nobody took, a day after they lapsed."""
        async with self._database.transaction() as tx:
            return await tx.quotes.forget_lapsed(await chain_now(tx) - timedelta(days=1))

    # ── what a quote is made of ──────────────────────────────────────────────────────────────

    async def _measure(self, wish: _Wish) -> _Measured:
        if wish.destination == wish.recipient:
            raise QuoteRefused(QuoteFault.DESTINATION_IS_RECIPIENT)
        price = next((price for price in await self.prices() if price.id == wish.price_id), None)
        if price is None:
            raise QuoteRefused(QuoteFault.PRICE_GONE)
        facts = await self.examine(wish.recipient, wish.token)
        transfer = await self._try(
            Transfer(
                sender=wish.recipient,
                token=facts.token,
                destination=wish.destination,
                destination_holds_token=wish.destination_holds_token,
                units=wish.token_units,
            ),
            facts.token_units,
        )
        own_energy = await self._lasting(facts, price.duration)
        if own_energy * _WORTH_A_LINE < transfer.first:
            own_energy = 0  # what rounding leaves of a rental is nobody's reason to choose
        try:
            price = await self._prices.with_surge(price)
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error
        return _Measured(
            facts=facts,
            transfer=transfer,
            own_energy=own_energy,
            need=Need(
                first=self._padded(transfer.first),
                next=self._padded(transfer.next),
                own=own_energy if wish.shortfall_only else 0,
            ),
            price=price,
        )

    async def _try(self, transfer: Transfer, sender_units: int | None) -> TransferNeed:
        need = await self._needs.of_transfer(transfer, sender_units)
        if need.obstacle is not None:
            raise QuoteRefused(_OF_OBSTACLE[need.obstacle])
        return need

    async def _lasting(self, facts: RecipientFacts, duration: timedelta) -> int:
        """The unused energy that the recipient has of its own for as long as the rental would last.

        Energy that it rents from us does not count, all of it, if that rental ends before this one
        would: nobody knows whether it or the wallet's own is used first.
        """
        if not facts.energy_free:
            return 0
        try:
            async with self._database.statements() as tx:
                ending = await tx.delegations.energy_ending_by(
                    facts.address, await chain_now(tx) + duration
                )
        except ChainUnread:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from None
        return max(0, facts.energy_free - ending)

    def _affordable(self, budget_sun: int, found: _Measured) -> int:
        """How many transfers the money buys; refuses if not even one."""
        transfers = pricing.affordable_transfers(budget_sun, found.need, found.price.tariff)
        if transfers < 1:
            price_sun = found.price.tariff.price_sun(found.need.energy(1))
            raise QuoteRefused(QuoteFault.BUDGET_TOO_SMALL, price_sun=price_sun)
        return transfers

    def _padded(self, energy: int) -> int:
        return pricing.with_margin(energy, self._terms.margin_percent)

    async def _available(self) -> int:
        try:
            return await self._inventory.offerable()
        except ChainError as error:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from error

    async def _store(
        self,
        user_id: int,
        wish: _Wish,
        found: _Measured,
        *,
        transfers: int,
        price_sun: int,
        burn_sun: int,
        by_program: ByProgram | None,
    ) -> tuple[UUID, datetime]:
        token = found.facts.token
        try:
            async with self._database.transaction() as tx:
                limits, most_open = await own_limits(
                    tx, self._terms.limits, self._terms.open_orders_per_user, user_id
                )
                if await tx.orders.count_open(user_id) >= most_open:
                    raise QuoteRefused(QuoteFault.TOO_MANY_OPEN_ORDERS, limit=most_open)
                now = await chain_now(tx)
                limit = await passed_limit(
                    tx,
                    limits,
                    user_id=user_id,
                    recipient=wish.recipient,
                    energy=found.need.energy(transfers),
                    now=now,
                )
                if limit is not None:
                    raise QuoteRefused(_LIMIT_FAULTS[limit], limit=limits.most(limit))
                holds_until = now + self._terms.holds_for
                if wish.token is not None:
                    await tx.tokens.remember(TokenRow(token.address, token.symbol, token.decimals))
                quote_id = await tx.quotes.store(
                    user_id=user_id,
                    recipient_address=wish.recipient,
                    destination_address=wish.destination,
                    destination_holds_token=wish.destination_holds_token,
                    token_address=wish.token,
                    token_amount=wish.token_units,
                    price_config_id=found.price.id,
                    surge_percent=found.price.tariff.surge_percent,
                    transaction_count=transfers,
                    energy_per_transaction=found.need.first,
                    energy_next=found.need.next,
                    energy_own=found.need.own,
                    estimated=not found.transfer.simulated,
                    price_sun=price_sun,
                    burn_sun=burn_sun,
                    holds_until=holds_until,
                    recipient_holds_token=None
                    if found.facts.token_units is None
                    else found.facts.token_units > 0,
                    api_key_id=by_program.api_key_id if by_program else None,
                    request_id=by_program.request_id if by_program else None,
                    client_order_id=by_program.client_order_id if by_program else None,
                )
        except ChainUnread:
            raise QuoteRefused(QuoteFault.CHAIN_UNAVAILABLE) from None
        return quote_id, holds_until
