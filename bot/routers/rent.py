"""/rent: from an address to a quote."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    BackTo,
    ChooseDuration,
    ChooseReceiver,
    ChooseSender,
    ChooseToken,
    ChooseTransfers,
    CountOwn,
    Go,
    Place,
)
from bot.renting import Asking, Renting
from bot.routers.words import has_words


def router() -> Router:
    router = Router(name="rent")

    @router.message(Command("rent"))
    @router.callback_query(Go.filter(F.place == Place.RENT))
    async def rent(_: Message | CallbackQuery, renting: Renting) -> None:
        await renting.ask_sender()

    # A corrected message counts like a new one: people mend a mistyped address that way.
    @router.message(Asking.sender, has_words)
    @router.edited_message(Asking.sender, has_words)
    async def sender_typed(_: Message, words: str, renting: Renting) -> None:
        await renting.sender_typed(words)

    @router.callback_query(ChooseSender.filter())
    async def sender_chosen(
        _: CallbackQuery, callback_data: ChooseSender, renting: Renting
    ) -> None:
        await renting.sender_chosen(callback_data.address)

    @router.message(Asking.destination, has_words)
    @router.edited_message(Asking.destination, has_words)
    async def destination_typed(_: Message, words: str, renting: Renting) -> None:
        await renting.destination_typed(words)

    @router.callback_query(ChooseReceiver.filter())
    async def receiver_chosen(
        _: CallbackQuery, callback_data: ChooseReceiver, renting: Renting
    ) -> None:
        await renting.receiver_chosen(callback_data.draft, holds_token=callback_data.holds_token)

    @router.callback_query(ChooseToken.filter())
    async def token_chosen(_: CallbackQuery, callback_data: ChooseToken, renting: Renting) -> None:
        await renting.token_chosen(callback_data.draft, usdt=callback_data.usdt)

    @router.message(Asking.token, has_words)
    @router.edited_message(Asking.token, has_words)
    async def token_typed(_: Message, words: str, renting: Renting) -> None:
        await renting.token_typed(words)

    @router.message(Asking.transfers, has_words)
    @router.edited_message(Asking.transfers, has_words)
    async def transfers_typed(_: Message, words: str, renting: Renting) -> None:
        await renting.transfers_typed(words)

    @router.callback_query(ChooseTransfers.filter())
    async def transfers_chosen(
        _: CallbackQuery, callback_data: ChooseTransfers, renting: Renting
    ) -> None:
        await renting.transfers_chosen(callback_data.draft, callback_data.transfers)

    @router.callback_query(ChooseDuration.filter())
    async def duration_chosen(
        _: CallbackQuery, callback_data: ChooseDuration, renting: Renting
    ) -> None:
        await renting.duration_chosen(callback_data.draft, callback_data.seconds)

    @router.callback_query(CountOwn.filter())
    async def own_counted(_: CallbackQuery, callback_data: CountOwn, renting: Renting) -> None:
        await renting.own_counted(callback_data.draft, own=callback_data.own)

    @router.callback_query(BackTo.filter())
    async def back(_: CallbackQuery, callback_data: BackTo, renting: Renting) -> None:
        await renting.back_to(callback_data.draft, callback_data.step)

    return router
