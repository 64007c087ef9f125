"""English: for the people who run the shop."""

from __future__ import annotations

from bot.texts.office import OfficeTexts
from bot.texts.office.en.common import EnglishCommon


def office(explorer_url: str) -> OfficeTexts:
    return OfficeTexts(
        common=EnglishCommon(explorer_url),
        # Orders
        # Held payments and refunds
        # Pools
        # Prices
        # People
        # Broadcasts
        # Maintenance, settings, risk, log
        # Alerts
        # Reports
    )
