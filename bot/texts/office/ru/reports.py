"""Russian: reports."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.reports import ReportTexts
from bot.texts.ru_words import RussianWords
from services.exports import Book
from services.reports import Target
from services.spans import SpanKind


class RussianReports(RussianWords, ReportTexts):
    """What a day, a week or a month brought."""

    earlier_button = "‹ Раньше"
    later_button = "Позже ›"
    _units: ClassVar = ("ч", "мин", "с")
    _span_buttons: ClassVar = {
        SpanKind.DAY: "День",
        SpanKind.WEEK: "Неделя",
        SpanKind.MONTH: "Месяц",
    }
    _books: ClassVar = {
        Book.ORDERS: "Заказы",
        Book.PAYMENTS: "Платежи",
        Book.LEDGER: "Проводки",
    }
    _titles: ClassVar = {
        SpanKind.DAY: "День",
        SpanKind.WEEK: "Неделя",
        SpanKind.MONTH: "Месяц",
    }
    _targets: ClassVar = {
        Target.SUCCESS: "Доставлено, больше 95 %",
        Target.CONFIRMATION: "Платёж засчитан, до 5 мин",
        Target.DELEGATION: "Энергия отправлена, до 30 с",
        Target.AVAILABILITY: "Магазин открыт, больше 99,9 %",
    }
    _so_far = " · на сейчас"
    _orders = "Заказы"
    _placed = "оформлено"
    _delivered = "доставлено"
    _delivered_orders = "Доставлено заказов"
    _failed = "не удалось"
    _revenue = "Выручка"
    _cost = "расходы"
    _burned = "сожжено"
    _of_pools = "пулы"
    _profit = "прибыль"
    _energy = "Продано энергии"
    _delegations = "делегирований"
    _customers = "Клиенты"
    _new = "новых"
    _returning = "вернулись"
    _pools = "Пулы: энергия и TRX"
    _profit_of_pools = "Прибыль по пулам"
    _more = "… и ещё {}"
    _rows = "строк"
    _nothing = "ничего нет"
