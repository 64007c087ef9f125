"""What a customer's own transfer takes, told by the chain; and what would make energy useless."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chain.addresses import Address, address_from_bytes
from chain.contracts import DelegateResource, Resource, Transfer
from sandbox.tron.methods import contracts
from sandbox.tron.refusals import Code
from sandbox.tron.token import EnergyCosts, Token
from services.held import Choice
from services.order_views import OrderView
from services.quotes import Quote, QuoteFault, QuoteRefused
from tests.support.shop import PAYOUT, TRX, USDT, USER, Shop, address, open_shop, usdt

OTHER = address_from_bytes(b"\x41" + b"\x66" * 20)


def usdt_of(shop: Shop) -> Token:
    token = shop.chain.contract(USDT)
    assert isinstance(token, Token)
    return token


async def quote(shop: Shop, *, hours: int = 1, **wish: Any) -> Quote:
    prices = await shop.services.quotes.prices()
    price = next(price for price in prices if price.duration == timedelta(hours=hours))
    wish.setdefault("recipient", address("ann"))
    if "budget_sun" not in wish:
        wish.setdefault("transfers", 1)
    return await shop.services.quotes.quote(USER, price_id=price.id, **wish)


async def refusal(shop: Shop, **wish: Any) -> QuoteRefused:
    with pytest.raises(QuoteRefused) as refused:
        await quote(shop, **wish)
    async with shop.database.transaction() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM quotes") == 0
    return refused.value


async def placed(shop: Shop, **wish: Any) -> OrderView:
    return await shop.services.orders.place(USER, (await quote(shop, **wish)).id)


async def test_what_is_sold_is_what_the_transfers_take(shop: Shop) -> None:
    """The first to somebody new to USDT, two more to the same: burned is nothing."""
    order = await placed(shop, transfers=3, destination=address("poor"))
    assert (order.energy_per_transfer, order.energy_next) == (143_314, 70_714)
    assert order.energy == 143_314 + 2 * 70_714
    shop.pay(order)
    await shop.block(3)
    before = shop.trx_of("ann")
    for _ in range(3):
        shop.send_usdt("ann", "poor")
        await shop.block()
    # Bandwidth aside: the wallet has stake for it.
    assert shop.trx_of("ann") == before


async def test_the_penalty_on_a_busy_contract_is_in_the_price(database: str) -> None:
    busy = usdt(energy=EnergyCosts(transfer_to_holder=90_000))
    async with open_shop(database, tokens=[busy]) as shop:
        for destination in (address("holder"), None):
            found = await quote(shop, destination=destination)
            assert found.energy == 99_000
            assert found.burn_sun == 90_000 * 100
            assert not found.estimated


async def test_without_a_destination_a_transfer_of_its_kind_is_tried(shop: Shop) -> None:
    found = await quote(shop, destination_holds_token=False, transfers=2)
    assert not found.estimated
    # Nobody said that both go to the same.
    assert (found.energy_per_transfer, found.energy_next) == (143_314, 143_314)


async def test_a_sender_without_the_token_gets_figures_and_is_told(shop: Shop) -> None:
    found = await quote(shop, recipient=address("poor"), destination=address("holder"))
    assert found.estimated
    assert found.token_missing
    assert found.energy == 70_714
    order = await shop.services.orders.place(USER, found.id)
    assert order.estimated


async def test_figures_serve_while_nodes_run_no_contracts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        """As a node answers that is set to run none (`vm.supportConstant`)."""
        refusal = "this node does not support constant"
        raise contracts._CallRefused(Code.CONTRACT_VALIDATE_ERROR, refusal)

    monkeypatch.setattr(contracts, "_contract_call", refuse)
    found = await quote(shop, destination=address("holder"), transfers=2)
    assert found.estimated
    assert not found.token_missing
    # Whether the destination holds any could not be told: the dearer figure.
    assert (found.energy_per_transfer, found.energy_next) == (143_314, 70_714)


async def test_the_operators_figures(database: str) -> None:
    energy = {
        "holder": 30_000,
        "non_holder": 32_000,
        "new_account": 25_000,
        "tokens": [{"address": OTHER, "symbol": "OWN", "holder": 50_000, "non_holder": 60_000}],
    }
    own = Token(OTHER, address("holder"), 10**9, symbol="odd", decimals=0)
    async with open_shop(database, energy=energy, tokens=[own]) as shop:
        poor = address("poor")
        assert (await quote(shop, recipient=poor, destination=address("holder"))).energy == 33_000
        fresh = await quote(shop, recipient=poor, destination=address("nobody"))
        assert (fresh.energy_per_transfer, fresh.energy_next) == (62_700, 33_000)
        found = await quote(shop, recipient=poor, token=OTHER)
        assert found.token.symbol == "OWN"
        assert found.energy == 55_000


async def test_another_token_is_read_from_its_contract(database: str) -> None:
    costs = EnergyCosts(transfer_to_holder=20_000, transfer_to_new_holder=35_000)
    token = Token(
        OTHER,
        address("holder"),
        10**30,
        symbol="Wrapped\u202e TRX 💎",
        decimals=18,
        energy=costs,
        governed=False,
    )
    async with open_shop(database, tokens=[token]) as shop:
        facts = await shop.services.quotes.examine(address("ann"), OTHER)
        assert (facts.token.symbol, facts.token.decimals) == ("WrappedTRX", 18)
        assert facts.token_units == 500
        order = await placed(shop, token=OTHER, destination=address("ben"), transfers=2)
        assert (await shop.look(order)).symbol == "WrappedTRX"
    assert (order.energy_per_transfer, order.energy_next) == (38_500, 22_000)
    assert order.symbol == "WrappedTRX"
    assert order.token_address == OTHER


async def test_no_token_passes_for_usdt(database: str) -> None:
    async with open_shop(
        database, tokens=[Token(OTHER, address("holder"), 10**9, symbol="USD₮")]
    ) as shop:
        named = await shop.services.quotes.token(OTHER)
    assert named.symbol == f"{OTHER[:5]}…{OTHER[-5:]}"


@pytest.mark.parametrize("wrong", [address("ann"), address("nobody"), PAYOUT])
async def test_what_is_no_token_is_refused(shop: Shop, wrong: Address) -> None:
    assert (await refusal(shop, token=wrong)).fault is QuoteFault.NOT_TRC20


async def test_a_frozen_sender_is_sold_nothing(shop: Shop) -> None:
    await shop.freeze("ann")
    assert (await refusal(shop)).fault is QuoteFault.SENDER_FROZEN
    await shop.freeze("ann", frozen=False)
    assert (await quote(shop)).energy == 70_714


async def test_a_frozen_destination_is_told_although_the_transfer_works(shop: Shop) -> None:
    await shop.freeze("holder")
    wish = {"destination": address("holder")}
    assert (await refusal(shop, **wish)).fault is QuoteFault.DESTINATION_FROZEN
    assert (await quote(shop, destination=address("ben"))).energy == 70_714


async def test_a_transfer_that_reverts_without_a_known_reason(database: str) -> None:
    class Stubborn(Token):
        """A token that does not let anybody send to the holder, and does not say why."""

        __slots__ = ()

        def _transfer(self, view: Any, caller: Address, arguments: bytes) -> Any:
            result = super()._transfer(view, caller, arguments)
            refused = result.transferred and result.transferred.receiver == address("holder")
            return replace(result, reverted=True, transferred=None) if refused else result

    stubborn = Stubborn(OTHER, address("holder"), 10**9, symbol="NO", governed=False)
    wish = {"token": OTHER, "destination": address("holder")}
    async with open_shop(database, tokens=[stubborn]) as shop:
        assert (await refusal(shop, **wish)).fault is QuoteFault.TRANSFER_REVERTS


async def test_an_amount_that_the_sender_does_not_have(shop: Shop) -> None:
    wish = {"destination": address("holder"), "token_units": 500 * TRX + 1}
    assert (await refusal(shop, **wish)).fault is QuoteFault.BALANCE_TOO_SMALL
    del wish["destination"]
    assert (await refusal(shop, **wish)).fault is QuoteFault.BALANCE_TOO_SMALL
    order = await placed(shop, destination=address("holder"), token_units=500 * TRX)
    assert order.token_units == 500 * TRX


async def test_a_destination_is_described(shop: Shop) -> None:
    quotes = shop.services.quotes
    about = {}
    for name in ("holder", "poor", "nobody"):
        about[name] = (await quotes.try_transfer(address("ann"), address(name))).destination
    contract = (await quotes.try_transfer(address("ann"), PAYOUT)).destination
    found = {
        name: facts and (facts.holds_token, facts.activated, facts.is_contract)
        for name, facts in {**about, "contract": contract}.items()
    }
    assert found == {
        "holder": (True, True, False),
        "poor": (False, True, False),
        "nobody": (False, False, False),
        "contract": (False, True, True),
    }


async def test_bandwidth_that_is_short_is_priced_apart(shop: Shop) -> None:
    # The free 600 bytes are enough for one transfer of 345.
    ben: dict[str, Any] = {"recipient": address("ben")}
    assert (await quote(shop, **ben)).bandwidth_sun == 0
    found = await quote(shop, **ben, transfers=3)
    assert found.bandwidth_sun == 2 * 345_000
    assert found.burn_sun == 3 * 6_428_500
    shop.send(Transfer(address("ben"), address("ann"), 1), "ben")
    await shop.block()
    assert (await quote(shop, **ben)).bandwidth_sun == 345_000


async def test_only_the_shortfall(shop: Shop) -> None:
    shop.send(
        DelegateResource(address("pool"), address("ann"), 10_000 * TRX, Resource.ENERGY), "pool"
    )
    await shop.block()
    resources = await shop.node.resources(address("ann"))
    assert resources is not None
    own = resources.energy_left
    assert own > 64_285
    whole = await quote(shop, transfers=3)
    assert (whole.own_energy, whole.energy_own, whole.energy) == (own, 0, 3 * 70_714)
    # Burning costs only what is missing, whichever is bought.
    assert whole.burn_sun == (3 * 64_285 - own) * 100
    short = await quote(shop, transfers=3, shortfall_only=True)
    assert (short.energy_own, short.energy) == (own, 3 * 70_714 - own)
    assert short.price_sun == short.energy * 40
    order = await shop.services.orders.place(USER, short.id)
    assert (order.energy, order.energy_own) == (short.energy, own)
    shop.pay(order)
    await shop.block(3)
    delivered = await shop.node.resources(address("ann"))
    assert delivered is not None
    assert delivered.energy_left >= 3 * 70_714


async def test_who_needs_nothing_is_sold_nothing(shop: Shop) -> None:
    shop.send(
        DelegateResource(address("pool"), address("ann"), 20_000 * TRX, Resource.ENERGY), "pool"
    )
    await shop.block()
    wishes: tuple[tuple[dict[str, Any], int], ...] = (
        ({}, 1),
        ({"shortfall_only": True}, 1),
        ({"budget_sun": 6 * TRX}, 2),
    )
    for wish, transfers in wishes:
        refused = await refusal(shop, **wish)
        assert refused.fault is QuoteFault.NEEDS_NOTHING
        assert refused.transfers == transfers


async def test_what_is_rented_here_and_ends_sooner_is_not_the_wallets_own(shop: Shop) -> None:
    order = await placed(shop, hours=24)
    shop.pay(order)
    await shop.block(3)
    # It lasts longer than an hour, and does not last for three days.
    with pytest.raises(QuoteRefused) as refused:
        await quote(shop, hours=1)
    assert refused.value.fault is QuoteFault.NEEDS_NOTHING
    found = await quote(shop, hours=72, shortfall_only=True)
    assert found.own_energy < 100, "only what the pool lends beyond that, in whole TRX"
    assert found.energy == 70_714 - found.own_energy


async def test_trx_buys_as_many_transfers_as_it_pays_for(shop: Shop) -> None:
    wish: dict[str, Any] = {"destination": address("poor")}
    first_sun, next_sun = 143_314 * 40, 70_714 * 40
    for budget, transfers in (
        (first_sun, 1),
        (first_sun + 2 * next_sun - 1, 2),
        (first_sun + 2 * next_sun, 3),
    ):
        found = await quote(shop, budget_sun=budget, **wish)
        assert found.transfers == transfers
        assert found.price_sun <= budget
        bought = await shop.services.quotes.affordable(
            budget, recipient=address("ann"), price_id=found.price.id, **wish
        )
        assert (bought.transfers, bought.price_sun) == (transfers, found.price_sun)
        assert bought.energy == found.energy
    # However much is asked for, an order has a largest size; the calculation has none.
    assert (await quote(shop, budget_sun=10_000 * TRX)).transfers <= 20


async def test_too_little_for_one_transfer_says_what_one_costs(shop: Shop) -> None:
    refused = await refusal(shop, budget_sun=2_828_559)
    assert refused.fault is QuoteFault.BUDGET_TOO_SMALL
    assert refused.price_sun == 2_828_560
    assert (await quote(shop, budget_sun=2_828_560)).transfers == 1


async def test_a_budget_beyond_the_stock_buys_what_there_is(database: str) -> None:
    async with open_shop(database, pools={"pool": 30_000}) as shop:
        stock = await shop.services.inventory.offerable()
        found = await quote(shop, budget_sun=1_000 * TRX)
        assert found.transfers == stock // 70_714 < 20


async def test_less_energy_than_needed_says_for_how_many_it_is_enough(database: str) -> None:
    async with open_shop(database, pools={"pool": 23_000}) as shop:
        stock = await shop.services.inventory.offerable()
        refused = await refusal(shop, transfers=20, destination=address("poor"))
        assert refused.fault is QuoteFault.NOT_ENOUGH_ENERGY
        assert refused.transfers == (stock - 143_314) // 70_714 + 1
        enough = await quote(shop, transfers=refused.transfers, destination=address("poor"))
        assert enough.energy <= stock


async def test_half_the_money_of_a_dear_first_transfer_buys_as_many_as_it_pays(
    shop: Shop,
) -> None:
    order = await placed(shop, transfers=4, destination=address("poor"))
    # Enough for the first and one more, and not for two.
    part = (143_314 + 70_714) * 40 + 1_000_000
    payment = shop.pay(order, sun=part)
    await shop.block(2)
    shop.advance(2 * 3600)
    await shop.block(2)
    async with shop.database.transaction() as tx:
        row = await tx.payments.find(payment, 0)
        assert row is not None
        held = await shop.services.held_payments.view(row.id)
        assert held is not None
        assert held.transfers == 2
    await shop.services.held_payments.choose(USER, row.id, Choice.DELIVER)
    [less, _] = (await shop.services.orders.page(USER, 1)).orders
    assert (less.transfers, less.energy) == (2, 143_314 + 70_714)
    assert less.amount_sun == less.energy * 40
    assert less.burn_sun == order.burn_sun * less.energy // order.energy
    assert await shop.balance() == 1_000_000


async def test_a_flash_rental_is_measured_for_its_sender(database: str) -> None:
    busy = usdt(energy=EnergyCosts(transfer_to_holder=90_000))
    async with open_shop(database, tokens=[busy]) as shop:
        shop.send(Transfer(address("ann"), address("payments"), 10 * TRX), "ann")
        await shop.block(3)
        async with shop.database.transaction() as tx:
            row = await tx.connection.fetchrow("SELECT * FROM energy_flash_orders")
    assert row is not None
    assert (row["transaction_count"], row["energy_amount"]) == (2, 2 * 99_000)
    assert row["burn_sun"] == 2 * 90_000 * 100
    assert not row["estimated"]
