"""One sale through every service: quote, order, payment, delegation, reclaim."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sandbox.tron.faults import NodeFault
from services.notices import NoticeKind
from services.order_views import OrderStatus, OrderView, Stage
from services.orders import OrderFault, OrderRefused
from services.quotes import QuoteFault, QuoteRefused
from tests.support.shop import OTHER_USER, TRX, USDT, USER, Shop, address, open_shop

KINDS = NoticeKind


async def test_a_sale_from_quote_to_reclaim(shop: Shop) -> None:
    order = await shop.order(transfers=2)
    assert order.stage is Stage.AWAITING
    assert order.energy == 2 * 70_714
    assert order.burn_sun == 2 * 6_428_500
    assert order.pay_until - order.ordered_at == timedelta(minutes=30)

    payment = shop.pay(order)
    await shop.block()
    assert (await shop.look(order)).stage is Stage.SEEN

    await shop.block()
    paid = await shop.look(order)
    assert paid.stage is Stage.PAID
    assert paid.payment_txid == payment

    await shop.block()
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    assert len(delivered.delegation_txids) == 1
    assert delivered.delivery_seconds == 6
    assert delivered.expires_at is not None
    assert delivered.completed_at is not None
    assert delivered.expires_at - delivered.completed_at == timedelta(hours=1)
    resources = await shop.node.resources(address("ann"))
    assert resources is not None
    assert resources.energy_left >= 2 * 70_714

    before = shop.chain.account(address("ann"))
    shop.send_usdt("ann", "holder")
    await shop.block()
    after = shop.chain.account(address("ann"))
    assert before is not None
    assert after is not None
    assert after.balance == before.balance, "a rented transfer must not burn TRX"

    shop.advance(3600)
    await shop.block(3)
    ended = await shop.look(order)
    assert ended.stage is Stage.ENDED
    assert len(ended.reclaim_txids) == 1
    assert ended.energy_used is not None
    assert abs(ended.energy_used - 64_285) <= 1, "recovered energy was spent all the same"
    assert shop.delegated_sun("pool", "ann") == 0

    assert await shop.told() == [
        (USER, KINDS.ORDER_SEEN),
        (USER, KINDS.ORDER_PAID),
        (USER, KINDS.ORDER_DELIVERED),
        (USER, KINDS.ORDER_ENDED),
    ]
    assert await shop.payment_status(payment) == ("delivered", None)
    assert await shop.balances() == {
        f"chain:{address('payments')}": order.amount_sun,
        "orders": 0,
        "revenue": -order.amount_sun,
    }


async def test_the_destination_decides_the_energy(shop: Shop) -> None:
    assert (await shop.order(destination="holder")).energy == 70_714
    assert (await shop.order(destination="poor")).energy == 143_314


async def test_a_sender_without_usdt_gets_the_figure_for_the_destination(shop: Shop) -> None:
    order = await shop.order(recipient="poor", destination="holder")
    assert order.energy_per_transfer == 70_714


async def test_two_taps_place_one_order(shop: Shop) -> None:
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    first, second = await asyncio.gather(
        shop.services.orders.place(USER, quote.id), shop.services.orders.place(USER, quote.id)
    )
    assert first.id == second.id


async def test_a_second_tap_gives_the_order_also_while_the_node_is_silent(shop: Shop) -> None:
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    order = await shop.services.orders.place(USER, quote.id)
    shop.services.inventory._cached = None
    shop.faults.plan(NodeFault.UNAVAILABLE, 100)
    assert (await shop.services.orders.place(USER, quote.id)).id == order.id


async def test_a_quote_lapses_by_the_chains_clock(shop: Shop) -> None:
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    shop.advance(601)
    await shop.block()
    with pytest.raises(OrderRefused) as refused:
        await shop.services.orders.place(USER, quote.id)
    assert refused.value.fault is OrderFault.QUOTE_LAPSED


async def test_nobody_uses_another_persons_quote_or_order(shop: Shop) -> None:
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    with pytest.raises(OrderRefused) as refused:
        await shop.services.orders.place(OTHER_USER, quote.id)
    assert refused.value.fault is OrderFault.QUOTE_UNKNOWN
    order = await shop.services.orders.place(USER, quote.id)
    with pytest.raises(OrderRefused):
        await shop.services.orders.place(OTHER_USER, quote.id)
    assert await shop.services.orders.view(OTHER_USER, order.id) is None
    with pytest.raises(OrderRefused) as refused:
        await shop.services.orders.cancel(OTHER_USER, order.id)
    assert refused.value.fault is OrderFault.NOT_YOURS


@pytest.mark.parametrize(
    ("recipient", "fault"),
    [
        ("nobody", QuoteFault.NOT_ACTIVATED),
        ("pool", QuoteFault.IS_OURS),
        ("payments", QuoteFault.IS_OURS),
    ],
)
async def test_addresses_that_cannot_receive_are_refused_before_any_money(
    shop: Shop, recipient: str, fault: QuoteFault
) -> None:
    with pytest.raises(QuoteRefused) as refused:
        await shop.services.quotes.examine(address(recipient))
    assert refused.value.fault is fault


async def test_a_contract_cannot_receive(shop: Shop) -> None:
    with pytest.raises(QuoteRefused) as refused:
        await shop.services.quotes.examine(USDT)
    assert refused.value.fault is QuoteFault.IS_CONTRACT


async def test_more_than_the_stock_is_not_sold(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        first = await shop.order()
        with pytest.raises(QuoteRefused) as refused:
            await shop.order(recipient="ben", user=OTHER_USER)
        assert refused.value.fault is QuoteFault.NOT_ENOUGH_ENERGY
        await shop.services.orders.cancel(USER, first.id)
        await shop.order(recipient="ben", user=OTHER_USER)


async def test_a_customer_has_a_few_open_orders_at_most(shop: Shop) -> None:
    for _ in range(3):
        await shop.order()
    with pytest.raises(QuoteRefused) as refused:
        await shop.order()
    assert refused.value.fault is QuoteFault.TOO_MANY_OPEN_ORDERS
    assert refused.value.limit == 3


async def test_an_unpaid_order_expires_and_its_customer_is_told(shop: Shop) -> None:
    order = await shop.order()
    shop.advance(30 * 60)
    await shop.block()
    assert (await shop.look(order)).stage is Stage.EXPIRED
    assert await shop.told() == [(USER, KINDS.ORDER_EXPIRED)]


async def test_an_outage_of_the_node_does_not_expire_an_order_paid_in_time(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    # Nobody reads these blocks while they are made.
    shop.chain.produce_blocks(5)
    shop.advance(3600)
    shop.chain.produce_blocks(5)
    await shop.work()
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_an_order_with_a_payment_in_sight_cannot_be_cancelled(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    with pytest.raises(OrderRefused) as refused:
        await shop.services.orders.cancel(USER, order.id)
    assert refused.value.fault is OrderFault.ALREADY_SEEN


async def test_dust_is_recorded_and_nobody_is_bothered(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order, sun=5)
    await shop.block(2)
    assert await shop.payment_status(payment) == ("dust", None)
    assert await shop.told() == []
    assert await shop.balances() == {f"chain:{address('payments')}": 5, "dust": -5}


async def test_orders_of_one_price_ask_for_different_amounts(shop: Shop) -> None:
    amounts = {(await shop.order(user=user)).amount_sun for user in (USER, OTHER_USER) * 3}
    assert len(amounts) == 6
    assert max(amounts) - min(amounts) < 1_000


async def test_an_order_is_split_over_pools(database: str) -> None:
    async with open_shop(database, pools={"small": 5_000, "large": 6_000}) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(3)
        delivered = await shop.look(order)
        assert delivered.stage is Stage.DELIVERED
        assert len(delivered.delegation_txids) == 2
        shop.advance(3600)
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.ENDED
        assert shop.delegated_sun("small", "ann") == shop.delegated_sun("large", "ann") == 0


async def test_two_rentals_of_one_receiver_end_separately(shop: Shop) -> None:
    first = await shop.order()
    shop.pay(first)
    await shop.block(3)
    stake = shop.delegated_sun("pool", "ann")
    shop.advance(1800)
    await shop.block()
    second = await shop.order()
    shop.pay(second)
    await shop.block(3)
    assert shop.delegated_sun("pool", "ann") == 2 * stake
    shop.advance(1800)
    await shop.block(3)
    assert (await shop.look(first)).stage is Stage.ENDED
    assert (await shop.look(second)).stage is Stage.DELIVERED
    assert shop.delegated_sun("pool", "ann") == stake
    shop.advance(1800)
    await shop.block(3)
    assert (await shop.look(second)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0


async def test_orders_are_paged_newest_first(shop: Shop) -> None:
    placed: list[OrderView] = []
    for _ in range(7):
        order = await shop.order()
        placed.append(order)
        await shop.services.orders.cancel(USER, order.id)
    first = await shop.services.orders.page(USER, 1)
    assert (first.page, first.pages) == (1, 2)
    assert [view.number for view in first.orders] == [o.number for o in reversed(placed[2:])]
    last = await shop.services.orders.page(USER, 99)
    assert (last.page, len(last.orders)) == (2, 2)
    assert (await shop.services.orders.page(OTHER_USER, 1)).orders == ()
    assert last.orders[0].status is OrderStatus.CANCELLED


async def test_the_greeting_names_a_price_even_when_the_node_is_silent(shop: Shop) -> None:
    typical = await shop.services.quotes.typical()
    assert (typical.price_sun, typical.burn_sun) == (2_828_560, 6_428_500)


async def test_a_transfer_of_ours_pays_no_order(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order, "pool")
    await shop.block(2)
    assert await shop.payment_status(payment) == ("own", None)
    assert (await shop.look(order)).stage is Stage.AWAITING
    assert (await shop.balances())["owner"] == -order.amount_sun


async def test_the_amount_is_readable_as_trx(shop: Shop) -> None:
    order = await shop.order()
    assert 2_828_560 < order.amount_sun < 2_829_560 < 3 * TRX
