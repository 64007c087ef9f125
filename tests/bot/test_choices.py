"""Payments that are not what was asked for: too little, too much, late, twice, unasked."""

from __future__ import annotations

import pytest

from bot.callbacks import Choose
from bot.texts.figures import exact_trx
from chain.contracts import Transfer
from services.customers import Language
from services.held import Choice
from services.order_views import OrderStatus, OrderView, Origin, Stage
from tests.bot.people import (
    ANN,
    BEN,
    Person,
    World,
    data_of,
    entity_texts,
    labels,
    order_something,
    words,
)
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, address, key

ENGLISH = TEXTS[Language.EN]


async def newest_order(world: World) -> OrderView:
    return (await world.shop.services.orders.page(ANN.id, 1)).orders[0]


async def order_three(ann: Person) -> OrderView:
    """Energy for three transfers, 8.49 TRX."""
    await ann.says("/rent")
    await ann.says(address("ann"))
    await ann.taps("Has USDT already")
    await ann.taps("3")
    await ann.taps("1 hour")
    await ann.taps(labels(ann.newest)[0])
    return await newest_order(ann.world)


async def test_the_rest_of_a_price_completes_the_order(world: World, ann: Person) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order, sun=1_500_000)
    await world.block(2)
    order = await world.shop.look(order)
    assert order.stage is Stage.UNDERPAID
    shown = ann.message(card.message_id)
    assert words(shown) == ENGLISH.underpaid(order).render()[0]
    assert words(shown).startswith("🪙 1.500000 TRX have arrived and are safe.")
    missing = exact_trx(order.amount_sun - 1_500_000)
    assert entity_texts(shown, "code") == [missing, order.payment_address]
    assert f"Copy {missing}" in labels(shown)
    assert words(ann.newest) == ENGLISH.underpaid_news(order).render()[0], "this has to buzz"
    assert missing in words(ann.newest)

    world.shop.pay(order, sun=order.due_sun)
    await world.block(3)
    order = await world.shop.look(order)
    assert order.stage is Stage.DELIVERED
    assert words(ann.message(card.message_id)) == ENGLISH.delivered(order).render()[0]
    assert words(ann.newest) == ENGLISH.delivered_news(order).render()[0]


async def test_a_part_of_a_price_buys_less(world: World, ann: Person) -> None:
    order = await order_three(ann)
    world.shop.pay(order, sun=6 * TRX)
    await world.block(2)
    world.shop.advance(61 * 60)
    await world.block()
    first, question = (words(message) for message in ann.shown[-2:])
    assert first.startswith("🛟 What you paid is safe.")
    assert question.startswith("🛟 Your 6.000000 TRX are safe.")
    assert labels(ann.newest) == [
        "Deliver energy for 2 transfers",
        "Keep on my balance",
        "Send 5.70 TRX back",
    ]
    asked = ann.newest
    deliver = data_of(asked)[0]
    await ann.tap("Deliver energy for 2 transfers")
    done = ann.message(asked.message_id)
    assert words(done).startswith("✅ It pays for energy.")
    assert deliver not in data_of(done)

    less = await newest_order(world)
    assert (less.origin, less.transfers, less.status) == (Origin.LESS, 2, OrderStatus.PAID)
    assert words(ann.newest) == ENGLISH.paid(less).render()[0]
    await world.block(3)
    less = await world.shop.look(less)
    assert less.stage is Stage.DELIVERED
    assert "after your payment" not in words(ann.newest), "it waited for a word"
    assert less.credited_sun == 6 * TRX - less.amount_sun
    assert f"Left over: {exact_trx(less.credited_sun)} TRX, now on your balance." in words(
        ann.newest
    )
    # An old button says what was done.
    await ann.taps_forged(asked.message_id, deliver)
    assert ann.toast == "✅ It pays for energy."
    assert (await newest_order(world)).id == less.id


async def test_what_was_paid_too_much_is_on_the_balance(world: World, ann: Person) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order, sun=order.amount_sun + TRX)
    await world.block(3)
    said = "Paid too much: 1.000000 TRX, now on your balance."
    assert said in words(ann.message(card.message_id))
    assert said in words(ann.newest)
    balance = await ann.says("/balance")
    assert words(balance).startswith("💰 Your balance: 1.000000 TRX")
    assert f"+1.000000 paid too much, order #{order.number}" in words(balance)


async def test_what_came_late_is_sent_back(world: World, ann: Person) -> None:
    await order_something(ann)
    order = await newest_order(world)
    world.shop.advance(61 * 60)
    await world.block()
    world.shop.pay(order)
    await world.block(2)
    question = ann.newest
    assert words(question).startswith(f"🛟 Your {exact_trx(order.amount_sun)} TRX are safe.")
    assert "after the time to pay" in words(question)
    assert labels(question) == ["Keep on my balance", "Send 2.52 TRX back"]
    had = world.shop.trx_of("ann")
    await ann.tap("Send 2.52 TRX back")
    assert words(ann.message(question.message_id)).startswith("✅ It is on its way back.")
    await world.block(25)
    sent = order.amount_sun - 300_000
    assert world.shop.trx_of("ann") == had + sent
    news = ann.newest
    assert words(news).startswith(f"✅ {exact_trx(sent)} TRX have been sent to you.")
    assert entity_texts(news, "code") == [address("ann")]
    assert any(len(e.get("url", "").rsplit("/", 1)[-1]) == 64 for e in news.entities)


async def test_what_was_paid_twice_is_kept(world: World, ann: Person) -> None:
    await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order)
    await world.block(3)
    world.shop.pay(order)
    await world.block(2)
    question = ann.newest
    assert "had been paid already" in words(question)
    await ann.tap("Keep on my balance")
    assert words(ann.message(question.message_id)).startswith("✅ It is on your balance.")
    assert words(ann.newest).startswith(f"💰 {exact_trx(order.amount_sun)} TRX are on your balance")
    assert await world.shop.balance() == order.amount_sun


async def test_whoever_says_nothing_keeps_it(world: World, ann: Person) -> None:
    await order_something(ann)
    order = await newest_order(world)
    await ann.taps("Cancel order")
    world.shop.pay(order)
    await world.block(2)
    question = ann.newest
    assert "had been cancelled" in words(question)
    world.shop.advance(24 * 3600 + 60)
    await world.block()
    assert words(ann.newest).startswith(f"💰 {exact_trx(order.amount_sun)} TRX are on your balance")
    await ann.tap("Send 2.52 TRX back", question.message_id)
    assert ann.toast == "✅ It is on your balance."
    assert words(ann.message(question.message_id)).startswith("✅ It is on your balance.")
    assert await world.shop.balance() == order.amount_sun


async def test_nobody_is_asked_what_is_decided_already(world: World, ann: Person) -> None:
    """Telegram was away meanwhile: late news are no news."""
    await order_something(ann)
    order = await newest_order(world)
    await ann.taps("Cancel order")
    world.shop.pay(order)
    await world.shop.block(2)
    await world.shop.services.held_payments.choose(ANN.id, 1, Choice.CREDIT)
    await world.settle()
    said = [words(message) for message in ann.shown]
    assert not any("What shall I do with it?" in each for each in said)
    assert said[-1].startswith(f"💰 {exact_trx(order.amount_sun)} TRX are on your balance")


async def test_a_cancelled_order_with_a_part_of_its_price_asks_about_it(
    world: World, ann: Person
) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order, sun=TRX)
    await world.block(2)
    await ann.taps("Cancel order", card.message_id)
    assert "What had come of its price is safe" in words(ann.message(card.message_id))
    assert words(ann.newest).startswith("🛟 Your 1.000000 TRX are safe.")


async def test_trx_sent_unasked_becomes_energy_for_its_known_sender(
    world: World, ann: Person
) -> None:
    await ann.says("/start")
    text = "that it is mine"
    await world.shop.services.balances.prove_address(
        ANN.id, address("ann"), text, key("ann").sign_message(text)
    )
    help_page = await ann.says("/help")
    assert entity_texts(help_page, "code") == [address("payments")]
    world.shop.send(Transfer(address("ann"), address("payments"), 6 * TRX), "ann")
    await world.block(2)
    order = await newest_order(world)
    assert (order.origin, order.transfers) == (Origin.FLASH, 2)
    assert words(ann.newest) == ENGLISH.paid(order).render()[0]
    assert words(ann.newest).startswith(
        "⚡ You sent 6.000000 TRX: energy for 2 transfers is on its way."
    )
    await world.block(2)
    order = await world.shop.look(order)
    assert words(ann.newest) == ENGLISH.delivered_news(order).render()[0]
    left = exact_trx(order.credited_sun)
    assert f"You sent 6.000000 TRX. Left over: {left} TRX, now on your" in words(ann.newest)


@pytest.mark.parametrize("choice", list(Choice))
async def test_a_stranger_decides_about_nobodys_money(
    world: World, ann: Person, ben: Person, choice: Choice
) -> None:
    await order_something(ann)
    order = await newest_order(world)
    await ann.taps("Cancel order")
    txid = world.shop.pay(order)
    await world.block(2)
    menu = await ben.says("/start")
    for payment_id in (1, 2, 2**62):
        await ben.taps_forged(menu.message_id, Choose(payment=payment_id, choice=choice).pack())
        assert ben.toast == ENGLISH.choice_unknown
    assert await world.shop.payment_status(txid) == ("held", "cancelled")
    assert await world.shop.balance(BEN.id) == 0
    assert words(ben.newest) == words(menu)
