"""/admin, and its door."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Enter, Room


def router() -> Router:
    router = Router(name="office: today")

    @router.message(Command("admin"))
    @router.callback_query(Enter.filter(F.room == Room.TODAY))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.today.look()

    return router
