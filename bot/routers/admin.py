"""/admin, or /held: for the people who run the shop."""

from __future__ import annotations

from collections.abc import Collection

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.screen import Card
from bot.texts import Texts
from bot.turn import Turn
from services.held import HeldPayments
from services.outbox import Outbox


def router(admins: Collection[int]) -> Router:
    router = Router(name="admin")
    router.message.filter(F.from_user.id.in_(set(admins)))

    @router.message(Command("admin"))
    @router.message(Command("held"))
    async def overview(
        _: Message, turn: Turn, texts: Texts, outbox: Outbox, held_payments: HeldPayments
    ) -> None:
        await turn.send(Card(texts.admin(await outbox.waiting(), await held_payments.look())))

    return router
