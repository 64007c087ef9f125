"""Groups and channels: orders are nobody else's business, so the shop is in private chats only."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text

from bot.texts import Texts


def _is_elsewhere(query: CallbackQuery) -> bool:
    return query.message is None or query.message.chat.type != ChatType.PRIVATE


def router() -> Router:
    router = Router(name="elsewhere")
    router.message.filter(F.chat.type != ChatType.PRIVATE)
    router.callback_query.filter(_is_elsewhere)

    @router.message(F.text.startswith("/"))
    async def command(message: Message, bot: Bot, texts: Texts) -> None:
        me = await bot.me()
        # A command for another bot of the group is none of our business.
        name = (message.text or "").split()[0].partition("@")[2]
        if name and name.lower() != (me.username or "").lower():
            return
        button = InlineKeyboardButton(
            text=texts.open_bot_button, url=f"https://t.me/{me.username}?start=group"
        )
        await message.answer(
            **texts.private_chats_only().as_kwargs(),
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]),
        )

    @router.message()
    async def talk(_: Message) -> None:
        """People talk to each other here."""

    @router.callback_query()
    async def tap(query: CallbackQuery, texts: Texts) -> None:
        words: Text = texts.private_chats_only()
        await query.answer(words.render()[0], show_alert=True)

    return router
