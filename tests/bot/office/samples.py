"""Every card of the office, area by area."""

from __future__ import annotations

from collections.abc import Iterator

from aiogram.utils.formatting import Text

from bot.office import cards
from bot.screen import Card
from bot.texts import Texts
from services.acts import ActFault
from services.order_views import OrderView
from tests.bot.office.samples_alerts import alert_samples
from tests.bot.office.samples_broadcast import broadcast_samples
from tests.bot.office.samples_held import held_cards
from tests.bot.office.samples_keys import key_samples
from tests.bot.office.samples_orders import orders_cards
from tests.bot.office.samples_people import people_samples
from tests.bot.office.samples_pools import pool_cards_all
from tests.bot.office.samples_prices import price_cards_all
from tests.bot.office.samples_reports import reports_cards
from tests.bot.office.samples_rules import rules_cards


def office_cards(texts: Texts, view: OrderView) -> Iterator[tuple[str, Card]]:
    """Every card of the office, in every variant, by a name; `view` is an order to tell of."""

    yield from _common(texts)
    yield from orders_cards(texts)
    yield from held_cards(texts)
    yield from pool_cards_all(texts)
    yield from price_cards_all(texts)
    yield from people_samples(texts, view)
    yield from key_samples(texts)
    yield from broadcast_samples(texts)
    yield from rules_cards(texts, view)
    yield from alert_samples(texts)
    yield from reports_cards(texts)


def _common(texts: Texts) -> Iterator[tuple[str, Card]]:
    common = texts.office.common
    yield "why", cards.why(common, None, may_skip=True)
    yield "why, of something", cards.why(common, Text(texts.banned()), may_skip=False)
    for fault in ActFault:
        yield f"act refused, {fault}", cards.refused(common, fault)
    yield "left", cards.left(common)
