"""/language: choosing one, at any time."""

from __future__ import annotations

from collections.abc import Mapping

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import cards
from bot.callbacks import ChooseLanguage, Go, Place
from bot.routers.start import menu_card
from bot.texts import Texts
from bot.turn import Turn
from services.customers import Customers, Language
from services.quotes import Quotes


def router() -> Router:
    router = Router(name="language")

    @router.message(Command("language", "lang"))
    async def language_command(
        _: Message, turn: Turn, texts: Texts, all_texts: Mapping[Language, Texts]
    ) -> None:
        await turn.send(cards.languages(texts, all_texts.values()))

    @router.callback_query(Go.filter(F.place == Place.LANGUAGE))
    async def language_button(
        _: CallbackQuery, turn: Turn, texts: Texts, all_texts: Mapping[Language, Texts]
    ) -> None:
        await turn.show(cards.languages(texts, all_texts.values()))

    @router.callback_query(ChooseLanguage.filter(F.language.in_(set(Language))))
    async def chosen(
        _: CallbackQuery,
        callback_data: ChooseLanguage,
        *,
        turn: Turn,
        customers: Customers,
        quotes: Quotes,
        all_texts: Mapping[Language, Texts],
    ) -> None:
        customer = await customers.choose_language(
            turn.customer.id, Language(callback_data.language)
        )
        texts = all_texts[customer.language]
        await turn.toast(texts.language_chosen)
        await turn.show(await menu_card(texts, quotes))

    return router
