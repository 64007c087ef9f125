"""For the people who run the shop: /admin or /held, /refunds, /assign, /keep, their buttons."""

from __future__ import annotations

from collections.abc import Collection

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Approve, Decide, LookAtHeld
from bot.deciding import Deciding


def router(admins: Collection[int]) -> Router:
    """For everybody else these commands and buttons do not exist."""
    router = Router(name="admin")
    router.message.filter(F.from_user.id.in_(set(admins)))
    router.callback_query.filter(F.from_user.id.in_(set(admins)))

    @router.message(Command("admin"))
    @router.message(Command("held"))
    async def overview(_: Message, deciding: Deciding) -> None:
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
    async def refunds(_: Message, deciding: Deciding) -> None:
        await deciding.list_refunds()

    @router.callback_query(Approve.filter())
    async def approve(_: CallbackQuery, callback_data: Approve, deciding: Deciding) -> None:
        await deciding.approve(callback_data)

    return router
