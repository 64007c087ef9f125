"""/alerts: what is wrong now, who looks after it, and what was wrong lately."""

from __future__ import annotations

from bot.office import alert_cards
from bot.office.areas import Area
from bot.office.taps import Acknowledge
from bot.turn import Turn
from services.acts import ActFault, ActRefused
from services.alerts import Alerts
from services.staff import Actor


class AlertsArea(Area):
    """The room of all alerts, and the button under each."""

    name = "alerts"

    def __init__(self, turn: Turn, actor: Actor, *, alerts: Alerts) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._actor = actor
        self._alerts = alerts

    async def look(self) -> None:
        look = await self._alerts.look()
        await self._turn.show(alert_cards.room(self._texts, look, self._actor))

    async def acknowledge(self, tap: Acknowledge) -> None:
        """Its messages change by the outbox, the room at once."""
        words = self._texts.office.alerts
        try:
            done = await self._alerts.acknowledge(self._actor, tap.alert)
        except ActRefused:
            refusal = self._texts.office.common.act_refused(ActFault.NOT_ALLOWED)
            await self._turn.toast(refusal, alert=True)
            return
        await self._turn.toast(words.acknowledged_toast if done else words.nothing_to_acknowledge)
        if tap.room:
            await self.look()
