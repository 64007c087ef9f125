"""/available: how much energy there is, now and later."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot import cards
from bot.renting import CHAIN_SECONDS
from bot.texts import Texts
from bot.turn import Turn
from chain.errors import ChainError
from services.chain_time import ChainUnread
from services.inventory import Inventory
from services.quotes import QuoteFault, QuoteRefused, Quotes


def router() -> Router:
    router = Router(name="available")

    @router.message(Command("available"))
    async def available(
        _: Message, turn: Turn, texts: Texts, quotes: Quotes, inventory: Inventory
    ) -> None:
        try:
            async with asyncio.timeout(CHAIN_SECONDS):
                outlook = await inventory.outlook()
                transfers = quotes.usual_transfers(outlook.one_order, await quotes.typical())
        except (ChainError, ChainUnread, TimeoutError):
            words = texts.quote_refused(QuoteFault.CHAIN_UNAVAILABLE)
            await turn.send(cards.hint(texts, words))
        except QuoteRefused as refusal:
            await turn.send(cards.hint(texts, texts.quote_refused(refusal.fault)))
        else:
            await turn.send(cards.available(texts, outlook, transfers))

    return router
