"""What a customer is told about a transfer before any price, and what they may say about it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.texts import all_texts
from chain.addresses import address_from_bytes
from chain.contracts import DelegateResource, Resource
from sandbox.tron.token import EnergyCosts, Token
from services.customers import Language
from tests.bot.people import Person, World, data_of, entity_texts, labels, words
from tests.support.shop import PAYOUT, TRX, USDT, Shop, address, open_shop

TEXTS = all_texts("https://tronscan.org/#")[Language.EN]
TRANSFERS = "How many USDT transfers"
OTHER = address_from_bytes(b"\x41" + b"\x66" * 20)
OTHER_TOKEN = Token(
    OTHER,
    address("holder"),
    10**9,
    symbol="USDD",
    decimals=2,
    energy=EnergyCosts(transfer_to_holder=20_000, transfer_to_new_holder=35_000),
    governed=False,
)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database, tokens=[OTHER_TOKEN]) as opened:
        yield opened


async def lend(world: World, trx: int) -> None:
    """Energy that the wallet has from elsewhere."""
    energy = DelegateResource(address("pool"), address("ann"), trx * TRX, Resource.ENERGY)
    world.shop.send(energy, "pool")
    await world.block()


async def test_an_amount_after_the_address(ann: Person) -> None:
    await ann.says(address("ann"))
    assert TRANSFERS in words(await ann.says(f"{address('holder')} 250"))
    await ann.taps("1")
    assert "Measured on the chain" in words(await ann.taps("1 hour"))


@pytest.mark.parametrize("amount", ["500.000001", "1,000"])
async def test_more_than_the_wallet_has(ann: Person, amount: str) -> None:
    await ann.says(address("ann"))
    assert "has less than you want to send" in words(
        await ann.says(f"{address('holder')} {amount} USDT")
    )
    assert TRANSFERS in words(await ann.says(address("holder"))), "the question still stands"


@pytest.mark.parametrize("amount", ["250 or 300", "0", "1.0000001"])
async def test_an_amount_that_cannot_be_read(ann: Person, amount: str) -> None:
    await ann.says(address("ann"))
    assert (
        words(await ann.says(f"{address('holder')} {amount}"))
        == (TEXTS.amount_unclear("USDT").render()[0])
    )


async def test_a_receiver_is_described_before_the_price(ann: Person) -> None:
    await ann.says(address("ann"))
    fresh = words(await ann.says(address("nobody")))
    assert "not active on TRON yet" in fresh
    assert "has no USDT yet" in fresh
    assert TRANSFERS in fresh
    await ann.says("/rent")
    await ann.says(address("ann"))
    assert "smart contract" in words(await ann.says(PAYOUT))
    await ann.says("/rent")
    await ann.says(address("ann"))
    assert words(await ann.says(address("holder"))).startswith(TRANSFERS)


async def test_the_first_transfer_and_those_that_follow(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.says(address("poor"))
    await ann.taps("3")
    quote = words(await ann.taps("1 hour"))
    assert "Energy: 284,742 (first 143,314, then 2 × 70,714)\nMeasured on the chain." in quote


async def test_a_frozen_wallet_is_sold_nothing(world: World, ann: Person) -> None:
    await world.shop.freeze("ann")
    refused = await ann.says(address("ann"))
    assert "frozen this wallet" in words(refused)
    assert "Which wallet" in words(await ann.taps(TEXTS.other_wallet_button))


async def test_a_frozen_receiver_is_told(world: World, ann: Person) -> None:
    await world.shop.freeze("holder")
    await ann.says(address("ann"))
    assert "frozen the receiver" in words(await ann.says(address("holder")))
    assert TRANSFERS in words(await ann.says(address("ben")))


async def test_what_is_only_estimated_is_called_so(ann: Person) -> None:
    await ann.says(address("poor"))
    await ann.taps(TEXTS.holder_button)
    await ann.taps("1")
    quote = words(await ann.taps("1 hour"))
    assert "An estimate" in quote
    assert "no USDT on the sending wallet yet" in quote


@pytest.mark.parametrize(("said", "transfers"), [("20 TRX", 7), ("3trx", 1), ("17,1 ТРХ", 6)])
async def test_a_budget_buys_as_many_as_it_pays_for(ann: Person, said: str, transfers: int) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    assert "For how long?" in words(await ann.says(said))
    quote = await ann.taps("1 hour")
    noun = "transfer" if transfers == 1 else "transfers"
    assert f"for {transfers} {noun}, 1 hour" in words(quote)
    assert "The most that" in words(quote)
    card = await ann.taps(labels(quote)[0])
    assert card.media_kind == "photo"


async def test_a_budget_lasts_for_another_duration(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.says("17 TRX")
    assert "for 6 transfers, 1 hour" in words(await ann.taps("1 hour"))
    await ann.taps("‹ Back")
    assert "for 1 transfer, 1 day" in words(await ann.taps("1 day"))


async def test_a_budget_for_more_than_there_is(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.says("100 TRX")
    quote = words(await ann.taps("1 hour"))
    assert "for 7 transfers, 1 hour" in quote
    assert "100.00 TRX would buy more" in quote


async def test_too_small_a_budget(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.says("2 TRX")
    refused = await ann.taps("1 hour")
    assert "One costs 2.83 TRX." in words(refused)
    assert "for 1 transfer, 1 hour" in words(await ann.taps("1 transfer"))


async def test_only_the_shortfall_and_back(world: World, ann: Person) -> None:
    await lend(world, 1_000)
    await ann.says(address("ann"))
    await ann.taps(TEXTS.holder_button)
    await ann.taps("2")
    quote = await ann.taps("1 hour")
    own = labels(quote)[1]
    assert own.startswith("Count in my own ")
    assert "not counted in" in words(quote)
    short = await ann.taps(own)
    assert "less " in words(short)
    assert ", counted in" in words(short)
    whole = await ann.taps(TEXTS.whole_button())
    assert "Energy: 141,428 (2 × 70,714)" in words(whole)
    short = await ann.taps(own)
    card = await ann.taps(labels(short)[0])
    assert card.media_kind == "photo"
    async with world.shop.database.transaction() as tx:
        row = await tx.connection.fetchrow("SELECT * FROM energy_flash_orders")
    assert row is not None
    assert row["energy_own"] > 0
    assert row["energy_amount"] == 141_428 - row["energy_own"]


async def test_another_token(world: World, ann: Person) -> None:
    await ann.says(address("ann"))
    asked = await ann.taps(TEXTS.other_trc20_button)
    assert "Which token" in words(asked)
    assert "no TRC-20 token" in words(await ann.says(address("ben")))
    looked = await ann.says(f"it is {OTHER}")
    assert "5.00 USDD" in words(looked)
    assert "Who will receive the USDD?" in words(looked)
    assert labels(looked)[:2] == ["Has USDD already", "No USDD yet, or not sure"]
    assert "How many USDD transfers" in words(await ann.says(f"{address('ben')} 5"))
    await ann.taps("2")
    quote = await ann.taps("1 hour")
    assert "Energy: 60,500 (first 38,500, then 1 × 22,000)" in words(quote)
    assert f"USDD goes to\n{address('ben')}" in words(quote)
    assert entity_texts(quote, "code") == [address("ann"), address("ben")]
    await ann.taps(labels(quote)[0])
    [order] = (await world.shop.services.orders.page(ann.user.id, 1)).orders
    world.shop.pay(order)
    await world.block(3)
    assert "You can send your USDD now." in words(ann.newest)
    again = await ann.taps(TEXTS.rent_again_button)
    assert "USDD" in words(again)


async def test_back_to_usdt(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.other_trc20_button)
    assert "USDT?" in words(await ann.taps("‹ Back"))
    await ann.taps(TEXTS.other_trc20_button)
    looked = await ann.says(OTHER)
    asked = await ann.taps(TEXTS.other_trc20_button, looked.message_id)
    assert labels(asked)[0] == "USDT"
    assert "500.00 USDT" in words(await ann.taps("USDT"))
    assert not [data for data in data_of(ann.newest) if data.startswith("k:") and "1" in data[-1:]]


async def test_usdts_own_contract_is_usdt(ann: Person) -> None:
    await ann.says(address("ann"))
    await ann.taps(TEXTS.other_trc20_button)
    assert "500.00 USDT" in words(await ann.says(USDT))
