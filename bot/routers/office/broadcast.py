"""Broadcasts: /broadcast, its door, the message itself, and the buttons below it."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.asking import Asked
from bot.office.office import Office
from bot.office.taps import Aim, Enter, LookAtBroadcast, NewBroadcast, Room, Steer
from bot.routers.words import written


async def _is_composing(message: Message, office: Office) -> bool:
    """Any message but a command, when one for many people was asked for."""
    return not written(message).startswith("/") and await office.broadcast.is_composing()


def router() -> Router:
    router = Router(name="office: broadcasts")

    @router.message(Command("broadcast"))
    @router.callback_query(Enter.filter(F.room == Room.BROADCAST))
    async def enter(_: Message | CallbackQuery, office: Office) -> None:
        await office.broadcast.enter()

    @router.callback_query(NewBroadcast.filter())
    async def new(_: CallbackQuery, office: Office) -> None:
        await office.broadcast.new()

    @router.message(Asked.words, _is_composing)
    async def composed(message: Message, office: Office) -> None:
        await office.broadcast.composed(message.message_id, written(message))

    @router.callback_query(LookAtBroadcast.filter())
    async def look(_: CallbackQuery, callback_data: LookAtBroadcast, office: Office) -> None:
        await office.broadcast.look(callback_data.broadcast)

    @router.callback_query(Aim.filter())
    async def aim(_: CallbackQuery, callback_data: Aim, office: Office) -> None:
        await office.broadcast.aim(callback_data)

    @router.callback_query(Steer.filter())
    async def steer(_: CallbackQuery, callback_data: Steer, office: Office) -> None:
        await office.broadcast.steer(callback_data)

    return router
