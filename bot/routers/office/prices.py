"""Prices: /prices, and their buttons."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import (
    AddPrice,
    ChangePrice,
    EditPrice,
    Enter,
    LookAtPrice,
    NudgePrice,
    PriceHistory,
    RemovePrice,
    Room,
)


def router() -> Router:
    router = Router(name="office: prices")

    @router.message(Command("prices"))
    @router.callback_query(Enter.filter(F.room == Room.PRICES))
    async def overview(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.prices.overview()

    @router.callback_query(LookAtPrice.filter())
    async def look(_: CallbackQuery, callback_data: LookAtPrice, office: Office) -> None:
        await office.asking.done()
        await office.prices.look(callback_data.seconds)

    @router.callback_query(PriceHistory.filter())
    async def history(_: CallbackQuery, callback_data: PriceHistory, office: Office) -> None:
        await office.prices.history(callback_data.seconds)

    @router.callback_query(ChangePrice.filter())
    async def change(_: CallbackQuery, callback_data: ChangePrice, office: Office) -> None:
        await office.prices.begin(callback_data.seconds)

    @router.callback_query(RemovePrice.filter())
    async def remove(_: CallbackQuery, callback_data: RemovePrice, office: Office) -> None:
        await office.prices.remove(callback_data.seconds)

    @router.callback_query(AddPrice.filter())
    async def add(_: CallbackQuery, office: Office) -> None:
        await office.prices.begin_adding()

    @router.callback_query(NudgePrice.filter())
    async def nudge(_: CallbackQuery, callback_data: NudgePrice, office: Office) -> None:
        await office.prices.nudge(callback_data.by)

    @router.callback_query(EditPrice.filter())
    async def edit(_: CallbackQuery, callback_data: EditPrice, office: Office) -> None:
        await office.prices.edit(callback_data.what)

    return router
