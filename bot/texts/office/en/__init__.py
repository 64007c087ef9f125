"""English: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.en.alerts import EnglishAlerts
from bot.texts.office.en.broadcast import EnglishBroadcast
from bot.texts.office.en.common import EnglishCommon
from bot.texts.office.en.held import EnglishHeld
from bot.texts.office.en.keys import EnglishPersonKeys
from bot.texts.office.en.log import EnglishLog
from bot.texts.office.en.maintenance import EnglishMaintenance
from bot.texts.office.en.orders import EnglishOrders
from bot.texts.office.en.people import EnglishPeople
from bot.texts.office.en.pools import EnglishPools
from bot.texts.office.en.prices import EnglishPrices
from bot.texts.office.en.reports import EnglishReports
from bot.texts.office.en.risk import EnglishRisk
from bot.texts.office.en.settings import EnglishSettings
from bot.texts.office.en.today import EnglishToday


def office(explorer_url: str) -> OfficeTexts:
    return OfficeTexts(
        common=EnglishCommon(explorer_url),
        today=EnglishToday(explorer_url),
        orders=EnglishOrders(explorer_url),
        held=EnglishHeld(explorer_url),
        pools=EnglishPools(explorer_url),
        prices=EnglishPrices(explorer_url),
        people=EnglishPeople(explorer_url),
        keys=EnglishPersonKeys(explorer_url),
        broadcast=EnglishBroadcast(explorer_url),
        maintenance=EnglishMaintenance(explorer_url),
        risk=EnglishRisk(explorer_url),
        settings=EnglishSettings(explorer_url),
        log=EnglishLog(explorer_url),
        alerts=EnglishAlerts(explorer_url),
        reports=EnglishReports(explorer_url),
    )
