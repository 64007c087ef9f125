"""Orders in the chat: placed once, one card each, nobody else's business."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from bot.callbacks import Do, OrdersPage, OrderTap, PlaceOrder
from bot.texts import all_texts
from services.customers import Language
from services.order_views import OrderView, Stage
from tests.bot.people import (
    ANN,
    BEN,
    Person,
    World,
    ask_a_quote,
    data_of,
    labels,
    order_something,
    words,
)
from tests.support.shop import address

TEXTS = all_texts("https://tronscan.org/#")[Language.EN]


async def newest_order(world: World, user_id: int = ANN.id) -> OrderView:
    return (await world.shop.services.orders.page(user_id, 1)).orders[0]


async def stage_of_newest(world: World) -> Stage:
    return (await newest_order(world)).stage


async def orders_of(world: World, user_id: int = ANN.id) -> int:
    async with world.shop.database.transaction() as tx:
        return await tx.orders.count(user_id)


async def test_a_double_tap_makes_one_order(world: World, ann: Person) -> None:
    quote = await ask_a_quote(ann)
    button = labels(quote)[0]
    ann.press(button)
    ann.press(button)
    await world.settle()
    assert await orders_of(world) == 1
    assert len([message for message in ann.shown if message.media_kind == "photo"]) == 1
    assert all(answer.text is None for answer in ann.answers)


async def test_two_taps_at_the_same_moment_make_one_order(world: World, ann: Person) -> None:
    quote = await ask_a_quote(ann)
    button = labels(quote)[0]
    ann.press(button)
    ann.press(button)
    updates = await world.bot.get_updates(offset=world.offset, timeout=0)
    assert len(updates) == 2
    await asyncio.gather(*(world.dispatcher.feed_update(world.bot, update) for update in updates))
    assert await orders_of(world) == 1
    assert len([message for message in ann.shown if message.media_kind == "photo"]) == 1


async def test_a_lapsed_quote_is_made_anew(world: World, ann: Person) -> None:
    quote = await ask_a_quote(ann)
    world.shop.advance(3600)
    await world.block()
    fresh = await ann.taps(labels(quote)[0])
    assert ann.toast == TEXTS.quote_lapsed
    assert await orders_of(world) == 0
    assert fresh.message_id == quote.message_id
    assert data_of(fresh)[0] != data_of(quote)[0]
    assert (await ann.taps(labels(fresh)[0])).media_kind == "photo"


async def test_a_lapsed_quote_of_a_form_that_is_gone(world: World, ann: Person) -> None:
    quote = await ask_a_quote(ann)
    world.shop.advance(3600)
    await world.block()
    await world.redis.flushall()
    assert words(await ann.taps(labels(quote)[0])) == TEXTS.draft_gone().render()[0]


async def test_somebody_elses_quote_makes_no_order(world: World, ann: Person, ben: Person) -> None:
    quote = await ask_a_quote(ann)
    menu = await ben.says("/start")
    await ben.taps_forged(menu.message_id, data_of(quote)[0])
    assert await orders_of(world, BEN.id) == 0
    assert ben.toast == TEXTS.button_outdated


@pytest.mark.parametrize("do", list(Do))
async def test_somebody_elses_order_is_not_found(
    world: World, ann: Person, ben: Person, do: Do
) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    menu = await ben.says("/start")
    await ben.taps_forged(menu.message_id, OrderTap(order=order.id, do=do).pack())
    assert ben.toast == TEXTS.order_unknown
    assert ben.answers[-1].show_alert
    assert ben.shown == [menu]
    assert ann.message(card.message_id) == card
    assert await stage_of_newest(world) is Stage.AWAITING


@pytest.mark.parametrize("do", list(Do))
async def test_an_order_that_never_was_is_not_found(world: World, ann: Person, do: Do) -> None:
    menu = await ann.says("/start")
    await ann.taps_forged(menu.message_id, OrderTap(order=uuid4(), do=do).pack())
    assert ann.toast == TEXTS.order_unknown


async def test_a_quote_that_never_was(world: World, ann: Person) -> None:
    menu = await ann.says("/start")
    await ann.taps_forged(menu.message_id, PlaceOrder(quote=uuid4(), draft="x").pack())
    assert ann.toast == TEXTS.button_outdated


async def test_cancelling(world: World, ann: Person) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    cancelled = await ann.taps(TEXTS.cancel_order_button)
    assert cancelled.message_id == card.message_id
    assert words(cancelled).startswith("🚫 Cancelled. Please do not pay this any more.")
    assert order.payment_address not in words(cancelled)
    assert cancelled.media_path != card.media_path, "no code to scan is left"
    assert await stage_of_newest(world) is Stage.CANCELLED


async def test_cancelling_what_is_paid_already(world: World, ann: Person) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    button = OrderTap(order=order.id, do=Do.CANCEL).pack()
    world.shop.pay(order)
    await world.shop.block()  # the customer has not been told yet
    await ann.tap(button)
    assert ann.toast == TEXTS.payment_is_in
    assert words(ann.message(card.message_id)).startswith("👀 Payment seen")
    for _ in range(3):
        await world.block()
        await ann.taps_forged(card.message_id, button)
        assert ann.toast == TEXTS.payment_is_in
    assert await stage_of_newest(world) is Stage.DELIVERED


async def test_cancelling_what_has_expired(world: World, ann: Person) -> None:
    card = await order_something(ann)
    order = await newest_order(world)
    world.shop.advance(31 * 60)
    await world.shop.block()
    await ann.tap(OrderTap(order=order.id, do=Do.CANCEL).pack())
    assert ann.toast == TEXTS.order_is_closed
    assert words(ann.message(card.message_id)).startswith("⌛ Expired")


async def test_refreshing_says_when_nothing_is_new(world: World, ann: Person) -> None:
    card = await order_something(ann)
    await ann.tap(TEXTS.refresh_button)
    assert ann.toast == TEXTS.nothing_seen_yet
    assert ann.message(card.message_id) == card, "not even marked as edited"
    order = await newest_order(world)
    world.shop.pay(order)
    await world.shop.block()
    await ann.tap(TEXTS.refresh_button)
    assert ann.answers[-1].text is None
    assert words(ann.message(card.message_id)).startswith("👀 Payment seen")
    await ann.tap(TEXTS.refresh_button)
    assert ann.toast == TEXTS.up_to_date


async def test_opening_an_order_brings_its_card_down(world: World, ann: Person) -> None:
    card = await order_something(ann)
    listed = await ann.says("/orders")
    opened = await ann.taps(data_of(listed)[0])
    assert opened.message_id > listed.message_id
    assert (words(opened), opened.keyboard) == (words(card), card.keyboard)
    assert card.message_id not in [message.message_id for message in ann.shown]
    order = await newest_order(world)
    assert order.card_message_id == opened.message_id
    world.shop.pay(order)
    await world.block()
    assert words(ann.message(opened.message_id)).startswith("👀 Payment seen")
    assert ann.newest.message_id == opened.message_id


async def test_a_deleted_card_comes_back_with_the_news(world: World, ann: Person) -> None:
    card = await order_something(ann)
    world.telegram.delete_message(ANN.id, card.message_id)
    order = await newest_order(world)
    world.shop.pay(order)
    await world.block()
    again = ann.newest
    assert again.message_id != card.message_id
    assert words(again).startswith("👀 Payment seen")
    await world.block(2)
    assert words(ann.message(again.message_id)).startswith("✅")


async def test_tapping_on_a_card_that_was_deleted_meanwhile(world: World, ann: Person) -> None:
    card = await order_something(ann)
    ann.press(TEXTS.refresh_button)
    world.telegram.delete_message(ANN.id, card.message_id)
    await world.settle()
    assert words(ann.newest) == words(card)
    assert ann.newest.message_id != card.message_id


async def test_the_list_turns_its_pages(world: World, ann: Person) -> None:
    assert "No orders yet" in words(await ann.says("/orders"))
    for _ in range(11):
        await world.shop.order(recipient="ben")
        order = await newest_order(world)
        await world.shop.services.orders.cancel(ANN.id, order.id)
    first = await ann.says("/orders")
    assert len([data for data in data_of(first) if data.startswith("o:")]) == 5
    assert labels(first)[5:8] == ["·", "1/3", "›"]
    assert labels(first)[0].startswith("🚫 2.83 TRX · 23 Nov 12:0")
    await ann.taps("1/3")
    second = await ann.taps("›")
    assert second.message_id == first.message_id
    assert labels(second)[5:8] == ["‹", "2/3", "›"]
    last = await ann.taps("›")
    assert labels(last)[1:4] == ["‹", "3/3", "·"]
    assert not set(data_of(first)[:5]) & set(data_of(second)[:5])
    for page in (-(10**12), 0, 99, 10**12):
        await ann.taps_forged(last.message_id, OrdersPage(page=page).pack())
        assert labels(ann.newest)


async def test_renting_again_takes_two_taps(world: World, ann: Person) -> None:
    card = await order_something(ann)
    world.shop.pay(await newest_order(world))
    await world.block(3)
    news = ann.newest
    world.shop.send_usdt("ann", "holder")
    await world.block()
    quote = await ann.taps(TEXTS.rent_again_button, news.message_id)
    assert quote.message_id > news.message_id
    assert "for 1 transfer, 1 hour" in words(quote)
    assert words(ann.message(news.message_id)) == words(news), "the news stay"
    second = await ann.taps(labels(quote)[0])
    assert second.media_kind == "photo"
    assert await orders_of(world) == 2
    assert words(ann.message(card.message_id)).startswith("✅")


async def test_renting_again_remembers_who_received(world: World, ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.newcomer_button)
    await ann.taps("1")
    quote = await ann.taps("1 day")
    await ann.taps(labels(quote)[0])
    await ann.taps(TEXTS.cancel_order_button)
    again = await ann.taps(TEXTS.rent_again_button)
    assert "for 1 transfer, 1 day" in words(again)
    assert "Energy: 143,314" in words(again)


async def test_a_card_of_an_order_keeps_its_buttons_when_a_new_form_begins(
    world: World, ann: Person
) -> None:
    card = await order_something(ann)
    await ann.says("/rent")
    await ann.says(address("ben"))
    assert ann.message(card.message_id).keyboard == card.keyboard


async def test_the_list_cannot_replace_a_card(world: World, ann: Person) -> None:
    """A photo cannot become a text again: the menu below a card is a message of its own."""
    card = await order_something(ann)
    await ann.taps(TEXTS.cancel_order_button)
    menu = await ann.taps(TEXTS.menu_button)
    assert menu.message_id > card.message_id
    assert ann.message(card.message_id).media_kind == "photo"
