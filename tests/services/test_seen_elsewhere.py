"""What went wrong in production for others, each named after its cause.

docs/reliability.md lists all of them, with the tests that show them, here and elsewhere.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest

from chain.contracts import AccountPermissionUpdate, DelegateResource, PermissionKey
from chain.errors import ChainError
from db.database import Database
from sandbox.tron.faults import NodeFault
from sandbox.tron.refusals import Code
from sandbox.tron.sending import Verdict
from sandbox.tron.spoiling import Shape
from services.alerts import AlertKind
from services.notices import NoticeKind
from services.order_views import OrderView, Stage
from tests.support.shop import TRX, USDT, USER, Shop, address, open_shop

BROADCAST = ("broadcasthex",)
ROUNDS = 12


async def resend(shop: Shop) -> None:
    """The machine's clock passes: what may be sent again is."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    with suppress(ChainError):
        await shop.services.write_ahead.broadcast_due()


def ask_again(shop: Shop) -> None:
    """The machine's clock passes: a node that was left in peace may be asked."""
    for line in (*shop.node._full, *shop.node._solidity):
        line._rested_until = 0.0


async def go_on(shop: Shop, order: OrderView, rounds: int = ROUNDS) -> OrderView:
    """Blocks come, whatever the node does, until the order has come to an end."""
    for _ in range(rounds):
        shop.chain.produce_block()
        with suppress(ChainError):
            await shop.work()
        await resend(shop)
        view = await shop.look(order)
        if view.stage in (Stage.DELIVERED, Stage.FAILED):
            break
    return await shop.look(order)


async def delivered_once(shop: Shop, order: OrderView, rounds: int = ROUNDS) -> None:
    assert (await go_on(shop, order, rounds)).stage is Stage.DELIVERED
    await shop.block(2)
    assert len(shop.delegations()) == 1


# Matching and amounts


async def test_a_placeholder_never_stands_where_a_transaction_id_belongs(shop: Shop) -> None:
    order = await shop.order()
    with pytest.raises(asyncpg.CheckViolationError):
        async with shop.database.transaction() as tx:
            await tx.orders.pay(
                order.id,
                txid=str(order.id),
                paid_at=order.now,
                received_sun=order.amount_sun,
                confirmations=1,
            )


async def test_a_token_is_no_payment_whatever_it_is_called(shop: Shop) -> None:
    order = await shop.order()
    shop.send_usdt("ann", "payments", order.amount_sun)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.AWAITING
    assert await shop.balances() == {}


# Detection


async def test_a_failure_while_a_payment_is_booked_moves_no_cursor(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END $$; "
            "CREATE TRIGGER broken BEFORE INSERT ON ledger_entries "
            "EXECUTE FUNCTION broken()"
        )
    shop.chain.produce_block()
    with pytest.raises(asyncpg.DiskFullError):
        await shop.services.scanner.scan()
    async with shop.database.transaction() as tx:
        await tx.connection.execute("DROP TRIGGER broken ON ledger_entries")
    await shop.block(2)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_payments_are_confirmed_also_while_no_order_waits(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.pay(order, "ben")
    await shop.block(2)
    assert (await shop.told()).count((USER, NoticeKind.PAYMENT_CHOICE)) == 1


async def test_a_head_that_is_announced_before_its_block_is_there_is_waited_for(
    shop: Shop,
) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_blocks(4)
    # The balancer asks one node for the head, and another, which lags, for the blocks.
    shop.faults.plan(NodeFault.LAGGING, 3, methods=["getblockbylimitnext"], amount=3)
    await delivered_once(shop, order)


@pytest.mark.parametrize(
    "fault",
    [
        NodeFault.TOO_MANY_REQUESTS,
        NodeFault.FORBIDDEN,
        NodeFault.INTERNAL_ERROR,
        NodeFault.BAD_GATEWAY,
        NodeFault.UNAVAILABLE,
    ],
)
async def test_a_provider_that_turns_us_away_delays_a_sale_and_loses_nothing(
    shop: Shop, fault: NodeFault
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(fault, 6)
    ask_again(shop)
    for _ in range(8):
        await go_on(shop, order, 1)
        ask_again(shop)
    await delivered_once(shop, order)


async def test_a_node_that_flaps_expires_no_order_that_was_paid(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_block()  # which nobody reads yet
    for _ in range(5):
        shop.faults.plan(NodeFault.UNAVAILABLE, 3)
        shop.advance(600)
        shop.chain.produce_block()
        with suppress(ChainError):
            await shop.work()
        shop.faults.clear()
        ask_again(shop)
    await delivered_once(shop, order)


@pytest.mark.parametrize("shape", list(Shape))
async def test_an_answer_of_a_wrong_shape_with_status_200_is_no_success(
    shop: Shop, shape: Shape
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.WRONG_SHAPE, 4, shape=shape)
    for _ in range(6):
        await go_on(shop, order, 1)
        ask_again(shop)
    await delivered_once(shop, order)


# Delivery


async def test_a_duplicate_does_not_prove_and_does_not_hide(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.REPEATED_REQUEST, 1, methods=BROADCAST)
    await delivered_once(shop, order)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(Code.SERVER_BUSY),
        Verdict(Code.NO_CONNECTION),
        Verdict(Code.BLOCK_UNSOLIDIFIED),
        Verdict(Code.NOT_ENOUGH_EFFECTIVE_CONNECTION),
        Verdict(Code.NOT_ENOUGH_EFFECTIVE_CONNECTION, accepted=True),
        Verdict(Code.OTHER_ERROR),
        Verdict(Code.OTHER_ERROR, accepted=True),
    ],
    ids=str,
)
async def test_whatever_a_busy_node_says_the_same_bytes_arrive_once(
    shop: Shop, verdict: Verdict
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.VERDICT, 2, methods=BROADCAST, verdict=verdict)
    await delivered_once(shop, order)
    async with shop.database.transaction() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM chain_transactions") == 1


async def test_accepted_is_not_mined(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.DROP_TRANSACTION, 1000, methods=BROADCAST)
    for _ in range(4):
        await go_on(shop, order, 1)
    assert (await shop.look(order)).stage is Stage.PAID, "the node's word proves nothing"
    shop.faults.clear()
    shop.advance(90)
    await go_on(shop, order, 24)
    await delivered_once(shop, order)


async def test_a_node_that_answers_about_another_transaction_is_not_believed(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.WRONG_TXID, 4)
    for _ in range(8):
        await go_on(shop, order, 1)
        ask_again(shop)
    await delivered_once(shop, order)


async def test_a_rental_is_never_locked(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    [delegation] = shop.delegations()
    assert isinstance(delegation, DelegateResource)
    assert (delegation.lock, delegation.lock_period) == (False, 0)


async def test_a_rental_goes_back_with_the_first_block_after_its_end(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    delivered = await shop.look(order)
    assert delivered.expires_at is not None
    shop.advance(3597)
    await shop.block()
    before = shop.chain.head.number
    while shop.delegated_sun("pool", "ann"):
        await shop.block()
    assert shop.chain.head.number - before <= 3


async def test_a_receiver_that_became_a_contract_ends_with_a_refund(shop: Shop) -> None:
    order = await shop.order()
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE energy_flash_orders SET recipient_address = $1", str(USDT)
        )
    payment = shop.pay(order, "ben")
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.PAID
    shop.advance(700)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.FAILED
    await shop.block(22)
    assert (await shop.payment_status(payment))[0] == "refunded"
    assert shop.trx_of("ben") == 1_000 * TRX


async def revoke(shop: Shop, pool: str) -> None:
    """The owner takes the hot key's permission away."""
    account = shop.chain.account(address(pool))
    assert account is not None
    owner = account.permission(0)
    assert owner is not None
    shop.send(
        AccountPermissionUpdate(
            address(pool),
            owner_permission=owner,
            witness_permission=None,
            active_permissions=(
                # Somebody else may delegate from now on.
                replace(account.active_permissions[0], keys=(PermissionKey(address("ben"), 1),)),
            ),
        ),
        pool,
    )


async def test_a_pool_whose_permission_was_revoked_is_replaced_by_another(database: str) -> None:
    async with open_shop(database, pools={"first": 9_000, "second": 8_000}) as shop:
        order = await shop.order()
        await revoke(shop, "first")
        shop.pay(order)
        await shop.block(5)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        assert shop.delegated_sun("second", "ann") > 0


async def test_the_only_pools_permission_revoked_ends_with_a_refund(shop: Shop) -> None:
    order = await shop.order()
    await revoke(shop, "pool")
    payment = shop.pay(order)
    await shop.block(3)
    shop.advance(700)
    await shop.block(26)
    failed = await shop.look(order)
    assert (failed.stage, failed.failure) == (Stage.FAILED, "no_energy")
    assert (await shop.payment_status(payment))[0] == "refunded"
    told = await shop.told()
    assert (USER, NoticeKind.ORDER_FAILED) in told
    assert AlertKind.ORDER_FAILED in await shop.alert_kinds()


async def test_energy_that_became_dearer_between_order_and_delivery_is_still_all_of_it(
    shop: Shop,
) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.chain.set_energy_per_trx(7.5)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    resources = await shop.node.resources(address("ann"))
    assert resources is not None
    assert resources.energy_left >= order.energy


# The process


async def test_cancelled_work_leaks_no_connection_and_keeps_no_lock(database: str) -> None:
    async with Database(database, connections=2) as db:
        async with db.transaction() as tx:
            await tx.values.put("thing", 1)

        async def work() -> None:
            async with db.transaction() as tx:
                await tx.connection.execute("SELECT * FROM settings FOR UPDATE")
                await tx.connection.execute("SELECT pg_sleep(0.05)")

        for delay in range(30):
            task = asyncio.create_task(work())
            await asyncio.sleep(delay / 1_000)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        async with asyncio.timeout(5):
            await asyncio.gather(*(work() for _ in range(4)))
