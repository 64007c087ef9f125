"""/log, and its door."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Enter, LookAtEntry, LookAtLog, Room, SearchLog


def router() -> Router:
    router = Router(name="office: log")

    @router.message(Command("log"))
    @router.callback_query(Enter.filter(F.room == Room.LOG))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.log.look()

    @router.callback_query(LookAtLog.filter())
    async def page(_: CallbackQuery, callback_data: LookAtLog, office: Office) -> None:
        await office.asking.done()
        await office.log.look(callback_data)

    @router.callback_query(LookAtEntry.filter())
    async def entry(_: CallbackQuery, callback_data: LookAtEntry, office: Office) -> None:
        await office.log.entry(callback_data)

    @router.callback_query(SearchLog.filter())
    async def search(_: CallbackQuery, callback_data: SearchLog, office: Office) -> None:
        await office.log.search(person=callback_data.person)

    return router
