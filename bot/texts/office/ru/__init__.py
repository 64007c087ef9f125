"""Russian: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.ru.alerts import RussianAlerts
from bot.texts.office.ru.broadcast import RussianBroadcast
from bot.texts.office.ru.common import RussianCommon
from bot.texts.office.ru.held import RussianHeld
from bot.texts.office.ru.keys import RussianPersonKeys
from bot.texts.office.ru.log import RussianLog
from bot.texts.office.ru.maintenance import RussianMaintenance
from bot.texts.office.ru.orders import RussianOrders
from bot.texts.office.ru.people import RussianPeople
from bot.texts.office.ru.pools import RussianPools
from bot.texts.office.ru.prices import RussianPrices
from bot.texts.office.ru.reports import RussianReports
from bot.texts.office.ru.risk import RussianRisk
from bot.texts.office.ru.settings import RussianSettings
from bot.texts.office.ru.today import RussianToday


def office(explorer_url: str) -> OfficeTexts:
    return OfficeTexts(
        common=RussianCommon(explorer_url),
        today=RussianToday(explorer_url),
        orders=RussianOrders(explorer_url),
        held=RussianHeld(explorer_url),
        pools=RussianPools(explorer_url),
        prices=RussianPrices(explorer_url),
        people=RussianPeople(explorer_url),
        keys=RussianPersonKeys(explorer_url),
        broadcast=RussianBroadcast(explorer_url),
        maintenance=RussianMaintenance(explorer_url),
        risk=RussianRisk(explorer_url),
        settings=RussianSettings(explorer_url),
        log=RussianLog(explorer_url),
        alerts=RussianAlerts(explorer_url),
        reports=RussianReports(explorer_url),
    )
