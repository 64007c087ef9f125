"""People: /user, its door, and the buttons of somebody's card."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import ChangePerson, Enter, LookAtPerson, OrdersOfPerson, Room


def router() -> Router:
    router = Router(name="office: people")

    @router.message(Command("user"))
    async def find(_: Message, command: CommandObject, office: Office) -> None:
        if command.args:
            await office.people.find(command.args)
        else:
            await office.people.enter()

    @router.callback_query(Enter.filter(F.room == Room.USERS))
    async def enter(_: CallbackQuery, office: Office) -> None:
        await office.people.enter()

    @router.callback_query(LookAtPerson.filter())
    async def look(_: CallbackQuery, callback_data: LookAtPerson, office: Office) -> None:
        await office.people.look(callback_data.person)

    @router.callback_query(OrdersOfPerson.filter())
    async def orders(_: CallbackQuery, callback_data: OrdersOfPerson, office: Office) -> None:
        await office.people.orders(callback_data.person, callback_data.page)

    @router.callback_query(ChangePerson.filter())
    async def change(_: CallbackQuery, callback_data: ChangePerson, office: Office) -> None:
        await office.people.change(callback_data)

    return router
