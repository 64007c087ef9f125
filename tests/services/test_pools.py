"""Pools: looked after, taken out, brought back, bounded; and what can be sold from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import (
    AccountPermissionUpdate,
    DelegateResource,
    Permission,
    Resource,
    Transfer,
    UnDelegateResource,
    UnfreezeBalanceV2,
)
from db.pools import LentStake, PoolReadingRow
from sandbox.tron.faults import NodeFault
from services.alerts import AlertKind
from services.order_views import Stage
from services.orders import OrderFault, OrderRefused
from services.outlook import RECOVERY, free_stake
from services.pool_health import counts_against_pool
from services.pools import DeclaredPool, PoolState, Trouble
from services.quotes import QuoteFault, QuoteRefused
from tests.support.shop import (
    ADMIN,
    OTHER_USER,
    START,
    TRX,
    USER,
    Shop,
    address,
    delegate_only,
    open_shop,
)

ONE_TRANSFER = 70_714


async def look(shop: Shop) -> None:
    """Let the pools be looked at now: pacing is not what these tests are about."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE pool_readings SET read_at = '-infinity'")
    await shop.services.pool_watch.watch_due()


def trouble(shop: Shop, pool: str = "pool") -> Trouble | None:
    found = shop.services.pools.get(address(pool))
    assert found is not None
    return found.trouble


def permit(shop: Shop, pool: str, *active: Permission) -> None:
    """The pool's owner grants exactly these active permissions."""
    account = shop.chain.account(address(pool))
    assert account is not None
    owner = account.permission(0)
    assert owner is not None
    shop.send(AccountPermissionUpdate(address(pool), owner, None, active), pool)


async def set_pool(shop: Shop, pool: str, **changes: Any) -> None:
    async with shop.database.transaction() as tx:
        assert await shop.services.pools.change(tx, address(pool), changes)
    shop.services.inventory.forget()


async def available(shop: Shop) -> int:
    shop.services.inventory.forget()
    return await shop.services.inventory.offerable()


async def deliver(shop: Shop, **wanted: Any) -> Stage:
    order = await shop.order(**wanted)
    shop.pay(order, "ann")
    await shop.block(4)
    return (await shop.look(order)).stage


# What is wrong with a pool, and its end


async def test_a_pool_that_lost_its_permission_is_out_and_back_with_it(shop: Shop) -> None:
    assert trouble(shop) is None
    other = delegate_only(address("ben"))
    permit(shop, "pool", other)
    await shop.block()
    await look(shop)
    assert trouble(shop) is Trouble.NO_PERMISSION
    assert await available(shop) == 0
    with pytest.raises(QuoteRefused) as refused:
        await shop.order()
    assert refused.value.fault is QuoteFault.NOT_ENOUGH_ENERGY
    shop.send(Transfer(address("ben"), address("pool"), 200 * TRX), "ben")
    await shop.block()
    permit(shop, "pool", delegate_only(address("hot")))
    await shop.block()
    await look(shop)
    assert trouble(shop) is None
    assert await available(shop) > 0
    assert await shop.alert_kinds(closed=True) == [AlertKind.POOL_OUT]


async def test_a_pool_is_looked_at_once_a_minute_and_told_of_once(shop: Shop) -> None:
    permit(shop, "pool", delegate_only(address("ben")))
    await shop.block()
    await look(shop)
    await look(shop)
    assert await shop.services.pool_watch.watch_due() == 0
    assert await shop.alert_kinds(closed=False) == [AlertKind.POOL_OUT]


async def test_three_refusals_take_a_pool_out_until_a_trial_goes_well(database: str) -> None:
    async with open_shop(database, pools={"first": 80_000, "second": 30_000}) as shop:
        await set_pool(shop, "first", priority=5)
        # Its owner lends its stake elsewhere, and the node that is asked has not seen that yet.
        lent = Resource.ENERGY, 80_000 * TRX - 500_000
        shop.send(DelegateResource(address("first"), address("ben"), lent[1], lent[0]), "first")
        await shop.block()
        for _ in range(3):
            shop.faults.plan(NodeFault.LAGGING, 50, methods=["getcandelegatedmaxsize"], amount=20)
            assert await deliver(shop) is Stage.DELIVERED, "by the other pool"
            shop.faults.clear()
        assert trouble(shop, "first") is Trouble.FAILING
        # It stays out while the node would still refuse it …
        await shop.block(25)
        await look(shop)
        assert trouble(shop, "first") is Trouble.FAILING
        # … and comes back when it would not.
        shop.send(UnDelegateResource(address("first"), address("ben"), lent[1], lent[0]), "first")
        await shop.block(25)
        await look(shop)
        assert trouble(shop, "first") is None
        kinds = await shop.alert_kinds(closed=True)
        assert kinds == [AlertKind.DELEGATION_FAILED] * 3 + [AlertKind.POOL_OUT]


def test_a_receivers_fault_is_not_the_pools() -> None:
    assert not counts_against_pool("Contract validate error : Invalid receiverAddress")
    assert not counts_against_pool(
        "Contract validate error : Do not allow delegate resources to contract addresses"
    )
    assert not counts_against_pool("Contract validate error : Account[41ab] not exists")
    assert counts_against_pool("Validate signature error: Permission denied")
    assert counts_against_pool("Account resource insufficient error.")


async def test_a_pool_without_bandwidth_and_trx_is_out_and_the_rich_one_delivers(
    database: str,
) -> None:
    async with open_shop(database, pools={"thin": 90_000, "rich": 9_000}) as shop:
        # What it may send for free is spent on sending its TRX away.
        for sun in (50 * TRX, 40 * TRX):
            shop.send(Transfer(address("thin"), address("ben"), sun), "thin")
            await shop.block()
        await look(shop)
        assert trouble(shop, "thin") is None, "a delegation and the way back can still be paid"
        thin = shop.chain.account(address("thin"))
        assert thin is not None
        shop.send(Transfer(address("thin"), address("ben"), thin.balance - 600_000), "thin")
        await shop.block()
        await look(shop)
        assert trouble(shop, "thin") is Trouble.NO_BANDWIDTH
        assert await deliver(shop) is Stage.DELIVERED
        assert shop.delegated_sun("rich", "ann") > 0


async def test_one_transaction_is_kept_for_taking_the_rental_back(database: str) -> None:
    async with open_shop(database, pools={"pool": 90_000}) as shop:
        account = shop.chain.account(address("pool"))
        assert account is not None
        shop.send(Transfer(address("pool"), address("ben"), account.balance), "pool")
        await shop.block()
        shop.advance(24 * 3600)
        await shop.block()
        await look(shop)
        # 600 bytes for free: one delegation, and its way back.
        assert await deliver(shop) is Stage.DELIVERED
        await look(shop)
        assert await available(shop) == 0
        shop.advance(3600)
        await shop.block(3)
        assert shop.delegated_sun("pool", "ann") == 0


async def test_a_pool_whose_key_is_not_here_is_told_of_and_not_sold(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await shop.services.pools.register(
            tx,
            DeclaredPool(address=address("ben"), permission_id=2, key_address=address("nobody")),
        )
    await shop.services.pool_watch.watch_due()
    assert await shop.alert_kinds(closed=False) == [AlertKind.POOL_OUT]
    assert await deliver(shop) is Stage.DELIVERED


# What an operator decides


async def test_a_draining_pool_sells_nothing_and_takes_back_what_it_lent(shop: Shop) -> None:
    assert await deliver(shop) is Stage.DELIVERED
    await set_pool(shop, "pool", state=PoolState.DRAINING)
    assert await available(shop) == 0
    shop.advance(3600)
    await shop.block(3)
    assert shop.delegated_sun("pool", "ann") == 0


async def test_what_was_set_at_run_time_stays_unless_the_configuration_changes_it(
    shop: Shop,
) -> None:
    pools = shop.services.pools
    declared = DeclaredPool(
        address=address("pool"), permission_id=2, key_address=address("hot"), reserve_sun=0
    )
    await set_pool(shop, "pool", reserve_sun=7 * TRX, priority=3)

    async def declare(*named: DeclaredPool) -> None:
        async with shop.database.transaction() as tx:
            await pools.declare(tx, named)

    await declare(declared)
    pool = pools.get(address("pool"))
    assert pool is not None
    assert (pool.reserve_sun, pool.priority) == (7 * TRX, 3)
    await declare(replace(declared, reserve_sun=9 * TRX))
    pool = pools.get(address("pool"))
    assert pool is not None
    assert (pool.reserve_sun, pool.priority) == (9 * TRX, 3)
    await declare()
    pool = pools.get(address("pool"))
    assert pool is not None
    assert pool.state is PoolState.DISABLED
    assert address("pool") in pools, "its address stays one of ours"
    await declare(declared)
    pool = pools.get(address("pool"))
    assert pool is not None
    assert pool.state is PoolState.ENABLED


async def test_a_pool_added_while_the_shop_runs_sells_at_once(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        before = await available(shop)
        shop.send(Transfer(address("ann"), address("ben"), TRX), "ann")
        permit(shop, "ben", delegate_only(address("hot")))
        await shop.block()
        async with shop.database.transaction() as tx:
            await shop.services.pools.register(
                tx,
                DeclaredPool(address=address("ben"), permission_id=2, key_address=address("hot")),
            )
        assert await available(shop) == before, "it has no stake yet"
        with pytest.raises(QuoteRefused) as refused:
            await shop.services.quotes.examine(address("ben"))
        assert refused.value.fault is QuoteFault.IS_OURS


async def test_stake_in_reserve_or_over_a_cap_is_not_offered(database: str) -> None:
    async with open_shop(database, pools={"pool": 50_000}) as shop:
        whole = await available(shop)
        await set_pool(shop, "pool", reserve_sun=25_000 * TRX)
        assert abs(await available(shop) - whole // 2) <= 1
        await set_pool(shop, "pool", cap_sun=10_000 * TRX)
        assert abs(await available(shop) - whole // 5) <= 1


async def test_a_pool_over_its_hourly_bound_sells_again_an_hour_later(database: str) -> None:
    async with open_shop(database, pools={"pool": 90_000}) as shop:
        await set_pool(shop, "pool", hourly_delegations=2)
        assert await deliver(shop) is Stage.DELIVERED
        assert await deliver(shop, user=OTHER_USER, recipient="ben") is Stage.DELIVERED
        assert await available(shop) == 0
        shop.advance(3601)
        await shop.block()
        assert await available(shop) > 0


# Bounds for customers


async def test_a_receiver_can_be_served_so_often_in_an_hour(database: str) -> None:
    async with open_shop(database, limits={"receiver_hour": 2}) as shop:
        for user in (USER, OTHER_USER):
            await shop.order(user=user)
        with pytest.raises(QuoteRefused) as refused:
            await shop.order(user=ADMIN)
        assert (refused.value.fault, refused.value.limit) == (QuoteFault.RECEIVER_LIMIT, 2)
        shop.advance(3601)
        await shop.block()
        await shop.order(user=ADMIN)


async def test_a_customer_can_order_so_often_in_a_day_and_closed_orders_do_not_count(
    database: str,
) -> None:
    async with open_shop(database, limits={"user_day": 2}) as shop:
        first = await shop.order()
        await shop.order(recipient="ben")
        with pytest.raises(QuoteRefused) as refused:
            await shop.order(recipient="poor")
        assert (refused.value.fault, refused.value.limit) == (QuoteFault.DAILY_LIMIT, 2)
        await shop.services.orders.cancel(USER, first.id)
        await shop.order(recipient="poor")


async def test_a_bound_reached_since_the_quote_refuses_the_order(database: str) -> None:
    async with open_shop(database, limits={"receiver_hour": 1}) as shop:
        price = (await shop.services.quotes.prices())[0]
        quotes = [
            await shop.services.quotes.quote(
                user, recipient=address("ann"), transfers=1, price_id=price.id
            )
            for user in (USER, OTHER_USER)
        ]
        await shop.services.orders.place(USER, quotes[0].id)
        with pytest.raises(OrderRefused) as refused:
            await shop.services.orders.place(OTHER_USER, quotes[1].id)
        assert refused.value.fault is OrderFault.TOO_OFTEN


async def test_an_order_can_be_so_large(database: str) -> None:
    async with open_shop(database, limits={"order_energy": 200_000}) as shop:
        await shop.order(transfers=2)
        with pytest.raises(QuoteRefused) as refused:
            await shop.order(transfers=3)
        assert (refused.value.fault, refused.value.limit) == (QuoteFault.ORDER_TOO_LARGE, 200_000)


async def test_money_over_the_receivers_bound_becomes_no_rental_and_is_its_senders_to_decide(
    database: str,
) -> None:
    async with open_shop(database, limits={"receiver_hour": 1}) as shop:
        assert await deliver(shop, recipient="ben") is Stage.DELIVERED
        payment = shop.send(Transfer(address("ben"), address("payments"), 5 * TRX), "ben")
        await shop.block(3)
        assert await shop.payment_status(payment) == ("held", "too_often")


async def test_money_from_a_frozen_wallet_becomes_no_rental(shop: Shop) -> None:
    await shop.freeze("ann")
    payment = shop.send(Transfer(address("ann"), address("payments"), 5 * TRX), "ann")
    await shop.block(3)
    assert await shop.payment_status(payment) == ("held", "sender_frozen")


# What is under way, and what comes back


async def test_what_is_under_way_is_counted_and_the_chains_word_then_counts_it(
    database: str,
) -> None:
    async with open_shop(database, pools={"pool": 50_000}) as shop:
        whole = await available(shop)
        order = await shop.order()
        assert await available(shop) == whole - order.energy
        shop.pay(order)
        await shop.block(2)
        # A node may count what waits for a block already: never too much is offered meanwhile.
        assert await available(shop) < whole - order.energy
        await shop.block(2)
        delivered = await available(shop)
        assert 0 <= (whole - order.energy) - delivered <= 10, "only the rounding to whole TRX"
        await look(shop)
        assert await available(shop) == delivered


async def test_the_forecast_is_what_comes_true_when_everything_was_used(database: str) -> None:
    async with open_shop(database, pools={"pool": 20_000}) as shop:
        whole = await available(shop)
        order = await shop.order(transfers=2)
        shop.pay(order)
        await shop.block(4)
        for _ in range(2):
            shop.send_usdt("ann", "holder")
            await shop.block()
        await look(shop)
        shop.services.inventory.forget()
        outlook = await shop.services.inventory.outlook((1, 6, 24))
        assert outlook.now < whole
        assert outlook.now <= outlook.later[1] < outlook.later[6] < outlook.later[24] + 10
        shop.advance(3600)
        await shop.block(3)
        shop.advance(5 * 3600 - 30)
        await shop.block()
        await look(shop)
        then = await available(shop)
        # It was spent a little later than delivered, and not to the last unit.
        assert abs(then - outlook.later[6]) < 15_000
        shop.advance(18 * 3600)
        await shop.block()
        await look(shop)
        assert abs(await available(shop) - outlook.later[24]) <= 200
        assert abs(outlook.later[24] - whole) <= 200


def reading(**values: Any) -> PoolReadingRow:
    return PoolReadingRow(
        **{
            "address": address("pool"),
            "block_number": 1,
            "block_time": START,
            "total_energy_limit": 180_000_000_000,
            "total_energy_weight": 18_000_000_000,
            "balance_sun": 0,
            "stake_sun": 10_000 * TRX,
            "lent_sun": 0,
            "delegatable_sun": 10_000 * TRX,
            "energy_used": 0,
            "recovers_at": START,
            "staked_bandwidth": 0,
            "free_bandwidth": 600,
            "bandwidth_fee_sun": 1000,
            **values,
        }
    )


@given(
    used=st.integers(0, 200_000),
    lent=st.lists(
        st.tuples(
            st.integers(1, 20_000), st.integers(1, 200_000), st.integers(0, 600), st.integers(1, 60)
        ),
        max_size=5,
    ),
    hours=st.lists(st.integers(0, 72), min_size=2, max_size=2),
)
def test_a_forecast_never_falls_and_ends_with_all_of_it(
    used: int, lent: list[tuple[int, int, int, int]], hours: list[int]
) -> None:
    of_pool = reading(energy_used=used, recovers_at=START + RECOVERY)
    rentals = [
        LentStake(
            address("pool"),
            stake * TRX,
            # Nobody can use more than was lent.
            min(energy, stake * 10),
            START - timedelta(minutes=ago),
            START + timedelta(hours=end),
        )
        for stake, energy, ago, end in lent
    ]
    sooner, later = (
        free_stake(of_pool, rentals, START + timedelta(hours=each)) for each in sorted(hours)
    )
    assert 0 <= sooner <= later
    assert free_stake(of_pool, rentals, START + timedelta(hours=85)) == of_pool.stake_sun + sum(
        rental.balance_sun for rental in rentals
    )


async def test_stake_that_its_owner_unstaked_is_offered_no_more(shop: Shop) -> None:
    whole = await available(shop)
    shop.send(UnfreezeBalanceV2(address("pool"), 25_000 * TRX, Resource.ENERGY), "pool")
    await shop.block()
    assert abs(await available(shop) - whole // 2) <= 2_000
