"""More and less time in the chat: asked for in numbers, done once, and told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bot.callbacks import Do, ExtendBy, OrderTap
from bot.texts import all_texts
from bot.texts.figures import exact_trx
from sandbox.telegram import MessageChange
from services.customers import Language
from services.early_ends import EarlyEndFault
from services.extensions import ExtensionFault
from services.order_views import OrderView, Origin, Stage
from tests.bot.people import (
    ANN,
    BEN,
    Person,
    World,
    data_of,
    labels,
    order_something,
    words,
)
from tests.support.shop import TRX

TEXTS = all_texts("https://tronscan.org/#")[Language.EN]
HOUR = timedelta(hours=1)


async def orders_of(world: World, user_id: int = ANN.id) -> tuple[OrderView, ...]:
    return (await world.shop.services.orders.page(user_id, 1)).orders


async def rental(world: World, person: Person, *, too_much_sun: int = 0) -> OrderView:
    await order_something(person)
    order = (await orders_of(world))[0]
    world.shop.pay(order, sun=order.amount_sun + too_much_sun)
    await world.block(3)
    delivered = await world.shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    return delivered


def card_of(person: Person, order: OrderView) -> str:
    """What the card of the order says."""
    return words(card_message(person, order))


def card_message(person: Person, order: OrderView) -> MessageChange:
    [card] = [
        message
        for message in person.shown
        if message.media_kind == "photo"
        and words(message).split("\n")[-1].startswith(f"Order #{order.number}")
    ]
    return card


def tap_on(order: OrderView, do: Do) -> str:
    return OrderTap(order=order.id, do=do).pack()


# ── extending ─────────────────────────────────────────────────────────────────────────────────


async def test_a_rental_is_extended_with_two_taps_and_a_payment(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    choices = await ann.taps(TEXTS.extend_button)
    assert words(choices).startswith("How much longer?")
    offers = (await world.shop.services.extensions.offers(ANN.id, order.id)).offers
    for offer, label in zip(offers, labels(choices), strict=False):
        assert label == TEXTS.extend_by_button(offer.duration, offer.price_sun)
    card = await ann.taps(labels(choices)[0])
    assert card.media_kind == "photo"
    assert card.message_id == choices.message_id
    more = (await orders_of(world))[0]
    assert (more.origin, more.extends_id) == (Origin.EXTENSION, order.id)
    assert exact_trx(more.amount_sun) in words(card)
    assert f"1 hour more of order #{order.number}" in words(card)
    world.shop.pay(more)
    await world.block(2)
    assert order.expires_at is not None
    end = f"{order.expires_at + HOUR:%H:%M} UTC"
    assert f"Order #{order.number} extended by 1 hour" in words(ann.newest)
    assert end in words(ann.newest)
    assert f"Order #{order.number} extended by 1 hour" in card_of(ann, more)
    assert end in card_of(ann, order), "the rental's card says so, too"
    assert "Extended by 1 hour." in card_of(ann, order)


async def test_an_extension_is_paid_from_the_balance_with_one_tap(
    world: World, ann: Person
) -> None:
    order = await rental(world, ann, too_much_sun=5 * TRX)
    await ann.taps(TEXTS.extend_button)
    card = await ann.taps(labels(ann.newest)[0])
    more = (await orders_of(world))[0]
    await ann.tap(labels(card)[0])
    assert ann.toast == TEXTS.paid_from_balance
    await world.block()
    assert (await world.shop.look(more)).stage is Stage.DELIVERED
    assert (await world.shop.look(order)).extended == HOUR


async def test_two_taps_on_an_offer_make_one_extension(world: World, ann: Person) -> None:
    await rental(world, ann)
    choices = await ann.taps(TEXTS.extend_button)
    ann.press(labels(choices)[0])
    ann.press(labels(choices)[0])
    updates = await world.bot.get_updates(offset=world.offset, timeout=0)
    assert len(updates) == 2
    await asyncio.gather(*(world.dispatcher.feed_update(world.bot, update) for update in updates))
    assert [order.origin for order in await orders_of(world)] == [Origin.EXTENSION, Origin.ASKED]
    assert len([message for message in ann.shown if message.media_kind == "photo"]) == 2


async def test_another_extension_shows_the_one_that_is_open(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    choices = await ann.taps(TEXTS.extend_button)
    await ann.taps(labels(choices)[0])
    more = (await orders_of(world))[0]
    await ann.taps(tap_on(order, Do.EXTEND))
    assert ann.toast == TEXTS.extension_refused(ExtensionFault.ALREADY_OPEN)
    assert f"Order #{more.number}" in words(ann.newest)
    assert len(await orders_of(world)) == 2


async def test_what_is_over_is_not_extended_and_its_card_says_so(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    button = tap_on(order, Do.EXTEND)
    card = card_message(ann, order)
    world.shop.advance(3_600)
    world.shop.chain.produce_block()
    await world.shop.services.scanner.scan()  # the customer has not been told yet
    await ann.tap(button, card.message_id)
    assert ann.toast == TEXTS.extension_refused(ExtensionFault.NOT_RUNNING)
    assert button not in data_of(card_message(ann, order))


async def test_a_price_that_has_changed_is_said_anew(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    choices = await ann.taps(TEXTS.extend_button)
    outdated = ExtendBy(order=order.id, seconds=3_600, sun=1).pack()
    await ann.taps_forged(choices.message_id, outdated)
    assert ann.toast == TEXTS.extension_refused(ExtensionFault.PRICE_GONE)
    assert labels(ann.message(choices.message_id)) == labels(choices)
    assert len(await orders_of(world)) == 1


async def test_another_persons_rental_is_not_extended(
    world: World, ann: Person, ben: Person
) -> None:
    order = await rental(world, ann)
    offer = (await world.shop.services.extensions.offers(ANN.id, order.id)).offers[0]
    menu = await ben.says("/start")
    for rental_id in (order.id, uuid4()):
        data = ExtendBy(order=rental_id, seconds=3_600, sun=offer.price_sun).pack()
        await ben.taps_forged(menu.message_id, data)
        assert ben.toast == TEXTS.order_unknown
    assert ben.shown == [menu]
    assert await orders_of(world, BEN.id) == ()
    assert len(await orders_of(world)) == 1


@pytest.mark.parametrize("seconds", ["0", "-1", str(10**9), "x"])
async def test_a_time_that_nobody_offers_is_no_button(
    world: World, ann: Person, seconds: str
) -> None:
    menu = await ann.says("/start")
    await ann.taps_forged(menu.message_id, f"x:{UUID(int=1).hex}:{seconds}:300000")
    assert ann.toast == TEXTS.button_outdated


async def test_extensions_are_told_from_rentals_in_the_list(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    await ann.taps(TEXTS.extend_button)
    await ann.taps(labels(ann.newest)[0])
    listed = await ann.says("/orders")
    assert labels(listed)[0].startswith(f"⏳ #{order.number} +1 hour · ")
    more = (await orders_of(world))[0]
    await ann.taps(labels(listed)[0])
    assert f"Order #{more.number}" in words(ann.newest)


async def test_money_that_came_too_late_is_told_plainly(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    world.shop.advance(3_540)
    await world.block()
    await ann.taps(tap_on(order, Do.EXTEND))
    await ann.taps(labels(ann.newest)[0])
    more = (await orders_of(world))[0]
    world.shop.advance(120)
    await world.block(3)
    world.shop.pay(more)
    await world.block(2)
    said = words(ann.newest)
    assert said.startswith("🛟 Your money is safe.")
    assert "its rental was over before your payment counted" in said
    assert "goes back to the address it came from" in said


async def test_an_expired_extension_offers_to_try_again(world: World, ann: Person) -> None:
    await rental(world, ann)
    await ann.taps(TEXTS.extend_button)
    await ann.taps(labels(ann.newest)[0])
    world.shop.advance(31 * 60)
    await world.block()
    assert labels(ann.newest) == [TEXTS.extend_button]
    assert words(await ann.taps(TEXTS.extend_button, ann.newest.message_id)).startswith("How much")


# ── ending ────────────────────────────────────────────────────────────────────────────────────


async def test_a_rental_is_ended_after_its_consequence_was_said(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    offer = await world.shop.services.early_ends.look(ANN.id, order.id)
    asked = await ann.taps(TEXTS.end_now_button)
    assert f"up to {exact_trx(offer.most_sun)} TRX" in words(asked)
    assert (await world.shop.look(order)).ended_early_at is None
    await ann.tap(TEXTS.end_now_confirm_button)
    assert ann.toast == TEXTS.rental_ends_now
    assert words(ann.message(asked.message_id)).startswith("⏹")
    assert "The energy is going back." in card_of(ann, order)
    assert tap_on(order, Do.EXTEND) not in data_of(card_message(ann, order))
    await world.block(3)
    over = await world.shop.look(order)
    assert over.early_credit_sun == offer.most_sun
    assert f"{exact_trx(over.early_credit_sun)} TRX came back" in words(ann.newest)
    assert f"{exact_trx(over.early_credit_sun)} TRX came back" in card_of(ann, order)
    assert "a rental you ended early" in words(await ann.says("/balance"))


async def test_two_taps_end_a_rental_once(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    asked = await ann.taps(TEXTS.end_now_button)
    ann.press(TEXTS.end_now_confirm_button, asked.message_id)
    ann.press(TEXTS.end_now_confirm_button, asked.message_id)
    updates = await world.bot.get_updates(offset=world.offset, timeout=0)
    assert len(updates) == 2
    await asyncio.gather(*(world.dispatcher.feed_update(world.bot, update) for update in updates))
    await world.block(4)
    over = await world.shop.look(order)
    assert over.early_credit_sun == await world.shop.balance() > 0
    # An old button that comes back changes nothing.
    await ann.taps_forged(ann.newest.message_id, tap_on(order, Do.END_NOW))
    await world.block(2)
    assert await world.shop.balance() == over.early_credit_sun


async def test_whoever_thinks_better_of_it_keeps_the_rental(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    await ann.taps(TEXTS.end_now_button)
    await ann.taps(TEXTS.keep_rental_button)
    assert f"Order #{order.number}" in words(ann.newest)
    assert (await world.shop.look(order)).is_running


async def test_an_open_extension_is_shown_to_who_wants_to_end(world: World, ann: Person) -> None:
    order = await rental(world, ann)
    await ann.taps(TEXTS.extend_button)
    await ann.taps(labels(ann.newest)[0])
    more = (await orders_of(world))[0]
    await ann.taps(tap_on(order, Do.END))
    assert ann.toast == TEXTS.early_end_refused(EarlyEndFault.EXTENSION_OPEN)
    assert f"Order #{more.number}" in words(ann.newest)


# ── before the end ────────────────────────────────────────────────────────────────────────────


async def test_unused_energy_is_announced_and_extended_with_one_tap(
    world: World, ann: Person
) -> None:
    order = await rental(world, ann)
    world.shop.advance(3_060)
    await world.block()
    notice = ann.newest
    assert words(notice).startswith("⏰ 70,714 energy is still unused")
    offers = (await world.shop.services.extensions.offers(ANN.id, order.id)).offers
    assert labels(notice) == [
        TEXTS.extend_by_button(offer.duration, offer.price_sun) for offer in offers
    ]
    card = await ann.taps(labels(notice)[0])
    assert card.message_id == notice.message_id
    more = (await orders_of(world))[0]
    assert exact_trx(more.amount_sun) in words(card)
    world.shop.pay(more)
    await world.block(2)
    assert (await world.shop.look(order)).extended == HOUR


async def test_news_of_an_end_that_is_not_near_any_more_is_not_sent(
    world: World, ann: Person
) -> None:
    order = await rental(world, ann, too_much_sun=5 * TRX)
    world.shop.advance(3_060)
    await world.shop.block()  # the customer has not been told yet
    services = world.shop.services
    offer = (await services.extensions.offers(ANN.id, order.id)).offers[0]
    more = await services.extensions.place(
        ANN.id, order.id, duration=offer.duration, price_sun=offer.price_sun
    )
    await services.balances.pay(ANN.id, more.id)
    await services.extensions.apply_due()
    await world.settle()
    assert not any("still unused" in words(message) for message in ann.shown)
