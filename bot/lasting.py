"""One customer's turn at the time of a rental: more of it, or less.

Nothing is bought or given up at the first tap: it says what the next one costs, or brings.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from bot import time_cards
from bot.callbacks import ExtendBy
from bot.order_cards import OrderCards
from bot.renting import CHAIN_SECONDS
from bot.turn import Turn
from services.early_ends import EarlyEndFault, EarlyEndRefused, EarlyEnds
from services.extensions import ExtensionFault, ExtensionRefused, Extensions
from services.orders import Orders


class Lasting:
    """What a customer can do with the time of rentals."""

    def __init__(
        self,
        turn: Turn,
        *,
        orders: Orders,
        extensions: Extensions,
        early_ends: EarlyEnds,
        order_cards: OrderCards,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._orders = orders
        self._extensions = extensions
        self._early_ends = early_ends
        self._order_cards = order_cards

    async def offer(self, order_id: UUID) -> None:
        """Show for how much longer the rental can go on, and for how much."""
        try:
            offered = await self._extensions.offers(self._turn.customer.id, order_id)
        except ExtensionRefused as refusal:
            await self._not_extended(refusal, order_id)
            return
        await self._turn.show(time_cards.choose_extension(self._texts, offered))

    async def extend(self, tapped: ExtendBy) -> None:
        """Order more time, and make the tapped message the card that says how to pay."""
        try:
            order = await self._extensions.place(
                self._turn.customer.id,
                tapped.order,
                duration=timedelta(seconds=tapped.seconds),
                price_sun=tapped.sun,
            )
        except ExtensionRefused as refusal:
            await self._not_extended(refusal, tapped.order)
            return
        await self._order_cards.put_on(
            order, self._texts, self._turn.chat_id, self._turn.tapped_message
        )

    async def ask_end(self, order_id: UUID) -> None:
        """Say what ending the rental now would bring, and ask once more."""
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                offer = await self._early_ends.look(self._turn.customer.id, order_id)
        except EarlyEndRefused as refusal:
            await self._not_ended(refusal, order_id)
            return
        except TimeoutError:
            await self._turn.toast(
                self._texts.early_end_refused(EarlyEndFault.CHAIN_UNAVAILABLE), alert=True
            )
            return
        await self._turn.show(time_cards.end_now(self._texts, offer))

    async def end_now(self, order_id: UUID) -> None:
        """End it. A second tap finds it ended."""
        try:
            order = await self._early_ends.end(self._turn.customer.id, order_id)
        except EarlyEndRefused as refusal:
            await self._not_ended(refusal, order_id)
            return
        await self._turn.toast(self._texts.rental_ends_now)
        await self._turn.show(time_cards.rental_ending_now(self._texts, order))
        await self._order_cards.refresh(order, self._texts, self._turn.chat_id)

    async def _not_extended(self, refusal: ExtensionRefused, order_id: UUID) -> None:
        alert = self._texts.extension_refused(refusal.fault)
        if refusal.fault is ExtensionFault.NOT_YOURS:
            alert = self._texts.order_unknown
        await self._turn.toast(alert, alert=True)
        match refusal.fault:
            case ExtensionFault.ALREADY_OPEN if refusal.open_order is not None:
                await self._order_cards.bring_down(
                    refusal.open_order, self._texts, self._turn.chat_id
                )
            case ExtensionFault.PRICE_GONE:
                await self.offer(order_id)
            case ExtensionFault.NOT_RUNNING:
                await self._bring_up_to_date(order_id)

    async def _not_ended(self, refusal: EarlyEndRefused, order_id: UUID) -> None:
        alert = self._texts.early_end_refused(refusal.fault)
        if refusal.fault is EarlyEndFault.NOT_YOURS:
            alert = self._texts.order_unknown
        await self._turn.toast(alert, alert=True)
        if refusal.extension is not None:
            await self._order_cards.bring_down(refusal.extension, self._texts, self._turn.chat_id)
        elif refusal.fault is EarlyEndFault.NOT_RUNNING:
            await self._bring_up_to_date(order_id)

    async def _bring_up_to_date(self, order_id: UUID) -> None:
        """The order's card offers what is not possible any more."""
        order = await self._orders.view(self._turn.customer.id, order_id)
        if order is not None:
            await self._order_cards.refresh(order, self._texts, self._turn.chat_id)
