"""The whole sale by chat: from /start to energy and back."""

from __future__ import annotations

import pytest

from bot.texts import all_texts
from sandbox.telegram import TextCopied, User
from services.customers import language_for
from tests.bot.people import ANN, IVAN, WEI, World, entity_texts, labels
from tests.support.shop import address

TEXTS = all_texts("https://tronscan.org/#")


@pytest.mark.parametrize("user", [ANN, WEI, IVAN], ids=["en", "zh", "ru"])
async def test_a_sale_from_start_to_the_end(world: World, user: User) -> None:
    texts = TEXTS[language_for(user.language_code)]
    customer = world.person(user)

    menu = await customer.says("/start")
    assert labels(menu)[0] == texts.rent_button
    await customer.taps(texts.rent_button)
    await customer.says(f"my wallet: {address('ann')}, thanks")
    await customer.taps(texts.holder_button)
    await customer.taps("2")
    hour = next(label for label in labels(customer.newest) if "1" in label)
    quote = await customer.taps(hour)
    card = await customer.taps(labels(quote)[0])
    assert card.message_id == quote.message_id, "the quote itself becomes the card"
    assert card.media_kind == "photo"
    order = (await world.shop.services.orders.page(user.id, 1)).orders[0]
    amount, paid_to, receiver = entity_texts(card, "code")
    assert (paid_to, receiver) == (order.payment_address, order.recipient)
    assert amount == f"{order.amount_sun // 10**6}.{order.amount_sun % 10**6:06d}"
    assert entity_texts(card, "date_time")
    assert await customer.tap(texts.copy_amount_button(order.amount_sun)) == TextCopied(amount)

    world.shop.pay(order)
    await world.block()
    await world.block()
    await world.block()
    world.shop.send_usdt("ann", "holder")
    await world.block()
    world.shop.advance(3600)
    await world.block(3)
