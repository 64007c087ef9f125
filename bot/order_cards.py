"""Keeping the one card of an order true, wherever in the chat it is."""

from __future__ import annotations

from collections.abc import Callable

from bot import cards
from bot.screen import Card, Edited, Screen
from bot.texts import Texts
from services.order_views import OrderView
from services.orders import Orders


class OrderCards:
    """Shows orders. An order has one card: showing it elsewhere takes the old one away.

    `ends_early` says whether a rental can be ended before its time.
    """

    def __init__(self, screen: Screen, orders: Orders, *, ends_early: Callable[[], bool]) -> None:
        self._screen = screen
        self._orders = orders
        self._ends_early = ends_early

    def _card(self, order: OrderView, texts: Texts) -> Card:
        return cards.order(texts, order, ends_early=self._ends_early())

    async def put_on(
        self, order: OrderView, texts: Texts, chat_id: int, message_id: int | None
    ) -> Edited:
        """Make this message the order's card; without one, or if it is gone, send a new card."""
        if message_id is None:
            await self.send(order, texts, chat_id)
            return Edited.GONE
        edited = await self._screen.edit(chat_id, message_id, self._card(order, texts))
        if edited is Edited.GONE:
            await self.send(order, texts, chat_id)
        elif (order.card_chat_id, order.card_message_id) != (chat_id, message_id):
            await self._orders.shown_on(order.id, chat_id, message_id)
        return edited

    async def bring_down(self, order: OrderView, texts: Texts, chat_id: int) -> None:
        """Show the card as the newest message, and take the old one away."""
        await self.send(order, texts, chat_id)
        if order.card_chat_id is not None and order.card_message_id is not None:
            await self._screen.take_away(order.card_chat_id, order.card_message_id)

    async def refresh(self, order: OrderView, texts: Texts, chat_id: int) -> Edited:
        """Bring the card up to date where it is; if it is gone, send a new one."""
        message_id = order.card_message_id
        if message_id is not None:
            edited = await self._screen.edit(chat_id, message_id, self._card(order, texts))
            if edited is not Edited.GONE:
                return edited
            # Perhaps the customer has just opened it again elsewhere.
            current = await self._orders.view(order.user_id, order.id)
            if current is not None and current.card_message_id != message_id:
                return await self.put_on(current, texts, chat_id, current.card_message_id)
        await self.send(order, texts, chat_id)
        return Edited.GONE

    async def send(self, order: OrderView, texts: Texts, chat_id: int) -> None:
        """Show the card as a new message."""
        message_id = await self._screen.send(chat_id, self._card(order, texts))
        await self._orders.shown_on(order.id, chat_id, message_id)
