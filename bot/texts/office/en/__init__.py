"""English: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.en.alerts import EnglishAlerts
from bot.texts.office.en.broadcast import EnglishBroadcast
from bot.texts.office.en.common import EnglishCommon
from bot.texts.office.en.held import EnglishHeld
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
        # Orders
        orders=EnglishOrders(explorer_url),
        # Held payments and refunds
        held=EnglishHeld(explorer_url),
        # Pools
        pools=EnglishPools(explorer_url),
        # Prices
        prices=EnglishPrices(explorer_url),
        # People
        people=EnglishPeople(explorer_url),
        # Broadcasts
        broadcast=EnglishBroadcast(explorer_url),
        # Maintenance, settings, risk, log
        maintenance=EnglishMaintenance(explorer_url),
        risk=EnglishRisk(explorer_url),
        settings=EnglishSettings(explorer_url),
        log=EnglishLog(explorer_url),
        # Alerts
        alerts=EnglishAlerts(explorer_url),
        # Reports
        reports=EnglishReports(explorer_url),
    )
