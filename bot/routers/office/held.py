"""Held payments and refunds: /held, /refunds, /assign, /keep, and their buttons."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Approve, AssignTo, Decide, Enter, HeldAt, LookAtHeld, Room


def router() -> Router:
    router = Router(name="office: held payments")

    @router.message(Command("held"))
    @router.callback_query(Enter.filter(F.room == Room.HELD))
    async def enter(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.held.overview(1)

    @router.callback_query(HeldAt.filter())
    async def page(_: CallbackQuery, callback_data: HeldAt, office: Office) -> None:
        await office.held.overview(callback_data.page)

    @router.callback_query(LookAtHeld.filter())
    async def look(_: CallbackQuery, callback_data: LookAtHeld, office: Office) -> None:
        await office.asking.done()
        if callback_data.payment is None:
            await office.held.overview(1)
        else:
            await office.held.look(callback_data.payment)

    @router.callback_query(Decide.filter())
    async def decide(_: CallbackQuery, callback_data: Decide, office: Office) -> None:
        await office.held.begin(callback_data.payment, callback_data.doing)

    @router.callback_query(AssignTo.filter())
    async def assign_to(_: CallbackQuery, callback_data: AssignTo, office: Office) -> None:
        await office.held.assign(callback_data.payment, callback_data.order)

    @router.message(Command("assign"))
    async def assign(_: Message, command: CommandObject, office: Office) -> None:
        await office.held.assign_words(command.args or "")

    @router.message(Command("keep"))
    async def keep(_: Message, command: CommandObject, office: Office) -> None:
        await office.held.keep_words(command.args or "")

    @router.message(Command("refunds"))
    @router.callback_query(Enter.filter(F.room == Room.REFUNDS))
    async def refunds(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.held.list_refunds()

    @router.callback_query(Approve.filter())
    async def approve(_: CallbackQuery, callback_data: Approve, office: Office) -> None:
        await office.held.approve(callback_data.refund)

    return router
