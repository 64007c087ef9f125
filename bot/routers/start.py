"""/start and the menu, and who blocks or unblocks the bot."""

from __future__ import annotations

import asyncio

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot import cards
from bot.callbacks import Go, Nothing, Place
from bot.screen import Card
from bot.texts import Texts
from bot.turn import Turn
from services.customers import Customers
from services.quotes import QuoteRefused, Quotes

MENU_SECONDS = 2.0
"""How long the menu waits for its figures: a greeting comes at once, or it is none."""


async def menu_card(texts: Texts, quotes: Quotes) -> Card:
    """The menu; without figures if there is no price, or if the chain is slow to tell its own."""
    try:
        async with asyncio.timeout(MENU_SECONDS):
            typical = await quotes.typical()
    except (QuoteRefused, TimeoutError):
        typical = None
    return cards.menu(texts, typical, await quotes.closure())


def router() -> Router:
    router = Router(name="start")

    @router.message(CommandStart())
    @router.message(Command("menu"))
    async def start(
        _: Message, turn: Turn, texts: Texts, quotes: Quotes, state: FSMContext
    ) -> None:
        await state.clear()
        await turn.send(await menu_card(texts, quotes))

    @router.callback_query(Go.filter(F.place == Place.MENU))
    async def menu(
        _: CallbackQuery, turn: Turn, texts: Texts, quotes: Quotes, state: FSMContext
    ) -> None:
        await state.clear()
        await turn.show(await menu_card(texts, quotes))

    @router.message(Command("cancel"))
    async def cancel(_: Message, turn: Turn, texts: Texts, state: FSMContext) -> None:
        was_renting = bool(await state.get_data())
        await state.clear()
        words = texts.wizard_cancelled() if was_renting else texts.nothing_to_cancel()
        await turn.send(cards.hint(texts, words))

    @router.callback_query(Nothing.filter())
    async def nothing(_: CallbackQuery, turn: Turn) -> None:
        await turn.acknowledge()

    @router.my_chat_member(F.chat.type == ChatType.PRIVATE)
    async def blocked(change: ChatMemberUpdated, customers: Customers) -> None:
        gone = change.new_chat_member.status == ChatMemberStatus.KICKED
        await customers.bot_blocked(change.from_user.id, gone)

    return router
