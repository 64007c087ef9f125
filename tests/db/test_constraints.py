"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.chain_transactions import NewChainTransaction
from db.database import Database, Transaction
from db.ledger import Overdrawn
from db.orders import AmountTaken, OrderRow
from db.payments import NewPayment
from db.prices import PriceRow

PAY_TO = "TLHRSskGceCyDkkEQdwc29dWGiPg3FG91d"
RECIPIENT = "TQ3cfFrzUNTwLqnZ2evHuZQaCLruxtyxbt"
USER = 7_000_001
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    async with Database(database, connections=4) as opened:
        async with opened.transaction() as tx:
            await tx.customers.greet(USER, language="en", first_name="Ann", username=None)
            await tx.prices.publish([PriceRow("1h", Decimal(1), 40, 1_000_000)])
        yield opened


async def new_quote(tx: Transaction) -> UUID:
    return await tx.quotes.store(
        user_id=USER,
        recipient_address=RECIPIENT,
        destination_address=None,
        price_config_id="1h",
        transaction_count=1,
        energy_per_transaction=70_714,
        price_sun=2_828_560,
        burn_sun=6_428_500,
        holds_until=NOW + timedelta(minutes=10),
    )


async def place(tx: Transaction, amount_sun: int) -> OrderRow:
    quote = await tx.quotes.lock(await new_quote(tx))
    assert quote is not None
    return await tx.orders.place(
        quote,
        payment_address=PAY_TO,
        amount_sun=amount_sun,
        ordered_at=NOW,
        pay_until=NOW + timedelta(minutes=30),
    )


async def test_two_open_orders_never_ask_for_the_same_amount(db: Database) -> None:
    async with db.transaction() as tx:
        await place(tx, 2_828_561)
        with pytest.raises(AmountTaken):
            await place(tx, 2_828_561)
        await place(tx, 2_828_562)


async def test_the_amount_of_an_expired_order_stays_reserved_until_it_is_released(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        order = await place(tx, 2_828_561)
        expired = await tx.orders.expire_unpaid(NOW + timedelta(hours=1), 10)
        assert [row.id for row in expired] == [order.id]
        with pytest.raises(AmountTaken):
            await place(tx, 2_828_561)
        await tx.orders.release_amounts(NOW + timedelta(hours=1))
        await place(tx, 2_828_561)


async def test_a_quote_becomes_one_order_at_most(db: Database) -> None:
    async with db.transaction() as tx:
        quote = await tx.quotes.lock(await new_quote(tx))
        assert quote is not None

    async def order(amount_sun: int) -> None:
        async with db.transaction() as tx:
            await tx.orders.place(
                quote,
                payment_address=PAY_TO,
                amount_sun=amount_sun,
                ordered_at=NOW,
                pay_until=NOW + timedelta(minutes=30),
            )

    await order(2_828_561)
    with pytest.raises(asyncpg.UniqueViolationError):
        await order(2_828_562)


async def test_an_order_is_not_paid_without_a_payment(db: Database) -> None:
    async with db.transaction() as tx:
        order = await place(tx, 2_828_561)
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.connection.execute(
                "UPDATE energy_flash_orders SET status = 'paid' WHERE id = $1", order.id
            )


NEW_PAYMENT = NewPayment(
    txid="1" * 64,
    position=0,
    sender=RECIPIENT,
    receiver=PAY_TO,
    amount_sun=2_828_561,
    block_number=5,
    block_id="a" * 64,
    block_time=NOW,
    expiration=NOW + timedelta(minutes=1),
    intent="hold",
    order_id=None,
    user_id=None,
    reason="no_order",
)


async def test_a_transfer_is_recorded_once(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.payments.record(NEW_PAYMENT)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.transaction() as tx:
            await tx.payments.record(NEW_PAYMENT)


async def test_an_order_never_has_more_of_a_payment_than_there_is(db: Database) -> None:
    async with db.transaction() as tx:
        order = await place(tx, 2_828_561)
        payment = await tx.payments.record(NEW_PAYMENT)
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.payments.assign(
                payment.id, old="seen", order_id=order.id, order_sun=2_828_561, credited_sun=1
            )


async def test_a_balance_never_falls_below_zero(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.ledger.book((("held", 5), ("user:1", -5)), event="released")
    with pytest.raises(Overdrawn):
        async with db.transaction() as tx:
            await tx.ledger.book((("user:1", 6), ("orders", -6)), event="prepaid")
    with pytest.raises(Overdrawn):
        async with db.transaction() as tx:
            await tx.ledger.book((("user:2", 1), ("orders", -1)), event="prepaid")
    async with db.transaction() as tx:
        await tx.ledger.book((("user:1", 5), ("orders", -5)), event="prepaid")
        assert await tx.ledger.owed_to("user:1") == 0


async def test_two_purchases_at_once_cannot_spend_the_same_balance(db: Database) -> None:
    async with db.transaction() as tx:
        orders = [(await place(tx, 2_828_561 + each)).id for each in range(2)]
        await tx.ledger.book((("held", 5), ("user:1", -5)), event="released")

    async def spend(order_id: UUID) -> None:
        async with db.transaction() as tx:
            await tx.ledger.book(
                (("user:1", 4), ("orders", -4)), event="prepaid", order_id=order_id
            )

    outcomes = await asyncio.gather(*map(spend, orders), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Overdrawn]


async def test_the_same_event_is_booked_once(db: Database) -> None:
    async with db.transaction() as tx:
        order = await place(tx, 2_828_561)
        await tx.ledger.book((("orders", 5), ("revenue", -5)), event="delivered", order_id=order.id)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.transaction() as tx:
            await tx.ledger.book(
                (("orders", 5), ("revenue", -5)), event="delivered", order_id=order.id
            )


async def test_an_address_is_bound_to_one_customer(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.customers.greet(8, language="en", first_name="Ben", username=None)
        assert await tx.customers.bind_address(USER, RECIPIENT)
        assert await tx.customers.bind_address(USER, RECIPIENT)
        assert not await tx.customers.bind_address(8, RECIPIENT)
        assert await tx.customers.owner_of(RECIPIENT) == USER


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=5))
async def test_a_ledger_transfer_sums_to_zero_or_is_refused(
    db: Database, amounts: list[int]
) -> None:
    accounts = ["orders", "revenue", "held", f"chain:{PAY_TO}", "dust"]
    entries = list(zip(accounts, amounts, strict=False))

    async def book() -> None:
        async with db.transaction() as tx:
            await tx.ledger.book(entries, event=str(uuid4()))

    if sum(amounts) == 0:
        await book()
    else:
        with pytest.raises(asyncpg.CheckViolationError, match="is off by"):
            await book()
    async with db.transaction() as tx:
        assert sum((await tx.ledger.balances()).values()) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount_sun = amount_sun + 1",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
    ],
)
async def test_the_ledger_is_append_only(db: Database, statement: str) -> None:
    async with db.transaction() as tx:
        await tx.ledger.book(
            (("orders", 5), ("revenue", -5)), event="test", payment_id=None, order_id=None
        )
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        async with db.transaction() as tx:
            await tx.connection.execute(statement)


async def test_an_event_is_announced_once(db: Database) -> None:
    async with db.transaction() as tx:
        assert await tx.outbox.add("paid:1", chat_id=USER, kind="order_paid")
        assert not await tx.outbox.add("paid:1", chat_id=USER, kind="order_paid")


async def test_the_outbox_keeps_the_order_within_a_chat(db: Database) -> None:
    lease = timedelta(seconds=60)
    async with db.transaction() as tx:
        for number, chat in enumerate((1, 1, 2)):
            await tx.outbox.add(str(number), chat_id=chat, kind="order_paid")
    async with db.transaction() as tx:
        first = await tx.outbox.claim(10, lease, 1, groups=False)
    assert [row.chat_id for row in first] == [1, 2]
    async with db.transaction() as tx:
        # The second message of chat 1 waits as long as the first is under way.
        assert await tx.outbox.claim(10, lease, 1, groups=False) == ()
        await tx.outbox.sent(first[0].id)
    async with db.transaction() as tx:
        assert [row.chat_id for row in await tx.outbox.claim(10, lease, 1, groups=False)] == [1]


async def test_bytes_count_as_exposed_from_before_their_first_sending(db: Database) -> None:
    """A process that dies between the claim and the record of its answer leaves no doubt."""
    txid = uuid4().hex * 2
    async with db.transaction() as tx:
        await tx.connection.execute(
            "INSERT INTO energy_pools (address, permission_id, key_address) VALUES ($1, 0, $1)",
            PAY_TO,
        )
        signed = NewChainTransaction(
            txid=txid,
            kind="delegate",
            owner=PAY_TO,
            receiver=RECIPIENT,
            balance_sun=1_000_000,
            raw=b"raw",
            signature=bytes(65),
            timestamp_ms=1,
            expiration=NOW,
        )
        await tx.chain_transactions.store([signed])
    async with db.transaction() as tx:
        (first,) = await tx.chain_transactions.claim_due(10, timedelta(seconds=0))
        assert not first.exposed
    async with db.transaction() as tx:
        (second,) = await tx.chain_transactions.claim_due(10, timedelta(seconds=0))
        assert second.exposed
        assert second.attempts == 2


async def test_waking_is_heard_after_the_commit(db: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(db.listen(heard.put_nowait))
    try:
        assert await asyncio.wait_for(heard.get(), 5) == ""
        async with db.transaction() as tx:
            await tx.wake("block")
        assert await asyncio.wait_for(heard.get(), 5) == "block"
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_an_order_of_no_energy_cannot_be(db: Database) -> None:
    """Whatever the wallet has of its own, something has to be bought."""
    async with db.transaction() as tx:
        quote = await tx.quotes.lock(await new_quote(tx))
        assert quote is not None
        assert quote.energy_amount == 70_714
        for own, refused in ((70_713, False), (70_714, True)):
            try:
                async with tx.savepoint():
                    await tx.connection.execute("UPDATE quotes SET energy_own = $1", own)
            except asyncpg.CheckViolationError:
                assert refused
            else:
                assert not refused
