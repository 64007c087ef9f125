"""Every card about people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot import money_cards
from bot.office import cards, people_cards
from bot.screen import Card
from bot.texts import Texts
from chain.addresses import Address
from services.customers import Language, SavedAddress
from services.order_views import OrderView, Stage
from services.orders import OrderPage
from services.people import LONGEST_NOTE, Bound, Found, FoundPeople, Person
from services.staff import Actor, Role
from tests.support.shop import address

_SEEN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PERSON = Person(
    id=7_000_001,
    first_name="Ann",
    username="ann",
    language=Language.EN,
    since=_SEEN,
    seen_at=_SEEN,
    blocked_at=None,
    banned_at=None,
    banned_by=None,
    ban_reason="",
    note="",
    day_limit=None,
    open_limit=None,
    balance_sun=1_500_000,
    spent_sun=0,
    orders=0,
    waiting=0,
    under_way=0,
    delivered=0,
    newest=(),
    addresses=(),
    bound=frozenset(),
    payers=(),
)


def people_samples(texts: Texts, order: OrderView) -> Iterator[tuple[str, Card]]:
    office = texts.office
    words = office.people
    places = tuple(address(f"place {number}") for number in range(12))
    longest = replace(
        PERSON,
        id=2**63 - 1,
        first_name="𝔸 " * 40,
        username="a" * 32,
        blocked_at=_SEEN,
        banned_at=_SEEN,
        banned_by=2**62,
        ban_reason="w" * 300,
        note="n" * LONGEST_NOTE,
        day_limit=1_000_000,
        open_limit=0,
        balance_sun=10**16,
        spent_sun=10**16,
        orders=10**6,
        waiting=10**5,
        under_way=10**5,
        delivered=10**5,
        newest=(replace(order, number=10**9),) * 5,
        addresses=tuple(SavedAddress(each, "") for each in places),
        bound=frozenset(places[:6]),
        payers=tuple(Address(each) for each in places[6:]),
    )
    yield "find somebody", people_cards.ask(office)
    yield "nobody found", people_cards.nobody(office)
    several = tuple(Found(number, "𝔸 " * 40, "a" * 32) for number in range(1, 9))
    for more in (False, True):
        yield f"people found, more: {more}", people_cards.found(office, FoundPeople(several, more))
    unnamed = replace(PERSON, first_name="", username=None)
    for name, person in (("new", PERSON), ("unnamed", unnamed), ("longest", longest)):
        for role in (Role.OWNER, Role.SUPPORT):
            yield f"person, {name}, {role}", people_cards.person(office, person, Actor(1, role))
    yield "person, no orders", people_cards.orders(office, PERSON, OrderPage((), 1, 1))
    for stage in Stage:
        page = OrderPage((replace(order, stage=stage),) * 8, 2, 3)
        yield f"person, orders {stage}", people_cards.orders(office, longest, page)
    for name, text in (
        ("amount", words.ask_amount(PERSON)),
        ("amount unclear", words.amount_unclear()),
        ("below zero", words.not_below_zero(1_500_000)),
        ("note", words.ask_note(longest)),
        ("bound unclear", words.bound_unclear()),
        *((f"bound {bound}", words.ask_bound(PERSON, bound)) for bound in Bound),
    ):
        yield f"ask {name}", people_cards.asked(office, text, 7)
    for name, text in (
        ("more", words.adjust_means(longest, 5_000_001)),
        ("less", words.adjust_means(PERSON, -250_000)),
        ("ban", words.ban_means(longest)),
        ("unban", words.unban_means(longest)),
        ("note", words.note_means(PERSON, "n" * LONGEST_NOTE)),
        ("no note", words.note_means(PERSON, "")),
        *(
            (f"{bound} {most}", words.bound_means(longest, bound, most))
            for bound in Bound
            for most in (None, 0, 1_000_000)
        ),
    ):
        yield f"why, people, {name}", cards.why(office.common, text, may_skip=False)
    for sun in (5_000_000, -250_000):
        details = {"sun": sun, "balance_sun": 10**12}
        yield f"balance adjusted {sun}", money_cards.balance_adjusted(texts, details)
    for why in ("gone", "failing"):
        off = {"url": "https://shop.example/hooks/" + "h" * 300, "why": why}
        yield f"webhook disabled, {why}", money_cards.webhook_disabled(texts, off)
