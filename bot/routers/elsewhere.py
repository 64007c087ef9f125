"""Groups and channels: orders are nobody else's business, so the shop is in private chats only.

One of them may be where alerts go: there they are acknowledged by the staff, and nothing else is
done.
"""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text

from bot.office.taps import Acknowledge
from bot.session import session_of
from bot.texts import Texts
from services.acts import ActFault, ActRefused
from services.alerts import Alerts
from services.staff import Staff
from services.trail import Trail


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

    @router.callback_query(Acknowledge.filter())
    async def acknowledge(
        query: CallbackQuery,
        callback_data: Acknowledge,
        bot: Bot,
        texts: Texts,
        alerts: Alerts,
        staff: Staff,
        trail: Trail,
    ) -> None:
        actor = staff.actor(query.from_user.id)
        here = query.message.chat.id if query.message else None
        place = None if alerts.chat is None else session_of(bot).moves.now(alerts.chat)
        if here is None or here != place or actor is None:
            if actor is None:
                await trail.refused(query.from_user.id, None, query.data or "")
            await tap(query, texts)
            return
        try:
            done = await alerts.acknowledge(actor, callback_data.alert)
        except ActRefused:
            await trail.refused(actor.id, actor, query.data or "")
            refusal = texts.office.common.act_refused(ActFault.NOT_ALLOWED)
            await query.answer(refusal, show_alert=True)
            return
        words = texts.office.alerts
        await query.answer(words.acknowledged_toast if done else words.nothing_to_acknowledge)

    @router.callback_query()
    async def tap(query: CallbackQuery, texts: Texts) -> None:
        words: Text = texts.private_chats_only()
        await query.answer(words.render()[0], show_alert=True)

    return router
