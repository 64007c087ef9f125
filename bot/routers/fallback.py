"""Whatever nobody else understood still gets an answer."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Message

from bot import cards
from bot.inputs import WrongAddress, read_address
from bot.renting import Renting
from bot.routers.words import has_words
from bot.texts import Texts
from bot.turn import Turn
from chain.addresses import AddressFault

# What a person sends on purpose; Telegram's own notes about the chat need no answer.
_SENT_BY_PEOPLE = {
    ContentType.ANIMATION,
    ContentType.AUDIO,
    ContentType.CONTACT,
    ContentType.DICE,
    ContentType.DOCUMENT,
    ContentType.GAME,
    ContentType.LOCATION,
    ContentType.PAID_MEDIA,
    ContentType.PHOTO,
    ContentType.POLL,
    ContentType.STICKER,
    ContentType.STORY,
    ContentType.VENUE,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
}


def router() -> Router:
    router = Router(name="fallback")

    @router.message(has_words)
    async def words(_: Message, words: str, turn: Turn, texts: Texts, renting: Renting) -> None:
        """An address needs no invitation; other words do."""
        found = read_address(words)
        if isinstance(found, WrongAddress) and found.fault is AddressFault.EMPTY:
            await turn.send(cards.hint(texts, texts.not_understood()))
        else:
            await renting.sender_typed(words)

    @router.message(F.text.startswith("/"))
    async def unknown_command(_: Message, turn: Turn, texts: Texts) -> None:
        await turn.send(cards.hint(texts, texts.command_unknown()))

    @router.message(F.content_type.in_(_SENT_BY_PEOPLE))
    async def no_words(_: Message, turn: Turn, texts: Texts) -> None:
        await turn.send(cards.asked_again(texts, texts.words_only()))

    @router.callback_query()
    async def unknown_button(_: CallbackQuery, turn: Turn, texts: Texts) -> None:
        await turn.toast(texts.button_outdated)

    return router
