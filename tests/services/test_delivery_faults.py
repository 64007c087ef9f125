"""Delivery and reclaim when the network, the node or our own process misbehaves."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chain.contracts import DelegateResource, Resource, Transfer, UnDelegateResource
from chain.errors import ChainError
from sandbox.tron.faults import NodeFault
from services.alerts import AlertKind
from services.notices import NoticeKind
from services.order_views import Stage
from tests.support.shop import TRX, USER, Shop, address, open_shop


async def states(shop: Shop) -> list[tuple[str, str]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT kind, state FROM chain_transactions ORDER BY id")
    return [(row["kind"], row["state"]) for row in rows]


async def resend_now(shop: Shop) -> None:
    """Let the machine's clock pass: pacing is not what these tests are about."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    await shop.services.write_ahead.broadcast_due()


async def test_an_answer_lost_after_acceptance_delivers_exactly_once(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.LOSE_ANSWER, methods=["broadcasthex"])
    await shop.block()
    await resend_now(shop)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert len(shop.delegations()) == 1


async def test_a_request_lost_on_its_way_is_sent_again_as_the_same_bytes(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.LOSE_REQUEST, methods=["broadcasthex"])
    await shop.block()
    assert shop.chain.waiting == ()
    await resend_now(shop)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert await states(shop) == [("delegate", "included")]


async def test_a_transaction_that_missed_every_block_is_replaced_once_it_is_dead(
    shop: Shop,
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.LOSE_REQUEST, methods=["broadcasthex"])
    await shop.block()
    # The chain's clock passes its expiration before the bytes are sent again.
    shop.advance(120)
    await shop.block()
    assert await states(shop) == [("delegate", "sent")], "not dead before a solid block says so"
    await shop.block(18)
    assert await states(shop) == [("delegate", "dead"), ("delegate", "sent")]
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert len(shop.delegations()) == 1


async def test_a_node_that_forwards_nothing_keeps_the_order_waiting_not_lost(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.UNAVAILABLE, 4, methods=["broadcasthex"])
    await shop.block()
    assert (await shop.look(order)).stage is Stage.PAID
    shop.faults.clear()
    await resend_now(shop)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_a_fork_before_confirmation_waits_for_the_payment_to_return(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block()
    assert (await shop.look(order)).stage is Stage.SEEN
    shop.chain.fork(1, "vanish")
    await shop.block()
    assert (await shop.look(order)).stage is Stage.AWAITING
    assert (await shop.payment_status(payment))[0] == "orphaned"
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_a_payment_that_a_fork_moves_is_seen_again_and_counted_once(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block()
    shop.chain.fork(1, "wait")
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert await shop.payment_status(payment) == ("delivered", None)
    told = [kind for chat, kind in await shop.told() if chat == USER]
    assert told.count(NoticeKind.ORDER_DELIVERED) == 1
    assert len(shop.delegations()) == 1


async def test_a_fork_that_drops_the_delegation_brings_it_back(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(2)
    shop.chain.produce_block()
    await shop.services.scanner.scan()
    assert await states(shop) == [("delegate", "included")]
    shop.chain.fork(1, "vanish")
    await shop.block()
    await resend_now(shop)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert shop.delegated_sun("pool", "ann") > 0
    assert len(shop.delegations()) == 1


async def test_a_pool_that_is_refused_is_replaced_by_another(database: str) -> None:
    async with open_shop(database, pools={"first": 9_000, "second": 8_000}) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block()
        # Somebody empties the richer pool's purse: it can pay for no transaction.
        spend_all_bandwidth(shop, "first")
        await shop.block(4)
        delivered = await shop.look(order)
        assert delivered.stage is Stage.DELIVERED
        assert shop.delegated_sun("second", "ann") > 0
        assert shop.delegated_sun("first", "ann") == 0
        assert ("delegate", "rejected") in await states(shop)


def spend_all_bandwidth(shop: Shop, pool: str) -> None:
    for _ in range(2):
        shop.send(Transfer(address(pool), address("ben"), TRX), pool)
    account = shop.chain.account(address(pool))
    assert account is not None
    # What is left after this transfer's own fee does not pay for another transaction.
    shop.send(Transfer(address(pool), address("ben"), account.balance - 300_000), pool)


async def test_an_order_nobody_can_deliver_fails_and_its_money_goes_back(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        order = await shop.order()
        payment = shop.pay(order)
        await shop.block()
        # The stake goes to somebody else, by the owner's own hand.
        shop.send(
            DelegateResource(address("pool"), address("ben"), 7_900 * TRX, Resource.ENERGY), "pool"
        )
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.PAID, "delivery is still being tried"
        shop.advance(601)
        await shop.block()
        failed = await shop.look(order)
        assert failed.stage is Stage.FAILED
        assert failed.failure == "no_energy"
        assert await shop.payment_status(payment) == ("refunding", None)
        await shop.block(20)
        assert await shop.payment_status(payment) == ("refunded", None)
        assert shop.trx_of("ann") == 1_000 * TRX, "nothing is kept of our own failure"
        balances = await shop.balances()
        assert balances["refunds"] == 0
        assert balances[f"chain:{address('wallet')}"] == -order.amount_sun
        assert (await shop.balances())["orders"] == 0
        told = await shop.told()
        assert (USER, NoticeKind.ORDER_FAILED) in told
        assert AlertKind.ORDER_FAILED in await shop.alert_kinds()


async def test_a_reclaim_never_asks_for_more_than_the_chain_has(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    stake = shop.delegated_sun("pool", "ann")
    shop.send(
        UnDelegateResource(address("pool"), address("ann"), stake - TRX, Resource.ENERGY), "pool"
    )
    await shop.block()
    shop.advance(3600)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0


async def test_a_rental_taken_back_by_hand_ends_without_another_transaction(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    stake = shop.delegated_sun("pool", "ann")
    shop.send(UnDelegateResource(address("pool"), address("ann"), stake, Resource.ENERGY), "pool")
    await shop.block()
    shop.advance(3600)
    await shop.block(2)
    ended = await shop.look(order)
    assert ended.stage is Stage.ENDED
    assert ended.reclaim_txids == ()
    assert await states(shop) == [("delegate", "included")]


async def test_what_the_owner_delegated_by_hand_is_left_alone(shop: Shop) -> None:
    shop.send(DelegateResource(address("pool"), address("ann"), 100 * TRX, Resource.ENERGY), "pool")
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.advance(3600)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 100 * TRX


async def test_a_lost_answer_to_a_reclaim_takes_back_once(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.advance(3600)
    shop.faults.plan(NodeFault.LOSE_ANSWER, methods=["broadcasthex"])
    await shop.block()
    await resend_now(shop)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert [type(each) for each in shop.delegations()] == [DelegateResource, UnDelegateResource]


async def test_the_scanner_catches_up_in_order_after_a_long_stop(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_blocks(250)
    await shop.work()
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED


@pytest.mark.parametrize(
    "fault",
    [
        NodeFault.REFUSE_CONNECTION,
        NodeFault.TRUNCATED,
        NodeFault.TOO_MANY_REQUESTS,
        NodeFault.UNAVAILABLE,
    ],
)
async def test_a_node_that_answers_badly_moves_no_cursor(shop: Shop, fault: NodeFault) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_block()
    shop.faults.plan(fault, 2, methods=["getnowblock"])
    with pytest.raises(ChainError):
        await shop.services.scanner.scan()
    shop.faults.clear()
    assert (await shop.look(order)).stage is Stage.AWAITING
    for _ in range(10):
        # A node that failed is left in peace for a moment, which the client waits for itself.
        with suppress(ChainError):
            await shop.work()
            break
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
