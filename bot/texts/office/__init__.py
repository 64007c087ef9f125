"""What the people who run the shop read, area by area."""

from __future__ import annotations

from dataclasses import dataclass

from bot.texts.office.alerts import AlertTexts
from bot.texts.office.broadcast import BroadcastTexts
from bot.texts.office.common import CommonTexts
from bot.texts.office.held import HeldTexts
from bot.texts.office.keys import PersonKeyTexts
from bot.texts.office.log import LogTexts
from bot.texts.office.maintenance import MaintenanceTexts
from bot.texts.office.orders import OrdersTexts
from bot.texts.office.people import PeopleTexts
from bot.texts.office.pools import PoolsTexts
from bot.texts.office.prices import PricesTexts
from bot.texts.office.reports import ReportTexts
from bot.texts.office.risk import RiskTexts
from bot.texts.office.settings import SettingsTexts
from bot.texts.office.today import TodayTexts

__all__ = [
    "AlertTexts",
    "BroadcastTexts",
    "CommonTexts",
    "HeldTexts",
    "LogTexts",
    "MaintenanceTexts",
    "OfficeTexts",
    "OrdersTexts",
    "PeopleTexts",
    "PersonKeyTexts",
    "PoolsTexts",
    "PricesTexts",
    "ReportTexts",
    "RiskTexts",
    "SettingsTexts",
    "TodayTexts",
]


@dataclass(frozen=True, slots=True)
class OfficeTexts:
    """The office in one language."""

    common: CommonTexts
    today: TodayTexts
    orders: OrdersTexts
    held: HeldTexts
    pools: PoolsTexts
    prices: PricesTexts
    people: PeopleTexts
    keys: PersonKeyTexts
    broadcast: BroadcastTexts
    maintenance: MaintenanceTexts
    risk: RiskTexts
    settings: SettingsTexts
    log: LogTexts
    alerts: AlertTexts
    reports: ReportTexts
