"""English: what its texts have in common."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.texts.figures import days_hours_minutes
from bot.texts.notation import Notation
from services.customers import Language
from services.order_views import OrderView, Origin

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count_of(count: int, noun: str) -> str:
    """``1 transfer``, ``2 transfers``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class EnglishWords(Notation):
    """Times, amounts and goods in English."""

    language = Language.EN
    language_name = "English"
    _transaction = "Transaction"
    proof_labels = ("Payment", "Delegation", "Return")

    def duration(self, length: timedelta) -> str:
        days, hours, minutes = days_hours_minutes(length)
        parts = [
            count_of(count, noun)
            for count, noun in ((days, "day"), (hours, "hour"), (minutes, "minute"))
            if count
        ]
        return " ".join(parts)

    def day(self, moment: datetime) -> str:
        return f"{moment.day} {_MONTHS[moment.month - 1]}"

    def _order_first(self, number: int) -> str:
        return f"Order #{number}"

    def _order(self, number: int) -> str:
        return f"order #{number}"

    def _goods(self, order: OrderView) -> str:
        if order.origin is Origin.EXTENSION:
            return (
                f"{self.duration(order.duration)} more of order #{order.extends_number} "
                f"({self.number(order.energy)} energy)"
            )
        return (
            f"{self.number(order.energy)} energy ({count_of(order.transfers, 'transfer')}, "
            f"{self.duration(order.duration)})"
        )
