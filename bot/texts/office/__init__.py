"""What the people who run the shop read, area by area."""

from __future__ import annotations

from dataclasses import dataclass

from bot.texts.office.common import CommonTexts

__all__ = ["CommonTexts", "OfficeTexts"]


@dataclass(frozen=True, slots=True)
class OfficeTexts:
    """The office in one language."""

    common: CommonTexts
    # Orders
    # Held payments and refunds
    # Pools
    # Prices
    # People
    # Broadcasts
    # Maintenance, settings, risk, log
    # Alerts
    # Reports
