"""The card of a report: its figures, and a picture where one can be drawn."""

from __future__ import annotations

from hashlib import sha256

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import charts
from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import ShowReport, TakeBook
from bot.screen import Card, Picture
from bot.texts import Texts
from bot.texts.figures import short_address
from bot.texts.office.en.reports import EnglishReports
from services.exports import Book
from services.reports import Report
from services.spans import Span, SpanKind

_MOST_POOLS_DRAWN = 8
# Every system has a font for it; of a picture nothing is a link.
_ENGLISH = EnglishReports("")
# How the hours of a day, and the days of a week or month, are written below their bars.
_LABELS = {SpanKind.DAY: "%H", SpanKind.WEEK: "%m-%d", SpanKind.MONTH: "%d"}


async def report(texts: Texts, report: Report, *, may_export: bool) -> Card:
    """The card with a picture; without one if matplotlib is missing, or fails."""
    png = await charts.draw(chart(texts, report))
    # The figures change, so its content is its name.
    picture = Picture(f"report:{sha256(png).hexdigest()}", png) if png else None
    return Card(
        texts.office.reports.report(report),
        keyboard_of(texts, report, may_export=may_export),
        picture,
    )


def chart(texts: Texts, report: Report) -> charts.Chart:
    """What is drawn of a report."""
    form = _LABELS[report.span.kind]
    return charts.Chart(
        words=texts.office.reports.chart_words(report.span),
        plain_words=_ENGLISH.chart_words(report.span),
        labels=tuple(f"{bucket.at:{form}}" for bucket in report.buckets),
        orders=tuple(bucket.orders for bucket in report.buckets),
        revenue_sun=tuple(bucket.revenue_sun for bucket in report.buckets),
        pools=tuple(
            (short_address(pool.address), pool.profit_sun)
            for pool in report.pools[:_MOST_POOLS_DRAWN]
        ),
    )


def keyboard_of(texts: Texts, report: Report, *, may_export: bool = False) -> InlineKeyboardMarkup:
    words, span = texts.office.reports, report.span
    around = [_showing(words.earlier_button, span.before())]
    if span.until <= report.now:
        around.append(_showing(words.later_button, span.after()))
    now = [button(words.span_button(kind), ShowReport(span=kind).pack()) for kind in SpanKind]
    books = [
        button(
            words.book_button(book),
            TakeBook(book=book, span=span.kind, day=span.day.toordinal()).pack(),
        )
        for book in Book
    ]
    return keyboard(around, now, books if may_export else [], [cards.back(texts.office.common)])


def _showing(label: str, span: Span) -> InlineKeyboardButton:
    return button(label, ShowReport(span=span.kind, day=span.day.toordinal()).pack())
