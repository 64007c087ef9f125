"""Alerts as the staff sees them: their messages, the room, the group, and deliveries in a group."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from aiogram.exceptions import TelegramConflictError
from aiogram.methods import GetUpdates

from bot.conflict import NoteConflicts, Polling
from bot.office.taps import Acknowledge
from sandbox.telegram import CallbackAnswer, Group, MessageChange
from services.acts import ActFault
from services.alerts import AlertKind, AlertTerms, close_alert, raise_alert
from services.customers import Language
from tests.bot.people import Person, World, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import ADMIN, Shop

ENGLISH = TEXTS[Language.EN]
WORDS = ENGLISH.office.alerts
GROUP = -1_001_000_000_001


async def cause(world: World, kind: AlertKind = AlertKind.REDIS_DOWN) -> None:
    async with world.shop.database.transaction() as tx:
        await raise_alert(tx, kind, details={"error": "refused"})
    await told(world)


async def over(world: World, kind: AlertKind = AlertKind.REDIS_DOWN) -> None:
    async with world.shop.database.transaction() as tx:
        await close_alert(tx, kind)
    await told(world)


async def told(world: World) -> None:
    await world.shop.services.alerts.ring_due()
    await world.settle()


async def acknowledged_by(shop: Shop) -> int | None:
    [alert] = (await shop.services.alerts.look()).open
    return alert.acknowledged_by


async def test_an_alert_from_beginning_to_end(world: World, operator: Person) -> None:
    await operator.says("/start")
    await cause(world)
    first = operator.newest
    assert words(first).startswith("🚨 Redis is away\nIt does not answer: refused\n")
    assert labels(first) == ["I am on it"]
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE alerts SET raised_at = raised_at - interval '31 min'")
    await told(world)
    louder = operator.newest
    assert words(louder).startswith("🔔🔔🔔 For 31 minutes, and nobody looks after it")
    await operator.taps("I am on it")
    assert operator.toast == WORDS.acknowledged_toast
    for message in (first, louder):
        shown = operator.message(message.message_id)
        assert "👌 Olga is on it, since " in words(shown)
        assert labels(shown) == []
    await over(world)
    assert words(operator.newest) == "✅ Over after 31 minutes\nRedis is away"
    for message in (first, louder):
        assert words(operator.message(message.message_id)).endswith("✅ Over after 31 minutes")


async def test_the_room_of_alerts(world: World, operator: Person, viewer: Person) -> None:
    assert words(await operator.says("/alerts")).startswith("✅ Nothing is wrong")
    await cause(world)
    await cause(world, AlertKind.LOW_ENERGY)
    room = await operator.says("/alerts")
    assert "#1 Redis is away · " in words(room)
    assert labels(room) == ["I am on it: #1", "I am on it: #2", "Pools", "‹ Back"]
    room = await operator.taps("I am on it: #1")
    assert labels(room) == ["I am on it: #2", "Pools", "‹ Back"]
    assert "👌 Olga is on it" in words(room)
    await over(world)
    assert "Over in the last 3 days\n#1 Redis is away" in words(await operator.says("/alerts"))
    seen = await viewer.says("/alerts")
    assert labels(seen) == ["Pools", "‹ Back"], "who may only look has no button"
    await viewer.taps_forged(seen.message_id, Acknowledge(alert=2).pack())
    assert viewer.toast == ENGLISH.office.common.act_refused(ActFault.NOT_ALLOWED)
    assert await acknowledged_by(world.shop) is None


async def in_the_group(world: World, person: Person, data: str, chat: int = GROUP) -> str | None:
    """The person taps a button of a message of the group; what it is answered with."""
    sent = await world.bot.send_message(chat, "Look")
    with world.telegram.acting():
        message = world.telegram._seen(chat, sent.message_id)
        query = world.telegram._ask(message, data, person.user.id)
    await world.settle()
    answers = [
        change
        for change in world.telegram.changes(chat)
        if isinstance(change, CallbackAnswer) and change.query_id == query.query_id
    ]
    assert [answer.user_id for answer in answers] == [person.user.id]
    return answers[0].text


async def test_in_the_staffs_group_an_alert_is_acknowledged_and_nothing_else(
    world: World, operator: Person, viewer: Person, ann: Person
) -> None:
    world.shop.services.alerts._terms = AlertTerms(chat=GROUP)
    everybody = (operator.user.id, viewer.user.id, ann.user.id)
    for chat in (GROUP, GROUP - 1):
        world.telegram.put_group(Group(chat, "Staff", everybody))
    async with world.shop.database.transaction() as tx:
        await raise_alert(tx, AlertKind.REDIS_DOWN)
    tap = Acknowledge(alert=1).pack()
    private = ENGLISH.private_chats_only().render()[0]
    assert await in_the_group(world, ann, tap) == private
    assert await in_the_group(world, operator, tap, chat=GROUP - 1) == private
    assert await in_the_group(world, operator, "~e:a") == private
    refusal = ENGLISH.office.common.act_refused(ActFault.NOT_ALLOWED)
    assert await in_the_group(world, viewer, tap) == refusal
    assert await acknowledged_by(world.shop) is None
    assert await in_the_group(world, operator, tap) == WORDS.acknowledged_toast
    assert await acknowledged_by(world.shop) == ADMIN
    assert await in_the_group(world, operator, tap) == WORDS.nothing_to_acknowledge


async def test_a_group_that_takes_no_messages_leaves_nobody_uninformed(
    world: World, operator: Person, failures_expected: pytest.LogCaptureFixture
) -> None:
    await operator.says("/start")
    world.shop.services.alerts._terms = AlertTerms(chat=GROUP)
    await cause(world)
    assert words(operator.newest).startswith("🚨 Redis is away")
    await over(world)
    assert words(operator.newest).startswith("✅ Over after ")


async def test_a_group_hears_of_deliveries_and_not_whose(world: World, ann: Person) -> None:
    world.telegram.put_group(Group(GROUP, "Orders", (ann.user.id,)))
    world.shop.services.delegations._ends._orders_chat = GROUP
    await order_something(ann)
    async with world.shop.database.transaction() as tx:
        order_id = await tx.connection.fetchval("SELECT id FROM energy_flash_orders")
    order = await world.shop.services.orders.view(ann.user.id, order_id)
    assert order is not None
    world.shop.pay(order)
    await world.block(5)
    [news] = world.telegram.changes(GROUP)
    assert isinstance(news, MessageChange)
    said, proof = words(news).split("\n")
    assert re.fullmatch(r"⚡ 70,714 energy · 1 hour · delivered in \d+ s", said)
    assert proof.startswith("Delegation")
    assert news.keyboard == []


async def test_a_conflict_about_updates_is_noted_and_passes_on(world: World) -> None:
    polling = Polling()

    async def refuse(_: Any, method: Any) -> Any:
        raise TelegramConflictError(method=method, message="terminated by other getUpdates request")

    assert polling.conflict_age() is None
    with pytest.raises(TelegramConflictError):
        await NoteConflicts(polling)(cast("Any", refuse), world.bot, GetUpdates())
    age = polling.conflict_age()
    assert age is not None
    assert 0 <= age < 60
