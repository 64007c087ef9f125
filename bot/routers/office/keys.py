"""The API keys of somebody: the door on their card, and the buttons behind it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.office.office import Office
from bot.office.taps import KeysOfPerson, LookAtKey, NewKeyFor, RevokeKeyOf, ShapeKeyFor


def router() -> Router:
    router = Router(name="office: keys")

    @router.callback_query(KeysOfPerson.filter())
    async def keys(_: CallbackQuery, callback_data: KeysOfPerson, office: Office) -> None:
        await office.keys.list(callback_data.person)

    @router.callback_query(LookAtKey.filter())
    async def look(_: CallbackQuery, callback_data: LookAtKey, office: Office) -> None:
        await office.keys.look(callback_data.key)

    @router.callback_query(NewKeyFor.filter())
    async def begin(_: CallbackQuery, callback_data: NewKeyFor, office: Office) -> None:
        await office.keys.begin(callback_data.person)

    @router.callback_query(ShapeKeyFor.filter())
    async def shape(_: CallbackQuery, callback_data: ShapeKeyFor, office: Office) -> None:
        await office.keys.shape(callback_data)

    @router.callback_query(RevokeKeyOf.filter())
    async def revoke(_: CallbackQuery, callback_data: RevokeKeyOf, office: Office) -> None:
        await office.keys.revoke(callback_data.key)

    return router
