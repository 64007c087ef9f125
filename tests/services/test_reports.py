"""Reports of days that were really played, checked by hand; the summary; the books as files."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from services.exports import Book, cell, columns
from services.notices import NoticeKind
from services.reports import Reports, Target
from services.spans import SpanKind, span_of
from services.staff import Actor, Role
from tests.support.shop import ADMIN, OTHER_USER, TRX, USER, Shop, address, open_shop

HOUR = timedelta(hours=1)
DAY_SECONDS = 24 * 3600
ENERGY = 70_714
COST = 9_000
"""Sun for 1,000 energy and day."""
COST_OF_AN_HOUR = 26_518
"""70,714 energy x 9,000 sun / 24,000, rounded."""
OWNER = Actor(ADMIN, Role.OWNER)


async def has_cost(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.pools.change(address("pool"), {"cost_sun": COST})


async def deliver(
    shop: Shop, *, user: int = USER, recipient: str = "ann", transfers: int = 1
) -> int:
    """Order, pay, wait until it is delivered; the price."""
    order = await shop.order(user=user, recipient=recipient, transfers=transfers)
    shop.pay(order, "ann")
    await shop.block(3)
    assert (await shop.look(order)).status == "completed"
    return order.amount_sun


async def test_a_day_brings_revenue_costs_and_profit(shop: Shop) -> None:
    await has_cost(shop)
    price = await deliver(shop)
    price += await deliver(shop, user=OTHER_USER, recipient="ben")
    await shop.block(30)
    report = await shop.services.reports.report(SpanKind.DAY)
    assert report.sales.revenue_sun == price
    assert report.energy == 2 * ENERGY
    assert report.pool_cost_sun == -(-2 * ENERGY * COST // 24_000)
    assert report.fees_sun == (await shop.balances()).get("fees", 0)
    assert report.profit_sun == price - report.fees_sun - report.pool_cost_sun
    (pool,) = report.pools
    assert (pool.address, pool.delegations) == (address("pool"), 2)
    assert pool.profit_sun == report.profit_sun
    assert (report.new_customers, report.returning_customers) == (2, 0)
    assert [report.met(target) for target in Target] == [True, True, True, None]
    noon = report.buckets[12]
    assert len(report.buckets) == 24
    assert (noon.at, noon.orders, noon.revenue_sun) == (report.span.since + 12 * HOUR, 2, price)
    assert sum(bucket.orders for bucket in report.buckets) == 2

    shop.advance(DAY_SECONDS)
    await shop.block()
    await deliver(shop)
    next_day = await shop.services.reports.report(SpanKind.DAY)
    assert (next_day.new_customers, next_day.returning_customers) == (0, 1)
    again = await shop.services.reports.report(SpanKind.DAY, report.span.day)
    assert (again.sales.revenue_sun, again.buckets) == (price, report.buckets)
    week = await shop.services.reports.report(SpanKind.WEEK)
    assert [bucket.orders for bucket in week.buckets] == [2, 1, 0, 0, 0, 0, 0]
    assert week.sales.revenue_sun == price + next_day.sales.revenue_sun
    assert week.fees_sun >= next_day.fees_sun


async def test_more_time_and_an_early_end_count_when_they_happen(shop: Shop) -> None:
    await has_cost(shop)
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    offer = (await shop.services.extensions.offers(USER, order.id)).offers[0]
    assert offer.duration == HOUR
    more = await shop.services.extensions.place(
        USER, order.id, duration=HOUR, price_sun=offer.price_sun
    )
    shop.pay(more)
    await shop.block(3)
    shop.advance(DAY_SECONDS / 2)  # past midnight: the rental is over, and a new one is ended early
    await shop.block(3)
    second = await shop.order()
    shop.pay(second)
    await shop.block(3)
    await shop.services.early_ends.end(USER, second.id)
    await shop.block(3)
    came_back = (await shop.look(second)).early_credit_sun
    assert came_back > 0

    today = await shop.services.reports.report(SpanKind.DAY)
    yesterday = await shop.services.reports.report(SpanKind.DAY, today.span.before().day)
    assert yesterday.sales.revenue_sun == order.amount_sun + more.amount_sun
    # The hour that was added costs the pool as much again, but is no energy sold and no delegation.
    assert yesterday.pool_cost_sun == -(-2 * ENERGY * COST // 24_000)
    assert (yesterday.energy, yesterday.pools[0].delegations) == (ENERGY, 1)
    assert yesterday.buckets[12].orders == 2
    assert today.sales.revenue_sun == second.amount_sun - came_back
    assert today.pools[0].cost_sun == COST_OF_AN_HOUR
    assert today.pools[0].revenue_sun == today.sales.revenue_sun
    week = await shop.services.reports.report(SpanKind.WEEK)
    assert week.sales.revenue_sun == -(await shop.balances())["revenue"]


async def test_what_several_pools_delivered_is_shared_by_energy(database: str) -> None:
    async with open_shop(database, pools={"pool": 10_000, "second": 9_000}) as shop:
        price = await deliver(shop, transfers=2)
        report = await shop.services.reports.report(SpanKind.DAY)
        assert len(report.pools) == 2
        assert sum(pool.revenue_sun for pool in report.pools) == price
        energy = sum(pool.energy for pool in report.pools)
        assert energy == report.energy >= 2 * ENERGY - 2_000
        for pool in report.pools:
            assert abs(pool.revenue_sun - Fraction(price * pool.energy, energy)) < 1


async def test_what_failed_counts_against_the_success(shop: Shop) -> None:
    await deliver(shop)
    order = await shop.order(user=OTHER_USER, recipient="ben")
    async with shop.database.transaction() as tx:
        await tx.pools.change(address("pool"), {"state": "draining"})
    shop.pay(order)
    await shop.block(2)
    shop.advance(3_600)
    await shop.block(3)
    assert (await shop.look(order)).status == "failed"
    report = await shop.services.reports.report(SpanKind.DAY)
    assert (report.sales.delivered, report.sales.failed) == (1, 1)
    assert report.sales.success == Fraction(1, 2)
    assert report.met(Target.SUCCESS) is False


# ── the daily summary ─────────────────────────────────────────────────────────────────────────


async def test_yesterday_is_announced_once_from_its_hour_on(shop: Shop) -> None:
    def reports(hour: int | None) -> Reports:
        return Reports(
            shop.database, shop.services.availability, hour=hour, readers=(ADMIN, OTHER_USER)
        )

    async def told() -> list[int]:
        return [chat for chat, kind in await shop.told() if kind == NoticeKind.STAFF_DAY_REPORT]

    assert await reports(8).announce_due() == 0
    await deliver(shop)
    assert await reports(8).announce_due() == 0, "there was nothing before today"
    shop.advance(19 * 3600)
    await shop.block()
    assert await reports(8).announce_due() == 0, "it is seven o'clock"
    assert await reports(None).announce_due() == 0
    assert await told() == []
    shop.advance(3600)
    await shop.block()
    # Several processes, and the same again after a restart.
    await asyncio.gather(*(reports(8).announce_due() for _ in range(3)))
    await reports(8).announce_due()
    assert sorted(await told()) == [OTHER_USER, ADMIN]
    shop.advance(DAY_SECONDS)
    await shop.block()
    await reports(8).announce_due()
    assert len(await told()) == 4


def test_the_readers_are_those_who_move_money(shop: Shop) -> None:
    assert shop.services.reports._readers == (ADMIN,)
    assert shop.services.reports._hour == 8


# ── the books as files ────────────────────────────────────────────────────────────────────────


def test_no_text_begins_like_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert cell(text) == f"'{text}"
    assert cell("fine = good") == "fine = good"
    assert (cell(-5), cell(None), cell(True), cell(Decimal("1.5000"))) == ("-5", "", "true", "1.5")
    assert (cell(Decimal(240)), cell(Decimal("24.0000"))) == ("240", "24")


def test_amounts_are_there_twice() -> None:
    row = {"amount_sun": -1_500_001, "early_sun": None, "reason": "=x"}
    assert columns(row) == {
        "amount_sun": "-1500001",
        "amount_trx": "-1.500001",
        "early_sun": "",
        "early_trx": "",
        "reason": "'=x",
    }


async def test_the_books_of_a_day_are_taken_away(shop: Shop) -> None:
    price = await deliver(shop)
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE energy_flash_orders SET failure = '=HYPERLINK(\"http://evil\")'"
        )
        now = await tx.connection.fetchval("SELECT now()")
    report = await shop.services.reports.report(SpanKind.DAY)
    tables = {}
    for book in Book:
        span = span_of(SpanKind.DAY, now) if book is Book.LEDGER else report.span
        export = await shop.services.exports.take(OWNER, book, span)
        (file,) = export.files
        assert file.content.startswith(b"\xef\xbb\xbf")
        assert file.name == f"{book}-{span.day}-day.csv"
        tables[book] = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
        assert len(tables[book]) == file.rows
    (order,) = tables[Book.ORDERS]
    assert (order["number"], order["price_sun"]) == ("1001", str(price))
    assert order["price_trx"] == f"{price // TRX}.{price % TRX:06d}"
    assert order["failure"] == '\'=HYPERLINK("http://evil")'
    assert order["paid_at"].startswith("2026-11-23T12:0")
    assert order["paid_at"].endswith("Z")
    (payment,) = tables[Book.PAYMENTS]
    assert (payment["amount_sun"], payment["order_number"]) == (str(price), "1001")
    assert sum(int(row["amount_sun"]) for row in tables[Book.LEDGER]) == 0
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT actor_id, subject, after FROM audit_log WHERE act = 'exported' ORDER BY id"
        )
    assert [(row["actor_id"], row["after"]["rows"]) for row in rows] == [
        (ADMIN, len(tables[book])) for book in Book
    ]
    assert rows[0]["subject"] == "orders of the day of 2026-11-23"
    nothing = await shop.services.exports.take(OWNER, Book.ORDERS, report.span.before())
    assert nothing.files == ()
