"""Pools: /pools, /addpool, and their buttons."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import (
    AddPool,
    ChangePool,
    ChoosePoolKey,
    Enter,
    LookAtPool,
    NewPool,
    PoolsPage,
    Room,
)


def router() -> Router:
    router = Router(name="office: pools")

    @router.message(Command("pools"))
    async def say(_: Message, command: CommandObject, office: Office) -> None:
        await office.asking.done()
        if command.args:
            await office.pools.search(command.args)
        else:
            await office.pools.overview()

    @router.callback_query(Enter.filter(F.room == Room.POOLS))
    async def enter(_: CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.pools.overview()

    @router.callback_query(PoolsPage.filter())
    async def turn_page(_: CallbackQuery, callback_data: PoolsPage, office: Office) -> None:
        await office.pools.overview(callback_data.page)

    @router.callback_query(LookAtPool.filter())
    async def look(_: CallbackQuery, callback_data: LookAtPool, office: Office) -> None:
        await office.asking.done()
        await office.pools.look(callback_data.pool)

    @router.callback_query(ChangePool.filter())
    async def change(_: CallbackQuery, callback_data: ChangePool, office: Office) -> None:
        await office.pools.begin(callback_data.pool, callback_data.what)

    @router.message(Command("addpool"))
    @router.callback_query(AddPool.filter())
    async def add(_: Message | CallbackQuery, office: Office) -> None:
        await office.pools.begin_adding()

    @router.callback_query(ChoosePoolKey.filter())
    async def choose_key(_: CallbackQuery, callback_data: ChoosePoolKey, office: Office) -> None:
        await office.pools.choose_key(callback_data.key)

    @router.callback_query(NewPool.filter())
    async def go_on(_: CallbackQuery, callback_data: NewPool, office: Office) -> None:
        await office.pools.go_on(callback_data.step)

    return router
