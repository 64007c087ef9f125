"""Whoever tries what they may not: written down. A stranger reads what anybody reads who taps an
old button or says a command that does not exist."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import CallbackQuery, Message

from bot.office.access import is_of_the_office
from bot.turn import Turn
from services.acts import ActFault
from services.staff import Actor
from services.trail import Trail


def router() -> Router:
    router = Router(name="office: refused")
    router.message.filter(is_of_the_office)
    router.callback_query.filter(is_of_the_office)

    @router.message()
    @router.callback_query()
    async def refused(
        event: Message | CallbackQuery, turn: Turn, trail: Trail, actor: Actor | None = None
    ) -> None:
        tried = event.data if isinstance(event, CallbackQuery) else event.text or event.caption
        await trail.refused(turn.customer.id, actor, (tried or "")[:_LONGEST])
        if actor is None:
            raise SkipHandler
        await turn.toast(turn.texts.office.common.act_refused(ActFault.NOT_ALLOWED), alert=True)

    return router


_LONGEST = 200
