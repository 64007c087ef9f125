"""Chinese: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.zh.alerts import ChineseAlerts
from bot.texts.office.zh.broadcast import ChineseBroadcast
from bot.texts.office.zh.common import ChineseCommon
from bot.texts.office.zh.held import ChineseHeld
from bot.texts.office.zh.keys import ChinesePersonKeys
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
        orders=ChineseOrders(explorer_url),
        held=ChineseHeld(explorer_url),
        pools=ChinesePools(explorer_url),
        prices=ChinesePrices(explorer_url),
        people=ChinesePeople(explorer_url),
        keys=ChinesePersonKeys(explorer_url),
        broadcast=ChineseBroadcast(explorer_url),
        maintenance=ChineseMaintenance(explorer_url),
        risk=ChineseRisk(explorer_url),
        settings=ChineseSettings(explorer_url),
        log=ChineseLog(explorer_url),
        alerts=ChineseAlerts(explorer_url),
        reports=ChineseReports(explorer_url),
    )
