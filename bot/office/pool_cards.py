"""Cards about pools: pure functions of figures and a language."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import (
    AddPool,
    ChangePool,
    ChoosePoolKey,
    LookAtPool,
    NewPool,
    PoolChange,
    PoolsPage,
    PoolStep,
    Room,
)
from bot.screen import Card
from bot.texts.notation import lines
from bot.texts.office import CommonTexts, PoolsTexts
from chain.accounts import Account
from services.key_ring import NamedKey
from services.pool_adding import AddFault, Candidate
from services.pool_keeping import PoolFigures
from services.pools import PoolState

_PER_PAGE = 8
_MOST_KEYS = 12
_TERMS = (
    PoolChange.RESERVE,
    PoolChange.CAP,
    PoolChange.HOURLY,
    PoolChange.PRIORITY,
    PoolChange.COST,
)
_STATES = {
    PoolState.ENABLED: PoolChange.ENABLE,
    PoolState.DRAINING: PoolChange.DRAIN,
    PoolState.DISABLED: PoolChange.DISABLE,
}


def overview(
    common: CommonTexts,
    texts: PoolsTexts,
    pools: Sequence[PoolFigures],
    page: int,
    *,
    may_add: bool,
) -> Card:
    """Some of the pools, and the ways to the others."""
    last = max(0, len(pools) - 1) // _PER_PAGE
    page = min(page, last)
    shown = pools[page * _PER_PAGE : (page + 1) * _PER_PAGE]
    rows = [
        [button(texts.pool_button(pool), LookAtPool(pool=pool.address).pack())] for pool in shown
    ]
    pages = [
        button(sign, PoolsPage(page=to).pack())
        for sign, to in (("‹", page - 1), ("›", page + 1))
        if 0 <= to <= last
    ]
    add = [button(texts.add_button, AddPool().pack())] if may_add else []
    text = texts.overview(shown, sum(pool.free_energy for pool in pools), page, last, len(pools))
    return Card(text, keyboard(*rows, pages, add, [cards.back(common)]))


def unknown(common: CommonTexts, texts: PoolsTexts) -> Card:
    return Card(texts.no_such_pool(), keyboard([cards.back(common, Room.POOLS)]))


def pool(
    common: CommonTexts,
    texts: PoolsTexts,
    figures: PoolFigures,
    *,
    done: Text | None = None,
    may_change: bool,
) -> Card:
    """All about one pool; `done` is what has just been done to it."""

    def change(what: PoolChange) -> InlineKeyboardButton:
        tap = ChangePool(pool=figures.address, what=what)
        return button(texts.change_button(what.name.lower()), tap.pack())

    rows: list[list[InlineKeyboardButton]] = []
    if may_change:
        rows.append(
            [change(what) for state, what in _STATES.items() if state != figures.terms.state]
        )
        rows += [[change(what) for what in _TERMS[:3]], [change(what) for what in _TERMS[3:]]]
    look = button(texts.refresh_button, LookAtPool(pool=figures.address).pack())
    text = texts.card(figures)
    return Card(
        lines(done, "", text) if done else text,
        keyboard(*rows, [look, cards.back(common, Room.POOLS)]),
    )


def refused(common: CommonTexts, texts: PoolsTexts, fault: AddFault) -> Card:
    return Card(texts.add_refused(fault), keyboard([cards.back(common, Room.POOLS)]))


def choose_key(
    common: CommonTexts, texts: PoolsTexts, account: Account, keys: Sequence[NamedKey]
) -> Card:
    """Which of our keys shall sign for an account."""
    rows = [
        [button(texts.key_button(key), ChoosePoolKey(key=key.address).pack())]
        for key in keys[:_MOST_KEYS]
    ]
    text = texts.choose_key(account, more=len(keys) - len(rows))
    return Card(text, keyboard(*rows, [cards.stop(common)]))


def grant(
    common: CommonTexts, texts: PoolsTexts, found: Candidate, *, again: bool, fits: bool
) -> Card:
    """What its owner has to sign before the key may delegate."""
    look = button(texts.look_again_button, NewPool(step=PoolStep.LOOK_AGAIN).pack())
    return Card(texts.grant(found, again=again, fits=fits), keyboard([look], [cards.stop(common)]))


def risk(common: CommonTexts, texts: PoolsTexts, found: Candidate) -> Card:
    """The key can do more than delegate."""
    take = button(texts.risk_button, NewPool(step=PoolStep.RISK).pack(), ButtonStyle.DANGER)
    return Card(texts.risk(found), keyboard([cards.stop(common)], [take]))


def ask_reserve(common: CommonTexts, texts: PoolsTexts, found: Candidate) -> Card:
    nothing = button(texts.no_reserve_button, NewPool(step=PoolStep.NO_RESERVE).pack())
    return Card(texts.ask_new_reserve(found), keyboard([nothing], [cards.stop(common)]))
