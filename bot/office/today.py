"""/admin: how the shop is doing, and the doors to everything else."""

from __future__ import annotations

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.office.taps import Enter, Room
from bot.screen import Card
from bot.texts import Texts
from bot.turn import Turn
from services.figures import Figures, Today
from services.staff import Actor


class TodayArea(Area):
    """The card that an operator looks at first."""

    name = "today"

    def __init__(self, turn: Turn, actor: Actor, *, figures: Figures) -> None:
        self._turn = turn
        self._actor = actor
        self._figures = figures

    async def look(self) -> None:
        today = await self._figures.today()
        await self._turn.show(today_card(self._turn.texts, today, self._actor))


def today_card(texts: Texts, today: Today, actor: Actor) -> Card:
    refresh = [button(texts.office.today.refresh_button, Enter(room=Room.TODAY).pack())]
    rooms = cards.rooms(texts.office.common, actor)
    return Card(texts.office.today.today(today), keyboard(refresh, *rooms))
