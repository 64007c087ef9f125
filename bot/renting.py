"""The way from an address to a quote, one question at a time.

Buttons carry the id of a draft, so they work whatever else happened in the chat. Only answers that
are typed need the chat's state: it says which question a text answers.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.utils.formatting import Text

from bot import cards
from bot.callbacks import Step
from bot.drafts import Draft, Drafts
from bot.inputs import (
    EthereumAddress,
    HexAddress,
    Unclear,
    WrongAddress,
    read_address,
    read_amount_beside,
    read_budget,
    read_count,
)
from bot.screen import Card
from bot.turn import Turn
from chain.addresses import Address
from services.customers import Customers
from services.energy import TransferNeed
from services.order_views import OrderView
from services.prices import Price
from services.quotes import QuoteFault, QuoteRefused, Quotes
from services.tokens import USDT


class Asking(StatesGroup):
    """The question that a typed answer belongs to."""

    sender = State()
    destination = State()
    token = State()
    transfers = State()


CHAIN_SECONDS = 12.0
"""How long a customer waits for the chain. All their taps wait with them, so it has to end well
before the lock does that keeps those in order."""

_DRAFT = "draft"
_ASKED = "asked"


class Renting:
    """One customer's turn on the way to a quote."""

    def __init__(
        self, turn: Turn, state: FSMContext, *, customers: Customers, quotes: Quotes, drafts: Drafts
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._state = state
        self._customers = customers
        self._quotes = quotes
        self._drafts = drafts

    # The questions

    async def ask_sender(self) -> None:
        if await self._is_closed():
            return
        saved = await self._customers.addresses(self._turn.customer.id)
        await self._ask(cards.ask_sender(self._texts, saved), Asking.sender)

    async def ask_destination(self, draft: Draft) -> None:
        """First look at the wallet: whatever is wrong with it is said before any question."""
        if await self._is_closed():
            return
        await self._turn.acknowledge()
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                facts = await self._quotes.examine(draft.recipient, draft.token)
        except (QuoteRefused, TimeoutError) as refusal:
            card = cards.wallet_refused(self._texts, _fault_of(refusal), draft.recipient)
            await self._ask(card, Asking.sender)
            return
        draft = replace(draft, symbol=facts.token.symbol)
        await self._drafts.keep(self._turn.customer.id, draft)
        await self._ask(cards.ask_destination(self._texts, draft, facts), Asking.destination, draft)

    async def ask_token(self, draft: Draft) -> None:
        await self._ask(cards.ask_token(self._texts, draft), Asking.token, draft)

    async def ask_transfers(self, draft: Draft, need: TransferNeed | None = None) -> None:
        await self._drafts.keep(self._turn.customer.id, draft)
        limit = self._quotes.largest_order_transfers
        card = cards.ask_transfers(self._texts, draft, limit, need)
        await self._ask(card, Asking.transfers, draft)

    async def ask_duration(self, draft: Draft) -> None:
        """With a single duration on offer there is nothing to ask."""
        prices = await self._quotes.prices()
        if len(prices) == 1:
            await self.offer(_lasting(draft, prices[0]))
            return
        await self._drafts.keep(self._turn.customer.id, draft)
        await self._ask(cards.ask_duration(self._texts, draft, prices), None)

    async def offer(self, draft: Draft, *, as_new_message: bool = False) -> None:
        """The quote for a complete draft; for an incomplete one, the question that is missing."""
        if draft.transfers is None and draft.budget_sun is None:
            await self.ask_transfers(draft)
            return
        prices = await self._quotes.prices()
        price = _price_lasting(draft.duration_seconds, prices)
        if price is None:
            await self.ask_duration(replace(draft, duration_seconds=None))
            return
        await self._turn.acknowledge()
        await self._drafts.keep(self._turn.customer.id, draft)
        card = await self._offer_card(draft, price, only_duration=len(prices) == 1)
        await self._ask(card, None, as_new_message=as_new_message)

    async def _offer_card(self, draft: Draft, price: Price, *, only_duration: bool) -> Card:
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                quote = await self._quotes.quote(
                    self._turn.customer.id,
                    recipient=draft.recipient,
                    price_id=price.id,
                    transfers=draft.transfers,
                    budget_sun=draft.budget_sun,
                    destination=draft.destination,
                    destination_holds_token=draft.destination_holds_token,
                    token=draft.token,
                    token_units=draft.token_units,
                    shortfall_only=draft.shortfall_only,
                )
        except QuoteRefused as refusal:
            return self._refusal_card(draft, refusal)
        except TimeoutError:
            return cards.quote_refused(self._texts, draft, QuoteFault.CHAIN_UNAVAILABLE)
        return cards.quote(self._texts, draft, quote, only_duration=only_duration)

    def _refusal_card(self, draft: Draft, refusal: QuoteRefused) -> Card:
        """Why there is no offer, with the nearest thing that could be one."""
        match refusal.fault:
            case QuoteFault.MAINTENANCE:
                return cards.closed(self._texts, refusal.closure)
            case QuoteFault.NOT_ENOUGH_ENERGY if refusal.available_energy:
                return cards.not_enough_energy(
                    self._texts,
                    draft,
                    available=refusal.available_energy,
                    transfers_possible=refusal.transfers or 0,
                )
            case QuoteFault.NEEDS_NOTHING:
                return cards.needs_nothing(self._texts, draft, refusal.transfers or 1)
            case QuoteFault.BUDGET_TOO_SMALL if draft.budget_sun is not None:
                return cards.budget_too_small(
                    self._texts,
                    draft,
                    budget_sun=draft.budget_sun,
                    price_sun=refusal.price_sun or 0,
                )
            case fault:
                return cards.quote_refused(self._texts, draft, fault, refusal.limit or 0)

    # The answers

    async def sender_typed(self, text: str) -> None:
        found = read_address(text)
        if isinstance(found, WrongAddress | EthereumAddress | HexAddress):
            await self._turn.send(cards.wrong_address(self._texts, found))
            return
        await self.ask_destination(Draft(recipient=found))

    async def sender_chosen(self, address: str) -> None:
        """A button's address; whoever made it up gets the same answer as for a typed one."""
        await self.sender_typed(address)

    async def destination_typed(self, text: str) -> None:
        draft = await self._asked_about()
        if draft is None:
            return
        found = await self._address_in(text)
        if found is None:
            return
        if found == draft.recipient:
            await self._say(self._texts.destination_is_sender(draft.symbol))
        else:
            await self._destination_named(draft, found, read_amount_beside(found, text))

    async def _address_in(self, text: str) -> Address | None:
        """The address of a typed answer; if there is none, what is wrong is said."""
        found = read_address(text)
        if isinstance(found, HexAddress):
            return found.address
        if isinstance(found, WrongAddress | EthereumAddress):
            await self._say(cards.wrong_address_text(self._texts, found))
            return None
        return found

    async def _destination_named(
        self, draft: Draft, destination: Address, amount: Decimal | Unclear | None
    ) -> None:
        """Try the transfer out: whatever is wrong with it is said before any price."""
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                token = await self._quotes.token(draft.token)
                units = token.units(amount) if isinstance(amount, Decimal) else None
                if amount is not None and units is None:
                    await self._say(self._texts.amount_unclear(draft.symbol))
                    return
                draft = replace(draft, destination=destination, token_units=units)
                need = await self._quotes.try_transfer(
                    draft.recipient, destination, token=draft.token, token_units=units
                )
        except (QuoteRefused, TimeoutError) as refusal:
            fault = _fault_of(refusal)
            if fault is not QuoteFault.CHAIN_UNAVAILABLE:
                await self._say(self._texts.quote_refused(fault))
                return
            # The quote will ask the chain again.
            draft, need = replace(draft, destination=destination), None
        await self.ask_transfers(draft, need)

    async def token_chosen(self, draft_id: str, *, usdt: bool) -> None:
        draft = await self.draft(draft_id)
        if draft is None:
            return
        if usdt:
            await self.ask_destination(replace(draft, token=None, symbol=USDT, token_units=None))
        else:
            await self.ask_token(draft)

    async def token_typed(self, text: str) -> None:
        draft = await self._asked_about()
        if draft is None:
            return
        found = await self._address_in(text)
        if found is None:
            return
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                token = await self._quotes.token(found)
        except (QuoteRefused, TimeoutError) as refusal:
            fault = _fault_of(refusal)
            refused = (
                self._texts.not_trc20(found)
                if fault is QuoteFault.NOT_TRC20
                else self._texts.quote_refused(fault)
            )
            await self._say(refused)
            return
        other = None if token.symbol == USDT else token.address
        await self.ask_destination(
            replace(draft, token=other, symbol=token.symbol, token_units=None)
        )

    async def receiver_chosen(self, draft_id: str, *, holds_token: bool) -> None:
        draft = await self.draft(draft_id)
        if draft is not None:
            await self.ask_transfers(
                replace(
                    draft,
                    destination=None,
                    destination_holds_token=holds_token,
                    token_units=None,
                )
            )

    async def transfers_typed(self, text: str) -> None:
        draft = await self._asked_about()
        if draft is None:
            return
        budget = read_budget(text)
        if budget is not None:
            await self.ask_duration(replace(draft, transfers=None, budget_sun=budget.sun))
            return
        count = read_count(text)
        limit = self._quotes.largest_order_transfers
        if count is None or not 1 <= count <= limit:
            await self._say(self._texts.transfers_refused(limit))
            return
        await self.ask_duration(replace(draft, transfers=count, budget_sun=None))

    async def transfers_chosen(self, draft_id: str, transfers: int) -> None:
        draft = await self.draft(draft_id)
        if draft is None:
            return
        if not 1 <= transfers <= self._quotes.largest_order_transfers:
            await self.ask_transfers(draft)
            return
        chosen = replace(draft, transfers=transfers, budget_sun=None)
        if draft.duration_seconds is None:
            await self.ask_duration(chosen)
        else:
            await self.offer(chosen)

    async def duration_chosen(self, draft_id: str, seconds: int) -> None:
        draft = await self.draft(draft_id)
        if draft is not None:
            await self.offer(replace(draft, duration_seconds=seconds))

    async def own_counted(self, draft_id: str, *, own: bool) -> None:
        draft = await self.draft(draft_id)
        if draft is not None:
            await self.offer(replace(draft, shortfall_only=own))

    async def back_to(self, draft_id: str, step: Step) -> None:
        draft = await self.draft(draft_id)
        if draft is None:
            return
        match step:
            case Step.DESTINATION:
                await self.ask_destination(replace(draft, destination=None, token_units=None))
            case Step.TRANSFERS:
                await self.ask_transfers(replace(draft, duration_seconds=None))
            case Step.DURATION:
                await self.ask_duration(draft)
            case Step.QUOTE:
                await self.offer(draft)

    async def again(self, order: OrderView) -> None:
        """Offer the same once more, in two taps, below what the customer is reading."""
        draft = Draft(
            recipient=order.recipient,
            token=order.token_address,
            symbol=order.symbol,
            destination=order.destination,
            destination_holds_token=order.destination_holds_token,
            token_units=order.token_units,
            transfers=order.transfers,
            duration_seconds=int(order.duration.total_seconds()),
            shortfall_only=order.energy_own > 0,
        )
        await self.offer(draft, as_new_message=True)

    async def _is_closed(self) -> bool:
        """Whether there are no new orders just now; then the customer reads it here."""
        closure = await self._quotes.closure()
        if closure is None:
            return False
        await self._ask(cards.closed(self._texts, closure), None)
        return True

    async def draft(self, draft_id: str) -> Draft | None:
        """The customer's draft; if it is gone, they are told how to go on."""
        draft = await self._drafts.find(self._turn.customer.id, draft_id)
        if draft is None:
            await self._state.clear()
            await self._turn.show(cards.draft_gone(self._texts))
        return draft

    async def _asked_about(self) -> Draft | None:
        """The draft that the typed answer belongs to."""
        data: dict[str, Any] = await self._state.get_data()
        return await self.draft(str(data.get(_DRAFT, "")))

    async def _ask(
        self,
        card: Card,
        question: State | None,
        draft: Draft | None = None,
        *,
        as_new_message: bool = False,
    ) -> None:
        """Show the card, remember which question a typed answer would belong to.

        A typed answer takes the buttons from the message with its question: they stand above it
        now. Another form's message, whose buttons are tapped, keeps them.
        """
        asked = (await self._state.get_data()).get(_ASKED)
        message_id = await (self._turn.send(card) if as_new_message else self._turn.show(card))
        await self._state.set_state(question)
        await self._state.set_data(
            {_ASKED: message_id} | ({_DRAFT: draft.id} if draft is not None else {})
        )
        if asked is not None and self._turn.tapped_message is None:
            await self._turn.take_buttons_away(asked)

    async def _say(self, text: Text) -> None:
        await self._turn.send(cards.asked_again(self._texts, text))


def _fault_of(refusal: QuoteRefused | TimeoutError) -> QuoteFault:
    return refusal.fault if isinstance(refusal, QuoteRefused) else QuoteFault.CHAIN_UNAVAILABLE


def _lasting(draft: Draft, price: Price) -> Draft:
    return replace(draft, duration_seconds=int(price.duration.total_seconds()))


def _price_lasting(seconds: int | None, prices: tuple[Price, ...]) -> Price | None:
    return next((price for price in prices if int(price.duration.total_seconds()) == seconds), None)
