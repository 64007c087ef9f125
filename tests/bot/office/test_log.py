"""The log is read by pages, of one person, about one thing; an entry says what changed."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from db.pools import PoolTermsRow
from services.acts import Act, ActFault
from services.alerts import ACKNOWLEDGE, AlertKind
from services.api_keys import Scope
from services.broadcasts import Activity, BroadcastState
from services.customers import Language
from services.exports import EXPORTED, Book
from services.live_settings import ADJUSTABLE
from services.order_ends import Compensation
from services.order_views import OrderStatus
from services.people import Bound
from services.pools import PoolState
from services.price_keeping import PriceDraft
from services.refunds import RefundWait
from services.risk import RiskReason
from services.spans import SpanKind
from services.staff import Actor, Role
from services.trail import PAGE_SIZE, REFUSED, STRANGER, Entry, note
from tests.bot.people import Person, World, labels, words
from tests.bot.samples import TEXTS
from tests.support.shop import ADMIN, VIEWER, address

COMMON = TEXTS[Language.EN].office.common
OWN = TEXTS[Language.EN].office.log
RETRIED, CHANGED = OWN.act(Act.RETRY_ORDER), OWN.act(Act.POOL_TERMS)
OWNER, OTHER = Actor(ADMIN, Role.OWNER), Actor(VIEWER, Role.OPERATOR)


async def write_some(world: World) -> None:
    async with world.shop.database.transaction() as tx:
        for number in range(PAGE_SIZE + 3):
            await note(tx, OWNER, Act.RETRY_ORDER, subject=f"order {1001 + number}")
        await note(
            tx,
            OTHER,
            Act.POOL_TERMS,
            subject=f"pool {address('pool')}",
            reason="too dear",
            before={"cost_sun": 5, "state": "enabled", "reserve_sun": 0},
            after={"cost_sun": 7, "state": "enabled", "reserve_sun": 2_500_000},
        )
        await note(tx, None, "pool_out", subject=f"pool {address('pool')}")


async def test_it_is_paged_and_an_entry_says_what_changed(world: World, operator: Person) -> None:
    await write_some(world)
    newest = await operator.says("/log")
    assert words(newest).count(f" · Olga, owner · {RETRIED} · Order #") == PAGE_SIZE - 2
    assert "the program · pool out · Pool T" in words(newest)
    await operator.taps(OWN.older_button)
    assert "Order #1001" in words(operator.newest)
    assert OWN.older_button not in labels(operator.newest)
    await operator.taps(OWN.newest_button)

    change = next(label for label in labels(operator.newest) if CHANGED in label)
    entry = words(await operator.taps(change))
    assert "Cost: 5 sun → 7 sun" in entry
    assert "Reserve: 0.000000 TRX → 2.500000 TRX" in entry
    assert "Why: too dear" in entry
    assert "State" not in entry
    await operator.taps(COMMON.back_button)
    assert CHANGED in words(operator.newest)

    await operator.taps(change)
    await operator.taps(OWN.same_person_button)
    assert CHANGED in words(operator.newest)
    assert RETRIED not in words(operator.newest)
    await operator.taps(change)
    await operator.taps(OWN.same_subject_button)
    assert "pool out" in words(operator.newest)
    assert RETRIED not in words(operator.newest)


async def test_one_person_and_one_thing_can_be_looked_for(world: World, operator: Person) -> None:
    await write_some(world)
    await operator.says("/log")
    await operator.taps(OWN.by_person_button)
    await operator.says("somebody")
    assert "somebody" in words(operator.newest)
    await operator.says(str(VIEWER))
    assert CHANGED in words(operator.newest)
    assert RETRIED not in words(operator.newest)
    await operator.taps(OWN.by_person_button)
    await operator.taps(f"owner {ADMIN}")
    assert f"Only what Olga ({ADMIN}) did." in words(operator.newest)
    assert CHANGED not in words(operator.newest)
    await operator.taps(OWN.by_person_button)
    await operator.says("@OLGA")
    assert f"Only what Olga ({ADMIN}) did." in words(operator.newest)

    await operator.taps(OWN.by_subject_button)
    await operator.says("no such thing")
    assert "no such thing" in words(operator.newest)
    await operator.says(address("pool"))
    assert CHANGED in words(operator.newest)
    assert "pool out" in words(operator.newest)
    assert RETRIED not in words(operator.newest)

    await operator.taps(OWN.by_subject_button)
    await operator.says("order 100")
    await operator.taps("Order #1003")
    assert words(operator.newest).count(RETRIED) == 1
    for typed in ("Order #1004", "#1004", "order 1004"):
        await operator.taps(OWN.by_subject_button)
        await operator.says(typed)
        assert "Only about: Order #1004" in words(operator.newest)
    await operator.taps(OWN.everything_button)
    assert CHANGED in words(operator.newest)


async def test_who_may_only_look_does_not_read_it(viewer: Person) -> None:
    assert words(await viewer.says("/log")) == COMMON.act_refused(ActFault.NOT_ALLOWED)


# ── in the reader's language ─────────────────────────────────────────────────────────────────────

NOT_ACTS = {ACKNOWLEDGE, EXPORTED, REFUSED, "pause_broadcast", "go_on_broadcast"}
PRICE = PriceDraft(Decimal(1), 40, 0, (), None).as_json()
FIELDS = {
    *(column.name for column in fields(PoolTermsRow)),
    *(f"price.{name}" for name in PRICE),
    *Bound,
    *("status", "sun", "user", "order", "pool", "compensation", "hours", "expires_at"),
    *("ended_at", "percent", "risk", "risk_decision", "listed", "closed", "since", "by"),
    *("messages", "state", "people", "language", "activity", "remaining", "balance_sun"),
    *("banned", "note", "approved", "waits_for", "sent_sun", "to", "address", "from", "rows"),
    *("key", "name", "scopes", "networks"),
}
VALUES = {
    *OrderStatus,
    *BroadcastState,
    *Activity,
    *Compensation,
    *PoolState,
    *RefundWait,
    *RiskReason,
    *Language,
    *Scope,
    *("allowed", "refused", "held", "credited", "refunding", "refunded", "own", "matched"),
}
_LATIN = re.compile(r"[a-z]{2,}", re.IGNORECASE)


@pytest.mark.parametrize("language", Language)
def test_what_was_done_and_by_whom_has_words_in_every_language(language: Language) -> None:
    """The English names of acts and roles stood in the log, whoever read it."""
    own = TEXTS[language].office.log
    acts, roles = {str(act) for act in Act} | NOT_ACTS, {str(role) for role in Role} | {STRANGER}
    assert own._acts.keys() == acts
    assert own._roles.keys() == roles
    assert own._fields.keys() >= FIELDS
    assert own._values.keys() >= VALUES
    assert own._settings.keys() == ADJUSTABLE.keys()
    assert own._alert_titles.keys() == set(AlertKind)
    assert own._books.keys() == set(Book)
    assert own._spans.keys() == set(SpanKind)
    tables = (own._acts, own._roles, own._fields, own._values, own._subjects, own._books)
    for told in (told for table in tables for told in table.values()):
        assert told
        if language is not Language.EN:
            assert not _LATIN.search(told.replace("USDT", "")), told


THINGS = [
    "order 1001",
    "payment 7",
    "refund 3",
    f"pool {address('pool')}",
    "price 3600",
    "user 7000001",
    "setting payment.minutes",
    "broadcast 2",
    "maintenance",
    "alert 5 pool_out pool TX",
    "alert 6 refund_waits refund 5 over_cap",
    "alert 7 books_differ differences 1f2e",
    "orders of the day of 2026-11-23",
]


@pytest.mark.parametrize("language", [Language.ZH, Language.RU])
@pytest.mark.parametrize("thing", THINGS)
def test_things_have_their_names_and_are_found_by_them(language: Language, thing: str) -> None:
    own = TEXTS[language].office.log
    told = own.subject(thing)
    assert not re.search(r"[a-z_]{2,}", told.replace(address("pool"), "")), told
    simple = not thing.startswith(("alert", "price", "orders"))
    assert own.stored(told) == (thing if simple else own.stored(told))


def test_an_entry_reads_like_a_sentence_of_the_reader() -> None:
    entry = Entry(
        id=9,
        at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        actor_id=ADMIN,
        role="owner",
        act=Act.FLASH_PAYMENT,
        subject="payment 7",
        reason="",
        before={"status": "held", "sun": 3_000_000, "user": None, "order": None},
        after={"status": "flash", "sun": 3_000_000, "user": 5, "order": None},
        actor_name="Olga",
    )
    shown = TEXTS[Language.ZH].office.log.entry(entry).render()[0]
    assert shown.split("\n") == [
        "9 · 把付款换成能量",
        f"11月23日 12:00 UTC（11月23日） · Olga，所有者 · {ADMIN}",
        "付款 7",
        "",
        "之前 → 之后",
        "状态：待处理 → 将换成能量",
        "客户：— → 5",
    ]
