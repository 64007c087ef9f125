"""Blocks that leave the chain after what they held had counted."""

from __future__ import annotations

from chain.contracts import Transfer
from chain.transactions import encode_signed
from services.adrift import PAYMENT_LOST
from services.alerts import AlertKind
from services.notices import NoticeKind
from services.order_views import Stage
from tests.support.shop import TRX, USER, Shop, address, open_shop


async def adrift(shop: Shop, txid: str) -> bool:
    async with shop.database.transaction() as tx:
        row = await tx.payments.find(txid, 0)
    assert row is not None
    return row.adrift


async def resend(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    await shop.services.write_ahead.broadcast_due()


async def deliver_nothing(shop: Shop) -> None:
    """Handle what is in the blocks, and let no delivery begin."""
    await shop.services.scanner.scan()


async def test_small_amounts_count_after_a_block_large_ones_when_they_are_solid(
    database: str,
) -> None:
    async with open_shop(database, solid_from_sun=4 * TRX) as shop:
        small, large = await shop.order(), await shop.order(transfers=2)
        for order in (small, large):
            shop.pay(order)
        await shop.block(2)
        assert (await shop.look(small)).stage is Stage.PAID
        assert (await shop.look(large)).stage is Stage.SEEN
        await shop.block(15)
        assert (await shop.look(large)).stage is Stage.SEEN
        await shop.block(4)
        assert (await shop.look(large)).stage in (Stage.PAID, Stage.DELIVERED)
        await shop.block(2)
        assert (await shop.look(large)).stage is Stage.DELIVERED


async def test_an_order_whose_payment_left_the_chain_stops_until_it_is_back(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    shop.chain.produce_blocks(2)
    await deliver_nothing(shop)
    assert (await shop.look(order)).stage is Stage.PAID
    lost, _ = shop.chain.fork(2, "vanish")
    shop.chain.produce_block()
    await shop.block()
    assert await adrift(shop, payment)
    await shop.block(2)
    assert shop.delegations() == [], "nothing is delivered for money that is not there"
    assert AlertKind.PAYMENT_ADRIFT in await shop.alert_kinds(closed=False)
    [entry] = lost.entries
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(4)
    assert not await adrift(shop, payment)
    assert AlertKind.PAYMENT_ADRIFT in await shop.alert_kinds(closed=True)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_a_payment_that_never_comes_back_unmakes_what_was_not_delivered(
    shop: Shop,
) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    shop.chain.produce_blocks(2)
    await deliver_nothing(shop)
    shop.chain.fork(2, "vanish")
    shop.advance(120)
    await shop.block(24)
    failed = await shop.look(order)
    assert (failed.stage, failed.failure) == (Stage.FAILED, PAYMENT_LOST)
    assert await shop.payment_status(payment) == ("orphaned", None)
    assert set((await shop.balances()).values()) == {0}
    assert (USER, NoticeKind.ORDER_FAILED) in await shop.told()
    assert shop.delegations() == []


async def test_a_delivered_payment_that_never_comes_back_is_a_loss(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    # Only the delegation is taken into a block again.
    *_, block = shop.chain.fork(4, "vanish")
    [entry] = block.entries
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(24)
    shop.advance(120)
    await shop.block(24)
    assert await shop.payment_status(payment) == ("lost", None)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    balances = await shop.balances()
    assert balances["losses"] == order.amount_sun
    assert balances[f"chain:{address('payments')}"] == 0
    assert AlertKind.PAYMENT_LOST in await shop.alert_kinds()


async def test_energy_that_leaves_the_chain_with_its_payment_is_not_sent_again(
    shop: Shop,
) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    shop.chain.fork(4, "vanish")
    await shop.block(2)
    await resend(shop)
    assert shop.delegations() == []
    shop.advance(120)
    await shop.block(24)
    assert await shop.payment_status(payment) == ("orphaned", None)
    assert (await shop.look(order)).failure == PAYMENT_LOST
    assert set((await shop.balances()).values()) == {0}
    assert shop.delegations() == []


async def test_a_credit_whose_payment_is_gone_is_taken_back_as_far_as_it_is_there(
    shop: Shop,
) -> None:
    first = await shop.order()
    shop.pay(first, sun=first.amount_sun + 5 * TRX)
    await shop.block(3)
    assert await shop.balance() == 5 * TRX
    second = await shop.order()
    await shop.services.balances.pay(USER, second.id)
    shop.chain.fork(4, "vanish")
    shop.advance(120)
    await shop.block(24)
    assert await shop.balance() == 0
    # The first order's energy left the chain as well; the second's was paid from nothing.
    assert (await shop.balances())["losses"] == second.amount_sun


async def test_a_seen_part_that_leaves_the_chain_is_asked_for_again(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, sun=TRX)
    await shop.block()
    assert (await shop.look(order)).due_sun == order.amount_sun - TRX
    shop.chain.fork(1, "vanish")
    shop.chain.produce_block()
    await shop.block()
    assert (await shop.look(order)).due_sun == order.amount_sun
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_a_confirmed_part_that_never_comes_back_is_asked_for_again(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, sun=TRX)
    await shop.block(2)
    assert (await shop.look(order)).due_sun == order.amount_sun - TRX
    shop.chain.fork(2, "vanish")
    shop.advance(120)
    await shop.block(24)
    again = await shop.look(order)
    assert (again.stage, again.due_sun) == (Stage.AWAITING, order.amount_sun)
    assert set((await shop.balances()).values()) == {0}
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_dust_and_strays_that_never_come_back_leave_no_trace_in_the_books(
    database: str,
) -> None:
    async with open_shop(database, flash=False) as shop:
        for sun in (5, 3 * TRX):
            shop.send(Transfer(address("ben"), address("payments"), sun), "ben")
        await shop.block(3)
        shop.chain.fork(4, "vanish")
        shop.advance(120)
        await shop.block(24)
        assert set((await shop.balances()).values()) == {0}
