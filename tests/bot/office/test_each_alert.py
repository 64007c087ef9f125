"""Every kind of alert: its cause happens, the staff is told; it goes, and they are told of that.

Causes are real ones: a node that does not answer, a pool without its permission, a fork, people
who blocked the bot, servers that are stopped and started. What needs the whole program is in
`tests.acceptance.test_outages`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramConflictError
from redis.asyncio import Redis

from bot.session import session_of
from chain.contracts import AccountPermissionUpdate, Permission, Transfer
from chain.errors import ChainError
from chain.transactions import encode_signed
from embedded import EmbeddedValkey
from sandbox.tron.faults import NodeFault
from services import audit_balances
from services.acts import Act
from services.alerts import CLOSED_BY_HAND, AlertKind
from services.notices import NoticeKind
from services.order_views import OrderView, Stage
from services.refunds import RefundWait
from services.staff import Actor, Role
from services.watches import ChainWatch, MachineWatch, ServerWatch, StockWatch, TelegramWatch
from tests.bot.people import Person, World, words
from tests.support.shop import (
    ADMIN,
    OTHER_USER,
    TRX,
    USER,
    Shop,
    address,
    delegate_only,
    key_hex,
    open_shop,
)

OWNER = Actor(ADMIN, Role.OWNER)
_FINAL = 22
_LONGER_THAN_PATIENCE = 700.0

Way = Callable[[World, Path], AsyncGenerator[None]]
"""Makes the cause happen, yields, and makes it go."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """No block comes by itself here, so an audit has nothing to wait for."""
    monkeypatch.setattr(audit_balances, "_PAUSE_SECONDS", 0.0)


@pytest.fixture
async def shop(database: str, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    called = getattr(request.node, "callspec", None)
    kind = called.params.get("kind") if called else AlertKind.REFUND_WAITS
    async with open_shop(database, **SHOPS.get(kind, {})) as opened:
        yield opened


async def delivered(shop: Shop, user: int = USER, wallet: str = "ann") -> OrderView:
    order = await shop.order(user=user, recipient=wallet)
    shop.pay(order, wallet)
    await shop.block(4)
    order = await shop.look(order)
    assert order.stage is Stage.DELIVERED
    return order


def permit(shop: Shop, active: Permission) -> None:
    """The owner of the pool gives this permission, and no other any more."""
    account = shop.chain.account(address("pool"))
    assert account is not None
    owner = account.permission(0)
    assert owner is not None
    shop.send(AccountPermissionUpdate(address("pool"), owner, None, (active,)), "pool")


async def take_permission(shop: Shop) -> None:
    shop.send(Transfer(address("ben"), address("pool"), 200 * TRX), "ben")
    await shop.block()
    permit(shop, delegate_only(address("ben")))
    await shop.block()


async def give_permission(shop: Shop) -> None:
    permit(shop, delegate_only(address("hot")))
    await shop.block()


async def look_at_pools(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE pool_readings SET read_at = '-infinity'")
    await shop.services.pool_watch.watch_due()


async def open_alerts(shop: Shop, kind: AlertKind) -> list[int]:
    return [alert.id for alert in (await shop.services.alerts.look()).open if alert.kind is kind]


async def blocks_until(shop: Shop, kind: AlertKind, *, most: int = 30) -> None:
    for _ in range(most):
        if await open_alerts(shop, kind):
            return
        await shop.block()
    pytest.fail(f"{kind} was never raised")


async def acknowledge(shop: Shop, kind: AlertKind) -> None:
    [alert] = await open_alerts(shop, kind)
    assert await shop.services.alerts.acknowledge(OWNER, alert) is not None


# ── the ways ─────────────────────────────────────────────────────────────────────────────────────


async def no_node_answers(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    watch = ChainWatch(shop.node, shop.database, shop.services.scanner)
    shop.faults.plan(NodeFault.REFUSE_CONNECTION, 1_000)
    for _look in range(3):
        assert not await shop.alerts()
        with pytest.raises(ChainError):
            await watch.scan()
    yield
    shop.faults.clear()
    async with asyncio.timeout(30):
        while await shop.alerts(closed=False):
            with suppress(ChainError):  # a node that failed is left in peace for a while
                await watch.scan()
            await asyncio.sleep(0.05)


async def blocks_are_not_read(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    watch = ChainWatch(shop.node, shop.database, shop.services.scanner)
    shop.chain.produce_blocks(21)
    await watch.watch_due()
    yield
    await watch.scan()
    await watch.watch_due()


async def a_delegation_enters_no_block(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    order = await shop.order()
    shop.pay(order)
    shop.faults.plan(NodeFault.DROP_TRANSACTION, 100)
    await shop.block(3)
    shop.advance(120)
    await blocks_until(shop, AlertKind.DELEGATION_FAILED)
    yield
    shop.faults.clear()
    shop.advance(120)
    await shop.block(26)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def no_pool_can_deliver(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    order = await shop.order()
    await take_permission(shop)
    shop.pay(order)
    await shop.block(2)
    shop.advance(_LONGER_THAN_PATIENCE)
    await blocks_until(shop, AlertKind.ORDER_FAILED)
    yield  # its money is on the way
    await shop.block(_FINAL)


async def a_pool_loses_its_permission(world: World, _: Path) -> AsyncGenerator[None]:
    await take_permission(world.shop)
    await look_at_pools(world.shop)
    yield
    await give_permission(world.shop)
    await look_at_pools(world.shop)


async def energy_is_sold(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    free = (await shop.services.inventory.outlook()).now
    watch = StockWatch(shop.database, shop.services.inventory, least_energy=free)
    await watch.watch_due()
    assert not await shop.alerts()
    await delivered(shop)
    shop.services.inventory.forget()
    await watch.watch_due()
    yield
    shop.advance(3_700)
    await shop.block(4)
    shop.services.inventory.forget()
    await watch.watch_due()


async def stake_cannot_be_taken_back(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    await delivered(shop)
    await take_permission(shop)
    shop.advance(3_700)
    await blocks_until(shop, AlertKind.RECLAIMS_REFUSED)
    yield
    await give_permission(shop)
    shop.advance(900)
    await shop.block(4)


async def a_stranger_sends_money(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    shop.send(Transfer(address("ben"), address("payments"), 3 * TRX), "ben")
    await shop.block(3)
    yield
    await shop.staff(Act.CREDIT_PAYMENT_TO, payment=1, user=None)


async def a_payment_leaves_the_chain(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    shop.pay(await shop.order())
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()
    lost, _later = shop.chain.fork(2, "vanish")
    shop.chain.produce_block()
    await shop.block()
    yield
    [entry] = lost.entries
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(4)


async def a_payment_never_comes_back(world: World, _: Path) -> AsyncGenerator[None]:
    """Its energy stays, so that it is a loss."""
    shop = world.shop
    shop.pay(await shop.order())
    await shop.block(3)
    *_before, block = shop.chain.fork(4, "vanish")
    [entry] = block.entries
    shop.chain.broadcast(encode_signed(entry.raw_bytes, entry.signatures))
    await shop.block(24)
    shop.advance(120)
    await blocks_until(shop, AlertKind.PAYMENT_LOST)
    yield
    await acknowledge(shop, AlertKind.PAYMENT_LOST)


async def waiting_refund(shop: Shop) -> int:
    """One that is above the cap."""
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun + 5 * TRX)
    await shop.block(3)
    refund = await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
    await shop.block(2)
    async with shop.database.transaction() as tx:
        row = await tx.refunds.get(refund.id)
    assert row is not None
    assert row.wait_reason == RefundWait.OVER_CAP
    return row.sent_sun


async def a_refund_is_above_the_cap(world: World, _: Path) -> AsyncGenerator[None]:
    await waiting_refund(world.shop)
    yield
    services = world.shop.services
    proposal = await services.acts.propose(
        OWNER,
        Act.APPROVE_REFUND,
        subject="refund 1",
        arguments={"refund": 1},
        reason="it is theirs",
    )
    assert await services.held_acts.approve(OWNER, proposal) is not None
    await world.shop.block(2)


async def tamper(shop: Shop, *statements: str) -> None:
    """Somebody gets round the rule that the books only grow."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await tx.connection.execute(statement)


async def the_books_lose_a_line(world: World, _: Path) -> AsyncGenerator[None]:
    shop = world.shop
    await delivered(shop)
    await shop.block(_FINAL)
    audit = shop.services.audit
    assert (await audit.watch()).true
    await tamper(
        shop,
        "CREATE TABLE torn_out AS SELECT * FROM ledger_entries WHERE event = 'delivered'",
        "DELETE FROM ledger_entries WHERE event = 'delivered'",
    )
    await audit.watch()
    yield
    await tamper(shop, "INSERT INTO ledger_entries OVERRIDING SYSTEM VALUE SELECT * FROM torn_out")
    await audit.watch()


async def somebody_uses_the_wallets_key(world: World, _: Path) -> AsyncGenerator[None]:
    world.shop.send(Transfer(address("wallet"), address("ben"), TRX), "wallet")
    await world.shop.block()
    yield
    await acknowledge(world.shop, AlertKind.UNKNOWN_TRANSACTION)


async def the_machine_works(world: World, _: Path) -> AsyncGenerator[None]:
    """No machine that runs this is idle, nor is its memory empty: any load is above 0.1 %."""
    now = [0.0]

    def watch(percent: float) -> MachineWatch:
        lasting = timedelta(minutes=5)
        bound: Any = percent
        return MachineWatch(
            world.shop.database, percent=bound, lasting=lasting, clock=lambda: now[0]
        )

    strict = watch(0.1)
    for now[0] in (0, 300):
        # Machines count in ticks of a hundredth of a second: less than some may be none.
        enough = time.process_time() + 0.3
        while time.process_time() < enough:
            sum(number * number for number in range(10_000))
        await strict.watch_due()
    yield
    await watch(100).watch_due()


async def another_program_asks_for_updates(world: World, _: Path) -> AsyncGenerator[None]:
    age = session_of(world.bot).polling.conflict_age
    watch = TelegramWatch(world.shop.database, age)
    await watch.watch_due()
    assert not await world.shop.alerts()
    waiting = asyncio.create_task(world.bot.get_updates(timeout=20))
    async with asyncio.timeout(10):
        while not waiting.done():
            with suppress(TelegramConflictError):
                await world.bot.get_updates(timeout=0)
    with suppress(TelegramConflictError):
        await waiting
    await watch.watch_due()
    yield
    await TelegramWatch(world.shop.database, lambda: (age() or 0.0) + 121).watch_due()


async def customers_blocked_the_bot(world: World, _: Path) -> AsyncGenerator[None]:
    shop, ann = world.shop, USER
    for user in (USER, OTHER_USER):
        world.telegram.send_text(user, "/start")
    await world.settle()
    watch = TelegramWatch(shop.database, lambda: None)
    world.telegram.block(ann)
    for _order in range(2):
        await delivered(shop)
        await world.settle()
    await watch.watch_due()
    yield
    world.telegram.unblock(ann)
    world.telegram.send_text(ann, "/start")
    for _order in range(3):
        await delivered(shop)
        await delivered(shop, OTHER_USER, "ben")
        await world.settle()
    await watch.watch_due()


async def redis_is_stopped(world: World, folder: Path) -> AsyncGenerator[None]:
    async with EmbeddedValkey(folder / "valkey", durable=False) as valkey:
        redis = Redis.from_url(valkey.url)
        watch = ServerWatch(world.shop.database, redis.ping)
        await watch.watch_due()
        assert not await world.shop.alerts()
        await valkey.stop()
        await watch.watch_due()
        yield
        await valkey.start()
        await watch.watch_due()
        await redis.aclose()


WAYS: dict[AlertKind, Way] = {
    AlertKind.CHAIN_UNREADABLE: no_node_answers,
    AlertKind.SCANNER_BEHIND: blocks_are_not_read,
    AlertKind.DELEGATION_FAILED: a_delegation_enters_no_block,
    AlertKind.ORDER_FAILED: no_pool_can_deliver,
    AlertKind.POOL_OUT: a_pool_loses_its_permission,
    AlertKind.LOW_ENERGY: energy_is_sold,
    AlertKind.RECLAIMS_REFUSED: stake_cannot_be_taken_back,
    AlertKind.PAYMENT_HELD: a_stranger_sends_money,
    AlertKind.PAYMENT_ADRIFT: a_payment_leaves_the_chain,
    AlertKind.PAYMENT_LOST: a_payment_never_comes_back,
    AlertKind.REFUND_WAITS: a_refund_is_above_the_cap,
    AlertKind.BOOKS_DIFFER: the_books_lose_a_line,
    AlertKind.UNKNOWN_TRANSACTION: somebody_uses_the_wallets_key,
    AlertKind.CPU_BUSY: the_machine_works,
    AlertKind.MEMORY_FULL: the_machine_works,
    AlertKind.TELEGRAM_CONFLICT: another_program_asks_for_updates,
    AlertKind.MESSAGES_REFUSED: customers_blocked_the_bot,
    AlertKind.REDIS_DOWN: redis_is_stopped,
}
# It is raised when it is over: tests.acceptance.test_outages.
WITH_THE_PROGRAM = {AlertKind.DATABASE_DOWN}
# It is told where it happens: tests.bot.test_groups.
IN_A_GROUP = {AlertKind.GROUP_MOVED}
CAPPED: dict[str, Any] = {"refunds": {"key": key_hex("wallet"), "per_refund_sun": 4 * TRX}}
SHOPS: dict[AlertKind, dict[str, Any]] = {
    AlertKind.PAYMENT_HELD: {"flash": False},
    AlertKind.REFUND_WAITS: CAPPED,
    AlertKind.MESSAGES_REFUSED: {"pools": {"pool": 200_000}},
}


async def notices_of(shop: Shop, alert_id: int) -> list[tuple[str, str]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT kind, state FROM outbox WHERE alert_id = $1 AND chat_id = $2 ORDER BY id",
            alert_id,
            ADMIN,
        )
    return [(row["kind"], row["state"]) for row in rows]


async def tell(world: World) -> None:
    await world.shop.services.alerts.ring_due()
    await world.settle()


def test_no_kind_is_left_out() -> None:
    assert WAYS.keys() | WITH_THE_PROGRAM | IN_A_GROUP == set(AlertKind)


@pytest.mark.parametrize("kind", WAYS)
async def test_it_is_raised_and_told_and_over_and_told(
    world: World, operator: Person, server_folder: Path, kind: AlertKind
) -> None:
    shop = world.shop
    await operator.says("/start")
    before = len(operator.shown)
    async with aclosing(WAYS[kind](world, server_folder)) as way:
        await anext(way)
        [alert_id] = await open_alerts(shop, kind)
        await tell(world)
        assert await notices_of(shop, alert_id) == [(NoticeKind.ALERT_RAISED, "sent")]
        assert len(operator.shown) > before
        await anext(way, None)
    await tell(world)
    assert await open_alerts(shop, kind) == []
    ending = (
        NoticeKind.ALERT_CHANGED if kind in CLOSED_BY_HAND else NoticeKind.ALERT_CLOSED,
        "sent",
    )
    assert await notices_of(shop, alert_id) == [(NoticeKind.ALERT_RAISED, "sent"), ending]
    shown = [words(message) for message in operator.shown[before:]]
    assert any("✅ Over after " in text for text in shown)


async def test_a_refund_that_a_person_sent_with_the_wallets_key_explains_itself(
    world: World,
) -> None:
    shop = world.shop
    sent_sun = await waiting_refund(shop)
    shop.send(Transfer(address("wallet"), address("ann"), sent_sun), "wallet")
    await shop.block()
    assert await open_alerts(shop, AlertKind.UNKNOWN_TRANSACTION)
    await shop.block(_FINAL)
    assert not await open_alerts(shop, AlertKind.UNKNOWN_TRANSACTION)
    assert not await open_alerts(shop, AlertKind.REFUND_WAITS)
