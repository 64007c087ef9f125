"""Typed answers, reasons, and the last tap before something is done."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.office.asking import Asked
from bot.office.office import Office
from bot.office.taps import NeverMind, NoReason, Sure
from bot.routers.words import has_words


def router() -> Router:
    router = Router(name="office: questions")

    @router.message(Asked.words, has_words)
    async def answered(_: Message, words: str, office: Office) -> None:
        await office.answered(words)

    @router.callback_query(NoReason.filter())
    async def no_reason(_: CallbackQuery, office: Office) -> None:
        await office.confirming.without_reason()

    @router.callback_query(Sure.filter())
    async def sure(_: CallbackQuery, callback_data: Sure, office: Office) -> None:
        await office.confirming.sure(callback_data.nonce)

    @router.callback_query(NeverMind.filter())
    async def never_mind(_: CallbackQuery, office: Office) -> None:
        await office.confirming.never_mind()

    return router
