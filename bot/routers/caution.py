"""Messages nobody should send: secrets, and what looks like one."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from bot import cards
from bot.inputs import has_transaction_id, looks_like_seed_phrase
from bot.routers.words import written
from bot.texts import Texts
from bot.turn import Turn


def router() -> Router:
    router = Router(name="caution")

    @router.message(lambda message: looks_like_seed_phrase(written(message)))
    async def seed_phrase(_: Message, turn: Turn, texts: Texts) -> None:
        await turn.send(cards.asked_again(texts, texts.looks_like_secret()))

    @router.message(lambda message: has_transaction_id(written(message)))
    async def transaction_or_key(_: Message, turn: Turn, texts: Texts) -> None:
        await turn.send(cards.hint(texts, texts.looks_like_transaction()))

    return router
