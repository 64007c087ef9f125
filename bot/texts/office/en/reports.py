"""English: reports."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.reports import ReportTexts
from services.exports import Book
from services.reports import Target
from services.spans import SpanKind


class EnglishReports(EnglishWords, ReportTexts):
    """What a day, a week or a month brought."""

    earlier_button = "‹ Earlier"
    later_button = "Later ›"
    _units: ClassVar = ("h", "min", "s")
    _span_buttons: ClassVar = {
        SpanKind.DAY: "Day",
        SpanKind.WEEK: "Week",
        SpanKind.MONTH: "Month",
    }
    _books: ClassVar = {
        Book.ORDERS: "Orders",
        Book.PAYMENTS: "Payments",
        Book.LEDGER: "Ledger",
    }
    _titles: ClassVar = {
        SpanKind.DAY: "Day",
        SpanKind.WEEK: "Week",
        SpanKind.MONTH: "Month",
    }
    _targets: ClassVar = {
        Target.SUCCESS: "Delivered, over 95 %",
        Target.CONFIRMATION: "Payment counted, under 5 min",
        Target.DELEGATION: "Energy sent, under 30 s",
        Target.AVAILABILITY: "Open, over 99.9 %",
    }
    _so_far = " · so far"
    _orders = "Orders"
    _placed = "placed"
    _delivered = "delivered"
    _delivered_orders = "Orders delivered"
    _failed = "failed"
    _revenue = "Revenue"
    _cost = "cost"
    _burned = "burned"
    _of_pools = "pools"
    _profit = "profit"
    _energy = "Energy sold"
    _delegations = "delegations"
    _customers = "Customers"
    _new = "new"
    _returning = "returning"
    _pools = "Pools: energy and TRX"
    _profit_of_pools = "Profit by pool"
    _more = "… and {} more"
    _rows = "rows"
    _nothing = "nothing there"
