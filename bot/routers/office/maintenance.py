"""/maintenance, and its door."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Enter, Room, SwitchMaintenance, UsualWords, WriteWords


def router() -> Router:
    router = Router(name="office: maintenance")

    @router.message(Command("maintenance"))
    @router.callback_query(Enter.filter(F.room == Room.MAINTENANCE))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.maintenance.look()

    @router.callback_query(SwitchMaintenance.filter())
    async def switch(_: CallbackQuery, callback_data: SwitchMaintenance, office: Office) -> None:
        await office.maintenance.switch(closed=callback_data.closed)

    @router.callback_query(WriteWords.filter())
    async def write(_: CallbackQuery, callback_data: WriteWords, office: Office) -> None:
        await office.maintenance.write(callback_data.language)

    @router.callback_query(UsualWords.filter())
    async def usual(_: CallbackQuery, callback_data: UsualWords, office: Office) -> None:
        await office.maintenance.usual(callback_data.language)

    return router
