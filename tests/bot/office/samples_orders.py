"""Every card about orders that the shop looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.office import cards, order_desk
from bot.screen import Card
from bot.texts import Texts
from services.acts import Act
from services.ledger import Event as Booking
from services.notices import NoticeKind
from services.order_acts import OrderDesk, OrderFacts
from services.order_history import Event, What
from services.order_search import Numbered, OrderList
from services.order_views import OrderStatus, OrderView, Stage
from services.staff import Actor, Role
from tests.support.shop import address

OWNER = Actor(1, Role.OWNER)
EVERYTHING = frozenset(
    {
        *(Act.RETRY_ORDER, Act.DELIVER_BY_POOL, Act.REFUND_ORDER),
        *(Act.CREDIT_ORDER, Act.EXTEND_ORDER, Act.END_ORDER),
    }
)
PAYMENT_STATES = (
    *("seen", "orphaned", "matched", "flash", "delivered", "credited"),
    *("held", "refunding", "refunded", "dust", "own", "lost"),
)
ACCOUNTS = (
    *("chain:", "payer:", "user:7", "orders", "revenue", "held"),
    *("refunds", "owner", "fees", "losses", "dust"),
)


def orders_cards(texts: Texts) -> Iterator[tuple[str, Card]]:
    """In every variant, by a name."""
    from tests.bot.samples import BARE_ORDER, EXTENSION, LONGEST_ORDER, ORDER

    words, common = texts.office.orders, texts.office.common
    for stage in Stage:
        few = OrderList((replace(LONGEST_ORDER, stage=stage),))
        yield f"orders, {stage}", order_desk.order_list(texts, few)
    many = tuple(replace(LONGEST_ORDER, number=10**10 + number) for number in range(8))
    yield "orders of many pages", order_desk.order_list(texts, OrderList(many, 100, 200))
    yield "no orders", order_desk.order_list(texts, OrderList(()))
    yield "many hits", order_desk.order_hits(texts, OrderList(many, 100, 200), Numbered(1))
    yield "no hits", order_desk.no_order(texts)
    yield "look for what?", cards.asked(common, words.ask_what())
    yield "how many hours?", cards.asked(common, words.how_many_hours(720))
    pools = [address(name) for name in ("pool", "second", "third")]
    yield "pools", order_desk.order_pools(texts, 1001, pools)
    yield "no pools", order_desk.order_pools(texts, 1001, ())

    events = tuple(_events())
    failed = replace(LONGEST_ORDER, status=OrderStatus.FAILED, stage=Stage.FAILED)
    views = (ORDER, LONGEST_ORDER, BARE_ORDER, EXTENSION, failed, replace(ORDER, user_id=None))
    for number, view in enumerate(views):
        desk = _desk(view, events)
        for role in Role:
            yield f"order {number}, {role}", order_desk.order_desk(texts, desk, Actor(1, role))
        yield f"order {number}, done", order_desk.order_desk(texts, desk, OWNER, done=True)
        yield f"retry {number}?", Card(words.retry(desk))
        yield f"by pool {number}?", Card(words.by_pool(desk, pools[0]))
        yield f"refund {number}?", Card(words.refund(desk))
        yield f"credit {number}?", Card(words.credit(desk))
        if view.expires_at is not None:
            yield f"extend {number}?", Card(words.extend(desk, 720))
            yield f"end {number}?", Card(words.end(desk, 0))
            yield f"end {number} with a share?", Card(words.end(desk, 50))
    of_balance = replace(ORDER, balance_sun=1_000_000)
    yield "refund of a balance?", Card(words.refund(_desk(of_balance, ())))
    for failure in ("no_energy", "not_read_back", "payment_lost", "rental_over", "by_staff", "odd"):
        desk = _desk(replace(failed, failure=failure), ())
        yield f"failed, {failure}", order_desk.order_desk(texts, desk, OWNER)
    desk = _desk(LONGEST_ORDER, events)
    for page in range(1, -(-len(events) // order_desk.EVENTS_ON_A_PAGE) + 1):
        yield f"times, {page}", order_desk.order_times(texts, desk, page)


def _desk(view: OrderView, events: tuple[Event, ...]) -> OrderDesk:
    return OrderDesk(
        view=view,
        username="a_very_long_name_of_somebody_32c",
        events=events,
        facts=OrderFacts(status=view.status, money_sun=10**15),
        possible=EVERYTHING,
        share_percent=50,
        most_back_sun=10**14,
    )


def _events() -> Iterator[Event]:
    from tests.bot.samples import NOW

    sun, txid = 123_456_789_012_345, "ab" * 32
    for what in What:
        yield Event(NOW, what, sun=sun)
    yield Event(NOW, What.ORDERED, sun=sun, name="n" * 60, reason="c" * 100)
    for state in PAYMENT_STATES:
        yield Event(NOW, What.PAYMENT, sun=sun, txid=txid, state=state, reason="no_order")
    for state in ("signed", "sent", "included", "dead", "rejected"):
        for what in (What.DELEGATE, What.UNDELEGATE, What.TRANSFER):
            yield Event(NOW, what, sun=sun, txid=txid, state=state)
    for account in ACCOUNTS:
        whole = f"{account}{address('ann')}" if account.endswith(":") else account
        accounts = f"{whole}, fees, orders", f"{whole}, user:7"
        booking: Booking = "undeliverable"
        yield Event(NOW, What.BOOKED, sun=sun, name=booking, accounts=accounts)
    for kind in NoticeKind:
        for state in ("waiting", "sent", "dropped"):
            yield Event(NOW, What.MESSAGE, name=kind, state=state, who=7)
    for status in OrderStatus:
        yield Event(
            NOW,
            What.EXTENSION,
            sun=sun,
            state=status,
            number=10**9,
            duration=timedelta(days=364, hours=23, minutes=59),
        )
    for act in (*sorted(EVERYTHING), Act.ASSIGN_PAYMENT, Act.KEEP_PAYMENT):
        yield Event(NOW, What.DECISION, name=act, reason="because " * 40, who=2**53)
