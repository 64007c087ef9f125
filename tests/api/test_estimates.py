"""What a transfer takes and costs, before anybody buys; and what anybody may know of deliveries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from db.prices import PriceRow
from services.delivery_figures import STEP
from services.prices import publish_prices
from services.pricing import Need, Step, Tariff, affordable_transfers
from tests.api.conftest import Api
from tests.api.purchases import TRANSFER, UNIT, deliver, price_id, read, refused
from tests.support.shop import TRX, USDT, address

HOLDER, BURN = 64_285, 100
"""Energy of a transfer to a holder, and sun that the network burns for each."""


@given(st.integers(1, 10**15), st.integers(1, 10**4), st.integers(1, 10**6))
def test_without_steps_and_minimum_it_is_what_the_specification_calculates(
    sun: int, rate: int, each: int
) -> None:
    energy = sun // rate
    assert affordable_transfers(sun, Need(each, each), Tariff(rate)) == energy // each
    assert Tariff(rate).rate(energy) == rate


def test_the_unit_price_is_that_of_so_much_energy_with_what_comes_on_top() -> None:
    tariff = Tariff(40, steps=(Step(100_000, 35),), surge_percent=15)
    assert tariff.rate(99_999) == Decimal(46)
    assert tariff.rate(100_000) == Decimal("40.25")


async def test_a_transfer_is_simulated_and_priced_exactly(
    api: Api, program: httpx.AsyncClient
) -> None:
    asked: dict[str, Any] = {"senderAddress": address("ann"), "destinationAddress": address("ben")}
    found = read(await program.post("/estimate", json=asked | {"amount": "250.5"}))["data"]
    assert (found["energyOfFirst"], found["energyOfNext"]) == (HOLDER, HOLDER)
    assert found["rentedFirst"] == TRANSFER
    assert found["burnFirstTrx"] * TRX == HOLDER * BURN
    assert (found["simulated"], found["destinationHoldsToken"]) == (True, True)
    assert (found["tokenAddress"], found["tokenSymbol"]) == (USDT, "USDT")
    assert [each["durationHours"] for each in found["prices"]] == [1, 24, 72]
    assert found["prices"][0]["priceTrx"] * TRX == TRANSFER * UNIT
    assert found["prices"][0]["unitPrice"] * TRX == UNIT
    assert found["prices"][0]["priceConfigId"] == await price_id(api)

    asked = {"recipientAddress": address("ann"), "destinationAddress": address("poor")}
    new = read(await program.post("/estimate", json=asked))["data"]
    assert (new["destinationHoldsToken"], new["destinationActivated"]) == (False, True)
    assert new["energyOfFirst"] > new["energyOfNext"] == HOLDER
    assert new["burnFirstTrx"] * TRX == new["energyOfFirst"] * BURN
    nowhere = {"senderAddress": address("ann"), "destinationHoldsToken": False}
    unknown = read(await program.post("/estimate", json=nowhere))["data"]
    assert unknown["destinationActivated"] is None
    assert unknown["energyOfFirst"] == unknown["energyOfNext"] > HOLDER


async def test_what_stands_in_the_way_of_a_transfer_is_a_problem(
    api: Api, program: httpx.AsyncClient
) -> None:
    await api.shop.freeze("ben")
    ann, ben = {"senderAddress": address("ann")}, address("ben")
    for asked, code in (
        (ann | {"destinationAddress": ben}, "destination_frozen"),
        ({"senderAddress": ben}, "sender_frozen"),
        (ann | {"amount": 501}, "token_balance_too_small"),
        (ann | {"destinationAddress": address("ann")}, "recipient_is_destination"),
        (ann | {"tokenAddress": address("poor")}, "token_unknown"),
        ({"senderAddress": address("nobody")}, "recipient_not_activated"),
        ({"senderAddress": USDT}, "recipient_is_contract"),
        (ann | {"amount": "1.0000001"}, "invalid_request"),
        (ann | {"amount": 0}, "invalid_request"),
        (ann | {"recipientAddress": address("ann")}, "invalid_request"),
        ({"destinationAddress": address("holder")}, "invalid_request"),
    ):
        refused(await program.post("/estimate", json=asked), 422, code)


async def test_what_cannot_be_calculated_says_why(api: Api, program: httpx.AsyncClient) -> None:
    asked = {
        "trxAmount": 6,
        "priceConfigId": await price_id(api),
        "recipientAddress": address("ann"),
    }
    for more, code in (
        ({"trxAmount": "0.5"}, "amount_too_small"),
        ({"trxAmount": "0.0000001"}, "invalid_request"),
        ({"priceConfigId": "gone"}, "price_unknown"),
        ({"recipientAddress": address("nobody")}, "recipient_not_activated"),
        ({"destinationAddress": address("ann")}, "recipient_is_destination"),
    ):
        refused(await program.post("/calculate", json=asked | more), 422, code)
    # More than there is energy for is still calculated: the specification's figures.
    much = read(await program.post("/calculate", json=asked | {"trxAmount": 10**6}))["data"]
    assert much["transactionCount"] == (10**6 * TRX // UNIT) // TRANSFER


async def test_what_an_order_costs_at_least_is_told(api: Api, program: httpx.AsyncClient) -> None:
    dear = PriceRow("", Decimal(1), sun_per_energy=UNIT, minimum_sun=3 * TRX)
    assert await publish_prices(api.shop.database, [dear])
    [price] = read(await program.get("/prices"))["data"]
    assert price["minimumTrx"] == 3
    asked = {
        "trxAmount": 3,
        "priceConfigId": price["priceConfigId"],
        "recipientAddress": address("ann"),
    }
    found = read(await program.post("/calculate", json=asked))["data"]
    assert (found["transactionCount"], found["priceTrx"]) == (1, 3)
    less = await program.post("/calculate", json=asked | {"trxAmount": "2.999999"})
    assert refused(less, 422, "amount_too_small") == {"priceTrx": 3}


async def test_anybody_learns_how_deliveries_go_and_nothing_of_anybody(
    api: Api, stranger: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    await deliver(api, program)
    figures = api.shop.services.public_figures
    [day, week] = (await stranger.get("/deliveries")).json()["data"]
    assert (day["hours"], week["hours"]) == (24, 168)
    nothing = {"deliveries": 0, "successRate": None, "p50Seconds": None, "p95Seconds": None}
    assert nothing.items() <= day.items(), "one delivery is somebody's"
    async with api.shop.database.transaction() as tx:
        # The same delivery again and again, two days before; each with its own payment.
        await tx.connection.execute(
            """
            INSERT INTO quotes (id, user_id, recipient_address, price_config_id,
                                transaction_count, energy_per_transaction, energy_next, price_sun,
                                burn_sun, holds_until)
            SELECT md5(n::text)::uuid, user_id, recipient_address, price_config_id,
                   transaction_count, energy_per_transaction, energy_next, price_sun, burn_sun,
                   holds_until
            FROM quotes, generate_series(1, 26) n
            """
        )
        await tx.connection.execute(
            """
            INSERT INTO energy_flash_orders
                (quote_id, user_id, recipient_address, payment_address, trx_amount, due_sun,
                 transaction_count, energy_per_transaction, energy_next, burn_sun,
                 price_config_id, duration_hours, ordered_at, pay_until, amount_reserved, status,
                 payment_txid, paid_at, completed_at, expires_at)
            SELECT md5(n::text)::uuid, user_id, recipient_address, payment_address, trx_amount,
                   due_sun, transaction_count, energy_per_transaction, energy_next, burn_sun,
                   price_config_id, duration_hours, ordered_at, pay_until, false,
                   CASE n WHEN 26 THEN 'failed' ELSE 'completed' END,
                   md5(n::text) || md5('x' || n), paid_at - interval '2 days',
                   paid_at - interval '2 days' + n * interval '1 second', expires_at
            FROM energy_flash_orders, generate_series(1, 26) n
            """
        )
    day_now, week_now = await figures.count()
    assert day_now.deliveries == 0
    assert (week_now.deliveries, week_now.deliveries % STEP) == (20, 0)
    assert week_now.success is not None
    assert (week_now.success.numerator, week_now.success.denominator) == (26, 27)
    assert (week_now.median_seconds, week_now.p95_seconds) == (13, 24)
    assert week_now.span == timedelta(days=7)
    # What is told is some seconds old, and asked of the database once.
    assert (await stranger.get("/deliveries")).json()["data"] == [day, week]
