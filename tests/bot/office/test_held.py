"""Held payments in the office: one tap to what they could be, and every decision once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.operator_cards import held_desk, payment_held, refund_stuck, refunds
from bot.screen import Card
from services.customers import Language
from services.held_acts import HeldDesk
from services.order_views import Stage
from services.refunds import RefundWait
from services.staff import Actor, Right, Role, Staff
from tests.bot.people import ANN, OPERATOR, Person, World, labels, order_something, words
from tests.bot.samples import HELD, REFUND, TEXTS
from tests.bot.test_operator import hold_one, newest_order
from tests.support.shop import TRX, address

ENGLISH = TEXTS[Language.EN]


async def decisions(world: World) -> list[dict[str, Any]]:
    async with world.shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT * FROM audit_log ORDER BY id")
    return [dict(row) for row in rows]


async def test_an_order_that_fits_is_one_tap_away(
    world: World, ann: Person, operator: Person
) -> None:
    await order_something(ann)
    order = await newest_order(world)
    txid = await hold_one(world, operator, order.amount_sun + 10_000)
    await operator.taps("More…")
    card = operator.newest
    assert "Orders that it could be meant for" in words(card)
    assert labels(card)[0] == f"Pays order #{order.number}: 2.83 TRX"
    sure = await operator.taps(labels(card)[0])
    assert f"pay order #{order.number}?" in words(sure)
    await operator.taps("Yes, do it")
    assert words(operator.newest).startswith(f"✅ Payment 1 pays order #{order.number}.")
    await world.block(2)
    assert (await world.shop.look(order)).stage is Stage.DELIVERED
    [noted] = await decisions(world)
    assert (noted["act"], noted["subject"]) == ("assign payment", "payment 1")
    assert (noted["before"]["status"], noted["after"]["status"]) == ("held", "matched")
    assert noted["after"]["order"] == order.number
    assert (await world.shop.payment_status(txid))[0] == "delivered"


async def test_an_order_is_named_by_its_number(world: World, ann: Person, operator: Person) -> None:
    await hold_one(world, operator, 40 * TRX)
    await order_something(ann)
    order = await newest_order(world)
    await operator.taps("More…")
    assert not any(label.startswith("Pays order") for label in labels(operator.newest))
    await operator.taps("To another order…")
    await operator.says("which one?")
    assert "no unpaid order with this number" in words(await operator.says("4242"))
    sure = await operator.says(f"#{order.number}")
    assert words(sure).startswith(f"Let 40.000000 TRX pay order #{order.number}?")


async def test_it_is_credited_to_somebody_else_for_a_reason(
    world: World, ann: Person, operator: Person
) -> None:
    await ann.says("/start")
    txid = await hold_one(world, operator)
    await operator.taps("More…")
    await operator.taps("Credit to somebody else…")
    assert "has never met anybody" in words(await operator.says("@stranger"))
    why = words(await operator.says("@Ann"))
    assert why.startswith(f"Credit 3.000000 TRX to user {ANN.id} (@ann)?")
    await operator.says("She sent a picture of it")
    await operator.taps("Yes, do it")
    assert (await world.shop.payment_status(txid))[0] == "credited"
    assert await world.shop.balance() == 3 * TRX
    assert "3.000000 TRX are on your balance" in words(ann.newest)
    [noted] = await decisions(world)
    assert noted["reason"] == "She sent a picture of it"
    assert (noted["before"]["user"], noted["after"]["user"]) == (None, ANN.id)


async def test_it_becomes_energy_for_its_sender(world: World, operator: Person) -> None:
    txid = await hold_one(world, operator, 4 * TRX)
    await operator.taps("More…")
    sure = await operator.taps("Energy for the sender")
    assert words(sure).startswith("Turn 4.000000 TRX into energy for the sender?")
    assert "Yes, do it" in labels(sure)
    await operator.taps("Yes, do it")
    await world.block(4)
    assert (await world.shop.payment_status(txid))[0] == "delivered"
    assert world.shop.delegated_sun("pool", "ben") > 0
    assert (await world.shop.balances())[f"payer:{address('ben')}"] < 0


async def test_a_customer_was_asked_about_money_that_is_its_senders(
    world: World, ann: Person, operator: Person
) -> None:
    await order_something(ann)
    order = await newest_order(world)
    await ann.taps("Cancel order")
    world.shop.pay(order, payer="ben")
    await operator.says("/start")
    await world.block(2)
    await operator.says("/held")
    await operator.taps("#1: 2.83 TRX")
    await operator.taps("Credit to the sending address")
    await operator.says("Ben wrote to us")
    await operator.taps("Yes, do it")
    assert await world.shop.balance() == 0
    assert (await world.shop.balances())[f"payer:{address('ben')}"] == -order.amount_sun


async def test_a_viewer_looks_at_held_money_and_decides_nothing(
    world: World, operator: Person, viewer: Person
) -> None:
    await hold_one(world, operator)
    await viewer.says("/held")
    await viewer.taps("#1: 3.00 TRX")
    assert labels(viewer.newest) == ["All held payments"]
    assert await decisions(world) == []


async def test_a_notice_offers_what_its_reader_may_do(world: World, operator: Person) -> None:
    """Support was sent the buttons that move money, and refused when tapping them."""
    world.sender._staff = Staff({OPERATOR.id: Role.SUPPORT})
    await hold_one(world, operator)
    assert labels(operator.newest) == ["More…", "All held payments", "I am on it"]


def test_a_notice_offers_what_the_card_offers() -> None:
    """Of a payment that left the chain, both offer nothing; of a contract's, no refund."""
    owner = Actor(1, Role.OWNER)
    for payment in (HELD, replace(HELD, adrift=True), replace(HELD, from_wallet=False)):
        notice = offered(payment_held(ENGLISH, payment, owner))
        card = offered(held_desk(ENGLISH, HeldDesk(payment, None, ()), owner))
        assert notice - {"More…"} <= card
        assert ("Credit to the customer" in notice) is not payment.adrift
    assert offered(payment_held(ENGLISH, HELD, None)) == {"More…", "All held payments"}


def offered(card: Card) -> set[str]:
    assert card.keyboard is not None
    return {button.text for row in card.keyboard.inline_keyboard for button in row}


@pytest.mark.parametrize("role", Role)
def test_a_stuck_refund_is_approved_by_who_may(role: Role) -> None:
    stuck = replace(REFUND, waits_for=RefundWait.OVER_CAP)
    actor = Actor(1, role)
    pays = actor.may(Right.PAY)
    assert (refund_stuck(ENGLISH, stuck, actor).keyboard is not None) is pays
    listed = offered(refunds(ENGLISH, [stuck], actor))
    assert any(label.startswith("Approve") for label in listed) is pays


async def test_support_is_not_offered_what_moves_money(world: World, operator: Person) -> None:
    await hold_one(world, operator)
    desk = await world.shop.services.held_acts.look(1)
    assert desk is not None
    card = held_desk(ENGLISH, desk, Actor(1, Role.SUPPORT))
    assert offered(card) == {"To another order…", "Energy for the sender", "All held payments"}
