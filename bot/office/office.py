"""One of the staff at work: every area of the office, at their turn."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram.fsm.context import FSMContext

from bot.office.alerts import AlertsArea
from bot.office.areas import Area
from bot.office.asking import Asking
from bot.office.broadcast import BroadcastArea
from bot.office.confirming import REASON, Confirming
from bot.office.held import HeldArea
from bot.office.keys import KeysArea
from bot.office.log import LogArea
from bot.office.maintenance import MaintenanceArea
from bot.office.orders import OrdersArea
from bot.office.people import PeopleArea
from bot.office.pools import PoolsArea
from bot.office.prices import PricesArea
from bot.office.reports import ReportsArea
from bot.office.risk import RiskArea
from bot.office.settings import SettingsArea
from bot.office.today import TodayArea
from bot.turn import Turn
from services.acts import Act, Acts
from services.alerts import Alerts
from services.api_keys import ApiKeys
from services.broadcasts import Broadcasts
from services.exports import Exports
from services.figures import Figures
from services.held import HeldPayments
from services.held_acts import HeldActs
from services.key_acts import KeyActs
from services.live_settings import LiveSettings
from services.maintenance import Maintenance
from services.order_acts import OrderActs
from services.order_search import OrderSearch
from services.outbox import Outbox
from services.people import People
from services.pool_adding import PoolAdding
from services.pool_keeping import PoolKeeping
from services.price_keeping import PriceKeeping
from services.refunds import Refunds
from services.reports import Reports
from services.risk_review import RiskReview
from services.staff import Actor, Staff
from services.trail import Trail


@dataclass(frozen=True, slots=True)
class OfficeServices:
    """What the office works with."""

    staff: Staff
    acts: Acts
    trail: Trail
    held_payments: HeldPayments
    refunds: Refunds
    outbox: Outbox
    order_acts: OrderActs
    order_search: OrderSearch
    held_acts: HeldActs
    pool_keeping: PoolKeeping
    pool_adding: PoolAdding
    price_keeping: PriceKeeping
    people: People
    api_keys: ApiKeys
    key_acts: KeyActs
    broadcasts: Broadcasts
    maintenance: Maintenance
    risk: RiskReview
    live_settings: LiveSettings
    alerts: Alerts
    figures: Figures
    reports: Reports
    exports: Exports


class Office:
    """The areas, and the questions and confirmations that they share."""

    def __init__(
        self, turn: Turn, actor: Actor, state: FSMContext, services: OfficeServices
    ) -> None:
        self.actor = actor
        self.asking = Asking(turn, state)
        self.confirming = Confirming(
            turn, actor, asking=self.asking, acts=services.acts, area_of=self._area_of
        )
        self.today = TodayArea(turn, actor, figures=services.figures)
        self.orders = OrdersArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            acts=services.order_acts,
            search=services.order_search,
        )
        self.held = HeldArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            acts=services.held_acts,
            held_payments=services.held_payments,
            refunds=services.refunds,
            outbox=services.outbox,
        )
        self.pools = PoolsArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            keeping=services.pool_keeping,
            adding=services.pool_adding,
        )
        self.prices = PricesArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            keeping=services.price_keeping,
        )
        self.people = PeopleArea(
            turn,
            actor,
            people=services.people,
            asking=self.asking,
            confirming=self.confirming,
        )
        self.keys = KeysArea(
            turn,
            actor,
            people=services.people,
            keys=services.api_keys,
            acts=services.key_acts,
            asking=self.asking,
            confirming=self.confirming,
        )
        self.broadcast = BroadcastArea(
            turn,
            actor,
            broadcasts=services.broadcasts,
            asking=self.asking,
            confirming=self.confirming,
        )
        self.maintenance = MaintenanceArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            maintenance=services.maintenance,
        )
        self.risk = RiskArea(
            turn, actor, asking=self.asking, confirming=self.confirming, review=services.risk
        )
        self.settings = SettingsArea(
            turn,
            actor,
            asking=self.asking,
            confirming=self.confirming,
            live_settings=services.live_settings,
        )
        self.log = LogArea(turn, asking=self.asking, trail=services.trail, staff=services.staff)
        self.alerts = AlertsArea(turn, actor, alerts=services.alerts)
        self.reports = ReportsArea(turn, actor, reports=services.reports, exports=services.exports)
        self._areas: tuple[Area, ...] = (
            self.today,
            self.orders,
            self.held,
            self.pools,
            self.prices,
            self.people,
            self.keys,
            self.broadcast,
            self.maintenance,
            self.risk,
            self.settings,
            self.log,
            self.alerts,
            self.reports,
        )

    def _area_of(self, act: Act) -> Area:
        return next(area for area in self._areas if act in area.acts)

    async def answered(self, words: str) -> bool:
        """Somebody typed words; False if nothing was asked."""
        question = await self.asking.question()
        if question is None:
            return False
        if question.name == REASON:
            await self.confirming.reason_given(question, words)
            return True
        name = question.name.partition(".")[0]
        await next(area for area in self._areas if area.name == name).answered(question, words)
        return True
