"""Every card about held payments that the shop decides about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot import operator_cards
from bot.office import cards
from bot.screen import Card
from bot.texts import Texts
from services.held import Choice, HeldMoney
from services.held_acts import HeldDesk
from services.staff import Actor, Role


def held_cards(texts: Texts) -> Iterator[tuple[str, Card]]:
    """In every variant, by a name."""
    from tests.bot.samples import EXTENSION, HELD, LONGEST_ORDER

    words, common = texts.office.held, texts.office.common
    part = replace(HELD, possible=tuple(Choice), reason="underpaid", transfers=1000)
    nobodys = replace(HELD, user_id=None, choose_until=None)
    for role in Role:
        for name, payment in (("", HELD), (" in part", part), (" of nobody", nobodys)):
            fitting = (LONGEST_ORDER, EXTENSION) if payment is HELD else ()
            desk = HeldDesk(payment, "a_very_long_name_of_somebody_32c", fitting)
            actor = Actor(1, role)
            yield f"held{name}, {role}", operator_cards.held_desk(texts, desk, actor)
            yield f"notice{name}, {role}", operator_cards.payment_held(texts, payment, actor)
    yield "notice, adrift", operator_cards.payment_held(texts, replace(HELD, adrift=True), None)
    decided = HeldDesk(replace(HELD, status="own"), None, ())
    yield "held, decided", operator_cards.held_desk(texts, decided, Actor(1, Role.OWNER))
    many = HeldMoney(1_000, 10**15, (HELD,), 100, 200)
    yield "held, one page of many", operator_cards.overview(texts, 0, many)
    yield "which order?", cards.asked(common, words.which_order())
    yield "which user?", cards.asked(common, words.which_user())
    yield "no such user", cards.asked(common, words.no_such_user())
    yield "assign?", Card(words.assign(HELD, 9_999_999_999))
    yield "flash?", Card(words.flash(HELD))
    yield "credit to another?", Card(words.credit_other(HELD, 2**53, "a_very_long_name"))
    yield "credit to another without a name?", Card(words.credit_other(HELD, 7, None))
    yield "credit to the sender?", Card(words.credit_sender(HELD))
    yield "keep?", Card(words.keep(HELD))
