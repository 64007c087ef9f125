"""Every card about maintenance, the log, risk and settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from aiogram.utils.formatting import Text

from bot.office import cards, log, maintenance, risk, settings
from bot.office.taps import LookAtEntry, LookAtLog
from bot.screen import Card
from bot.texts import Texts
from services.customers import Language
from services.live_settings import ADJUSTABLE, Kind, Setting
from services.maintenance import LONGEST_WORDS, Closure, Unfinished
from services.order_views import OrderStatus, OrderView, Origin, Stage
from services.risk import Outcome, RiskReason, RiskRule
from services.risk_review import SHOWN, Listed, RiskDesk, RiskyOrder
from services.staff import Actor, Role
from services.trail import PAGE_SIZE, Entry, EntryPage

_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_LARGEST = 2**63 - 1
_BUSY = Unfinished(unpaid=9_999, paid=9_999)


def rules_cards(texts: Texts, view: OrderView) -> Iterator[tuple[str, Card]]:
    yield from _maintenance(texts)
    yield from _log(texts)
    yield from _risk(texts, view)
    yield from _settings(texts)


def asked(texts: Texts, question: Text) -> Card:
    return cards.asked(texts.office.common, question)


def _maintenance(texts: Texts) -> Iterator[tuple[str, Card]]:
    own = texts.office.maintenance
    opened = Closure(closed=False, since=None, by=None, messages={})
    closed = Closure(
        closed=True,
        since=_NOW,
        by=_LARGEST,
        messages=dict.fromkeys(Language, "9" * LONGEST_WORDS),
    )
    for state in (opened, closed):
        for may in (False, True):
            yield (
                f"maintenance, {state.closed}, {may}",
                maintenance.room(texts.office, state, _BUSY, may=may),
            )
    yield "maintenance, will stop", Card(own.will_stop(_BUSY))
    yield "maintenance, will go on", Card(own.will_go_on())
    for language in Language:
        yield f"maintenance, words in {language}", asked(texts, own.ask_words(language, 500))
        for words in ("", "9" * LONGEST_WORDS):
            yield (
                f"maintenance, will read {language}, {len(words)}",
                Card(own.will_read(language, words)),
            )


def _log(texts: Texts) -> Iterator[tuple[str, Card]]:
    own = texts.office.log
    entry = Entry(
        id=_LARGEST,
        at=_NOW,
        actor_id=_LARGEST,
        role="operator",
        act="reset_setting",
        subject="9" * 200,
        reason="9" * 300,
        before={"messages": {"en": "9" * 500}, **{f"old{number}": 1 for number in range(20)}},
        after={"messages": {"en": "8" * 500}, "list": [1, 2]},
        actor_name="W" * 64,
    )
    bare = replace(entry, actor_id=None, role=None, subject="", reason="", before=None, after=None)
    everything = LookAtLog()
    chosen = LookAtLog(before=_LARGEST, actor=_LARGEST, like=_LARGEST)
    entries = tuple(replace(entry, id=_LARGEST - number) for number in range(PAGE_SIZE))
    yield "log, empty", log.page(texts.office, EntryPage((), False, None), everything)
    yield "log, full", log.page(texts.office, EntryPage(entries, True, "9" * 200), chosen)
    yield "log, entry", log.entry_card(texts.office, entry, LookAtEntry(entry=_LARGEST))
    tapped = LookAtEntry(entry=_LARGEST, like=_LARGEST)
    yield "log, bare entry", log.entry_card(texts.office, bare, tapped)
    staff = [Actor(number, Role.OPERATOR) for number in range(1, 30)]
    yield "log, whose", log.whose(texts.office, staff)
    yield "log, about", asked(texts, own.ask_about())
    yield "log, subjects", log.subjects(texts.office, entries)


def _risk(texts: Texts, view: OrderView) -> Iterator[tuple[str, Card]]:
    own = texts.office.risk
    waiting = replace(view, stage=Stage.PAID, status=OrderStatus.PAID, waits_for_person=True)
    risky = RiskyOrder(waiting, tuple(RiskReason), None)
    address = Listed(_LARGEST, view.recipient, None, "9" * 300, _LARGEST, _NOW)
    person = replace(address, address=None, user_id=_LARGEST)
    for outcome in Outcome:
        rules = {reason: RiskRule(outcome, 10**12, 1_000) for reason in RiskReason}
        desk = RiskDesk(
            rules,
            99,
            tuple(
                RiskyOrder(replace(waiting, number=number), tuple(RiskReason), None)
                for number in range(1, SHOWN + 1)
            ),
            99,
            tuple(
                replace(each, id=number)
                for number, each in enumerate([address, person] * (SHOWN // 2), start=1)
            ),
        )
        yield f"risk, full, {outcome}", risk.room(texts.office, desk, may=True)
    empty = RiskDesk({reason: RiskRule(Outcome.ALLOW) for reason in RiskReason}, 0, (), 0, ())
    yield "risk, empty", risk.room(texts.office, empty, may=False)
    for may in (False, True):
        yield f"risk, order, {may}", risk.order(texts.office, risky, may=may)
        for each in (address, person):
            yield f"risk, listed, {may}, {each.user_id}", risk.listed(texts.office, each, may=may)
    more = replace(waiting, origin=Origin.EXTENSION, extends_number=1, rental_expires_at=_NOW)
    yield "risk, extension", risk.order(texts.office, replace(risky, order=more), may=True)
    for decision in ("allowed", "refused"):
        decided = replace(risky, order=replace(view, user_id=None), decision=decision)
        yield f"risk, {decision}", risk.order(texts.office, decided, may=True)
    news = risk.asked_about(texts, waiting, [str(reason) for reason in RiskReason])
    assert news is not None
    yield "risk, news", news
    yield "risk, whom", asked(texts, own.ask_whom())
    for each in (address, person):
        yield f"risk, will list {each.user_id}", Card(own.will_list(each.address, each.user_id))
        yield f"risk, will unlist {each.user_id}", Card(own.will_unlist(each))
    yield "risk, will deliver", Card(own.will_deliver(waiting))
    yield "risk, will refuse", Card(own.will_refuse(waiting))


def _settings(texts: Texts) -> Iterator[tuple[str, Card]]:
    own = texts.office.settings
    values: dict[Kind, int | bool] = {Kind.SWITCH: True, Kind.SUN: _LARGEST, Kind.ENERGY: 10**12}
    every = [
        Setting(key, kind, values.get(kind, 1_000_000), 1, _LARGEST, _NOW)
        for key, kind in ADJUSTABLE.items()
    ]
    yield "settings", settings.room(texts.office, every)
    for each in every:
        yield f"setting {each.key}, changed", settings.one(texts.office, each)
        unchanged = replace(each, by=None, at=None, value=False)
        yield f"setting {each.key}", settings.one(texts.office, unchanged)
        yield f"setting {each.key}, asked", asked(texts, own.ask_value(each))
        yield f"setting {each.key}, before and after", Card(own.will_change(each, 0))
