"""Every card about prices, with figures as long as they can get."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aiogram.utils.formatting import Text

from bot.office import cards, price_cards
from bot.office.taps import PriceEdit
from bot.screen import Card
from bot.texts import Texts
from db.prices import PriceRow
from services.acts import Act
from services.price_keeping import PriceBoard, PriceDraft, PriceFault, PriceSpan, PriceView
from services.price_preview import Sample
from services.surge import SurgeStep

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STEPS = tuple((700_000 * number, 100 - number) for number in range(1, 9))
DRAFT = PriceDraft(Decimal(1), 1_000_000, 123_456_789_012, STEPS, NOW + timedelta(days=9))
PLAIN = PriceDraft(Decimal(1), 1, 0)
SAMPLES = (
    Sample(1, 70_714, 2_828_560, 3_000_000, 6_428_500, 4_000_000),
    Sample(10, 707_140, None, 30_000_000, 20_000_000, 40_000_000),
    Sample(10, 707_140, 30_000_000, 2_000_000, 20_000_000, None),
)


def _row(hours: int, start: datetime | None = None, until: datetime | None = None) -> PriceRow:
    return PriceRow(
        f"{hours}h",
        Decimal(hours),
        40,
        1_000_000,
        step_energy=tuple(energy for energy, _ in STEPS),
        step_sun=tuple(sun for _, sun in STEPS),
        valid_from=start,
        valid_until=until,
    )


def _view(hours: int) -> PriceView:
    later = _row(hours, NOW + timedelta(days=30))
    return PriceView(
        duration=timedelta(hours=hours),
        now=_row(hours, NOW, NOW + timedelta(days=60)),
        planned=(later,),
    )


def price_cards_all(texts: Texts) -> Iterator[tuple[str, Card]]:
    """Every card about prices."""
    yield from _looked_at(texts)
    yield from _typed(texts)
    yield from _before(texts)


def _looked_at(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, prices = texts.office.common, texts.office.prices
    surge = (SurgeStep(10, 100), SurgeStep(50, 25))
    plain = PriceView(duration=timedelta(hours=1), now=PLAIN.row(), planned=())
    many = tuple(_view(hours) for hours in (1, 2, 3, *range(26, 70)))
    boards = {
        "usual": PriceBoard(at=NOW, views=(plain,), surge=(), surge_percent=0),
        "long": PriceBoard(at=NOW, views=many, surge=surge, surge_percent=25),
        "silent": PriceBoard(at=None, views=many[:2], surge=surge, surge_percent=None),
    }
    for name, board in boards.items():
        card = price_cards.overview(common, prices, board, may_change=name != "usual")
        yield f"prices, {name}", card
    yield "price unknown", price_cards.unknown(common, prices)
    removed = prices.done(Act.PRICE_REMOVE)
    yield "price removed", price_cards.unknown(common, prices, removed)
    planned = PriceView(duration=timedelta(hours=1), now=None, planned=_view(1).planned)
    for name, view in {"full": _view(1), "plain": plain, "planned": planned}.items():
        for may_change in (False, True):
            yield (
                f"price, {name}, {may_change}",
                price_cards.price(common, prices, view, SAMPLES, may_change=may_change),
            )
    done = prices.done(Act.PRICE_CHANGE)
    yield (
        "price, done",
        price_cards.price(common, prices, plain, (), done=done, may_change=True),
    )


def _typed(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, prices = texts.office.common, texts.office.prices
    for draft in (DRAFT, PLAIN):
        for view in (None, _view(1)):
            described = prices.described(draft, view, SAMPLES)
            name = f"{draft.sun_per_energy}, {view is None}"
            for fault in (None, PriceFault.STEPS):
                yield (
                    f"price typed, {name}, {fault}",
                    price_cards.edit(
                        common, prices, draft, described, fault=fault, is_new=view is None
                    ),
                )
            yield f"why price, {name}", cards.why(common, described, may_skip=False)
            meaning = prices.meaning_of_change(described)
            yield f"meaning of price, {name}", cards.asked(common, meaning)
        for what in (PriceEdit.MINIMUM, PriceEdit.STEPS, PriceEdit.START):
            yield (
                f"price asked, {draft.sun_per_energy}, {what}",
                price_cards.ask(common, prices, what, draft),
            )
    hour = timedelta(hours=1)
    yield "price's duration", cards.asked(common, prices.ask_duration())
    yield "new price", cards.asked(common, prices.ask_new_sun(hour))
    yield "sold already", cards.asked(common, Text(prices.sold_already(hour)))
    for fault in PriceFault:
        yield f"price fault, {fault}", cards.asked(common, Text(prices.fault(fault)))
    yield "why remove", cards.why(common, prices.about_removal(hour), may_skip=False)
    yield "meaning of removal", cards.asked(common, prices.meaning_of_removal(hour, 2))


def _before(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, prices = texts.office.common, texts.office.prices
    hour = timedelta(hours=1)
    spans = (
        PriceSpan(PLAIN, None, NOW, None, ""),
        PriceSpan(None, NOW, NOW + hour, 7, "0" * 300),
    )
    yield "history", price_cards.history(common, prices, hour, spans)
    long = tuple(PriceSpan(PLAIN, NOW, NOW + hour, 7, "0" * 100) for _ in range(14))
    yield "history, long", price_cards.history(common, prices, hour, long)
    yield "history, none", price_cards.history(common, prices, hour, ())
