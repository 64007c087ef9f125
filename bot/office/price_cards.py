"""Cards about prices: pure functions of figures and a language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import (
    AddPrice,
    ChangePrice,
    EditPrice,
    LookAtPrice,
    NudgePrice,
    PriceEdit,
    PriceHistory,
    RemovePrice,
    Room,
)
from bot.screen import Card
from bot.texts.notation import lines
from bot.texts.office import CommonTexts, PricesTexts
from services.price_keeping import PriceBoard, PriceDraft, PriceFault, PriceSpan, PriceView
from services.price_preview import Sample

_MOST_SHOWN = 10
_MOST_DOORS = 40
_MOST_SPANS = 10
_NUDGES = (-5, -1, 1, 5)


def overview(
    common: CommonTexts, texts: PricesTexts, board: PriceBoard, *, may_change: bool
) -> Card:
    """Every duration on sale, and what is on top of prices now."""
    shown = board.views[:_MOST_SHOWN]
    doors = [
        button(texts.duration_button(view.duration), LookAtPrice(seconds=_of(view)).pack())
        for view in board.views[:_MOST_DOORS]
    ]
    rows = [doors[start : start + 2] for start in range(0, len(doors), 2)]
    add = [button(texts.add_button, AddPrice().pack())] if may_change else []
    text = texts.overview(board, shown)
    return Card(text, keyboard(*rows, add, [cards.back(common)]))


def unknown(common: CommonTexts, texts: PricesTexts, done: Text | None = None) -> Card:
    text = texts.not_for_sale()
    return Card(lines(done, "", text) if done else text, keyboard([_back(common)]))


def price(
    common: CommonTexts,
    texts: PricesTexts,
    view: PriceView,
    samples: Sequence[Sample],
    *,
    done: Text | None = None,
    may_change: bool,
) -> Card:
    """What is on offer and planned for one duration."""
    seconds = _of(view)
    changes = [
        button(texts.change_button, ChangePrice(seconds=seconds).pack()),
        button(texts.remove_button, RemovePrice(seconds=seconds).pack()),
    ]
    past = button(texts.history_button, PriceHistory(seconds=seconds).pack())
    text = texts.card(view, samples)
    return Card(
        lines(done, "", text) if done else text,
        keyboard(changes if may_change else [], [past, _back(common)]),
    )


def history(
    common: CommonTexts, texts: PricesTexts, duration: timedelta, spans: Sequence[PriceSpan]
) -> Card:
    """What a duration cost, the newest first."""
    newest = spans[::-1][:_MOST_SPANS]
    back = LookAtPrice(seconds=int(duration.total_seconds()))
    text = texts.history(duration, newest, older=len(spans) - len(newest))
    return Card(text, keyboard([button(common.back_button, back.pack())]))


def edit(
    common: CommonTexts,
    texts: PricesTexts,
    draft: PriceDraft,
    described: Text,
    *,
    fault: PriceFault | None,
    is_new: bool,
) -> Card:
    """A price that is being typed, and what it would mean."""
    nudges = [
        button(f"{by:+d}".replace("-", "−"), NudgePrice(by=by).pack())
        for by in _NUDGES
        if draft.sun_per_energy + by >= 1
    ]
    parts = [_editing(texts, PriceEdit.MINIMUM), _editing(texts, PriceEdit.STEPS)]
    start = PriceEdit.START if draft.start is None else PriceEdit.AT_ONCE
    publish = [_editing(texts, PriceEdit.PUBLISH, ButtonStyle.PRIMARY)] if fault is None else []
    return Card(
        texts.editing(described, fault, is_new=is_new),
        keyboard(nudges, parts, [_editing(texts, start)], publish, [cards.stop(common)]),
    )


def ask(common: CommonTexts, texts: PricesTexts, what: PriceEdit, draft: PriceDraft) -> Card:
    """What shall it be?"""
    text = texts.ask(what.name.lower(), draft)
    return Card(text, keyboard([_editing(texts, PriceEdit.BACK)], [cards.stop(common)]))


def _editing(
    texts: PricesTexts, what: PriceEdit, style: ButtonStyle | None = None
) -> InlineKeyboardButton:
    return button(texts.edit_button(what.name.lower()), EditPrice(what=what).pack(), style)


def _back(common: CommonTexts) -> InlineKeyboardButton:
    return cards.back(common, Room.PRICES)


def _of(view: PriceView) -> int:
    return int(view.duration.total_seconds())
