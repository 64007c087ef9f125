"""Figures of a small day that was really played, checked by hand; and what they are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import Transfer
from db.figures import TimesRow
from sandbox.tron.faults import NodeFault
from services.availability import Availability, share
from services.figures import Wrong
from services.reports import spread
from services.spans import SpanKind, span_of, span_on
from tests.support.shop import OTHER_USER, TRX, Shop, address

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


# ── spans, shares, availability ───────────────────────────────────────────────────────────────


def test_spans_begin_and_end_where_people_think_they_do() -> None:
    day, week, month = (span_of(kind, NOON) for kind in SpanKind)
    assert (day.since, day.until) == (NOON.replace(hour=0), datetime(2026, 11, 24, tzinfo=UTC))
    assert week.day.isoformat() == "2026-11-23"  # a Monday
    assert span_of(SpanKind.WEEK, NOON - timedelta(days=1)).day.isoformat() == "2026-11-16"
    assert (month.day.isoformat(), month.until) == ("2026-11-01", datetime(2026, 12, 1, tzinfo=UTC))
    assert month.before().day.isoformat() == "2026-10-01"
    assert month.after().after().until == datetime(2027, 2, 1, tzinfo=UTC)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)), st.sampled_from(SpanKind))  # noqa: DTZ001
def test_spans_of_a_kind_lie_one_after_the_other(naive: datetime, kind: SpanKind) -> None:
    moment = naive.replace(tzinfo=UTC)
    span = span_of(kind, moment)
    assert span.since <= moment < span.until
    assert span.after().since == span.until
    assert span.before().until == span.since
    assert span.after().before() == span == span_on(kind, span.day)
    assert (span.until - span.since) % span.step == timedelta(0)


def test_minutes_count_from_the_first_that_was_noted() -> None:
    day = {"since": NOON, "until": NOON + HOUR}
    assert share(60, first=NOON - HOUR, **day) == 1
    assert share(57, first=NOON - HOUR, **day) == Fraction(57, 60)
    assert share(15, first=NOON + HOUR / 2, **day) == Fraction(1, 2)
    assert share(0, first=NOON, **day) == 0
    assert share(0, first=NOON + HOUR, **day) is None
    assert share(0, first=NOON, since=NOON, until=NOON + timedelta(seconds=59)) is None


@given(st.lists(st.fractions(-(10**9), 10**9), min_size=1, max_size=30))
def test_what_is_spread_is_all_of_it_to_the_sun(parts: list[Fraction]) -> None:
    # The last part makes the sum whole.
    parts.append(-sum(parts, Fraction(0)) % 1)
    total = sum(parts, Fraction(0))
    cut = [Decimal(part.numerator) / Decimal(part.denominator) for part in parts]
    whole = spread(int(total), cut)
    assert sum(whole) == total
    assert all(abs(sun - part) < 1 for sun, part in zip(whole, cut, strict=True))


# ── a day of a shop ───────────────────────────────────────────────────────────────────────────


async def deliver(shop: Shop, **wanted: object) -> int:
    """Order, pay, wait until it is delivered; the price."""
    order = await shop.order(**wanted)  # type: ignore[arg-type]
    shop.pay(order, "ann")
    await shop.block(3)
    assert (await shop.look(order)).status == "completed"
    return order.amount_sun


async def test_the_figures_of_a_day(shop: Shop) -> None:
    figures = shop.services.figures
    quiet = await figures.today()
    assert quiet.sales is not None
    assert (quiet.sales.placed, quiet.sales.success, quiet.sales.revenue_sun) == (0, None, 0)
    assert quiet.sales.delivery == TimesRow(None, None)
    assert quiet.standing.wrong == ()
    assert quiet.standing.wallet_sun == shop.trx_of("wallet")

    first = await deliver(shop)
    await shop.order(user=OTHER_USER, recipient="ben")
    shop.advance(24 * 3600)
    await shop.block()
    second = await deliver(shop, recipient="ben")
    await shop.order(user=OTHER_USER, recipient="ben")
    today = await figures.today()
    assert today.sales is not None
    assert today.sales.span == span_of(SpanKind.DAY, NOON + timedelta(days=1))
    assert today.sales.orders == {"completed": 1, "pending": 1}
    assert today.sales.revenue_sun == second
    assert today.sales.success == 1
    # Paid in one block, counted when there is one on top, delegated in the next.
    block = timedelta(seconds=3)
    assert today.sales.delivery == TimesRow(2 * block, 2 * block)
    assert today.sales.confirmation == TimesRow(block, block)
    assert today.sales.delegation == TimesRow(block, block)
    assert (await shop.balances())["revenue"] == -first - second


async def test_times_are_interpolated_as_percentiles_are(shop: Shop) -> None:
    """Delivered after 3, 6, 9 and 30 seconds: the median is 7.5, the 95th 26.85."""
    for _ in range(4):
        await deliver(shop)
    async with shop.database.transaction() as tx:
        for number, seconds in enumerate((3, 6, 9, 30)):
            await tx.connection.execute(
                "UPDATE energy_flash_orders SET completed_at = paid_at + $2::interval "
                "WHERE number = 1001 + $1::bigint",
                number,
                timedelta(seconds=seconds),
            )
    sales = (await shop.services.figures.today()).sales
    assert sales is not None
    assert sales.delivery == TimesRow(timedelta(seconds=7.5), timedelta(seconds=26.85))


async def test_the_first_line_says_what_is_wrong(shop: Shop) -> None:
    figures = shop.services.figures
    shop.send(Transfer(address("ben"), address("wallet"), 7 * TRX), "ben")
    await shop.block(2)
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE energy_pools SET trouble = 'failing', trouble_since = now()"
        )
        await tx.connection.execute("UPDATE outbox SET created_at = now() - interval '6 minutes'")
    shop.advance(120)
    shop.chain.produce_block()
    standing = (await figures.today()).standing
    assert standing.wrong == (
        *(Wrong.SCANNER_BEHIND, Wrong.POOLS_OUT, Wrong.ALERTS_OPEN, Wrong.PAYMENTS_HELD),
        Wrong.NOTICES_LATE,
    )
    assert standing.lag is not None
    assert (standing.lag.blocks, standing.lag.time) == (1, timedelta(seconds=123))
    assert (standing.held, standing.held_sun) == (1, 7 * TRX)
    shop.faults.plan(NodeFault.REFUSE_CONNECTION, 100)
    assert (await figures.today()).standing.wrong[0] is Wrong.NODES_SILENT


# ── availability ──────────────────────────────────────────────────────────────────────────────


async def test_a_minute_is_good_if_the_scanner_is_near_the_chain(shop: Shop) -> None:
    now = NOON
    watch = Availability(shop.node, shop.database, lambda: now)

    async def measured() -> Fraction | None:
        async with shop.database.transaction() as tx:
            return await watch.share(tx, NOON, NOON + HOUR)

    assert await measured() is None
    assert (await watch.note(), await watch.note()) == (1, 0)
    assert await measured() is None, "the minute that runs is not over"
    now += timedelta(minutes=1, seconds=20)
    assert await measured() == 1
    shop.advance(120)
    shop.chain.produce_block()
    assert await watch.note() == 1
    now += timedelta(minutes=1)
    assert await measured() == Fraction(1, 2)
    await shop.block()
    assert await watch.note() == 1
    now += timedelta(minutes=2)  # in one of them nothing ran
    assert await measured() == Fraction(2, 4)
    now += timedelta(days=401)
    await watch.note()
    async with shop.database.transaction() as tx:
        assert await tx.service_minutes.first() == now.replace(second=0)


async def test_a_minute_without_a_node_is_not_good(shop: Shop) -> None:
    watch = Availability(shop.node, shop.database, lambda: NOON)
    shop.faults.plan(NodeFault.REFUSE_CONNECTION, 100)
    assert await watch.note() == 1
    async with shop.database.transaction() as tx:
        assert await tx.service_minutes.good(NOON, NOON + HOUR) == 0


async def test_only_whole_minutes_are_noted(shop: Shop) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with shop.database.transaction() as tx:
            await tx.service_minutes.note(NOON + timedelta(seconds=1), ok=True)
