"""/risk, and its door."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import (
    AskListed,
    DecideRisky,
    Enter,
    LookAtListed,
    LookAtRisky,
    Room,
    Unlist,
)


def router() -> Router:
    router = Router(name="office: risk")

    @router.message(Command("risk"))
    @router.callback_query(Enter.filter(F.room == Room.RISK))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.risk.look()

    @router.callback_query(LookAtRisky.filter())
    async def order(_: CallbackQuery, callback_data: LookAtRisky, office: Office) -> None:
        await office.risk.order(callback_data.order)

    @router.callback_query(DecideRisky.filter())
    async def decide(_: CallbackQuery, callback_data: DecideRisky, office: Office) -> None:
        await office.risk.decide(callback_data.order, allow=callback_data.allow)

    @router.callback_query(AskListed.filter())
    async def ask(_: CallbackQuery, office: Office) -> None:
        await office.risk.ask_whom()

    @router.callback_query(LookAtListed.filter())
    async def listed(_: CallbackQuery, callback_data: LookAtListed, office: Office) -> None:
        await office.risk.listed(callback_data.listed)

    @router.callback_query(Unlist.filter())
    async def unlist(_: CallbackQuery, callback_data: Unlist, office: Office) -> None:
        await office.risk.unlist(callback_data.listed)

    return router
