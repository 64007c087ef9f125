"""Alerts: raised once for each cause, told louder until somebody says so, closed with the cause."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import Transfer
from chain.errors import ChainError
from db.database import Database, DatabaseUnavailable
from embedded import EmbeddedPostgres
from sandbox.tron.faults import NodeFault
from services.acts import Act, ActFault, ActRefused
from services.alerts import (
    ACKNOWLEDGE,
    CLOSED_BY_HAND,
    AlertKind,
    Alerts,
    AlertTerms,
    close_alert,
    close_other_alerts,
    level_after,
    raise_alert,
)
from services.notices import NoticeKind
from services.order_views import Stage
from services.staff import Actor, Role, Staff
from services.watches import (
    ChainWatch,
    Lasting,
    Load,
    MachineWatch,
    ServerWatch,
    StockWatch,
    TelegramWatch,
    machine_load,
)
from tests.support.shop import ADMIN, TRX, VIEWER, Shop, address, open_shop

OWNER = Actor(ADMIN, Role.OWNER)
MINUTE = timedelta(minutes=1)


async def cause(shop: Shop, kind: AlertKind, subject: str = "", **details: Any) -> bool:
    async with shop.database.transaction() as tx:
        return await raise_alert(tx, kind, subject=subject, details=details)


async def over(shop: Shop, kind: AlertKind, subject: str = "") -> bool:
    async with shop.database.transaction() as tx:
        return await close_alert(tx, kind, subject)


async def older(shop: Shop, by: timedelta) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE alerts SET raised_at = raised_at - $1::interval", by)


async def ring(shop: Shop) -> list[tuple[int, str]]:
    """What is told now, and was not before."""
    before = len(await shop.told())
    await shop.services.alerts.ring_due()
    return (await shop.told())[before:]


# ── how loud ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("minutes", "level"),
    [(0, 1), (9, 1), (10, 2), (29, 2), (30, 3), (59, 3), (60, 4), (89, 4), (90, 5), (120, 6)],
)
def test_it_is_told_again_after_ten_thirty_and_sixty_minutes(minutes: int, level: int) -> None:
    assert level_after(minutes * MINUTE, 10 * MINUTE) == level


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)),
    st.timedeltas(min_value=MINUTE, max_value=timedelta(days=1)),
)
def test_it_never_gets_quieter(age: timedelta, more: timedelta, first: timedelta) -> None:
    assert 1 <= level_after(age, first) <= level_after(age + more, first)
    assert level_after(age, first) <= level_after(age + 3 * first, first) - 1


# ── once, until somebody says so ─────────────────────────────────────────────────────────────────


async def test_what_goes_on_is_told_once_and_counted(shop: Shop) -> None:
    assert await cause(shop, AlertKind.REDIS_DOWN)
    assert not await cause(shop, AlertKind.REDIS_DOWN)
    assert await ring(shop) == [(ADMIN, NoticeKind.ALERT_RAISED)]
    assert await ring(shop) == []
    [alert] = (await shop.services.alerts.look()).open
    assert (alert.times, alert.level, alert.subject) == (2, 1, "")
    assert await over(shop, AlertKind.REDIS_DOWN)
    assert not await over(shop, AlertKind.REDIS_DOWN)
    assert await ring(shop) == [(ADMIN, NoticeKind.ALERT_CLOSED)]
    assert await ring(shop) == []
    assert await cause(shop, AlertKind.REDIS_DOWN), "it has come again"
    look = await shop.services.alerts.look()
    assert (look.open_count, look.closed_count) == (1, 1)


async def test_nobody_hears_of_what_was_rolled_back(shop: Shop) -> None:
    with suppress(RuntimeError):
        async with shop.database.transaction() as tx:
            await raise_alert(tx, AlertKind.REDIS_DOWN)
            raise RuntimeError
    assert await shop.alerts() == []


async def test_two_processes_tell_it_once(shop: Shop) -> None:
    await cause(shop, AlertKind.REDIS_DOWN)
    await asyncio.gather(*(shop.services.alerts.ring_due() for _ in range(4)))
    assert await shop.told() == [(ADMIN, NoticeKind.ALERT_RAISED)]


async def test_it_gets_louder_until_somebody_looks_after_it(shop: Shop) -> None:
    await cause(shop, AlertKind.REDIS_DOWN)
    assert len(await ring(shop)) == 1
    await older(shop, 9 * MINUTE)
    assert await ring(shop) == []
    await older(shop, 2 * MINUTE)
    assert await ring(shop) == [(ADMIN, NoticeKind.ALERT_RAISED)]
    await older(shop, 300 * MINUTE)
    assert len(await ring(shop)) == 1, "what a stopped program left out is not made up for"
    [alert] = (await shop.services.alerts.look()).open
    done = await shop.services.alerts.acknowledge(OWNER, alert.id)
    assert done is not None
    assert (done.acknowledged_by, done.is_open) == (ADMIN, True)
    assert await shop.services.alerts.acknowledge(OWNER, alert.id) is None
    await older(shop, 300 * MINUTE)
    assert await ring(shop) == [], "silent until it is over"
    await over(shop, AlertKind.REDIS_DOWN)
    assert await ring(shop) == [(ADMIN, NoticeKind.ALERT_CLOSED)]


async def test_who_may_only_look_acknowledges_nothing(shop: Shop) -> None:
    await cause(shop, AlertKind.REDIS_DOWN)
    [alert] = (await shop.services.alerts.look()).open
    with pytest.raises(ActRefused) as refused:
        await shop.services.alerts.acknowledge(Actor(VIEWER, Role.VIEWER), alert.id)
    assert refused.value.fault is ActFault.NOT_ALLOWED
    [alert] = (await shop.services.alerts.look()).open
    assert alert.acknowledged_by is None


async def test_acknowledging_stands_in_the_log(shop: Shop) -> None:
    await cause(shop, AlertKind.POOL_OUT, f"pool {address('pool')}", pool=address("pool"))
    [alert] = (await shop.services.alerts.look()).open
    await shop.services.alerts.acknowledge(OWNER, alert.id)
    async with shop.database.transaction() as tx:
        [row] = await tx.connection.fetch("SELECT * FROM audit_log")
    assert (row["actor_id"], row["act"]) == (ADMIN, ACKNOWLEDGE)
    assert row["subject"] == f"alert {alert.id} pool_out pool {address('pool')}"


@pytest.mark.parametrize("kind", sorted(CLOSED_BY_HAND))
async def test_what_only_happened_is_over_when_somebody_has_seen_it(
    shop: Shop, kind: AlertKind
) -> None:
    await cause(shop, kind, "transaction 1")
    await ring(shop)
    [alert] = (await shop.services.alerts.look()).open
    await shop.services.alerts.acknowledge(OWNER, alert.id)
    assert await shop.alert_kinds(closed=True) == [kind]
    assert await ring(shop) == [], "its message says it already"


async def test_what_was_over_before_it_was_told_is_told_once(shop: Shop) -> None:
    await cause(shop, AlertKind.REDIS_DOWN)
    await over(shop, AlertKind.REDIS_DOWN)
    assert await ring(shop) == [(ADMIN, NoticeKind.ALERT_RAISED)]
    assert await ring(shop) == []


async def test_others_of_a_kind_are_closed_together(shop: Shop) -> None:
    for subject in ("differences a", "differences b"):
        await cause(shop, AlertKind.BOOKS_DIFFER, subject)
    async with shop.database.transaction() as tx:
        await close_other_alerts(tx, AlertKind.BOOKS_DIFFER, keep="differences b")
    assert await shop.alerts(closed=True) == [(AlertKind.BOOKS_DIFFER, "differences a")]


# ── each cause raises and closes its own ─────────────────────────────────────────────────────────


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_three_failures_to_read_the_chain_in_a_row(shop: Shop) -> None:
    watch = ChainWatch(shop.node, shop.database, shop.services.scanner)
    shop.faults.plan(NodeFault.REFUSE_CONNECTION, 1_000)
    for expected in ([], [], [AlertKind.CHAIN_UNREADABLE], [AlertKind.CHAIN_UNREADABLE]):
        with pytest.raises(ChainError):
            await watch.scan()
        assert await shop.alert_kinds(closed=False) == expected
    shop.faults.clear()
    # Another process, or this one after a restart, closes it as well.
    again = ChainWatch(shop.node, shop.database, shop.services.scanner)
    async with asyncio.timeout(30):
        while await shop.alerts(closed=False):
            with suppress(ChainError):  # a node that failed is left in peace for a while
                await again.scan()
            await asyncio.sleep(0.1)
    assert await shop.alert_kinds(closed=True) == [AlertKind.CHAIN_UNREADABLE]


async def test_a_scanner_that_falls_behind_or_a_chain_that_stands_still(shop: Shop) -> None:
    clock = Clock()
    watch = ChainWatch(shop.node, shop.database, shop.services.scanner, clock=clock)
    await watch.watch_due()
    assert await shop.alerts() == []
    shop.chain.produce_blocks(21)
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == [AlertKind.SCANNER_BEHIND]
    await watch.scan()
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == []
    clock.now += 61
    await watch.watch_due()
    [alert] = (await shop.services.alerts.look()).open
    assert (alert.kind, alert.details) == (AlertKind.SCANNER_BEHIND, {"blocks": 0, "seconds": 61})
    shop.chain.produce_block()
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == []


async def test_too_little_free_energy_with_what_will_be(shop: Shop) -> None:
    free = (await shop.services.inventory.outlook()).now
    watch = StockWatch(shop.database, shop.services.inventory, least_energy=free)
    await watch.watch_due()
    assert await shop.alerts() == []
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.services.inventory.forget()
    await watch.watch_due()
    [alert] = (await shop.services.alerts.look()).open
    assert alert.kind is AlertKind.LOW_ENERGY
    assert alert.details["free"] < free == alert.details["least"]
    assert alert.details["in_24"] >= alert.details["in_1"] > 0
    await StockWatch(
        shop.database, shop.services.inventory, least_energy=alert.details["free"]
    ).watch_due()
    assert await shop.alert_kinds(closed=False) == []
    await StockWatch(shop.database, shop.services.inventory, least_energy=0).watch_due()


@pytest.mark.parametrize(
    ("kind", "busy"),
    [(AlertKind.CPU_BUSY, Load(95, 10)), (AlertKind.MEMORY_FULL, Load(10, 95))],
)
async def test_a_machine_that_is_too_small_for_a_while(
    shop: Shop, kind: AlertKind, busy: Load
) -> None:
    clock, loads = Clock(), [busy]
    watch = MachineWatch(
        shop.database, percent=80, lasting=5 * MINUTE, read=lambda: loads[0], clock=clock
    )
    for seconds, expected in ((0, []), (299, []), (300, [kind])):
        clock.now = seconds
        await watch.watch_due()
        assert await shop.alert_kinds(closed=False) == expected
    loads[0] = Load(80, 80)
    await watch.watch_due()
    assert await shop.alert_kinds(closed=True) == [kind]
    clock.now += 1_000
    loads[0] = busy
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == [], "it has to last again"


def test_a_peak_is_no_load() -> None:
    lasting = Lasting(80, 10)
    assert [lasting.at(now, 81) for now in (0, 9)] == [False, False]
    assert not lasting.at(9.5, 80)
    assert [lasting.at(now, 81) for now in (10, 19.9, 20)] == [False, False, True]


def test_the_load_of_this_machine_can_be_read() -> None:
    load = machine_load()
    assert 0 <= load.cpu <= 100
    assert 0 < load.memory <= 100


async def answers() -> None:
    """A Redis that is there."""


async def test_an_outage_of_the_database_is_told_when_it_is_back(server_folder: Path) -> None:
    clock = Clock()
    async with (
        EmbeddedPostgres(server_folder / "postgres") as postgres,
        Database(postgres.dsn, connections=2) as database,
    ):
        watch = ServerWatch(database, answers, clock=clock)
        await watch.watch_due()
        postgres.kill()
        # The backends of the killed server may live just long enough to answer once more.
        async with asyncio.timeout(20):
            while watch._away_since is None:
                with suppress(DatabaseUnavailable):
                    await watch.watch_due()
        clock.now += 90
        async with asyncio.timeout(20):
            while True:
                try:
                    await watch.watch_due()
                    break
                except DatabaseUnavailable:
                    await postgres.ready()
        await watch.watch_due()
        alerts = Alerts(database, Staff({ADMIN: Role.OWNER}), AlertTerms())
        [alert] = (await alerts.look()).closed
        assert (alert.kind, alert.details) == (AlertKind.DATABASE_DOWN, {"seconds": 90})
        assert alert.lasted == timedelta(seconds=90)
        assert await alerts.ring_due() == 1, "one message tells all of it"
        assert await alerts.ring_due() == 0


async def test_another_program_that_takes_the_bots_updates(shop: Shop) -> None:
    age: list[float | None] = [None]
    watch = TelegramWatch(shop.database, lambda: age[0])
    await watch.watch_due()
    assert await shop.alerts() == []
    age[0] = 5.0
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == [AlertKind.TELEGRAM_CONFLICT]
    age[0] = 121.0
    await watch.watch_due()
    assert await shop.alert_kinds(closed=True) == [AlertKind.TELEGRAM_CONFLICT]


async def test_chats_that_refuse_half_of_the_messages(shop: Shop) -> None:
    watch = TelegramWatch(shop.database, lambda: None)

    async def say(count: int, state: str, error: str | None) -> None:
        async with shop.database.transaction() as tx:
            await tx.connection.execute(
                "INSERT INTO outbox (key, chat_id, kind, state, last_error, sent_at) "
                "SELECT $2 || n || random(), 1, 'order_seen', $2, $3, now() "
                "FROM generate_series(1, $1::int) n",
                count,
                state,
                error,
            )

    await say(4, "dropped", "forbidden: bot was blocked by the user")
    await watch.watch_due()
    assert await shop.alerts() == [], "so few say nothing"
    await say(1, "dropped", "forbidden: bot was blocked by the user")
    await watch.watch_due()
    assert await shop.alert_kinds(closed=False) == [AlertKind.MESSAGES_REFUSED]
    await say(6, "sent", None)
    await watch.watch_due()
    assert await shop.alert_kinds(closed=True) == [AlertKind.MESSAGES_REFUSED]


async def test_a_held_payment_until_it_is_decided(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        shop.send(Transfer(address("ben"), address("payments"), 3 * TRX), "ben")
        await shop.block(3)
        assert await shop.alerts(closed=False) == [(AlertKind.PAYMENT_HELD, "payment 1")]
        await shop.staff(Act.CREDIT_PAYMENT_TO, payment=1, user=None)
        await shop.block()
        assert await shop.alerts(closed=True) == [(AlertKind.PAYMENT_HELD, "payment 1")]


async def test_a_dead_delegation_until_its_order_is_delivered(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.faults.plan(NodeFault.DROP_TRANSACTION, 100)
    await shop.block(3)
    shop.advance(120)
    await shop.block()
    shop.faults.clear()
    await shop.block(26)
    assert await shop.alerts() == [(AlertKind.DELEGATION_FAILED, f"order {order.number}")]
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert await shop.alert_kinds(closed=False) == []
