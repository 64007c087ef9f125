"""The people who run the shop: held payments, refunds, alarms. Nobody else can do what they can."""

from __future__ import annotations

from typing import Any

import pytest

from bot.office.taps import Approve, AssignTo, Decide, HeldDoing, LookAtHeld
from bot.texts.figures import exact_trx
from chain.contracts import Transfer
from services.acts import ActFault
from services.alerts import AlertKind, raise_alert
from services.customers import Language
from services.order_views import OrderView, Stage
from tests.bot.people import (
    ANN,
    Person,
    World,
    data_of,
    entity_texts,
    labels,
    order_something,
    words,
)
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, Shop, address

ENGLISH = TEXTS[Language.EN]


async def newest_order(world: World) -> OrderView:
    return (await world.shop.services.orders.page(ANN.id, 1)).orders[0]


async def hold_one(world: World, operator: Person, sun: int = 3 * TRX) -> str:
    """A payment that nobody was asked for; its transaction. The operator reads of it."""
    await operator.says("/start")
    txid = world.shop.send(Transfer(address("ben"), address("wallet"), sun), "ben")
    await world.block(2)
    assert words(operator.newest).startswith("💰 Payment held: ")
    return txid


async def test_a_held_payment_is_sent_back_with_two_taps(world: World, operator: Person) -> None:
    txid = await hold_one(world, operator)
    notice = operator.newest
    assert "Payment id: 1." in words(notice)
    assert labels(notice) == [
        "Credit to the customer",
        "Refund to the sender",
        "More…",
        "All held payments",
        "I am on it",
    ]
    why = await operator.taps("Refund to the sender")
    assert why.message_id == notice.message_id
    assert words(why).startswith("Send 2.700000 TRX back?")
    assert "0.300000 TRX are kept" in words(why)
    assert words(await operator.taps("Never mind")) == "Nothing was done."
    await operator.says("/held")
    await operator.taps("#1: 3.00 TRX")
    await operator.taps("Refund to the sender")
    sure = await operator.says("They sent it by mistake")
    assert words(sure).startswith("Send 2.700000 TRX back?")
    assert words(sure).endswith("Why: They sent it by mistake")
    assert await world.shop.payment_status(txid) == ("held", "wrong_address")
    confirm = data_of(operator.newest)[0]
    done = await operator.taps("Yes, do it")
    assert "on its way back" in words(done)
    had = world.shop.trx_of("ben")
    await operator.taps_forged(done.message_id, confirm)
    assert operator.toast == ENGLISH.office.common.act_refused(ActFault.GONE)
    await operator.taps_forged(done.message_id, Decide(payment=1, doing=HeldDoing.REFUND).pack())
    assert (
        operator.toast == "This payment does not wait any more, or the chain is deciding about it."
    )
    await world.block(25)
    assert world.shop.trx_of("ben") == had + 2_700_000
    assert (await world.shop.payment_status(txid))[0] == "refunded"


async def test_a_held_payment_is_credited_to_its_sender(world: World, operator: Person) -> None:
    txid = await hold_one(world, operator)
    sure = await operator.taps("Credit to the customer")
    assert words(sure).startswith("Credit 3.000000 TRX to the sending address?")
    await operator.taps("Yes, do it")
    assert (await world.shop.payment_status(txid))[0] == "credited"
    assert (await world.shop.balances())[f"payer:{address('ben')}"] == -3 * TRX
    overview = await operator.taps("All held payments")
    assert "No payment is held." in words(overview)


async def test_a_customers_payment_is_decided_about_too(
    world: World, ann: Person, operator: Person
) -> None:
    """It waits for its customer, who writes to the operator instead of tapping."""
    await order_something(ann)
    order = await newest_order(world)
    await ann.taps("Cancel order")
    world.shop.pay(order)
    await world.block(2)
    question = ann.newest
    await operator.says("/held")
    await operator.taps("#1: 2.83 TRX")
    sure = await operator.taps("Credit to the customer")
    assert words(sure).startswith(f"Credit {exact_trx(order.amount_sun)} TRX to user {ANN.id}?")
    await operator.taps("Yes, do it")
    assert words(ann.newest).startswith(f"💰 {exact_trx(order.amount_sun)} TRX are on your balance")
    await ann.tap("Keep on my balance", question.message_id)
    assert words(ann.message(question.message_id)).startswith("✅ It is on your balance.")
    assert await world.shop.balance() == order.amount_sun


async def test_a_held_payment_pays_an_order(world: World, ann: Person, operator: Person) -> None:
    await hold_one(world, operator, 4 * TRX)
    await order_something(ann)
    order = await newest_order(world)
    for wrong, said in (
        ("/assign", "Please name the payment and the order"),
        ("/assign 1", "Please name the payment and the order"),
        (f"/assign 1 {2**70}", "Please name the payment and the order"),
        (f"/assign 77 {order.number}", "does not wait any more"),
        ("/assign 1 99999", "no unpaid order with this number"),
    ):
        assert said in words(await operator.says(wrong)), wrong
    sure = await operator.says(f"/assign 1 #{order.number}")
    assert words(sure).startswith(f"Let 4.000000 TRX pay order #{order.number}?")
    done = await operator.taps("Yes, do it")
    assert words(done).startswith(f"✅ Payment 1 pays order #{order.number}.")
    await world.block(2)
    assert (await world.shop.look(order)).stage is Stage.DELIVERED
    assert await world.shop.balance() == 4 * TRX - order.amount_sun
    assert "does not wait any more" in words(await operator.says(f"/assign 1 {order.number}"))


async def test_the_operators_own_money_is_kept(world: World, operator: Person) -> None:
    txid = await hold_one(world, operator, 4 * TRX)
    for wrong in ("/keep", "/keep 1 2", f"/keep {2**70}"):
        assert "Please name the payment" in words(await operator.says(wrong)), wrong
    assert "does not wait any more" in words(await operator.says("/keep 77"))
    assert words(await operator.says("/keep #1")).startswith("Book 4.000000 TRX as your own")
    await operator.says("I topped it up")
    done = words(await operator.taps("Yes, do it"))
    assert done == "✅ Payment 1: 4.000000 TRX are booked as your own."
    assert (await world.shop.payment_status(txid))[0] == "own"
    assert "does not wait any more" in words(await operator.says("/keep 1"))


async def test_a_payment_that_is_too_small_is_not_assigned(
    world: World, ann: Person, operator: Person
) -> None:
    txid = await hold_one(world, operator, TRX)
    await order_something(ann)
    order = await newest_order(world)
    said = words(await operator.says(f"/assign 1 {order.number}"))
    assert "less than the order needs" in said
    assert await world.shop.payment_status(txid) == ("held", "wrong_address")


async def test_a_refund_above_the_cap_waits_for_a_word(
    world: World, ann: Person, operator: Person
) -> None:
    await operator.says("/start")
    assert "Nothing is on its way" in words(await operator.says("/refunds"))
    await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order, sun=order.amount_sun + 110 * TRX)
    await world.block(25)  # so much counts only when it is irreversible
    await ann.says("/balance")
    await ann.taps("Pay out…")
    await ann.taps(labels(ann.newest)[0])
    await ann.taps("Yes, pay out 110.000000 TRX")
    await world.block()
    assert words(ann.newest).startswith("🛟 Your 109.700000 TRX are safe.")
    assert "the operator looks at it first" in words(ann.newest)
    stuck = operator.newest
    assert words(stuck).startswith("↩️ Refund 1 waits: 109.700000 TRX")
    assert labels(stuck) == ["Approve #1: 109.70 TRX", "I am on it"]
    listed = await operator.says("/refunds")
    assert "above the cap" in words(listed)
    sure = await operator.taps("Approve #1: 109.70 TRX")
    assert words(sure).startswith("Send 109.700000 TRX, though it is above the cap?")
    had = world.shop.trx_of("ann")
    await operator.says("She asked for it")
    await operator.taps("Yes, do it")
    assert words(operator.newest).startswith("✅ Refund 1 is approved")
    await operator.tap("Approve #1: 109.70 TRX", stuck.message_id)
    assert operator.toast == ENGLISH.refund_not_waiting
    await world.block(25)
    assert world.shop.trx_of("ann") == had + 109_700_000
    assert words(ann.newest).startswith("✅ 109.700000 TRX have been sent to you.")


@pytest.mark.parametrize(
    "forged",
    [
        *(Decide(payment=1, doing=doing) for doing in HeldDoing),
        AssignTo(payment=1, order=1001),
        LookAtHeld(payment=1),
        LookAtHeld(),
        Approve(refund=1),
    ],
    ids=lambda forged: forged.pack(),
)
async def test_a_stranger_is_no_operator(
    world: World, ben: Person, operator: Person, forged: Any
) -> None:
    txid = await hold_one(world, operator)
    menu = await ben.says("/start")
    await ben.taps_forged(menu.message_id, forged.pack())
    assert ben.toast == ENGLISH.button_outdated
    assert words(ben.newest) == words(menu)
    for command in ("/held", "/refunds", "/assign 1 1001", "/keep 1"):
        assert words(await ben.says(command)) == ENGLISH.command_unknown().render()[0]
    assert await world.shop.payment_status(txid) == ("held", "wrong_address")


async def alarm(shop: Shop, kind: AlertKind, details: dict[str, Any]) -> None:
    async with shop.database.transaction() as tx:
        await raise_alert(tx, kind, details=details)
    await shop.services.alerts.ring_due()


async def test_alarms(world: World, operator: Person) -> None:
    await operator.says("/start")
    differences = [f"chain:{address('pool')}: 5 sun more" for _ in range(12)]
    await alarm(
        world.shop,
        AlertKind.BOOKS_DIFFER,
        {"differences": differences, "count": 12},
    )
    await world.settle()
    assert words(operator.newest).startswith("🚨 The books differ from the chain")
    assert words(operator.newest).count("5 sun more") == 10
    assert "… and 2 more." in words(operator.newest)
    assert entity_texts(operator.newest, "code") == ["energy-flash audit"]

    await alarm(
        world.shop,
        AlertKind.RECLAIMS_REFUSED,
        {"pool": address("pool"), "rentals": 3, "no_bandwidth": True},
    )
    await world.settle()
    said = words(operator.newest)
    assert "3 rentals that are over" in said
    assert "neither bandwidth nor TRX" in said
    assert entity_texts(operator.newest, "code") == [address("pool")]

    world.shop.send(
        Transfer(address("wallet"), address("poor"), 5 * TRX),
        "wallet",
    )
    await world.block(2)
    said = words(operator.newest)
    assert said.startswith("🚨 Somebody else uses a key of the shop")
    assert "5.000000 TRX" in said
    assert entity_texts(operator.newest, "code") == [address("wallet"), address("poor")]


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({}, "Nothing more is sent for it until it is back"),
        ({"lost_sun": 0}, "so nothing is lost"),
        ({"lost_sun": 1_500_000}, "is lost: 1.500000 TRX"),
    ],
)
async def test_a_payment_that_left_the_chain(
    world: World, operator: Person, details: dict[str, Any], said: str
) -> None:
    await hold_one(world, operator)
    await alarm(world.shop, AlertKind.PAYMENT_LOST, {"payment_id": 1, **details})
    await world.settle()
    shown = words(operator.newest)
    assert said in shown
    assert "3.000000 TRX" in shown
    assert "Payment id: 1" in shown
    assert entity_texts(operator.newest, "code") == [address("ben")]
