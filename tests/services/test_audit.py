"""The audit: a clean day is true, and whatever is wrong with the books is found and named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chain.addresses import Address
from chain.contracts import (
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.errors import ChainError
from composition import build_services
from db.audit import (
    AddressBooksRow,
    LentRow,
    PaymentBooksRow,
    RecordedPaymentRow,
    UnbookedRow,
)
from sandbox.tron.faults import NodeFault
from sandbox.tron.payout import pay_data
from services.acts import Act
from services.alerts import AlertKind
from services.audit import CHEAP, scope_of
from services.audit_balances import SearchBounds, expected_sun, explained_sun, state_key
from services.audit_blocks import Incoming, incoming_differences
from services.audit_books import expected_of, payment_differences
from services.audit_report import Check, Difference, Report, fingerprint
from services.audit_stakes import OwnerLending, lent_by_owner, pair_difference
from services.order_views import Stage
from tests.services.test_invariants import (
    CONFIRMATIONS,
    POOLS,
    STEPS,
    Blocks,
    Day,
    Order,
    Pay,
    Step,
)
from tests.support.servers import DatabasePlace
from tests.support.shop import PAYOUT, TRX, USER, Shop, address, open_shop

SOLID = 19
READ_ONLY = scope_of(read_only=True)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    """A shop whose books are open: its first blocks are solid."""
    async with open_shop(database) as opened:
        await opened.block(SOLID)
        await true_audit(opened)
        yield opened


async def true_audit(shop: Shop) -> Report:
    report = await shop.services.audit.run()
    assert report.differences == ()
    assert report.unproved == {}
    assert report.true
    return report


async def change(shop: Shop, *statements: str) -> None:
    """Somebody tampers with the database, triggers and all."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await tx.connection.execute(statement)


async def rows(shop: Shop, query: str, *arguments: object) -> list[dict[str, Any]]:
    async with shop.database.transaction() as tx:
        return [dict(row) for row in await tx.connection.fetch(query, *arguments)]


async def sale(shop: Shop) -> str:
    """A sale, delivered and solid; returns the payment's transaction."""
    order = await shop.order()
    txid = shop.pay(order)
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    await shop.block(SOLID)
    return txid


def named(report: Report, check: Check) -> set[str | None]:
    return {each.txid for each in report.of(check)}


def whats(report: Report) -> str:
    return "\n".join(map(str, report.differences))


# ── a clean day ──────────────────────────────────────────────────────────────────────────────────


async def test_the_books_begin_with_what_the_operator_has(shop: Shop) -> None:
    balances = await shop.balances()
    assert balances[f"chain:{address('payments')}"] == shop.trx_of("payments") == 10 * TRX
    assert balances[f"chain:{address('wallet')}"] == shop.trx_of("wallet")
    assert balances["owner"] == -shop.trx_of("payments") - shop.trx_of("wallet")


async def test_the_books_begin_once(shop: Shop) -> None:
    before = await shop.balances()
    await true_audit(shop)
    await shop.services.audit.run(scope_of(full=True))
    assert await shop.balances() == before


async def test_two_audits_at_once_open_the_books_once(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.block(SOLID)
        second = build_services(shop.settings, shop.database, shop.node)
        await asyncio.gather(shop.services.audit.run(), second.audit.run())
        assert (await shop.balances())[f"chain:{address('payments')}"] == 10 * TRX
        await true_audit(shop)


async def test_before_the_first_block_is_solid_nothing_is_claimed(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.block(2)
        report = await shop.services.audit.run()
        assert not report.true
        assert report.differences == ()
        assert Check.BALANCES in report.unproved
        assert (await shop.balances()) == {}


async def test_a_clean_day_is_true(shop: Shop) -> None:
    """Sales, an overpayment, a payment from the balance, a flash rental, a refund, fees."""
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun + 5 * TRX)
    await shop.block(3)
    await true_audit(shop)
    prepaid = await shop.order()
    await shop.block(SOLID)
    if await shop.balance() < prepaid.amount_sun:
        shop.send(Transfer(address("ann"), address("payments"), 40 * TRX), "ann")
        await shop.block(3)
    flash = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
    dust = shop.send(Transfer(address("ben"), address("payments"), 10), "ben")
    shop.send(Transfer(address("payments"), address("wallet"), 3 * TRX), "payments")
    shop.send(Transfer(address("payments"), address("holder"), TRX), "payments")
    for _ in range(4):
        await shop.block()
        report = await shop.services.audit.run(CHEAP)
        assert report.true, whats(report)
    assert (await shop.payment_status(flash))[0] in ("matched", "delivered")
    assert (await shop.payment_status(dust))[0] == "dust"
    for _ in range(SOLID):
        await shop.block()
        report = await shop.services.audit.run()
        assert report.true, whats(report)
    shop.advance(3_700)
    await shop.block(SOLID)
    await true_audit(shop)
    report = await shop.services.audit.run(scope_of(full=True))
    assert report.true
    assert "payments" in report.checked[Check.LEDGER]


async def test_refunds_and_balances_are_true_at_every_block(database: str) -> None:
    async with open_shop(database, flash=False) as shop:
        await shop.block(SOLID)
        await true_audit(shop)
        txid = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
        await shop.block(3)
        [held] = await rows(shop, "SELECT id FROM payments WHERE txid = $1", txid)
        await shop.staff(Act.REFUND_PAYMENT, payment=held["id"])
        for _ in range(SOLID + 4):
            await shop.block()
            report = await shop.services.audit.run()
            assert report.true, whats(report)
        assert await shop.payment_status(txid) == ("refunded", "no_order")
        order = await shop.order()
        paid = shop.pay(order, sun=order.amount_sun * 4)
        await shop.block(3)
        assert (await shop.payment_status(paid))[0] == "delivered"
        second = await shop.order()
        await shop.services.balances.pay(USER, second.id)
        await true_audit(shop)
        await shop.block(SOLID)
        await true_audit(shop)
        assert (await shop.look(second)).stage is Stage.DELIVERED


async def test_the_cheap_audit_asks_little(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await sale(shop)
    await shop.services.audit.run(CHEAP)
    asked: list[str] = []
    ask = shop.node._ask

    async def counted(lines: Any, path: str, *arguments: Any, **named: Any) -> Any:
        asked.append(path)
        return await ask(lines, path, *arguments, **named)

    monkeypatch.setattr(shop.node, "_ask", counted)
    report = await shop.services.audit.run(CHEAP)
    assert report.true
    # Two addresses and a pool, between two questions about which block is solid.
    accounts = ["walletsolidity/getaccount"] * 3
    assert asked == ["walletsolidity/getnowblock", *accounts, "walletsolidity/getnowblock"]


async def test_only_new_blocks_are_read_again(shop: Shop) -> None:
    await shop.block(3)
    first = await true_audit(shop)
    second = await true_audit(shop)
    assert "new" in second.checked[Check.BLOCKS]
    assert "to" in first.checked[Check.BLOCKS]


# ── what is wrong with the ledger in itself ──────────────────────────────────────────────────────


async def test_a_missing_entry_is_found(shop: Shop) -> None:
    txid = await sale(shop)
    await change(shop, "DELETE FROM ledger_entries WHERE event = 'paid' AND account LIKE 'chain:%'")
    report = await shop.services.audit.run()
    assert txid in named(report, Check.LEDGER)
    assert "does not sum to zero" in whats(report)
    assert "another balance" in whats(report)


async def test_a_missing_transfer_is_found(shop: Shop) -> None:
    txid = await sale(shop)
    await change(shop, "DELETE FROM ledger_entries WHERE event = 'delivered'")
    for scope in (CHEAP, READ_ONLY):
        report = await shop.services.audit.run(scope)
        assert named(report, Check.LEDGER) == {txid}
        assert "waiting for delivery" in whats(report)


async def test_a_tampered_balance_is_found(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun * 2)
    await shop.block(3)
    assert await shop.balance() > 0
    await change(shop, "UPDATE customer_balances SET balance_sun = balance_sun + 7")
    report = await shop.services.audit.run()
    [difference] = report.differences
    assert f"user:{USER}" in difference.what
    assert difference.off_sun == 7


async def test_what_came_back_for_an_early_end_has_to_be_booked_to_who_ended_it(
    shop: Shop,
) -> None:
    await sale(shop)
    [order] = (await shop.services.orders.page(USER, 1)).orders
    await shop.services.early_ends.end(USER, order.id)
    await shop.block(3)
    credit_sun = await shop.balance()
    assert credit_sun > 0
    await shop.block(SOLID)
    await true_audit(shop)
    for tampering in (
        "UPDATE energy_flash_orders SET early_credit_sun = early_credit_sun + 1",
        "DELETE FROM ledger_entries WHERE event = 'ended_early'",
    ):
        await change(shop, tampering)
        report = await shop.services.audit.run(CHEAP)
        said = whats(report)
        assert f"order {order.number}, besides its payments, booked as earned" in said
        assert f"order {order.number}, besides its payments, booked as come back" in said


async def test_a_changed_amount_is_found(shop: Shop) -> None:
    txid = await sale(shop)
    await change(
        shop,
        f"UPDATE payments SET amount_sun = amount_sun + 1, order_sun = order_sun + 1 "
        f"WHERE txid = '{txid}'",
    )
    report = await shop.services.audit.run(scope_of(full=True))
    assert txid in named(report, Check.LEDGER)
    assert txid in named(report, Check.BLOCKS)
    assert "another amount" in whats(report)
    cheap = await shop.services.audit.run(CHEAP)
    assert named(cheap, Check.LEDGER) == {txid}


async def test_a_wrong_fee_is_found(shop: Shop) -> None:
    await sale(shop)
    [row] = await rows(shop, "SELECT txid FROM chain_transactions WHERE kind = 'delegate'")
    await change(shop, f"UPDATE chain_transactions SET fee_sun = 9 WHERE txid = '{row['txid']}'")
    report = await shop.services.audit.run()
    assert named(report, Check.LEDGER) == {row["txid"]}


async def test_a_refund_that_is_not_booked_is_found(database: str) -> None:
    async with open_shop(database, flash=False, refunds={}) as shop:
        await shop.block(SOLID)
        txid = shop.send(Transfer(address("ben"), address("payments"), 20 * TRX), "ben")
        await shop.block(3)
        [held] = await rows(shop, "SELECT id FROM payments WHERE txid = $1", txid)
        await shop.staff(Act.REFUND_PAYMENT, payment=held["id"])
        await shop.block(SOLID)
        await true_audit(shop)
        await change(shop, "UPDATE refunds SET amount_sun = amount_sun + 1")
        report = await shop.services.audit.run()
        assert "refund" in whats(report)
        assert not report.true


# ── what is wrong between the chain and the books ────────────────────────────────────────────────


async def test_a_deleted_payment_is_found(shop: Shop) -> None:
    txid = await sale(shop)
    await change(
        shop,
        f"DELETE FROM ledger_entries WHERE payment_id = "
        f"(SELECT id FROM payments WHERE txid = '{txid}')",
        f"DELETE FROM payments WHERE txid = '{txid}'",
    )
    report = await shop.services.audit.run()
    assert txid in named(report, Check.BLOCKS)
    cheap = await shop.services.audit.run(CHEAP)
    assert txid in named(cheap, Check.BLOCKS), "the balance differs, so its cause is looked for"
    assert "another balance" in whats(cheap)


async def test_an_invented_payment_is_found(shop: Shop) -> None:
    txid = await sale(shop)
    invented = "ab" * 32
    await change(shop, f"UPDATE payments SET txid = '{invented}' WHERE txid = '{txid}'")
    report = await shop.services.audit.run()
    assert named(report, Check.BLOCKS) == {txid, invented}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("block_number", "block_number - 1"),
        ("sender", f"'{address('holder')}'"),
        ("receiver", f"'{address('wallet')}'"),
    ],
)
async def test_a_payment_recorded_otherwise_is_found(shop: Shop, column: str, value: str) -> None:
    txid = await sale(shop)
    await change(shop, f"UPDATE payments SET {column} = {value} WHERE txid = '{txid}'")
    report = await shop.services.audit.run()
    assert txid in named(report, Check.BLOCKS)
    assert column.removesuffix("_number") in whats(report)


async def test_a_stray_withdrawal_is_found(shop: Shop) -> None:
    """One that the scanner never saw: its row is gone, its money too."""
    txid = shop.send(Transfer(address("payments"), address("holder"), TRX), "payments")
    await shop.block(SOLID)
    await shop.block()
    await change(
        shop,
        f"DELETE FROM ledger_entries WHERE txid = '{txid}'",
        f"DELETE FROM owner_transactions WHERE txid = '{txid}'",
    )
    report = await shop.services.audit.run(CHEAP)
    assert txid in named(report, Check.BLOCKS)
    [balance] = report.of(Check.BALANCES)
    assert balance.address == address("payments")
    assert balance.off_sun <= -TRX


async def test_what_an_owner_froze_is_named(shop: Shop) -> None:
    txid = shop.send(FreezeBalanceV2(address("payments"), 2 * TRX, Resource.BANDWIDTH), "payments")
    await shop.block(SOLID + 1)
    report = await shop.services.audit.run(CHEAP)
    assert txid in named(report, Check.BALANCES)
    assert "FreezeBalanceV2Contract" in whats(report)

    # Understood, and settled: the books of the address begin anew.
    await change(shop, f"DELETE FROM settings WHERE key = '{state_key(address('payments'))}'")
    owner_before = (await shop.balances())["owner"]
    await true_audit(shop)
    assert (await shop.balances())["owner"] == owner_before + 2 * TRX


async def test_a_transaction_in_a_wrong_block_is_found(shop: Shop) -> None:
    await sale(shop)
    [row] = await rows(shop, "SELECT txid FROM chain_transactions WHERE kind = 'delegate'")
    await change(
        shop,
        f"UPDATE chain_transactions SET block_number = block_number + 1 "
        f"WHERE txid = '{row['txid']}'",
    )
    report = await shop.services.audit.run()
    assert named(report, Check.BLOCKS) == {row["txid"]}


# ── payments by contracts ────────────────────────────────────────────────────────────────────────


def pay_by_contract(shop: Shop, sun: int) -> str:
    call = TriggerSmartContract(address("ben"), PAYOUT, pay_data([(address("payments"), sun)]), sun)
    return shop.send(call, "ben")


async def test_a_payment_by_a_contract_is_recorded(shop: Shop) -> None:
    txid = pay_by_contract(shop, 33 * TRX)
    await shop.block(SOLID)
    assert await rows(shop, "SELECT 1 FROM payments WHERE txid = $1", txid) == []
    report = await shop.services.audit.run(READ_ONLY)
    assert txid in named(report, Check.BALANCES)
    assert await rows(shop, "SELECT 1 FROM payments WHERE txid = $1", txid) == []

    report = await shop.services.audit.run(CHEAP)

    assert report.true, whats(report)
    assert report.mended == (txid,)
    await shop.block(2)
    [payment] = await rows(shop, "SELECT * FROM payments WHERE txid = $1", txid)
    assert (payment["status"], payment["reason"]) == ("held", "by_contract")
    assert (payment["position"], payment["amount_sun"]) == (1, 33 * TRX)
    await true_audit(shop)
    report = await shop.services.audit.run(scope_of(full=True))
    assert report.true, whats(report)


async def test_a_payment_by_a_contract_pays_its_order(shop: Shop) -> None:
    order = await shop.order()
    pay_by_contract(shop, order.amount_sun)
    await shop.block(SOLID)
    await shop.services.audit.watch()
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert await told(shop) == []


async def test_a_long_search_goes_on_where_it_ended(shop: Shop) -> None:
    await shop.block(7)
    txid = pay_by_contract(shop, 33 * TRX)
    await shop.block(SOLID)
    step = replace(CHEAP, bounds=SearchBounds(blocks=3, contract_blocks=2))
    runs = 0
    while not (report := await shop.services.audit.run(step)).true:
        [difference] = report.differences
        assert difference.off_sun == 33 * TRX
        assert "goes on" in difference.mend
        runs += 1
        assert runs < 20
    assert report.mended == (txid,)
    assert runs > 5
    await true_audit(shop)


# ── stake ────────────────────────────────────────────────────────────────────────────────────────


def lend(shop: Shop, to: str, trx: int, *, by: str = "pool", permission_id: int = 0) -> str:
    contract = DelegateResource(address("pool"), address(to), trx * TRX, Resource.ENERGY)
    return shop.send(contract, by, permission_id=permission_id)


def take(shop: Shop, from_: str, sun: int) -> str:
    contract = UnDelegateResource(address("pool"), address(from_), sun, Resource.ENERGY)
    return shop.send(contract, "pool")


async def test_what_the_owner_lends_and_takes_back_is_theirs(shop: Shop) -> None:
    lend(shop, "holder", 50)
    for _ in range(SOLID + 2):
        await shop.block()
        report = await shop.services.audit.run()
        assert report.true, whats(report)
    take(shop, "holder", 20 * TRX)
    await shop.block()
    await true_audit(shop)
    await shop.block(SOLID)
    await true_audit(shop)
    await true_audit(shop)


async def test_what_was_lent_before_the_first_audit_is_the_owners(database: str) -> None:
    async with open_shop(database) as shop:
        lend(shop, "holder", 50)
        await shop.block(SOLID + 1)
        await true_audit(shop)
        await sale(shop)
        await true_audit(shop)


async def test_a_foreign_delegation_by_the_hot_key_is_found(shop: Shop) -> None:
    txid = lend(shop, "holder", 50, by="hot", permission_id=2)
    await shop.block(SOLID)
    report = await shop.services.audit.run()
    assert named(report, Check.SIGNATURES) == {txid}
    [orphan] = report.of(Check.DELEGATIONS)
    assert (orphan.txid, orphan.address, orphan.receiver) == (
        txid,
        address("pool"),
        address("holder"),
    )
    assert orphan.off_sun == 50 * TRX
    cheap = await shop.services.audit.run(CHEAP)
    assert named(cheap, Check.DELEGATIONS) == {txid}

    take(shop, "holder", 50 * TRX)
    await shop.block(SOLID)
    later = await shop.services.audit.run(scope_of(since=shop.chain.solid.number))
    assert later.true, "the stake is back, and its owner has seen it"
    await true_audit(shop)


async def test_an_orphan_delegation_is_found(shop: Shop) -> None:
    """Of a rental that the database has forgotten."""
    await sale(shop)
    await change(shop, "DELETE FROM energy_delegations", "DELETE FROM chain_transactions")
    report = await shop.services.audit.run()
    [orphan] = report.of(Check.DELEGATIONS)
    assert orphan.receiver == address("ann")
    assert "no rental" in orphan.what


async def test_stake_that_its_owner_took_back_is_missing(shop: Shop) -> None:
    await sale(shop)
    await true_audit(shop)
    lent = shop.delegated_sun("pool", "ann")
    txid = take(shop, "ann", lent // 2)
    await shop.block(SOLID)
    report = await shop.services.audit.run()
    [missing] = report.of(Check.DELEGATIONS)
    assert (missing.txid, missing.receiver) == (txid, address("ann"))
    assert missing.off_sun == -(lent // 2)
    assert named(await shop.services.audit.run(CHEAP), Check.DELEGATIONS) == {txid}

    shop.advance(3_700)  # the rental is over, and takes back what is left
    await shop.block(SOLID + 3)
    await true_audit(shop)


async def test_stake_that_is_lent_again_is_not_missing(shop: Shop) -> None:
    await sale(shop)
    await true_audit(shop)
    take(shop, "ann", 5 * TRX)
    await shop.block(SOLID)
    assert not (await shop.services.audit.run()).true
    lend(shop, "ann", 5)
    await shop.block(SOLID)
    await true_audit(shop)


async def test_every_block_of_a_rental_is_true(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    for step in range(2 * SOLID + 8):
        if step == SOLID + 4:
            shop.advance(3_700)
        shop.chain.produce_block()
        await shop.services.scanner.scan()
        report = await shop.services.audit.run(CHEAP)
        assert report.true, whats(report)
        await shop.work()
        report = await shop.services.audit.run()
        assert report.true, whats(report)
    assert (await shop.look(order)).stage is Stage.ENDED


# ── alarms ───────────────────────────────────────────────────────────────────────────────────────


async def told(shop: Shop) -> list[dict[str, Any]]:
    return await rows(
        shop,
        "SELECT details, closed_at FROM alerts WHERE kind = $1 ORDER BY id",
        AlertKind.BOOKS_DIFFER,
    )


def test_it_is_a_job_of_the_shop(shop: Shop) -> None:
    [job] = [job for job in shop.services.jobs(3) if job.work == shop.services.audit.watch_due]
    assert (job.every_seconds, job.woken_by) == (60, frozenset())


async def test_messages_that_cannot_be_sent_are_a_warning_only(shop: Shop) -> None:
    await sale(shop)
    await change(
        shop, "UPDATE outbox SET attempts = 3, created_at = created_at - interval '2 hours'"
    )
    report = await true_audit(shop)
    [warning] = report.warnings
    assert "tried in vain" in warning


async def test_the_same_difference_alarms_once(shop: Shop) -> None:
    txid = await sale(shop)
    assert len((await shop.services.audit.watch()).differences) == 0
    await change(shop, "DELETE FROM ledger_entries WHERE event = 'delivered'")
    assert len((await shop.services.audit.watch()).differences) == 2
    await sale(shop)
    assert len((await shop.services.audit.watch()).differences) == 2
    [notice] = await told(shop)
    assert notice["details"]["count"] == 2
    assert all(txid in said for said in notice["details"]["differences"])
    await change(shop, "UPDATE customer_balances SET balance_sun = balance_sun + 1",
                 f"INSERT INTO customer_balances VALUES ('user:{USER}', 5)")  # fmt: skip
    assert len((await shop.services.audit.watch()).differences) > 2
    first, second = await told(shop)
    assert first["closed_at"] is not None, "what differs now is another thing"
    assert second["closed_at"] is None


@pytest.mark.parametrize(
    "fault",
    [NodeFault.REFUSE_CONNECTION, NodeFault.TRUNCATED, NodeFault.UNAVAILABLE],
)
async def test_an_outage_alarms_nobody(shop: Shop, fault: NodeFault) -> None:
    await sale(shop)
    shop.faults.plan(fault, 100)
    with pytest.raises(ChainError):
        await shop.services.audit.watch()
    shop.faults.clear()
    assert await told(shop) == []


@pytest.mark.parametrize(
    ("method", "count"),
    [
        ("getaccount", 5),  # at two looks
        ("getnowblock", 2),
        ("getdelegatedresourcev2", 1),
        ("gettransactioninfobyid", 1),
    ],
)
async def test_a_node_that_lags_alarms_nobody(shop: Shop, method: str, count: int) -> None:
    """At every block of a sale: also while its payment and its stake become solid."""
    order = await shop.order()
    shop.pay(order)
    shop.send(Transfer(address("payments"), address("holder"), TRX), "payments")
    for _ in range(SOLID + 8):
        await shop.block()
        shop.faults.plan(NodeFault.LAGGING, count, methods=[method], amount=5)
        await shop.services.audit.watch()
        shop.faults.clear()
        assert await told(shop) == []
        await shop.services.audit.watch()
    await true_audit(shop)


async def test_books_do_not_begin_with_the_answer_of_a_node_that_lags(database: str) -> None:
    async with open_shop(database) as shop:
        shop.send(Transfer(address("holder"), address("payments"), TRX // 2), "holder")
        await shop.block(SOLID)
        shop.faults.plan(NodeFault.LAGGING, 5, methods=["getaccount"], amount=5)
        report = await shop.services.audit.run()
        assert Check.BALANCES in report.unproved
        assert report.differences == ()
        shop.faults.clear()
        await true_audit(shop)
        await shop.block(3)
        await true_audit(shop)


async def test_a_scanner_that_is_behind_alarms_nobody(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.chain.produce_blocks(2 * SOLID)
    report = await shop.services.audit.run()
    assert report.differences == ()
    assert "is solid" in report.unproved[Check.BALANCES]
    await shop.work()
    await true_audit(shop)


@pytest.mark.parametrize("transactions", ["wait", "vanish"])
async def test_a_fork_alarms_nobody(shop: Shop, transactions: Any) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(4)
    lend(shop, "holder", 50)
    await shop.block(2)
    await true_audit(shop)
    shop.chain.fork(7, transactions)
    assert len((await shop.services.audit.watch()).differences) == 0, (
        "while the fork is not read yet"
    )
    for _ in range(SOLID + 4):
        await shop.block()
        assert len((await shop.services.audit.watch()).differences) == 0
    if transactions == "wait":
        await true_audit(shop)


@given(script=st.lists(STEPS, min_size=6, max_size=16), random=st.randoms())
@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_happens_the_audit_is_true(
    database_place: DatabasePlace, script: list[Step], random: Random
) -> None:
    """At no moment of a bad day does it see a difference; at the end everything is proved."""
    async with (
        database_place.database() as dsn,
        open_shop(dsn, pools=POOLS, confirmations=CONFIRMATIONS) as shop,
    ):
        await shop.block(SOLID)
        day = Day(shop, build_services(shop.settings, shop.database, shop.node), random)
        for step in (Order(USER, 2), Pay(0), Blocks(2), *script):
            await day.play(step)
            with suppress(ChainError):
                for scope in (CHEAP, READ_ONLY):
                    report = await shop.services.audit.run(scope)
                    assert report.differences == (), (step, whats(report))
        shop.faults.clear()
        await day.resend()
        await shop.block(SOLID)
        await true_audit(shop)
        report = await shop.services.audit.run(scope_of(full=True))
        assert report.true, whats(report)


# ── the comparisons by themselves ────────────────────────────────────────────────────────────────

SUN = st.integers(1, 10**15)
STATUS = st.sampled_from(
    ["seen", "orphaned", "matched", "flash", "delivered", "credited", "held", "refunding",
     "refunded", "dust", "own"]
)  # fmt: skip


@st.composite
def booked_payments(draw: st.DrawFn) -> PaymentBooksRow:
    """A payment, and exactly what must be booked for it."""
    status, amount = draw(STATUS), draw(SUN)
    order = draw(st.integers(0, amount)) if status in ("matched", "delivered") else 0
    credited = amount - order if status in ("matched", "delivered", "credited") else 0
    expected = expected_of(status, amount_sun=amount, order_sun=order, credited_sun=credited)
    return PaymentBooksRow(
        status=status,
        txid=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        position=0,
        block_number=draw(st.integers(1, 10**8)),
        amount_sun=amount,
        order_sun=order,
        credited_sun=credited,
        received_sun=expected.received,
        held_sun=expected.held,
        orders_sun=expected.orders,
        revenue_sun=expected.revenue or 0,
        customers_sun=expected.customers or 0,
        dust_sun=expected.dust,
        own_sun=expected.own,
    )


SUMS = (
    "amount_sun", "order_sun", "credited_sun", "received_sun", "held_sun", "orders_sun",
    "revenue_sun", "customers_sun", "dust_sun", "own_sun",
)  # fmt: skip


@given(st.lists(booked_payments(), min_size=1), st.data())
def test_what_holds_for_payments_holds_for_their_sums(
    payments: list[PaymentBooksRow], data: st.DataObject
) -> None:
    status = data.draw(st.sampled_from([each.status for each in payments]))
    same = [each for each in payments if each.status == status]
    total = replace(
        same[0], txid=None, **{name: sum(getattr(each, name) for each in same) for name in SUMS}
    )
    assert list(payment_differences([*payments, total])) == []


@given(booked_payments(), st.sampled_from(SUMS[3:]), st.integers(-(10**15), 10**15))
def test_any_sun_booked_otherwise_is_found(
    payment: PaymentBooksRow, name: str, off_sun: int
) -> None:
    wrong = replace(payment, **{name: getattr(payment, name) + off_sun})
    found = list(payment_differences([wrong]))
    assert [each.off_sun for each in found] == ([off_sun] if off_sun else [])
    assert all(each.txid == payment.txid for each in found)


@given(STATUS, SUN)
def test_each_sun_received_is_owed_earned_or_gone(status: str, amount: int) -> None:
    credited = amount if status == "credited" else 0
    order = amount if status in ("matched", "delivered") else 0
    it = expected_of(status, amount_sun=amount, order_sun=order, credited_sun=credited)
    parts = it.held + it.orders + (it.revenue or 0) + (it.customers or 0) + it.dust + it.own
    assert parts == (0 if status in ("refunding", "refunded") else it.received)


TRANSFERS = st.lists(
    st.builds(
        Incoming,
        txid=st.text("ab", min_size=1, max_size=4),
        position=st.just(0),
        sender=st.sampled_from("XY"),
        receiver=st.sampled_from("PW"),
        amount_sun=st.integers(1, 5),
        block_number=st.integers(1, 3),
    ),
    unique_by=lambda each: each.txid,
)


def recorded(transfer: Incoming, status: str = "held") -> RecordedPaymentRow:
    return RecordedPaymentRow(
        transfer.txid,
        transfer.position,
        transfer.sender,
        transfer.receiver,
        transfer.amount_sun,
        transfer.block_number,
        status,
    )


@given(TRANSFERS, TRANSFERS)
def test_exactly_what_differs_is_named(chain: list[Incoming], books: list[Incoming]) -> None:
    differing = {each.txid for each in set(chain) ^ set(books)}
    found = list(incoming_differences(chain, map(recorded, books)))
    assert {each.txid for each in found} == differing


@given(TRANSFERS)
def test_an_unmade_payment_is_not_expected_in_the_chain(transfers: list[Incoming]) -> None:
    rows = [recorded(each, "orphaned") for each in transfers]
    assert list(incoming_differences([], rows)) == []
    assert len(list(incoming_differences(transfers, rows))) == len(transfers)


@given(SUN, SUN, st.lists(st.tuples(st.sampled_from("AB"), SUN, st.booleans(), SUN)))
def test_what_left_an_address_is_missing_there_and_nowhere_else(
    booked: int, seen: int, left: list[tuple[str, int, bool, int]]
) -> None:
    unbooked = [
        UnbookedRow(str(index), owner, sent, unread)
        for index, (owner, sent, unread, _) in enumerate(left)
    ]
    fees = {str(index): fee for index, (_, _, unread, fee) in enumerate(left) if unread}
    at_a = expected_sun(AddressBooksRow("A", booked, seen), unbooked, fees)
    gone = sum(sent + fee * unread for owner, sent, unread, fee in left if owner == "A")
    assert at_a == booked + seen - gone


@given(
    settled=st.integers(0, 100),
    coming=st.integers(0, 100),
    going=st.integers(0, 100),
    owner=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    found=st.integers(0, 400),
)
def test_only_what_is_in_flight_may_be_there_or_not(
    settled: int, coming: int, going: int, owner: tuple[int, int], found: int
) -> None:
    going = min(going, settled)
    row = LentRow("P", "R", settled, coming, going)
    difference = pair_difference("P", "R", found, row, owner, [])
    allowed = range(settled - going + min(owner), settled + coming + max(owner) + 1)
    assert (difference is None) == (found in allowed)
    if difference is not None:
        assert difference.off_sun != 0


@given(
    st.dictionaries(st.sampled_from("RS"), st.integers(1, 50)),
    st.lists(st.tuples(st.sampled_from("RS"), st.integers(-50, 50), st.booleans())),
)
def test_nobody_owes_stake_to_a_pool(
    before: dict[str, int], acts: list[tuple[str, int, bool]]
) -> None:
    lendings = [
        OwnerLending(str(index), receiver, sun, index, by_us)
        for index, (receiver, sun, by_us) in enumerate(acts)
    ]
    now = lent_by_owner(before, lendings)
    assert all(sun > 0 for sun in now.values())
    assert lent_by_owner(before, [each for each in lendings if each.by_us]) == before
    up = sum(sun for _, sun, by_us in acts if not by_us and sun > 0)
    assert sum(now.values()) <= sum(before.values()) + up


DIFFERENCES = st.lists(
    st.builds(
        Difference,
        check=st.sampled_from(Check),
        what=st.text(max_size=5),
        txid=st.none() | st.text("ab", max_size=3),
        expected=st.integers(-9, 9),
        found=st.integers(-9, 9),
    ),
    max_size=5,
)


@given(DIFFERENCES, st.randoms(), st.integers())
def test_the_fingerprint_is_of_what_is_off(
    differences: list[Difference], random: Any, sold: int
) -> None:
    later = [
        replace(each, expected=int(each.expected or 0) + sold, found=int(each.found or 0) + sold)
        for each in differences
    ]
    random.shuffle(later)
    assert fingerprint(later) == fingerprint(differences)
    if differences:
        assert fingerprint(later[1:]) != fingerprint(differences)
        worse = [replace(later[0], found=int(later[0].found or 0) + 1), *later[1:]]
        assert fingerprint(worse) != fingerprint(differences)


def test_differences_in_blocks_explain_a_balance() -> None:
    ours, theirs = Address(address("payments")), Address(address("wallet"))
    missing = Difference(check=Check.BLOCKS, what="missing", address=ours, expected=5, found=0)
    invented = Difference(check=Check.BLOCKS, what="invented", address=ours, expected=0, found=2)
    assert explained_sun([missing, invented], ours) == 3
    assert explained_sun([missing, invented], theirs) == 0


async def test_the_job_looks_again_soon_where_something_was_not_compared(shop: Shop) -> None:
    audit = shop.services.audit
    # No solid block is among those that were read yet: nothing can be compared.
    shop.chain.produce_blocks(30)
    await audit.watch_due()
    soon = audit._due_at
    await shop.block()
    assert await audit.watch_due() == 0, "it is not due"
    assert audit._due_at == soon
    audit._due_at = 0.0  # a minute passes
    await shop.block()
    await audit.watch_due()
    assert audit._due_at - soon > 300, "all was compared: ten minutes are enough"
    async with shop.database.transaction() as tx:
        opened = await tx.connection.fetchval(
            "SELECT count(*) FROM ledger_entries WHERE event = 'opening' AND account LIKE 'chain:%'"
        )
    assert opened == 2
