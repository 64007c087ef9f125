"""A rental that its customer ends before its time: what comes back, once, and never too much."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.early_ends import EarlyEndFault, EarlyEndRefused, early_credit_sun
from services.extensions import ExtensionFault, ExtensionRefused
from services.notices import NoticeKind
from services.order_views import OrderView, Stage
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop

HOUR = timedelta(hours=1)
ENERGY = 70_714


async def rental(shop: Shop) -> OrderView:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    return delivered


async def refused(shop: Shop, order: OrderView, user: int = USER) -> EarlyEndFault:
    with pytest.raises(EarlyEndRefused) as caught:
        await shop.services.early_ends.end(user, order.id)
    with pytest.raises(EarlyEndRefused) as looked:
        await shop.services.early_ends.look(user, order.id)
    assert caught.value.fault is looked.value.fault
    return caught.value.fault


async def audited(shop: Shop) -> None:
    report = await shop.services.audit.run()
    assert not report.differences, report.lines()


async def test_half_of_what_is_not_used_comes_back(shop: Shop) -> None:
    order = await rental(shop)
    shop.advance(1_797)
    await shop.block()
    assert order.expires_at is not None
    remaining = order.expires_at - (await shop.look(order)).now
    assert remaining == timedelta(minutes=30)
    offer = await shop.services.early_ends.look(USER, order.id)
    assert (offer.paid_sun, offer.energy_unused) == (order.amount_sun, ENERGY)
    assert offer.most_sun == order.amount_sun // 4

    ended = await shop.services.early_ends.end(USER, order.id)
    assert ended.ended_early_at == ended.now
    assert not ended.is_running
    assert await shop.balance() == 0, "nothing comes back before the stake is back"
    await shop.block(3)
    over = await shop.look(order)
    assert over.stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0
    assert over.early_credit_sun == await shop.balance() == offer.most_sun
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDED)) == 1
    assert await shop.balances() == {
        f"chain:{address('payments')}": order.amount_sun,
        "orders": 0,
        "revenue": -order.amount_sun + offer.most_sun,
        f"user:{USER}": -offer.most_sun,
    }
    movement = (await shop.services.balances.look(USER)).movements[0]
    assert (movement.event, movement.order_number) == ("ended_early", order.number)
    await audited(shop)


async def test_what_is_spent_before_the_stake_is_back_is_not_paid_for(shop: Shop) -> None:
    order = await rental(shop)
    offer = await shop.services.early_ends.look(USER, order.id)
    shop.send_usdt("ann", "holder")
    await shop.services.early_ends.end(USER, order.id)
    await shop.block(3)
    over = await shop.look(order)
    assert over.stage is Stage.ENDED
    assert over.energy_used is not None
    assert over.energy_used > 60_000
    assert 0 < over.early_credit_sun < offer.most_sun // 5


async def test_what_an_older_rental_gave_was_not_used_of_the_newer_one(shop: Shop) -> None:
    older = await rental(shop)
    shop.send_usdt("ann", "holder")
    await shop.block()
    shop.advance(1_800)
    await shop.block()
    newer = await rental(shop)
    assert (await shop.services.early_ends.look(USER, newer.id)).energy_unused == ENERGY
    shop.advance(1_800)
    await shop.block(3)
    # The older one's stake waits: taking it would take of the newer one's energy.
    assert (await shop.look(older)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 2 * 7_072 * TRX
    used = (await shop.look(older)).energy_used
    assert used is not None
    assert abs(used - 64_285) <= 1
    offer = await shop.services.early_ends.look(USER, newer.id)
    assert offer.energy_unused >= ENERGY - 1
    await shop.services.early_ends.end(USER, newer.id)
    await shop.block(5)
    assert shop.delegated_sun("pool", "ann") == 0
    ended = await shop.look(newer)
    assert ended.energy_used is not None
    assert ended.energy_used <= 1
    assert ended.early_credit_sun == await shop.balance() == offer.most_sun
    await audited(shop)


async def test_the_price_of_extensions_counts_as_paid(shop: Shop) -> None:
    order = await rental(shop)
    offers = (await shop.services.extensions.offers(USER, order.id)).offers
    more = await shop.services.extensions.place(
        USER, order.id, duration=HOUR, price_sun=offers[0].price_sun
    )
    shop.pay(more)
    await shop.block(2)
    offer = await shop.services.early_ends.look(USER, order.id)
    assert offer.paid_sun == order.amount_sun + more.amount_sun
    await shop.services.early_ends.end(USER, order.id)
    await shop.block(3)
    over = await shop.look(order)
    assert over.early_credit_sun == offer.most_sun
    assert (await shop.look(more)).stage is Stage.ENDED
    await audited(shop)


async def test_two_taps_end_once(shop: Shop) -> None:
    order = await rental(shop)
    services = shop.services.early_ends
    first, second = await asyncio.gather(services.end(USER, order.id), services.end(USER, order.id))
    assert first.ended_early_at == second.ended_early_at
    await shop.block(3)
    credited = await shop.balance()
    assert credited > 0
    assert (await services.end(USER, order.id)).stage is Stage.ENDED
    await shop.block(2)
    assert await shop.balance() == credited


async def test_a_fork_after_it_does_not_credit_twice(shop: Shop) -> None:
    order = await rental(shop)
    await shop.services.early_ends.end(USER, order.id)
    await shop.work()
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.ENDED
    credited = await shop.balance()
    shop.chain.fork(2, "vanish")
    shop.advance(120)
    await shop.block()
    assert shop.delegated_sun("pool", "ann") > 0
    await shop.block(23)
    assert shop.delegated_sun("pool", "ann") == 0, "it is taken back again"
    assert await shop.balance() == credited > 0
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDED)) == 1
    await audited(shop)


async def test_what_a_lost_payment_paid_does_not_come_back(shop: Shop) -> None:
    order = await rental(shop)
    *_, block = shop.chain.fork(4, "vanish")
    from chain.transactions import encode_signed

    # Only the delegation is taken into a block again.
    [entry] = block.entries
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(2)
    await shop.services.early_ends.end(USER, order.id)
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert await shop.balance() == 0


async def test_energy_that_a_fork_took_is_not_ended_before_it_is_decided(shop: Shop) -> None:
    order = await rental(shop)
    shop.chain.fork(1, "vanish")
    shop.chain.produce_block()
    await shop.services.scanner.scan()
    assert await refused(shop, order) is EarlyEndFault.UNSETTLED


async def test_only_ones_own_running_rental_is_ended(shop: Shop) -> None:
    unpaid = await shop.order()
    assert await refused(shop, unpaid) is EarlyEndFault.NOT_RUNNING
    order = await rental(shop)
    assert await refused(shop, order, OTHER_USER) is EarlyEndFault.NOT_YOURS
    shop.advance(3_600)
    await shop.block()
    assert await refused(shop, order) is EarlyEndFault.NOT_RUNNING


async def test_what_was_ended_is_not_prolonged(shop: Shop) -> None:
    order = await rental(shop)
    await shop.services.early_ends.end(USER, order.id)
    with pytest.raises(ExtensionRefused) as caught:
        await shop.services.extensions.offers(USER, order.id)
    assert caught.value.fault is ExtensionFault.NOT_RUNNING


async def test_an_operator_may_offer_nothing(database: str) -> None:
    async with open_shop(database, energy={"early_end_percent": 0}) as shop:
        order = await rental(shop)
        assert not shop.services.early_ends.offered
        assert await refused(shop, order) is EarlyEndFault.NOT_OFFERED


async def test_the_share_is_the_one_that_was_agreed(database: str) -> None:
    async with open_shop(database, energy={"early_end_percent": 100}) as shop:
        order = await rental(shop)
        offer = await shop.services.early_ends.look(USER, order.id)
        await shop.services.early_ends.end(USER, order.id)
        await shop.block(3)
        assert await shop.balance() == offer.most_sun > order.amount_sun * 9 // 10


seconds = st.integers(min_value=0, max_value=10**7)


@given(
    paid_sun=st.integers(min_value=0, max_value=10**15),
    percent=st.integers(min_value=1, max_value=100),
    remaining=seconds,
    more=st.integers(min_value=1, max_value=10**7),
    unused=st.integers(min_value=-10, max_value=10**9),
    energy=st.integers(min_value=1, max_value=10**9),
)
def test_never_more_than_the_share_of_what_was_paid_comes_back(
    paid_sun: int, percent: int, remaining: int, more: int, unused: int, energy: int
) -> None:
    def credit(left: int, free: int) -> int:
        return early_credit_sun(
            paid_sun,
            percent=percent,
            remaining=timedelta(seconds=left),
            total=timedelta(seconds=remaining + more),
            energy_unused=free,
            energy=energy,
        )

    sun = credit(remaining, unused)
    assert 0 <= sun <= paid_sun * percent // 100
    assert sun <= credit(remaining + 1, unused), "the more time is left, the more comes back"
    assert sun <= credit(remaining, unused + 1), "the more is unused, the more comes back"
    assert credit(remaining + more, energy) == paid_sun * percent // 100


async def test_the_end_is_announced_once_to_who_has_energy_left(shop: Shop) -> None:
    order = await rental(shop)
    shop.advance(49 * 60)
    await shop.block()
    assert (USER, NoticeKind.ORDER_ENDING) not in await shop.told()
    shop.advance(60)
    await shop.block(4)
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDING)) == 1
    async with shop.database.transaction() as tx:
        payload = await tx.connection.fetchval(
            "SELECT payload FROM outbox WHERE kind = 'order_ending'"
        )
    assert order.expires_at is not None
    assert payload["expires_at"] == order.expires_at.isoformat()
    assert payload["unused"] == ENERGY
    offers = (await shop.services.extensions.offers(USER, order.id)).offers
    assert payload["offers"] == [
        [int(offer.duration.total_seconds()), offer.price_sun] for offer in offers
    ]
    # A new end is announced anew.
    more = await shop.services.extensions.place(
        USER, order.id, duration=HOUR, price_sun=offers[0].price_sun
    )
    shop.pay(more)
    await shop.block(2)
    shop.advance(3_600)
    await shop.block(2)
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDING)) == 2


async def test_who_has_used_all_is_not_bothered(shop: Shop) -> None:
    await rental(shop)
    await shop.order()  # an order that only waits is no rental
    shop.send_usdt("ann", "poor")
    await shop.block()
    account = await shop.node.account(address("ann"))
    assert account is not None
    assert account.energy_spent >= ENERGY
    shop.advance(51 * 60)
    await shop.block(2)
    assert (USER, NoticeKind.ORDER_ENDING) not in await shop.told()


async def test_short_rentals_end_without_notice_and_an_operator_may_want_none(
    database: str,
) -> None:
    async with open_shop(database, energy={"ending_notice_minutes": 0}) as shop:
        order = await rental(shop)
        shop.advance(55 * 60)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        assert (USER, NoticeKind.ORDER_ENDING) not in await shop.told()


async def test_flash_rentals_of_strangers_are_ended_by_nobody(shop: Shop) -> None:
    from chain.contracts import Transfer

    shop.send(Transfer(address("ben"), address("payments"), 3 * TRX), "ben")
    await shop.block(5)
    async with shop.database.transaction() as tx:
        order_id = await tx.connection.fetchval(
            "SELECT id FROM energy_flash_orders WHERE user_id IS NULL AND status = 'completed'"
        )
    with pytest.raises(EarlyEndRefused) as caught:
        await shop.services.early_ends.end(USER, order_id)
    assert caught.value.fault is EarlyEndFault.NOT_YOURS
