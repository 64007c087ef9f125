"""Chinese: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.zh.alerts import ChineseAlerts
from bot.texts.office.zh.broadcast import ChineseBroadcast
from bot.texts.office.zh.common import ChineseCommon
from bot.texts.office.zh.held import ChineseHeld
from bot.texts.office.zh.log import ChineseLog
from bot.texts.office.zh.maintenance import ChineseMaintenance
from bot.texts.office.zh.orders import ChineseOrders
from bot.texts.office.zh.people import ChinesePeople
from bot.texts.office.zh.pools import ChinesePools
from bot.texts.office.zh.prices import ChinesePrices
from bot.texts.office.zh.reports import ChineseReports
from bot.texts.office.zh.risk import ChineseRisk
from bot.texts.office.zh.settings import ChineseSettings
from bot.texts.office.zh.today import ChineseToday


def office(explorer_url: str) -> OfficeTexts:
    return OfficeTexts(
        common=ChineseCommon(explorer_url),
        today=ChineseToday(explorer_url),
        # Orders
        orders=ChineseOrders(explorer_url),
        # Held payments and refunds
        held=ChineseHeld(explorer_url),
        # Pools
        pools=ChinesePools(explorer_url),
        # Prices
        prices=ChinesePrices(explorer_url),
        # People
        people=ChinesePeople(explorer_url),
        # Broadcasts
        broadcast=ChineseBroadcast(explorer_url),
        # Maintenance, settings, risk, log
        maintenance=ChineseMaintenance(explorer_url),
        risk=ChineseRisk(explorer_url),
        settings=ChineseSettings(explorer_url),
        log=ChineseLog(explorer_url),
        # Alerts
        alerts=ChineseAlerts(explorer_url),
        # Reports
        reports=ChineseReports(explorer_url),
    )
