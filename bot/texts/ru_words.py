"""Русский: общее для всех текстов."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from bot.texts.figures import NO_BREAK_SPACE, days_hours_minutes, russian_plural
from bot.texts.notation import Notation
from services.customers import Language
from services.order_views import OrderView, Origin

_MONTHS = (
    "янв.",
    "февр.",
    "марта",
    "апр.",
    "мая",
    "июня",
    "июля",
    "авг.",
    "сент.",
    "окт.",
    "нояб.",
    "дек.",
)
TRANSFER = ("перевод", "перевода", "переводов")
_DAY = ("день", "дня", "дней")
_HOUR = ("час", "часа", "часов")
_MINUTE = ("минута", "минуты", "минут")
_MINUTE_ACCUSATIVE = ("минуту", "минуты", "минут")


class RussianWords(Notation):
    """Время, суммы и товар по-русски."""

    language = Language.RU
    language_name = "Русский"
    _transaction = "Транзакция"
    proof_labels = ("Платёж", "Энергия", "Возврат")
    thousands: ClassVar[str] = NO_BREAK_SPACE
    number_sign: ClassVar[str] = "№"

    def _count(self, count: int, forms: tuple[str, str, str]) -> str:
        return f"{self.number(count)}{NO_BREAK_SPACE}{russian_plural(count, *forms)}"

    def duration(self, length: timedelta) -> str:
        return self._length(length, _MINUTE)

    def _for(self, length: timedelta) -> str:
        """«на 1 минуту», «на 3 часа»."""
        return f"на {self._length(length, _MINUTE_ACCUSATIVE)}"

    def _length(self, length: timedelta, minute: tuple[str, str, str]) -> str:
        days, hours, minutes = days_hours_minutes(length)
        units = ((days, _DAY), (hours, _HOUR), (minutes, minute))
        return " ".join(self._count(count, forms) for count, forms in units if count)

    def day(self, moment: datetime) -> str:
        return f"{moment.day}{NO_BREAK_SPACE}{_MONTHS[moment.month - 1]}"

    def _order_first(self, number: int) -> str:
        return f"Заказ №{number}"

    def _order(self, number: int) -> str:
        return f"заказ №{number}"

    def _goods(self, order: OrderView) -> str:
        if order.origin is Origin.EXTENSION:
            return (
                f"продление заказа №{order.extends_number} {self._for(order.duration)} "
                f"({self.number(order.energy)} энергии)"
            )
        return (
            f"{self.number(order.energy)} энергии ({self._count(order.transfers, TRANSFER)}, "
            f"{self.duration(order.duration)})"
        )

    def _goods_first(self, order: OrderView) -> str:
        """То же в начале строки."""
        goods = self._goods(order)
        return goods[:1].upper() + goods[1:]
