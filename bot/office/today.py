"""/admin: how the shop is doing, and the doors to everything else."""

from __future__ import annotations

from bot.keyboards import keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.screen import Card
from bot.turn import Turn
from services.held import HeldPayments
from services.outbox import Outbox
from services.staff import Actor


class TodayArea(Area):
    """The card that an operator looks at first."""

    name = "today"

    def __init__(
        self, turn: Turn, actor: Actor, *, outbox: Outbox, held_payments: HeldPayments
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._actor = actor
        self._outbox = outbox
        self._held_payments = held_payments

    async def look(self) -> None:
        waiting, held = await self._outbox.waiting(), await self._held_payments.look()
        rooms = cards.rooms(self._texts.office.common, self._actor)
        await self._turn.show(Card(self._texts.admin(waiting, held), keyboard(*rooms)))
