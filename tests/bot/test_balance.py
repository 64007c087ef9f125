"""The balance: seen, spent, paid out; and addresses proved."""

from __future__ import annotations

from bot.callbacks import Do, OrderTap, PayOutNow
from bot.texts.figures import exact_trx
from chain.addresses import Address
from chain.contracts import Transfer
from services.balances import proof_text
from services.customers import Language
from services.order_views import OrderView, Stage
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


async def newest_order(world: World, user_id: int = ANN.id) -> OrderView:
    return (await world.shop.services.orders.page(user_id, 1)).orders[0]


async def save(world: World, ann: Person, sun: int) -> None:
    """An order that is paid too much: the rest is on the balance."""
    await order_something(ann)
    order = await newest_order(world)
    world.shop.pay(order, sun=order.amount_sun + sun)
    await world.block(3)
    assert await world.shop.balance() == sun


async def proof(world: World, of: Address, user_id: int = ANN.id) -> str:
    return proof_text((await world.bot.me()).username or "", user_id, of)


async def test_nothing_is_there_at_first(world: World, ann: Person) -> None:
    await ann.says("/start")
    shown = await ann.taps("Balance")
    assert words(shown).startswith("💰 Your balance: 0.000000 TRX")
    assert labels(shown) == ["⚡ Rent energy", "Prove an address", "‹ Back"]


async def test_an_order_is_paid_from_the_balance(world: World, ann: Person) -> None:
    await save(world, ann, 3 * TRX)
    card = await order_something(ann, "ben")
    order = await newest_order(world)
    assert labels(card)[0] == "Pay from balance (2.83 TRX)"
    await ann.tap("Pay from balance (2.83 TRX)")
    assert ann.toast == ENGLISH.paid_from_balance
    paid = ann.message(card.message_id)
    assert words(paid).startswith("⚡ Paid from your balance.")
    await world.block(2)
    order = await world.shop.look(order)
    assert (order.stage, order.payment_txid) == (Stage.DELIVERED, None)
    delivered = ann.message(card.message_id)
    assert words(delivered).endswith("TRX from the balance")
    linked = [entity["url"].rsplit("/", 1)[1] for entity in delivered.entities if "url" in entity]
    assert linked == list(order.delegation_txids)
    assert await world.shop.balance() == 3 * TRX - order.amount_sun
    said = words(await ann.says("/balance"))
    assert f"−{exact_trx(order.amount_sun)} paid from the balance, order #{order.number}" in said


async def test_the_rest_of_a_price_is_paid_from_the_balance(world: World, ann: Person) -> None:
    await save(world, ann, 2 * TRX)
    card = await order_something(ann, "ben")
    order = await newest_order(world)
    assert not any("balance" in label for label in labels(card)), "it does not hold so much"
    world.shop.pay(order, "ben", sun=TRX)
    await world.block(2)
    await ann.tap("Pay from balance (1.83 TRX)", card.message_id)
    assert (await world.shop.look(order)).stage is Stage.PAID
    assert await world.shop.balance() == 3 * TRX - order.amount_sun


async def test_a_balance_is_spent_once(world: World, ann: Person) -> None:
    await save(world, ann, 3 * TRX)
    first = await order_something(ann, "ben")
    second = await order_something(ann, "ben")
    await ann.tap("Pay from balance (2.83 TRX)", first.message_id)
    await ann.tap("Pay from balance (2.83 TRX)", second.message_id)
    assert ann.toast == ENGLISH.balance_too_small
    assert not any("balance" in label for label in labels(ann.message(second.message_id)))
    order = await newest_order(world)
    assert order.stage is Stage.AWAITING
    # A payment in sight goes first.
    world.shop.pay(order)
    await world.block()
    pay = OrderTap(order=order.id, do=Do.PAY).pack()
    await ann.taps_forged(second.message_id, pay)
    assert ann.toast == ENGLISH.payment_being_confirmed
    await world.block()
    await ann.taps_forged(second.message_id, pay)
    assert ann.toast == ENGLISH.payment_is_in


async def test_nobody_pays_anothers_order(world: World, ann: Person, ben: Person) -> None:
    await save(world, ann, 3 * TRX)
    await order_something(ann, "ben")
    order = await newest_order(world)
    menu = await ben.says("/start")
    await ben.taps_forged(menu.message_id, OrderTap(order=order.id, do=Do.PAY).pack())
    assert ben.toast == ENGLISH.order_unknown
    assert (await world.shop.look(order)).stage is Stage.AWAITING
    assert await world.shop.balance() == 3 * TRX


async def test_the_balance_is_paid_out(world: World, ann: Person) -> None:
    await save(world, ann, 3 * TRX)
    await ann.says("/balance")
    where = await ann.taps("Pay out…")
    assert "Never to an exchange" in words(where)
    short = f"{address('ann')[:6]}…{address('ann')[-6:]}"
    assert labels(where)[0] == short
    sure = await ann.taps(short)
    assert words(sure).startswith("Pay out 3.000000 TRX?\n2.700000 TRX arrive at")
    assert entity_texts(sure, "code") == [address("ann")]
    assert await world.shop.balance() == 3 * TRX, "nothing was done yet"
    now = data_of(sure)[0]
    had = world.shop.trx_of("ann")
    done = await ann.taps("Yes, pay out 3.000000 TRX")
    assert words(done).startswith("✅ 2.700000 TRX are on their way.")
    assert await world.shop.balance() == 0
    balance = await ann.says("/balance")
    assert "On its way to you\n2.700000 TRX to" in words(balance)
    # Tapping twice pays out once.
    await ann.taps_forged(done.message_id, now)
    assert ann.toast == ENGLISH.balance_has_changed
    await world.block(25)
    assert world.shop.trx_of("ann") == had + 2_700_000
    assert words(ann.newest).startswith("✅ 2.700000 TRX have been sent to you.")
    assert "On its way" not in words(await ann.says("/balance"))


async def test_money_goes_only_where_it_may(world: World, ann: Person, ben: Person) -> None:
    await save(world, ann, 3 * TRX)
    menu = await ann.says("/start")
    for to in (address("ben"), address("payments"), "T", address("ann").lower()):
        for sun in (3 * TRX, 2**62):
            await ann.taps_forged(menu.message_id, PayOutNow(to=to, sun=sun).pack())
            assert ann.toast == "I can pay out only to addresses that you proved or paid from."
    for sun, said in (
        (300_000, "That is less than the network's fee, so nothing would arrive."),
        (3 * TRX + 1, ENGLISH.balance_has_changed),
        (2**62, ENGLISH.balance_has_changed),
    ):
        await ann.taps_forged(menu.message_id, PayOutNow(to=address("ann"), sun=sun).pack())
        assert ann.toast == said
    # Somebody else has no part in it.
    elsewhere = await ben.says("/start")
    await ben.taps_forged(elsewhere.message_id, PayOutNow(to=address("ann"), sun=TRX).pack())
    assert await world.shop.balance() == 3 * TRX


async def test_who_has_no_place_yet_is_told_how_to_get_one(world: World, ann: Person) -> None:
    async with world.shop.database.transaction() as tx:
        await tx.ledger.book(((f"user:{ANN.id}", -2 * TRX), ("owner", 2 * TRX)), event="released")
    await ann.says("/balance")
    shown = await ann.taps("Pay out…")
    assert "only to addresses that you have proved" in words(shown)
    assert labels(shown) == ["Prove an address", "‹ Back"]


async def test_an_address_is_proved_by_a_signature(world: World, ann: Person) -> None:
    """What it left here before anybody knew whose it is becomes its customer's."""
    world.shop.send(Transfer(address("ann"), address("payments"), TRX), "ann")
    await world.block(2)
    assert await world.shop.balance() == 0, "too little for energy, and nobody's yet"
    await ann.says("/balance")
    asked = await ann.taps("Prove an address")
    assert words(asked).startswith("Which address is yours?")
    text = await proof(world, address("ann"))
    to_sign = await ann.says(f"it is {address('ann')}, I think")
    assert entity_texts(to_sign, "code") == [text]
    assert labels(ann.message(asked.message_id)) == [], "the question is answered"

    assert "I see no signature" in words(await ann.says("done!"))
    wrong = key("ben").sign_message(text)
    assert words(await ann.says(wrong)).startswith("This signature does not fit.")
    another = key("ann").sign_message(f"{text}.")
    assert words(await ann.says(another)).startswith("This signature does not fit.")
    signature = key("ann").sign_message(text)
    done = await ann.says(f'{{"signature": "{signature}"}}')
    assert words(done).startswith("✅ Proved: this address is yours.")
    assert "1.000000 TRX that it had left here" in words(done)
    assert await world.shop.balance() == TRX
    # The form is closed: a signature by itself opens it again.
    assert words(await ann.says(signature)).startswith("Which address is yours?")


async def test_an_address_belongs_to_one(world: World, ann: Person, ben: Person) -> None:
    text = await proof(world, address("ann"))
    await world.shop.services.balances.prove_address(
        ANN.id, address("ann"), text, key("ann").sign_message(text)
    )
    await ben.says("/balance")
    await ben.taps("Prove an address")
    await ben.says(address("ann"))
    # The proof of one person is of no use to another.
    said = words(await ben.says(key("ann").sign_message(text)))
    assert said.startswith("This signature does not fit.")
    own = await proof(world, address("ann"), BEN.id)
    said = words(await ben.says(key("ann").sign_message(own)))
    assert said.startswith("Somebody else has proved this address already.")


async def test_another_address_may_be_named_instead_of_signing(world: World, ann: Person) -> None:
    await ann.says("/balance")
    await ann.taps("Prove an address")
    assert "no TRON address" in words(await ann.says("which one?"))
    await ann.says(address("ann"))
    shown = await ann.says(address("ben"))
    assert entity_texts(shown, "code") == [await proof(world, address("ben"))]


async def test_proving_can_be_stopped(world: World, ann: Person) -> None:
    await ann.says("/balance")
    await ann.taps("Prove an address")
    assert words(await ann.says("/cancel")) == "Stopped. Nothing has changed."
    looked = await ann.says(address("ann"))
    assert "Who will receive the USDT?" in words(looked), "an address means renting again"


async def test_an_address_rented_for_is_a_tap_away(world: World, ann: Person) -> None:
    await order_something(ann)
    await ann.says("/balance")
    await ann.taps("Prove an address")
    shown = await ann.taps(f"{address('ann')[:6]}…{address('ann')[-6:]}")
    assert entity_texts(shown, "code") == [await proof(world, address("ann"))]
