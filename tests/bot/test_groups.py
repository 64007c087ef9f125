"""Groups: their few messages a minute keep nobody else waiting, and they are followed."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import pytest
from aiogram.exceptions import TelegramRetryAfter

from bot.flood import FloodGate
from bot.outbox import OutboxSender
from bot.pace import Pace
from bot.session import session_of
from sandbox.telegram import FloodLimit, Group, MessageChange
from services.alerts import AlertKind, AlertTerms, raise_alert
from tests.bot.people import ANN, BEN, OPERATOR, Person, World, labels, order_something, words

ORDERS = Group(-1_002_000_000_001, "Orders", (ANN.id, BEN.id, OPERATOR.id))
STAFF = Group(-1_002_000_000_002, "Staff", (OPERATOR.id,))
PLAIN = Group(-4_001, "Staff", (OPERATOR.id,))
UPGRADED = -1_002_000_000_003

NOTICES = 60
GROUP_SECONDS = 1.5
"""Telegram's minute, for a test."""
A_MINUTE_HERE = 60 / GROUP_SECONDS


def in_group(world: World, chat_id: int) -> list[MessageChange]:
    """The bot's messages there, oldest first."""
    return sorted(
        (
            change
            for change in world.telegram.changes(chat_id)
            if isinstance(change, MessageChange) and change.from_bot and not change.deleted
        ),
        key=lambda message: message.message_id,
    )


def sender_at(world: World, per_minute_and_group: float) -> OutboxSender:
    services = world.shop.services
    return OutboxSender(
        world.bot,
        outbox=services.outbox,
        orders=services.orders,
        customers=services.customers,
        reports=services.reports,
        alerts=services.alerts,
        staff=services.staff,
        explorer_url=world.shop.settings.tron.explorer_url,
        pace=Pace(1_000, per_second_and_chat=1_000, per_minute_and_group=per_minute_and_group),
    )


async def an_order(world: World, person: Person) -> UUID:
    await order_something(person)
    async with world.shop.database.transaction() as tx:
        order_id: UUID = await tx.connection.fetchval("SELECT id FROM energy_flash_orders")
    return order_id


async def tell(world: World, chat_id: int, order_id: UUID, name: str, kind: str) -> None:
    async with world.shop.database.transaction() as tx:
        assert await tx.outbox.add(name, chat_id=chat_id, kind=kind, order_id=order_id)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "per_minute", [17 * A_MINUTE_HERE, 60_000], ids=["at its pace", "refused again and again"]
)
async def test_a_busy_group_keeps_no_customer_waiting(
    world: World, ann: Person, ben: Person, per_minute: float
) -> None:
    world.telegram.put_group(ORDERS)
    world.telegram.bot_side._flood = FloodLimit(
        per_group=20, group_seconds=GROUP_SECONDS, clock=time.monotonic
    )
    order_id = await an_order(world, ann)
    await ben.says("/start")
    for number in range(NOTICES):
        await tell(world, ORDERS.id, order_id, f"group {number}", "group_delivered")
    sender = sender_at(world, per_minute)

    async def tell_group() -> None:
        while True:
            await sender.send_due_to_groups()
            async with world.shop.database.transaction() as tx:
                left = await tx.connection.fetchval(
                    "SELECT count(*) FROM outbox WHERE chat_id < 0 AND state = 'waiting'"
                )
            if not left:
                return
            await asyncio.sleep(0.05)

    group = asyncio.create_task(tell_group())
    first = time.monotonic()
    slowest = 0.0
    customers = 0
    while not group.done():
        for chat in (ANN.id, BEN.id):
            await tell(world, chat, order_id, f"customer {customers}", "group_delivered")
            customers += 1
        began = time.monotonic()
        assert await sender.send_due() == 2
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.1)
    await group
    assert customers >= 20, "the group took its time"
    assert slowest < (time.monotonic() - first) / 2, "and nobody else waited for it"
    assert len(in_group(world, ORDERS.id)) == NOTICES
    async with world.shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT key FROM outbox WHERE chat_id < 0 ORDER BY sent_at"
        )
    assert [row["key"] for row in rows] == [f"group {number}" for number in range(NOTICES)]


async def test_a_notice_that_outlasts_its_lease_is_sent_once(world: World, ann: Person) -> None:
    """One alert may stand in dozens of messages, and each takes its turn."""
    world.telegram.put_group(ORDERS)
    order_id = await an_order(world, ann)
    sender = sender_at(world, per_minute_and_group=24)
    for _ in range(3):
        await sender._screen._turn(ORDERS.id)
    await tell(world, ORDERS.id, order_id, "group", "group_delivered")
    telling = asyncio.create_task(sender.send_due_to_groups())
    await asyncio.sleep(0.5)
    assert not in_group(world, ORDERS.id)
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE outbox SET next_attempt_at = now()")
    assert await telling == 1
    assert len(in_group(world, ORDERS.id)) == 1
    async with world.shop.database.transaction() as tx:
        again = await tx.connection.fetchval("SELECT attempts FROM outbox WHERE key = 'group'")
    assert again == 2, "it was due once more meanwhile"


async def test_a_group_that_asks_for_a_pause_closes_no_other_chat(world: World) -> None:
    for each in (ORDERS, STAFF):
        world.telegram.put_group(each)
    world.telegram.bot_side._flood = FloodLimit(per_group=1, clock=time.monotonic)
    await world.bot.send_message(ORDERS.id, "1")
    with pytest.raises(TelegramRetryAfter):
        await world.bot.send_message(ORDERS.id, "2")
    gate = session_of(world.bot).flood
    assert gate.seconds_closed(ORDERS.id) > 30
    assert gate.seconds_closed(STAFF.id) == gate.seconds_closed(ANN.id) == 0
    assert gate.seconds_closed() == 0
    await world.bot.send_message(STAFF.id, "1")


async def test_what_telegram_says_about_a_person_closes_every_chat() -> None:
    gate = FloodGate()
    gate.close(5, ANN.id)
    assert gate.seconds_closed() > 4
    assert gate.seconds_closed(ORDERS.id) > 4


async def test_broadcasts_do_not_wait_for_groups(world: World, ann: Person) -> None:
    order_id = await an_order(world, ann)
    await world.settle()
    await tell(world, ORDERS.id, order_id, "group", "group_delivered")
    assert not await world.shop.services.broadcasts.notices_wait()
    await tell(world, ANN.id, order_id, "customer", "group_delivered")
    assert await world.shop.services.broadcasts.notices_wait()


async def test_a_group_that_became_a_supergroup_is_followed(world: World, operator: Person) -> None:
    world.telegram.put_group(PLAIN)
    world.shop.services.alerts._terms = AlertTerms(chat=PLAIN.id)
    async with world.shop.database.transaction() as tx:
        await raise_alert(tx, AlertKind.REDIS_DOWN)
    await world.shop.services.alerts.ring_due()
    world.telegram.upgrade_group(OPERATOR.id, PLAIN.id, UPGRADED)
    await world.settle()
    [first] = in_group(world, UPGRADED)
    assert words(first).startswith("🚨 Redis is away")
    await world.shop.services.alerts.ring_due()
    await world.settle()
    moved = in_group(world, UPGRADED)[-1]
    assert words(moved).startswith(f"⚠️ Telegram gave a group a new id: {UPGRADED}\n")
    assert f"Set {UPGRADED} in the place of {PLAIN.id}" in words(moved)
    assert labels(moved) == ["I am on it"]
    for message in (first, moved):
        world.telegram.click(OPERATOR.id, message.message_id, "I am on it", group=UPGRADED)
        await world.settle()
    look = await world.shop.services.alerts.look()
    assert [(alert.kind, alert.acknowledged_by) for alert in look.open] == [
        (AlertKind.REDIS_DOWN, OPERATOR.id)
    ]
    assert [alert.kind for alert in look.closed] == [AlertKind.GROUP_MOVED]
    assert labels(in_group(world, UPGRADED)[0]) == []
    assert not session_of(world.bot).moves.untold
