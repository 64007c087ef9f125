"""/help: how it works."""

from __future__ import annotations

from collections.abc import Callable

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import cards
from bot.callbacks import Go, Place
from bot.texts import Texts
from bot.turn import Turn
from chain.addresses import Address


def router() -> Router:
    router = Router(name="explanation")

    @router.message(Command("help"))
    async def help_command(
        _: Message, turn: Turn, texts: Texts, flash_address: Callable[[], Address | None]
    ) -> None:
        await turn.send(cards.help_page(texts, flash_address()))

    @router.callback_query(Go.filter(F.place == Place.HELP))
    async def help_button(
        _: CallbackQuery, turn: Turn, texts: Texts, flash_address: Callable[[], Address | None]
    ) -> None:
        await turn.show(cards.help_page(texts, flash_address()))

    return router
