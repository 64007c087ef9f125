"""Refunds: sent exactly once, under caps, or by a person's hand."""

from __future__ import annotations

import asyncio

import pytest

from chain.contracts import Transfer
from chain.keys import SigningKey
from chain.transactions import decode
from composition import build_services
from sandbox.tron.faults import NodeFault
from services.acts import Act
from services.alerts import AlertKind
from services.notices import NoticeKind
from services.refunds import Refund, RefundWait
from tests.support.shop import TRX, USER, WALLET_TRX, Shop, address, key_hex, open_shop

FEE = 300_000


async def give(shop: Shop, sun: int) -> None:
    """Give the customer a balance, by a payment that is too much."""
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun + sun)
    await shop.block(3)


async def ask_back(shop: Shop, sun: int) -> Refund:
    await give(shop, sun)
    return await shop.services.refunds.pay_out(USER, address("ann"), sun)


def sent_to(shop: Shop, name: str) -> list[int]:
    """Every transfer from the refund wallet that is in a block."""
    found = []
    for number in range(1, shop.chain.head.number + 1):
        block = shop.chain.block(number)
        assert block is not None
        for entry in block.entries:
            contract = decode(entry.raw_bytes).contract
            if (
                isinstance(contract, Transfer)
                and contract.owner == address("wallet")
                and contract.to == address(name)
            ):
                found.append(contract.amount)
    return found


async def state(shop: Shop, refund: Refund) -> tuple[str, str | None]:
    async with shop.database.transaction() as tx:
        row = await tx.refunds.get(refund.id)
    assert row is not None
    return row.status, row.wait_reason


async def resend(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    await shop.services.write_ahead.broadcast_due()


@pytest.mark.parametrize("fault", [NodeFault.LOSE_ANSWER, NodeFault.LOSE_REQUEST])
async def test_a_lost_answer_to_a_refund_sends_it_once(shop: Shop, fault: NodeFault) -> None:
    await give(shop, 5 * TRX)
    shop.faults.plan(fault, 2, methods=["broadcasthex"])
    refund = await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
    for _ in range(6):
        await resend(shop)
        await shop.block(6)
    assert sent_to(shop, "ann") == [5 * TRX - FEE]
    assert await state(shop, refund) == ("done", None)


async def test_a_refund_that_no_block_took_is_signed_again_and_arrives_once(shop: Shop) -> None:
    await give(shop, 5 * TRX)
    shop.faults.plan(NodeFault.LOSE_REQUEST, 1000, methods=["broadcasthex"])
    refund = await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
    await shop.block(2)
    shop.advance(90)
    await shop.block(21)
    shop.faults.clear()
    for _ in range(3):
        await resend(shop)
        await shop.block(8)
    assert sent_to(shop, "ann") == [5 * TRX - FEE]
    assert await state(shop, refund) == ("done", None)
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT state FROM chain_transactions WHERE kind = 'transfer' ORDER BY id"
        )
    assert [row["state"] for row in rows][-1] == "included"
    assert {row["state"] for row in rows[:-1]} == {"dead"}


async def test_two_programs_send_a_refund_once(shop: Shop) -> None:
    refund = await ask_back(shop, 5 * TRX)
    second = build_services(shop.settings, shop.database, shop.node)
    await asyncio.gather(
        shop.services.refund_transfers.send_due(), second.refund_transfers.send_due()
    )
    await shop.block(21)
    await asyncio.gather(
        shop.services.refund_transfers.finish_due(), second.refund_transfers.finish_due()
    )
    assert sent_to(shop, "ann") == [5 * TRX - FEE]
    assert await state(shop, refund) == ("done", None)
    assert (await shop.balances())["refunds"] == 0


async def test_a_refund_whose_block_leaves_the_chain_is_not_done(shop: Shop) -> None:
    refund = await ask_back(shop, 5 * TRX)
    await shop.block(2)
    assert sent_to(shop, "ann") == [5 * TRX - FEE]
    shop.chain.fork(2, "vanish")
    assert sent_to(shop, "ann") == []
    shop.advance(90)
    await shop.block(22)
    for _ in range(3):
        await resend(shop)
        await shop.block(8)
    assert sent_to(shop, "ann") == [5 * TRX - FEE]
    assert await state(shop, refund) == ("done", None)


async def test_a_refund_above_the_cap_waits_for_a_person(database: str) -> None:
    refunds = {"key": key_hex("wallet"), "per_refund_sun": 4 * TRX}
    async with open_shop(database, refunds=refunds) as shop:
        refund = await ask_back(shop, 5 * TRX)
        await shop.block(3)
        assert await state(shop, refund) == ("waiting", RefundWait.OVER_CAP)
        told = await shop.told()
        assert (await shop.alert_kinds()).count(AlertKind.REFUND_WAITS) == 1
        assert told.count((USER, NoticeKind.REFUND_WAITS)) == 1
        async with shop.database.transaction() as tx:
            assert await tx.refunds.approve(refund.id)
        await shop.block(22)
        assert await state(shop, refund) == ("done", None)


async def test_what_is_above_the_days_cap_is_sent_on_the_next_day(database: str) -> None:
    refunds = {"key": key_hex("wallet"), "daily_sun": 6 * TRX}
    async with open_shop(database, refunds=refunds) as shop:
        await ask_back(shop, 5 * TRX)
        await shop.block()
        second = await ask_back(shop, 4 * TRX)
        await shop.block(22)
        assert await state(shop, second) == ("waiting", RefundWait.DAILY_CAP)
        shop.advance(12 * 3600)
        await shop.block(23)
        assert await state(shop, second) == ("done", None)
        assert sent_to(shop, "ann") == [5 * TRX - FEE, 4 * TRX - FEE]


async def test_a_refund_waits_until_the_wallet_has_the_money(shop: Shop) -> None:
    shop.send(Transfer(address("wallet"), address("holder"), (WALLET_TRX - 4) * TRX), "wallet")
    refund = await ask_back(shop, 5 * TRX)
    await shop.block(2)
    assert await state(shop, refund) == ("waiting", RefundWait.WALLET_EMPTY)
    shop.send(Transfer(address("ben"), address("wallet"), 50 * TRX), "ben")
    await shop.block()
    shop.services.refund_transfers._look_again_at = 0.0  # a minute passes
    await shop.block(22)
    assert await state(shop, refund) == ("done", None)


async def test_without_a_wallet_a_person_sends_it_and_the_chain_tells(database: str) -> None:
    async with open_shop(database, refunds={}) as shop:
        refund = await ask_back(shop, 5 * TRX)
        await shop.block(2)
        assert await state(shop, refund) == ("waiting", RefundWait.NO_WALLET)
        by_hand = Transfer(address("payments"), address("ann"), refund.sent_sun)
        txid = shop.send(by_hand, "payments")
        await shop.block(21)
        assert await state(shop, refund) == ("done", None)
        assert (USER, NoticeKind.REFUND_DONE) in await shop.told()
        async with shop.database.transaction() as tx:
            row = await tx.refunds.get(refund.id)
        assert row is not None
        assert row.txid == txid
        assert (await shop.balances())["refunds"] == 0


async def test_what_the_operator_takes_out_follows_into_the_books(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    shop.send(Transfer(address("payments"), address("holder"), 2 * TRX), "payments")
    await shop.block(21)
    balances = await shop.balances()
    assert balances["owner"] == 2 * TRX
    assert balances[f"chain:{address('payments')}"] == order.amount_sun - 2 * TRX
    assert AlertKind.UNKNOWN_TRANSACTION not in await shop.alert_kinds()


async def test_a_transaction_signed_with_our_key_by_somebody_else_is_told_at_once(
    shop: Shop,
) -> None:
    shop.send(Transfer(address("wallet"), address("ben"), TRX), "wallet")
    await shop.block()
    assert AlertKind.UNKNOWN_TRANSACTION in await shop.alert_kinds()


async def test_a_held_payment_is_refunded_by_a_persons_word(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        txid = shop.send(Transfer(address("ben"), address("payments"), 5 * TRX), "ben")
        await shop.block(2)
        async with shop.database.transaction() as tx:
            payment = await tx.payments.find(txid, 0)
        assert payment is not None
        await shop.staff(Act.REFUND_PAYMENT, payment=payment.id)
        await shop.block(22)
        assert (await shop.payment_status(txid))[0] == "refunded"
        assert sent_to(shop, "ben") == [5 * TRX - FEE]


def test_the_wallets_key_is_never_shown(database: str) -> None:
    secret = key_hex("wallet")
    wallet = SigningKey.from_hex(secret)
    assert secret not in repr(wallet)
