"""One customer's turn at the orders: placing one, its card, the list.

Every order is looked up together with the person who asks: an id from a button proves nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from bot import cards
from bot.callbacks import PlaceOrder
from bot.order_cards import OrderCards
from bot.renting import CHAIN_SECONDS, Renting
from bot.screen import Edited
from bot.turn import Turn
from services.balances import Balances
from services.order_views import OrderView, Stage
from services.orders import OrderFault, OrderRefused, Orders
from services.quotes import QuoteFault

if TYPE_CHECKING:
    from aiogram.fsm.context import FSMContext

_MOST_PAGES = 1_000_000


class Ordering:
    """What a customer can do with orders."""

    def __init__(
        self,
        turn: Turn,
        state: FSMContext,
        *,
        orders: Orders,
        balances: Balances,
        order_cards: OrderCards,
        renting: Renting,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._state = state
        self._orders = orders
        self._balances = balances
        self._order_cards = order_cards
        self._renting = renting

    async def place(self, tapped: PlaceOrder) -> None:
        """Make the quote an order, and the tapped message its card."""
        try:
            # Placing twice gives the same order: what was done in time is found by the next tap.
            async with asyncio.timeout(CHAIN_SECONDS):
                order = await self._orders.place(self._turn.customer.id, tapped.quote)
        except OrderRefused as refusal:
            if refusal.fault is OrderFault.MAINTENANCE:
                await self._turn.show(cards.closed(self._texts, refusal.closure))
                return
            await self._not_placed(refusal.fault, tapped)
            return
        except TimeoutError:
            await self._not_placed(OrderFault.CHAIN_UNAVAILABLE, tapped)
            return
        # The tapped message is no question any more that a later answer may take buttons from.
        await self._state.clear()
        await self._order_cards.put_on(
            order, self._texts, self._turn.chat_id, self._turn.tapped_message
        )

    async def list(self, page: int) -> None:
        listed = await self._orders.page(self._turn.customer.id, min(max(page, 1), _MOST_PAGES))
        await self._turn.show(cards.orders(self._texts, listed))

    async def open(self, order_id: UUID) -> None:
        """Bring the order's card to the bottom of the chat."""
        order = await self._order(order_id)
        if order is not None:
            await self._order_cards.bring_down(order, self._texts, self._turn.chat_id)

    async def refresh(self, order_id: UUID) -> None:
        order = await self._order(order_id)
        if order is None:
            return
        if await self._bring_up_to_date(order) is Edited.SAME:
            waiting = order.stage is Stage.AWAITING
            await self._turn.toast(
                self._texts.nothing_seen_yet if waiting else self._texts.up_to_date
            )

    async def cancel(self, order_id: UUID) -> None:
        order: OrderView | None
        try:
            order = await self._orders.cancel(self._turn.customer.id, order_id)
        except OrderRefused as refusal:
            order = await self._order(order_id)
            if order is None:
                return
            seen = refusal.fault is OrderFault.ALREADY_SEEN
            await self._turn.toast(self._closed(order, paid=seen), alert=True)
        await self._bring_up_to_date(order)

    async def pay_from_balance(self, order_id: UUID) -> None:
        """Pay what the order still needs, at once."""
        order: OrderView | None
        try:
            order = await self._balances.pay(self._turn.customer.id, order_id)
        except OrderRefused as refusal:
            order = await self._order(order_id)
            if order is None:
                return
            match refusal.fault:
                case OrderFault.BALANCE_TOO_SMALL:
                    words = self._texts.balance_too_small
                case OrderFault.ALREADY_SEEN:
                    words = self._texts.payment_being_confirmed
                case _:
                    words = self._closed(order)
            await self._turn.toast(words, alert=True)
        else:
            await self._turn.toast(self._texts.paid_from_balance)
        await self._bring_up_to_date(order)

    def _closed(self, order: OrderView, *, paid: bool = False) -> str:
        """Why an order cannot be paid or cancelled."""
        paid = paid or order.paid_at is not None or order.stage is Stage.SEEN
        return self._texts.payment_is_in if paid else self._texts.order_is_closed

    async def again(self, order_id: UUID) -> None:
        """Offer the same as in this order."""
        order = await self._order(order_id)
        if order is not None:
            await self._renting.again(order)

    async def _order(self, order_id: UUID) -> OrderView | None:
        """The customer's order; for any other they are told that it is not among theirs."""
        order = await self._orders.view(self._turn.customer.id, order_id)
        if order is None:
            await self._turn.toast(self._texts.order_unknown, alert=True)
        return order

    async def _not_placed(self, fault: OrderFault, tapped: PlaceOrder) -> None:
        """Say why there is no order, and offer what is possible now."""
        match fault:
            case OrderFault.TOO_MANY_OPEN_ORDERS:
                await self._turn.toast(self._texts.too_many_open_orders, alert=True)
                return
            case OrderFault.DECLINED:
                await self._turn.toast(self._texts.order_declined, alert=True)
                return
            case OrderFault.BANNED:
                await self._turn.toast(self._texts.banned(), alert=True)
                return
            case OrderFault.CHAIN_UNAVAILABLE:
                words = self._texts.quote_refused(QuoteFault.CHAIN_UNAVAILABLE)
                await self._turn.toast(words, alert=True)
                return
            case OrderFault.NOT_ENOUGH_ENERGY:
                await self._turn.toast(self._texts.energy_just_sold, alert=True)
            case OrderFault.QUOTE_LAPSED:
                await self._turn.toast(self._texts.quote_lapsed, alert=True)
            case _:
                await self._turn.toast(self._texts.button_outdated)
        draft = await self._renting.draft(tapped.draft)
        if draft is not None:
            await self._renting.offer(draft)

    async def _bring_up_to_date(self, order: OrderView) -> Edited:
        """Show the order on the tapped card.

        Read once more afterwards: its news may have been shown between our reading and showing.
        """
        turn = self._turn
        edited = await self._order_cards.put_on(
            order, self._texts, turn.chat_id, turn.tapped_message
        )
        current = await self._orders.view(order.user_id, order.id)
        if current is not None and current.stage is not order.stage:
            await self._order_cards.refresh(current, self._texts, turn.chat_id)
            return Edited.CHANGED
        return edited
