"""/balance: what a customer has here, paying it out, proving an address; and their choices."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.banking import Banking, Proving
from bot.callbacks import Choose, Go, PayOut, PayOutNow, Place, Prove
from bot.choosing import Choosing
from bot.inputs import read_signature
from bot.routers.words import has_words, written


def router() -> Router:
    router = Router(name="balance")

    @router.message(Command("balance"))
    @router.callback_query(Go.filter(F.place == Place.BALANCE))
    async def balance(_: Message | CallbackQuery, banking: Banking) -> None:
        await banking.look()

    @router.callback_query(Go.filter(F.place == Place.PAY_OUT))
    async def pay_out(_: CallbackQuery, banking: Banking) -> None:
        await banking.ask_place()

    @router.callback_query(PayOut.filter())
    async def place_chosen(_: CallbackQuery, callback_data: PayOut, banking: Banking) -> None:
        await banking.place_chosen(callback_data.to)

    @router.callback_query(PayOutNow.filter())
    async def pay_out_now(_: CallbackQuery, callback_data: PayOutNow, banking: Banking) -> None:
        await banking.pay_out(callback_data)

    @router.callback_query(Go.filter(F.place == Place.PROVE))
    async def prove(_: CallbackQuery, banking: Banking) -> None:
        await banking.ask_address()

    @router.callback_query(Prove.filter())
    async def address_chosen(_: CallbackQuery, callback_data: Prove, banking: Banking) -> None:
        await banking.address_given(callback_data.address)

    # A corrected message counts like a new one, as on the way to a quote.
    @router.message(Proving.address, has_words)
    @router.edited_message(Proving.address, has_words)
    async def address_typed(_: Message, words: str, banking: Banking) -> None:
        await banking.address_given(words)

    @router.message(Proving.signature, has_words)
    @router.edited_message(Proving.signature, has_words)
    async def signature_typed(_: Message, words: str, banking: Banking) -> None:
        await banking.signature_typed(words)

    # Nobody types a signature for anything else; the question may have been forgotten meanwhile.
    @router.message(has_words, lambda message: read_signature(written(message)) is not None)
    async def signature_unasked(_: Message, words: str, banking: Banking) -> None:
        await banking.signature_typed(words)

    @router.callback_query(Choose.filter())
    async def choose(_: CallbackQuery, callback_data: Choose, choosing: Choosing) -> None:
        await choosing.choose(callback_data)

    return router
