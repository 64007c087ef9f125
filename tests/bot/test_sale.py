"""The whole sale by chat: from /start to energy and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.texts.figures import exact_trx
from chain.addresses import address_hex
from chain.contracts import DelegateResource, Resource, Transfer
from sandbox.telegram import TextCopied, User
from services.customers import language_for
from services.order_views import Stage
from tests.bot.people import (
    ANN,
    IVAN,
    WEI,
    Person,
    World,
    entity_texts,
    labels,
    order_something,
    words,
)
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, address


@pytest.mark.parametrize("user", [ANN, WEI, IVAN], ids=["en", "zh", "ru"])
async def test_a_sale_from_start_to_the_end(world: World, user: User) -> None:
    texts = TEXTS[language_for(user.language_code)]
    customer = world.person(user)

    menu = await customer.says("/start")
    assert labels(menu)[0] == texts.rent_button
    asked = await customer.taps(texts.rent_button)
    assert asked.message_id == menu.message_id, "the menu itself becomes the first question"
    looked = await customer.says(f"my wallet: {address('ann')}, thanks")
    assert entity_texts(looked, "code") == [address("ann")]
    await customer.taps(texts.holder_button)
    await customer.taps("2")
    quote = await customer.taps(texts.duration(timedelta(hours=1)))
    assert texts.price(5_657_120) in words(quote)
    card = await customer.taps(texts.confirm_button(5_657_120))

    assert card.message_id == quote.message_id, "the quote itself becomes the card"
    assert card.media_kind == "photo"
    order = (await world.shop.services.orders.page(user.id, 1)).orders[0]
    amount = exact_trx(order.amount_sun)
    assert entity_texts(card, "code") == [amount, order.payment_address]
    assert entity_texts(card, "date_time") == ["12:30 UTC"]
    assert await customer.tap(texts.copy_amount_button(order.amount_sun)) == TextCopied(amount)
    assert await customer.tap(texts.copy_address_button) == TextCopied(order.payment_address)

    world.shop.pay(order)
    pictures = [card.media_path]
    for said in (texts.seen, texts.paid):
        await world.block()
        card = customer.newest
        order = await world.shop.look(order)
        assert words(card) == said(order).render()[0]
        assert card.message_id == quote.message_id, "nothing new has to be read yet"
        pictures.append(card.media_path)
    assert order.payment_txid is not None
    assert any(e.get("url", "").endswith(order.payment_txid) for e in card.entities)

    await world.block()
    order = await world.shop.look(order)
    news = customer.newest
    assert news.message_id > quote.message_id, "this has to buzz"
    assert words(news) == texts.delivered_news(order).render()[0]
    assert not news.silent
    card = customer.message(quote.message_id)
    assert words(card) == texts.delivered(order).render()[0]
    pictures.append(card.media_path)
    assert len(set(pictures)) == 4, "each stage has its picture"
    linked = [entity["url"].rsplit("/", 1)[1] for entity in card.entities if "url" in entity]
    assert linked == [order.payment_txid, *order.delegation_txids]

    world.shop.send_usdt("ann", "holder")
    world.shop.advance(3600)
    await world.block(4)
    order = await world.shop.look(order)
    assert order.stage is Stage.ENDED
    assert words(customer.newest) == texts.ended_news(order).render()[0]
    assert words(customer.message(quote.message_id)) == texts.ended(order).render()[0]


async def test_an_order_that_nobody_pays_expires(world: World, ann: Person) -> None:
    card = await order_something(ann)
    world.shop.advance(31 * 60)
    await world.block()
    texts = TEXTS[language_for("en")]
    order = (await world.shop.services.orders.page(ANN.id, 1)).orders[0]
    assert words(ann.message(card.message_id)) == texts.expired(order).render()[0]
    assert order.payment_address not in words(ann.message(card.message_id))
    assert words(ann.newest) == texts.expired_news(order).render()[0]


async def test_an_order_that_cannot_be_delivered_is_told_to_customer_and_operator(
    world: World, ann: Person, operator: Person
) -> None:
    await operator.says("/start")
    card = await order_something(ann)
    order = (await world.shop.services.orders.page(ANN.id, 1)).orders[0]
    world.shop.pay(order)
    await world.block()
    # The stake goes to somebody else, by its owner's own hand.
    all_of_it = DelegateResource(address("pool"), address("ben"), 49_000 * TRX, Resource.ENERGY)
    world.shop.send(all_of_it, "pool")
    await world.block(2)
    world.shop.advance(601)
    await world.block()
    order = await world.shop.look(order)
    assert order.stage is Stage.FAILED
    assert words(ann.message(card.message_id)).startswith("🛟 Your money is safe.")
    assert words(ann.newest).startswith("🛟 Your money is safe.")
    assert f"Order #{order.number} could not be delivered" in words(operator.newest)
    assert order.recipient in words(operator.newest)


async def test_a_payment_that_fits_nothing_is_shown_to_the_operator(
    world: World, operator: Person
) -> None:
    await operator.says("/start")
    world.shop.send(Transfer(address("ann"), address("wallet"), 2_500_001), "ann")
    await world.block(2)
    said = words(operator.newest)
    assert "2.500001" in said
    assert "where nobody is asked to pay" in said
    assert "Nobody knows whose it is" in said
    assert entity_texts(operator.newest, "code") == [address("ann")]


async def test_the_hexadecimal_form_of_a_wallet_is_offered_as_its_usual_form(
    world: World, ann: Person
) -> None:
    await ann.says("/rent")
    offered = await ann.says(address_hex(address("ann")))
    assert entity_texts(offered, "code") == [address("ann")]
    looked = await ann.taps("Yes, this one")
    assert "Who will receive the USDT?" in words(looked)
