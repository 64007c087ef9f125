"""Every delivery comes to an end: whole, or given up, its money sent back and its energy too."""

from __future__ import annotations

from chain.contracts import DelegateResource, Resource, Transfer, UnDelegateResource
from sandbox.tron.faults import NodeFault
from services.alerts import AlertKind
from services.matching import HeldReason
from services.notices import NoticeKind
from services.order_views import Stage
from tests.support.shop import TRX, USER, Shop, address, open_shop


async def rows(shop: Shop, query: str) -> list[tuple[object, ...]]:
    async with shop.database.transaction() as tx:
        return [tuple(row) for row in await tx.connection.fetch(query)]


async def delegations(shop: Shop) -> list[tuple[object, ...]]:
    return await rows(
        shop, "SELECT pool_address, status FROM energy_delegations ORDER BY created_at, id"
    )


async def resend_now(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    await shop.services.write_ahead.broadcast_due()


async def test_a_part_that_is_out_does_not_keep_the_customer_waiting(database: str) -> None:
    async with open_shop(database, pools={"first": 8_000, "second": 9_000}) as shop:
        order = await shop.order(transfers=2)
        payment = shop.pay(order)
        await shop.block()
        # "first" can pay for no transaction: the larger part arrives, the rest never does.
        for _ in range(2):
            shop.send(Transfer(address("first"), address("ben"), TRX), "first")
        account = shop.chain.account(address("first"))
        assert account is not None
        shop.send(Transfer(address("first"), address("ben"), account.balance - 300_000), "first")
        await shop.block(4)
        assert shop.delegated_sun("second", "ann") > 0
        assert (await shop.look(order)).stage is Stage.PAID
        shop.advance(700)
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.FAILED
        assert await shop.payment_status(payment) == ("refunding", None)
        await shop.block(2)
        assert shop.delegated_sun("second", "ann") == 0, "unsold energy is taken back at once"
        told = await shop.told()
        assert told.count((USER, NoticeKind.ORDER_FAILED)) == 1
        assert AlertKind.ORDER_FAILED in await shop.alert_kinds()
        assert (USER, NoticeKind.ORDER_ENDED) not in told


async def test_a_delivery_that_cannot_be_read_back_ends(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block(2)
    shop.chain.produce_block()
    # The owner takes it back by hand before it was read.
    stake = shop.delegated_sun("pool", "ann")
    shop.send(UnDelegateResource(address("pool"), address("ann"), stake, Resource.ENERGY), "pool")
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.PAID
    shop.advance(700)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.FAILED
    assert await shop.payment_status(payment) == ("refunding", None)
    assert [status for _, status in await delegations(shop)] == ["revoked"]


async def test_broadcasts_that_never_arrive_end_the_order(shop: Shop) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.LOSE_REQUEST, 1000, methods=["broadcasthex"])
    for _ in range(6):
        await shop.block()
        await resend_now(shop)
        shop.advance(200)
        await shop.block()
        await shop.block(19)
    assert (await shop.look(order)).stage is Stage.FAILED
    assert await shop.payment_status(payment) == ("refunding", None)
    assert shop.delegations() == []


async def test_a_payment_read_late_is_not_given_up_before_delivery_was_tried(
    database: str,
) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        order = await shop.order()
        # Somebody else has the stake for a while.
        lent = DelegateResource(address("pool"), address("ben"), 7_900 * TRX, Resource.ENERGY)
        shop.send(lent, "pool")
        payment = shop.pay(order)
        # The shop sleeps through the payment and the twenty minutes after it.
        shop.chain.produce_blocks(2)
        shop.advance(1200)
        shop.chain.produce_block()
        await shop.work()
        assert (await shop.look(order)).stage is Stage.PAID
        back = UnDelegateResource(address("pool"), address("ben"), 7_900 * TRX, Resource.ENERGY)
        shop.send(back, "pool")
        await shop.block(4)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        assert await shop.payment_status(payment) == ("delivered", None)


async def test_a_delivered_delegation_that_a_fork_kills_is_delivered_again(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    shop.chain.fork(1, "vanish")
    # Its time is over before it can be sent again.
    shop.advance(120)
    await shop.block()
    assert shop.delegated_sun("pool", "ann") == 0
    await shop.block(22)
    assert shop.delegated_sun("pool", "ann") > 0
    delivered = await shop.look(order)
    assert delivered.stage is Stage.DELIVERED
    assert [status for _, status in await delegations(shop)] == ["failed", "active"]
    assert (await shop.balances())["revenue"] == -order.amount_sun
    shop.advance(3600)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0


async def test_a_delivery_that_a_fork_killed_for_good_has_its_money_held(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}, energy={"undeliverable": "hold"}) as shop:
        order = await shop.order()
        payment = shop.pay(order)
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        shop.chain.fork(1, "vanish")
        shop.send(
            DelegateResource(address("pool"), address("ben"), 7_900 * TRX, Resource.ENERGY), "pool"
        )
        shop.chain.produce_block()
        shop.advance(120)
        await shop.block(24)
        assert (await shop.look(order)).stage is Stage.PAID
        shop.advance(700)
        await shop.block(2)
        assert (await shop.look(order)).stage is Stage.FAILED
        assert await shop.payment_status(payment) == ("held", HeldReason.UNDELIVERABLE)
        balances = await shop.balances()
        assert balances["revenue"] == 0
        assert balances["held"] == -order.amount_sun


async def test_a_finished_reclaim_that_a_fork_kills_is_made_again(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.advance(3600)
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.ENDED
    shop.chain.fork(1, "vanish")
    shop.advance(120)
    await shop.block()
    assert shop.delegated_sun("pool", "ann") > 0
    await shop.block(22)
    assert shop.delegated_sun("pool", "ann") == 0
    assert (await shop.look(order)).stage is Stage.ENDED
    assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDED)) == 1


async def test_a_refused_reclaim_is_not_made_again_with_every_block(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.advance(3500)
    await shop.block()
    # The pool can pay for no transaction.
    for _ in range(2):
        shop.send(Transfer(address("pool"), address("ben"), TRX), "pool")
        shop.chain.produce_block()
    account = shop.chain.account(address("pool"))
    assert account is not None
    shop.send(Transfer(address("pool"), address("ben"), account.balance - 300_000), "pool")
    await shop.block()
    shop.advance(100)
    await shop.block(8)
    refused = await rows(
        shop, "SELECT state FROM chain_transactions WHERE kind = 'undelegate' ORDER BY id"
    )
    assert refused == [("rejected",)], "one in a minute is enough"
    shop.send(Transfer(address("ben"), address("pool"), 100 * TRX), "ben")
    await shop.block(22)
    assert (await shop.look(order)).stage is Stage.ENDED
    assert shop.delegated_sun("pool", "ann") == 0
