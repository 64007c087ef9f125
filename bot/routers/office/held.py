"""Held payments and refunds: /held, /refunds, /assign, /keep, and their buttons."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.deciding import Deciding
from bot.office.taps import Approve, Decide, Enter, LookAtHeld, Room


def router() -> Router:
    router = Router(name="office: held payments")

    @router.message(Command("held"))
    @router.callback_query(Enter.filter(F.room == Room.HELD))
    async def overview(_: Message | CallbackQuery, deciding: Deciding) -> None:
        await deciding.overview()

    @router.callback_query(LookAtHeld.filter())
    async def look(_: CallbackQuery, callback_data: LookAtHeld, deciding: Deciding) -> None:
        if callback_data.payment is None:
            await deciding.overview()
        else:
            await deciding.look(callback_data.payment)

    @router.callback_query(Decide.filter())
    async def decide(_: CallbackQuery, callback_data: Decide, deciding: Deciding) -> None:
        await deciding.decide(callback_data)

    @router.message(Command("assign"))
    async def assign(_: Message, command: CommandObject, deciding: Deciding) -> None:
        await deciding.assign(command.args or "")

    @router.message(Command("keep"))
    async def keep(_: Message, command: CommandObject, deciding: Deciding) -> None:
        await deciding.keep(command.args or "")

    @router.message(Command("refunds"))
    @router.callback_query(Enter.filter(F.room == Room.REFUNDS))
    async def refunds(_: Message | CallbackQuery, deciding: Deciding) -> None:
        await deciding.list_refunds()

    @router.callback_query(Approve.filter())
    async def approve(_: CallbackQuery, callback_data: Approve, deciding: Deciding) -> None:
        await deciding.approve(callback_data)

    return router
