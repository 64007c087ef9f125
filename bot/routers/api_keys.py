"""/api: what lets a customer's programs in."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.admitting import Admitting, Naming
from bot.callbacks import Go, KeyTap, Place, ShapeKey
from bot.routers.words import has_words, written
from services.api_keys import holds_key


def router() -> Router:
    router = Router(name="API keys")

    @router.message(lambda message: holds_key(written(message)))
    @router.edited_message(lambda message: holds_key(written(message)))
    async def key_typed(_: Message, admitting: Admitting) -> None:
        await admitting.key_typed()

    @router.message(Command("api"))
    @router.callback_query(Go.filter(F.place == Place.API_KEYS))
    async def api_keys(_: Message | CallbackQuery, admitting: Admitting) -> None:
        await admitting.look()

    @router.callback_query(KeyTap.filter())
    async def do(_: CallbackQuery, callback_data: KeyTap, admitting: Admitting) -> None:
        await admitting.do(callback_data)

    @router.callback_query(Go.filter(F.place == Place.NEW_KEY))
    async def new_key(_: CallbackQuery, admitting: Admitting) -> None:
        await admitting.ask_name()

    @router.callback_query(ShapeKey.filter())
    async def shape(_: CallbackQuery, callback_data: ShapeKey, admitting: Admitting) -> None:
        await admitting.shape(callback_data)

    # A corrected message counts like a new one, as on the way to a quote.
    @router.message(Naming.name, has_words)
    @router.edited_message(Naming.name, has_words)
    async def name_typed(_: Message, words: str, admitting: Admitting) -> None:
        await admitting.name_typed(words)

    @router.message(Naming.networks, has_words)
    @router.edited_message(Naming.networks, has_words)
    async def networks_typed(_: Message, words: str, admitting: Admitting) -> None:
        await admitting.networks_typed(words)

    return router
