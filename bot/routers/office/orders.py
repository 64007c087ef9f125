"""Orders: the room, /find, and their buttons."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import (
    DoWithOrder,
    Enter,
    FindOrders,
    FoundOrders,
    LookAtOrder,
    OrdersAt,
    OrderTimes,
    PickPool,
    Room,
)


def router() -> Router:
    router = Router(name="office: orders")

    @router.callback_query(Enter.filter(F.room == Room.ORDERS))
    async def enter(_: CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.orders.list(1)

    @router.callback_query(OrdersAt.filter())
    async def page(_: CallbackQuery, callback_data: OrdersAt, office: Office) -> None:
        await office.orders.list(callback_data.page)

    @router.message(Command("find"))
    async def find(_: Message, command: CommandObject, office: Office) -> None:
        if command.args:
            await office.asking.done()
            await office.orders.find(command.args)
        else:
            await office.orders.ask_what()

    @router.callback_query(FindOrders.filter())
    async def ask(_: CallbackQuery, office: Office) -> None:
        await office.orders.ask_what()

    @router.callback_query(FoundOrders.filter())
    async def found(_: CallbackQuery, callback_data: FoundOrders, office: Office) -> None:
        await office.orders.turn_to(callback_data.page, callback_data.wanted)

    @router.callback_query(LookAtOrder.filter())
    async def look(_: CallbackQuery, callback_data: LookAtOrder, office: Office) -> None:
        await office.asking.done()
        await office.orders.look(callback_data.order)

    @router.callback_query(OrderTimes.filter())
    async def times(_: CallbackQuery, callback_data: OrderTimes, office: Office) -> None:
        await office.orders.times(callback_data.order, callback_data.page)

    @router.callback_query(DoWithOrder.filter())
    async def do(_: CallbackQuery, callback_data: DoWithOrder, office: Office) -> None:
        await office.orders.begin(callback_data.order, callback_data.doing)

    @router.callback_query(PickPool.filter())
    async def pick(_: CallbackQuery, callback_data: PickPool, office: Office) -> None:
        await office.orders.by_pool(callback_data.order, callback_data.pool)

    return router
