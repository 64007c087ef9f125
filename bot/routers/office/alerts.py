"""/alerts, its door, and the button that says that somebody looks after one."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Acknowledge, Enter, Room


def router() -> Router:
    router = Router(name="office: alerts")

    @router.message(Command("alerts"))
    @router.callback_query(Enter.filter(F.room == Room.ALERTS))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.alerts.look()

    @router.callback_query(Acknowledge.filter())
    async def acknowledge(_: CallbackQuery, callback_data: Acknowledge, office: Office) -> None:
        await office.alerts.acknowledge(callback_data)

    return router
