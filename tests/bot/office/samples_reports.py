"""The card of today and every kind of report, empty and with figures as long as they can get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from bot.office.report_cards import keyboard_of
from bot.office.today import today_card
from bot.screen import Card
from bot.texts import Texts
from db.figures import TimesRow, WaitingRow
from services.exports import Book
from services.figures import Lag, Sales, Standing, Today
from services.inventory import Outlook
from services.order_views import OrderStatus
from services.reports import PoolReport, Report, every_bucket
from services.spans import SpanKind, span_of
from services.staff import Actor, Role
from tests.support.shop import address

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOST = 10**13
NO_TIMES = TimesRow(None, None)
DAY = span_of(SpanKind.DAY, NOW)
NOTHING = Sales(DAY, {}, 0, 0, 0, NO_TIMES, NO_TIMES, NO_TIMES)
LONG = TimesRow(timedelta(hours=123, minutes=59, seconds=59), timedelta(hours=999, seconds=1))
MUCH = Sales(DAY, dict.fromkeys(OrderStatus, 10**7), 10**7, 10**6, -MOST - 1, LONG, LONG, LONG)
WELL = Standing(
    lag=Lag(timedelta(seconds=3), 1),
    outlook=Outlook(0, 0, {1: 0, 6: 0, 24: 0}),
    has_wallet=False,
    wallet_sun=None,
    pools=1,
    pools_out=0,
    held=0,
    held_sun=0,
    waiting=WaitingRow(0, 0, 0, 0),
)
TROUBLE = Standing(
    lag=Lag(timedelta(hours=30), 36_000),
    outlook=Outlook(MOST, MOST, {1: MOST, 6: MOST, 24: MOST}),
    has_wallet=True,
    wallet_sun=MOST,
    pools=300,
    pools_out=300,
    held=10**6,
    held_sun=MOST,
    waiting=WaitingRow(10**6, MOST, 10**6, 10**6),
    alerts=10**4,
)
SILENT = replace(TROUBLE, lag=None, outlook=None, wallet_sun=None)
EMPTY_REPORT = Report(DAY, NOW, NOTHING, 0, (), None, 0, 0, every_bucket(DAY, ()))
POOL = PoolReport(address("pool"), MOST, 10**7, MOST + 1, MOST + 1, 2 * MOST + 1)


def full_report(kind: SpanKind, pools: int) -> Report:
    span = span_of(kind, NOW)
    return Report(
        span,
        span.until,
        replace(MUCH, span=span),
        MOST + 1,
        (POOL,) * pools,
        Fraction(999_949, 1_000_000),
        10**6,
        10**6,
        every_bucket(span, ()),
    )


def reports_cards(texts: Texts) -> Iterator[tuple[str, Card]]:
    """Without pictures: they are the same figures, drawn."""
    viewer, owner = Actor(1, Role.VIEWER), Actor(1, Role.OWNER)
    yield "today, unread", today_card(texts, Today(None, None, SILENT), viewer)
    yield "today, quiet", today_card(texts, Today(NOW, NOTHING, WELL), viewer)
    yield "today, trouble", today_card(texts, Today(NOW, MUCH, TROUBLE), owner)
    yield "today, silent", today_card(texts, Today(NOW, MUCH, SILENT), owner)
    words = texts.office.reports
    yield "report, empty", Card(words.report(EMPTY_REPORT), keyboard_of(texts, EMPTY_REPORT))
    for kind in SpanKind:
        for pools in (3, 300):
            report = full_report(kind, pools)
            card = Card(words.report(report), keyboard_of(texts, report, may_export=True))
            yield f"report, {kind}, {pools} pools", card
    for book in Book:
        yield f"taken, {book}", Card(words.taken(book, DAY, 20_000))
