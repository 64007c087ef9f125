"""Sending the news: at least once, in order, and as slowly as Telegram wants."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import EditMessageMedia

from bot.flood import FloodGate, HonourFlood, patience_seconds
from bot.session import session_of
from chain.contracts import Transfer
from db.database import Database
from sandbox.telegram import Fault, FaultKind
from services.api_keys import Scope
from services.notices import NoticeKind
from services.order_views import OrderView
from services.outbox import Outbox
from services.webhooks import Outcome
from tests.bot.people import ANN, BEN, OPERATOR, Person, World, order_something, words
from tests.support.shop import TRX, Shop, address


async def newest_order(world: World, user_id: int = ANN.id) -> OrderView:
    return (await world.shop.services.orders.page(user_id, 1)).orders[0]


async def states(shop: Shop) -> list[tuple[int, str, str]]:
    """Every notice: whose, what, and what became of it."""
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT chat_id, kind, state FROM outbox ORDER BY id")
    return [(row["chat_id"], row["kind"], row["state"]) for row in rows]


async def time_passes(world: World) -> None:
    """Whatever waits for its time is due, and Telegram's pauses are over."""
    session_of(world.bot).flood._closed_until = 0
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE outbox SET next_attempt_at = now()")


async def pay_and_deliver(world: World, user_id: int = ANN.id) -> None:
    """From the payment to the energy, while the bot says nothing."""
    world.shop.pay(await newest_order(world, user_id))
    await world.shop.block(3)


def says(person: Person) -> list[str]:
    """The first words of each message in the chat."""
    return [words(message).split("\n")[0] for message in person.shown]


async def test_old_news_are_not_told_as_new(world: World, ann: Person) -> None:
    card = await order_something(ann)
    await pay_and_deliver(world)
    assert await world.sender.send_due() == 3
    assert words(ann.message(card.message_id)).startswith("✅ 70,714 energy delivered")
    assert words(ann.newest).startswith("✅ 70,714 energy is on")
    assert len(ann.shown) == 3, "the question, the card, and the news"
    assert {state for _, _, state in await states(world.shop)} == {"sent"}


async def test_what_came_and_went_while_the_bot_was_away(world: World, ann: Person) -> None:
    card = await order_something(ann)
    await pay_and_deliver(world)
    world.shop.advance(3600)
    await world.shop.block(3)
    assert await world.sender.send_due() == 4
    assert words(ann.message(card.message_id)).startswith("🏁")
    assert words(ann.newest).startswith("🏁")
    assert not any(text.startswith("✅") for text in says(ann)), "it can be used no more"


async def test_a_pause_is_kept_for_everybody_and_nothing_changes_places(
    world: World, ann: Person, ben: Person
) -> None:
    await order_something(ann)
    await order_something(ben, "ben")
    before = says(ann), says(ben)
    world.shop.pay(await newest_order(world, ANN.id))
    world.shop.pay(await newest_order(world, BEN.id), "ben")
    await world.shop.block(3)
    world.telegram.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, retry_after=30))
    await world.sender.send_due()
    assert not world.telegram.faults.waiting
    await world.sender.send_due()
    told = await states(world.shop)
    assert sum(state == "sent" for _, _, state in told) <= 1, "who was asked to wait, waits"

    await time_passes(world)
    while await world.sender.send_due():
        await time_passes(world)
    assert {state for _, _, state in await states(world.shop)} == {"sent"}
    for person, earlier in ((ann, before[0]), (ben, before[1])):
        assert len(says(person)) == len(earlier) + 1
        assert words(person.newest).startswith("✅ 70,714 energy is on")


async def test_a_pause_for_everybody_is_no_attempt_of_a_notice(world: World, ann: Person) -> None:
    """What comes after it must not wait as if it had failed before."""
    await order_something(ann)
    await pay_and_deliver(world)
    world.telegram.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, retry_after=30, times=3))
    for _ in range(3):
        await world.sender.send_due()
        await time_passes(world)
    async with world.shop.database.transaction() as tx:
        assert await tx.connection.fetchval("SELECT max(attempts) FROM outbox") == 0
    await world.sender.send_due()
    assert {state for _, _, state in await states(world.shop)} == {"sent"}


async def test_who_has_blocked_the_bot_is_told_nothing(
    world: World, ann: Person, ben: Person
) -> None:
    await order_something(ann)
    await order_something(ben, "ben")
    world.telegram.block(ANN.id)
    world.shop.pay(await newest_order(world, ANN.id))
    world.shop.pay(await newest_order(world, BEN.id), "ben")
    await world.shop.block(3)
    await world.sender.send_due()
    told = await states(world.shop)
    assert {state for chat, _, state in told if chat == ANN.id} == {"dropped"}
    assert {state for chat, _, state in told if chat == BEN.id} == {"sent"}
    async with world.shop.database.transaction() as tx:
        blocked = await tx.connection.fetchval(
            "SELECT blocked_at IS NOT NULL FROM users WHERE id = $1", ANN.id
        )
    assert blocked


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.ANSWER_LOST])
async def test_trouble_at_telegram_passes(world: World, ann: Person, kind: FaultKind) -> None:
    card = await order_something(ann)
    await pay_and_deliver(world)
    world.telegram.faults.add(Fault(kind, times=1))
    assert await world.sender.send_due() == 0
    waiting = [state for _, _, state in await states(world.shop)]
    assert waiting == ["waiting"] * 3, "later news wait for the first"
    await time_passes(world)
    assert await world.sender.send_due() == 3
    assert words(ann.message(card.message_id)).startswith("✅")
    assert words(ann.newest).startswith("✅ 70,714 energy is on")


async def test_news_whose_answer_was_lost_may_come_twice_but_come(
    world: World, ann: Person
) -> None:
    await order_something(ann)
    await pay_and_deliver(world)
    world.telegram.faults.add(Fault(FaultKind.ANSWER_LOST, method="sendMessage"))
    await world.sender.send_due()
    await time_passes(world)
    await world.sender.send_due()
    assert 1 <= sum(text.startswith("✅ 70,714 energy is on") for text in says(ann)) <= 2
    assert {state for _, _, state in await states(world.shop)} == {"sent"}


async def test_a_message_that_is_refused_for_ever_does_not_block_the_chat(
    world: World, ann: Person, failures_expected: pytest.LogCaptureFixture
) -> None:
    await order_something(ann)
    await pay_and_deliver(world)
    refused = 0

    async def refuse_the_first(make_request: Any, bot: Bot, method: Any) -> Any:
        nonlocal refused
        if isinstance(method, EditMessageMedia) and refused < 8:
            refused += 1
            raise TelegramBadRequest(method, "Bad Request: can't parse entities")
        return await make_request(bot, method)

    world.bot.session.middleware(refuse_the_first)
    for _ in range(7):
        assert await world.sender.send_due() == 0
        await time_passes(world)
    assert await world.sender.send_due() == 2
    told = [state for _, _, state in await states(world.shop)]
    assert told == ["dropped", "sent", "sent"]
    assert words(ann.newest).startswith("✅ 70,714 energy is on")
    assert "given up" in failures_expected.text


async def test_calls_at_the_same_time_send_everything_once(
    world: World, ann: Person, ben: Person
) -> None:
    await order_something(ann)
    await order_something(ben, "ben")
    world.shop.pay(await newest_order(world, ANN.id))
    world.shop.pay(await newest_order(world, BEN.id), "ben")
    await world.shop.block(3)
    sent = await asyncio.gather(*(world.sender.send_due() for _ in range(5)))
    assert sum(sent) == 6
    for person in (ann, ben):
        assert sum(text.startswith("✅ 70,714 energy is on") for text in says(person)) == 1


async def test_a_crash_before_the_record_says_it_again(world: World, ann: Person) -> None:
    """The message is out, its notice is not marked: the lease ends, and it is sent once more."""
    card = await order_something(ann)
    await pay_and_deliver(world)
    outbox = world.shop.services.outbox
    (notice,) = await outbox.claim(10, groups=False)
    assert notice.kind is NoticeKind.ORDER_SEEN
    assert await outbox.claim(10, groups=False) == (), "it is leased, and the others wait for it"
    await world.sender._show(notice)
    await time_passes(world)
    assert await world.sender.send_due() == 3
    assert words(ann.message(card.message_id)).startswith("✅")


async def test_after_a_crash_nobody_waits_for_the_end_of_a_lease(
    world: World, ann: Person, database: str
) -> None:
    """Another process says it at once; what Telegram wanted later stays for later."""
    await order_something(ann)
    await pay_and_deliver(world)
    services = world.shop.services
    async with Database(database, connections=1) as doomed:
        (notice,) = await Outbox(doomed, services.held_payments).claim(10, groups=False)
        assert await services.outbox.claim(10, groups=False) == (), (
            "it lives, and nobody takes it away"
        )
    async with asyncio.timeout(10):
        taken = await services.outbox.claim(10, groups=False)
        while not taken:
            await asyncio.sleep(0.01)  # until PostgreSQL has noticed
            taken = await services.outbox.claim(10, groups=False)
    (again,) = taken
    assert again.id == notice.id
    await services.outbox.postpone(again.id, 30, "too many requests", counts=False)
    assert await services.outbox.claim(10, groups=False) == ()
    await time_passes(world)
    assert await world.sender.send_due() == 3


async def test_an_operator_who_has_not_started_the_bot_yet(world: World, operator: Person) -> None:
    world.shop.send(Transfer(address("ben"), address("wallet"), TRX), "ben")
    await world.block(2)
    assert (OPERATOR.id, NoticeKind.ALERT_RAISED, "waiting") in await states(world.shop)
    await operator.says("/start")
    await time_passes(world)
    await world.sender.send_due()
    assert words(operator.newest).startswith("💰 Payment held")


async def test_a_pause_that_a_customers_turn_met_counts_for_the_news_too(
    world: World, ann: Person
) -> None:
    await order_something(ann)
    await pay_and_deliver(world)
    world.telegram.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, retry_after=30))
    world.telegram.send_text(ANN.id, "/help")
    updates = await world.bot.get_updates(offset=world.offset, timeout=0)
    for update in updates:
        await world.dispatcher.feed_update(world.bot, update)
    assert await world.sender.send_due() == 0
    assert {state for _, _, state in await states(world.shop)} == {"waiting"}


async def test_a_short_pause_is_waited_for_while_somebody_watches(
    world: World, ann: Person
) -> None:
    world.telegram.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, retry_after=1))
    assert "How it works" in words(await ann.says("/help"))


async def test_patience_ends(world: World) -> None:
    calls = 0

    async def refuse(bot: object, method: object) -> None:
        nonlocal calls
        calls += 1
        await world.bot.send_message(ANN.id, "hello")

    gate = FloodGate()
    world.telegram.send_text(ANN.id, "/start")
    world.telegram.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, times=5, retry_after=7))
    token = patience_seconds.set(0)
    try:
        with pytest.raises(Exception, match="Retry in 7 seconds"):
            await HonourFlood(gate)(refuse, world.bot, object())  # type: ignore[arg-type]
    finally:
        patience_seconds.reset(token)
    assert calls == 1
    assert 6 < gate.seconds_closed() <= 7


async def test_a_webhook_that_is_off_is_told_once(world: World, ann: Person) -> None:
    await order_something(ann)
    services = world.shop.services
    made = await services.api_keys.make(ANN.id, "hooks", {Scope.WEBHOOKS}, made_by=ANN.id)
    await services.webhooks.add(made.key, "https://shop.example/hook", None)
    await pay_and_deliver(world)
    await world.sender.send_due()
    gone = Outcome(status=410, failure=None, answer="", milliseconds=1)
    for outgoing in await services.webhooks.claim(10):
        await services.webhooks.settle(outgoing, gone)
    assert await world.sender.send_due() == 1
    assert words(ann.newest).split("\n")[:2] == [
        "🔌 Your webhook is off",
        "https://shop.example/hook",
    ]
