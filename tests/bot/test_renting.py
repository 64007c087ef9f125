"""The way to a quote: every answer a customer can give to every question."""

from __future__ import annotations

import pytest

import bot.ordering
import bot.renting
import bot.routers.start
import services.energy
from bot.texts import all_texts
from chain.contracts import DelegateResource, Resource, Transfer
from sandbox.tron.faults import NodeFault
from services.customers import Language
from tests.bot.people import (
    ANN,
    Person,
    World,
    ask_a_quote,
    data_of,
    entity_texts,
    labels,
    order_something,
    words,
)
from tests.support.shop import TRX, USDT, Shop, address

TEXTS = all_texts("https://tronscan.org/#")[Language.EN]
RECEIVER = "Who will receive the USDT?"
TRANSFERS = "How many USDT transfers"


async def quotes_made(shop: Shop) -> int:
    async with shop.database.transaction() as tx:
        return int(await tx.connection.fetchval("SELECT count(*) FROM quotes"))


async def test_an_address_needs_no_invitation(ann: Person) -> None:
    looked = await ann.says(f"Hi! I want energy on\n{address('ann')} please")
    assert RECEIVER in words(looked)
    assert "500.00 USDT" in words(looked)


async def test_an_address_may_stand_under_a_picture(world: World, ann: Person) -> None:
    picture = (await order_something(ann)).media_path
    assert picture is not None
    stored = world.telegram.file_content(picture)
    assert stored is not None
    world.telegram.send_photo(ANN.id, stored[1], caption=f"this: {address('ann')}")
    await world.settle()
    assert RECEIVER in words(ann.newest)


@pytest.mark.parametrize(
    ("wallet", "reason"),
    [
        (address("ann")[:-1], "has 33 characters, not 34"),
        (address("ann")[:9] + "l" + address("ann")[10:], "never have"),
        (address("ann")[:-1] + "z", "mistyped"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "Ethereum or BNB Chain"),
        ("my wallet", "I see no TRON address"),
        (address("nobody"), "not active on TRON yet"),
        (USDT, "smart contract"),
        (address("payments"), "one of our own"),
        (address("pool"), "one of our own"),
    ],
)
async def test_a_wallet_that_will_not_do_is_refused_with_the_reason(
    ann: Person, wallet: str, reason: str
) -> None:
    await ann.says("/rent")
    refused = await ann.says(wallet)
    assert reason in words(refused)
    looked = await ann.says(address("ann"))
    assert RECEIVER in words(looked), "the question still stands"


async def test_a_corrected_message_is_read_again(world: World, ann: Person) -> None:
    await ann.says("/rent")
    typed = world.telegram.send_text(ANN.id, address("ann")[:-1])
    await world.settle()
    assert "33 characters" in words(ann.newest)
    world.telegram.edit_message(ANN.id, typed.message_id, address("ann"))
    await world.settle()
    assert RECEIVER in words(ann.newest)


async def test_a_wallet_without_usdt_is_told_so(ann: Person) -> None:
    looked = await ann.says(address("poor"))
    assert "There is no USDT on this wallet yet" in words(looked)
    assert TEXTS.holder_button in labels(looked)


async def test_wallets_that_were_used_are_offered(ann: Person, ben: Person) -> None:
    await order_something(ann)
    asked = await ann.says("/rent")
    saved = [data for data in data_of(asked) if data.startswith("a:")]
    assert saved == [f"a:{address('ann')}"]
    looked = await ann.taps(saved[0])
    assert RECEIVER in words(looked)
    assert not [data for data in data_of(await ben.says("/rent")) if data.startswith("a:")]


async def test_the_destination_is_tried_out_on_the_chain(ann: Person) -> None:
    for destination, energy in (("holder", "70,714"), ("poor", "143,314")):
        await ann.says(address("ann"))
        asked = await ann.says(f"to {address(destination)}")
        assert TRANSFERS in words(asked)
        await ann.taps("1")
        quote = await ann.taps("1 hour")
        assert f"Energy: {energy}\nMeasured on the chain." in words(quote)
        assert entity_texts(quote, "code") == [address("ann"), address(destination)]


async def test_a_receiver_without_usdt_takes_twice_the_energy(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.newcomer_button)
    await ann.taps("1")
    assert "Energy: 143,314\n" in words(await ann.taps("1 hour"))


async def test_a_destination_that_will_not_do(ann: Person) -> None:
    await ann.says(address("ann"))
    assert "sending wallet itself" in words(await ann.says(address("ann")))
    assert "33 characters" in words(await ann.says(address("holder")[:-1]))
    assert "Ethereum" in words(await ann.says("0x52908400098527886E0F7030069857D2E4169EE7"))
    assert TRANSFERS in words(await ann.says(address("holder")))


@pytest.mark.parametrize("number", ["0", "21", "1e9", "-3", "2.5", "many", "3 or 4", "9" * 300])
async def test_a_number_that_will_not_do(ann: Person, number: str) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    assert words(await ann.says(number)) == TEXTS.transfers_refused(20).render()[0]
    assert "For how long?" in words(await ann.says("20"))


@pytest.mark.parametrize(("number", "count"), [("٧", 7), ("6 transfers", 6), ("五", 5)])
async def test_numbers_as_people_type_them(ann: Person, number: str, count: int) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.says(number)
    assert f"for {count} transfers, 1 hour" in words(await ann.taps("1 hour"))


async def test_each_step_leads_back(ann: Person) -> None:
    quote = await ask_a_quote(ann)
    assert "For how long?" in words(await ann.taps("‹ Back", quote.message_id))
    assert TRANSFERS in words(await ann.taps("‹ Back", quote.message_id))
    assert RECEIVER in words(await ann.taps("‹ Back", quote.message_id))
    assert "Which wallet" in words(await ann.taps("‹ Back", quote.message_id))
    assert "Energy Flash" in words(await ann.taps("‹ Back", quote.message_id))
    assert ann.newest.message_id == quote.message_id


async def test_after_going_back_another_choice_counts(ann: Person) -> None:
    await ask_a_quote(ann)
    await ann.taps("‹ Back")
    await ann.taps("‹ Back")
    await ann.taps("5")
    assert "for 5 transfers, 1 day" in words(await ann.taps("1 day"))


async def test_a_typed_answer_takes_the_buttons_from_its_question(ann: Person) -> None:
    asked = await ann.says("/rent")
    await ann.says(address("ann"))
    assert not ann.message(asked.message_id).keyboard
    assert ann.newest.keyboard


async def test_an_old_question_still_works(ann: Person) -> None:
    """Two forms at once: each button belongs to its own."""
    old = await ann.says(address("ann"))
    holds, *_ = data_of(old)
    await ann.says("/rent")
    new = await ann.says(address("ben"))
    await ann.taps(TEXTS.holder_button, new.message_id)
    await ann.taps_forged(old.message_id, holds)  # tapped before its buttons went
    await ann.taps("2", new.message_id)
    assert entity_texts(await ann.taps("1 hour", new.message_id), "code") == [address("ben")]
    await ann.taps("3", old.message_id)
    await ann.taps("1 hour", old.message_id)
    quote = ann.message(old.message_id)
    assert entity_texts(quote, "code") == [address("ann")]
    assert "for 3 transfers" in words(quote)


async def test_a_form_that_is_gone_says_so(world: World, ann: Person) -> None:
    await ann.says(address("ann"))
    await world.redis.flushall()
    gone = await ann.taps(TEXTS.holder_button)
    assert words(gone) == TEXTS.draft_gone().render()[0]
    assert "Which wallet" in words(await ann.taps(TEXTS.rent_button))


async def test_a_typed_answer_to_a_form_that_is_gone(world: World, ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    for key in await world.redis.keys("energy-flash:draft:*"):
        await world.redis.delete(key)
    assert words(await ann.says("3")) == TEXTS.draft_gone().render()[0]


async def test_a_form_belongs_to_one_person(world: World, ann: Person, ben: Person) -> None:
    looked = await ann.says(address("ann"))
    stolen = data_of(looked)[0]
    menu = await ben.says("/start")
    await ben.taps_forged(menu.message_id, stolen)
    assert words(ben.newest) == TEXTS.draft_gone().render()[0]
    assert TRANSFERS in words(await ann.taps(TEXTS.holder_button))


@pytest.mark.parametrize("transfers", [0, -1, 21, 10**12])
async def test_a_forged_number_is_asked_again(world: World, ann: Person, transfers: int) -> None:
    looked = await ann.says(address("ann"))
    draft = data_of(looked)[0].split(":")[1]
    await ann.taps_forged(looked.message_id, f"n:{draft}:{transfers}")
    assert TRANSFERS in words(ann.newest)


async def test_a_duration_that_is_not_on_offer_is_asked_again(world: World, ann: Person) -> None:
    looked = await ann.says(address("ann"))
    draft = data_of(looked)[0].split(":")[1]
    await ann.taps(TEXTS.holder_button)
    asked = await ann.taps("1")
    await ann.taps_forged(asked.message_id, f"d:{draft}:61")
    assert "For how long?" in words(ann.newest)


async def test_a_single_duration_is_not_asked_for(world: World, ann: Person) -> None:
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE price_configs SET active = false WHERE duration_hours > 1"
        )
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    quote = await ann.taps("3")
    assert "for 3 transfers, 1 hour" in words(quote)
    assert TRANSFERS in words(await ann.taps("‹ Back"))


async def test_whoever_has_energy_is_sold_none(world: World, ann: Person) -> None:
    energy = DelegateResource(address("pool"), address("ann"), 20_000 * TRX, Resource.ENERGY)
    world.shop.send(energy, "pool")
    await world.block()
    quote = await ask_a_quote(ann)
    assert "you need nothing from me" in words(quote)
    assert not [data for data in data_of(quote) if data.startswith("q:")]


async def test_less_energy_than_wanted_is_offered_as_it_is(world: World, ann: Person) -> None:
    others = DelegateResource(address("pool"), address("ben"), 30_000 * TRX, Resource.ENERGY)
    world.shop.send(others, "pool")
    await world.block()
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.says("20")
    refused = await ann.taps("1 hour")
    assert "I have only" in words(refused)
    offered = labels(refused)[0]
    quote = await ann.taps(offered)
    assert f"for {offered}, 1 hour" in words(quote), "what is offered can be had"


async def test_no_energy_at_all(world: World, ann: Person) -> None:
    others = DelegateResource(address("pool"), address("ben"), 49_990 * TRX, Resource.ENERGY)
    world.shop.send(others, "pool")
    await world.block()
    refused = await ask_a_quote(ann)
    assert "Nothing has been charged" in words(refused)
    assert TEXTS.retry_button in labels(refused)


async def test_a_silent_chain_is_said_and_tried_again(world: World, ann: Person) -> None:
    world.shop.faults.plan(NodeFault.REFUSE_CONNECTION, 100)
    silent = await ann.says(address("ann"))
    assert "I cannot reach the TRON network" in words(silent)
    world.shop.faults.clear()
    assert RECEIVER in words(await ann.taps(TEXTS.retry_button))


async def test_a_slow_chain_does_not_hold_up_a_customer_for_ever(
    world: World, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.renting, "CHAIN_SECONDS", 0.1)
    monkeypatch.setattr(bot.ordering, "CHAIN_SECONDS", 0.1)
    monkeypatch.setattr(bot.routers.start, "MENU_SECONDS", 0.1)
    monkeypatch.setattr(services.energy, "_FEE_CACHE_SECONDS", -1)  # The menu must ask the node.
    world.shop.faults.plan(NodeFault.SLOW, 100, amount=3)
    assert words(await ann.says("/start")) == TEXTS.menu(None).render()[0]
    assert "I cannot reach the TRON network" in words(await ann.says(address("ann")))
    world.shop.faults.clear()
    monkeypatch.setattr(bot.renting, "CHAIN_SECONDS", 10)
    quote = await ask_a_quote(ann)
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute("LOCK TABLE quotes IN ACCESS EXCLUSIVE MODE")
        await ann.tap(labels(quote)[0])
        assert ann.toast is not None
        assert ann.toast.startswith("I cannot reach the TRON network")
    monkeypatch.setattr(bot.ordering, "CHAIN_SECONDS", 10)
    assert (await ann.taps(labels(quote)[0])).media_kind == "photo"


async def test_too_many_open_orders(world: World, ann: Person) -> None:
    for _ in range(world.shop.settings.payment.open_orders):
        await order_something(ann)
    refused = await ask_a_quote(ann)
    assert "several unpaid orders" in words(refused)
    assert "My orders" in words(await ann.taps("My orders"))


async def test_stopping_half_way(world: World, ann: Person) -> None:
    await ann.says("/rent")
    assert words(await ann.says("/cancel")) == "Stopped. Nothing has changed."
    assert "There is nothing to cancel" in words(await ann.says("/cancel"))
    assert "I understand buttons" in words(await ann.says("3"))
    assert await quotes_made(world.shop) == 0


async def test_a_command_is_no_answer(ann: Person) -> None:
    await ann.says("/rent")
    assert "How it works" in words(await ann.says("/help"))
    assert RECEIVER in words(await ann.says(address("ann"))), "the question still stands"


async def test_bandwidth_that_is_used_up_is_told(world: World, ann: Person) -> None:
    for _ in range(3):
        world.shop.send(Transfer(address("ben"), address("ann"), 1), "ben")
        await world.block()
    looked = await ann.says(address("ben"))
    assert "bandwidth is used up" in words(looked)
