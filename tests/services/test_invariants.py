"""What must always be true, whatever happens in whatever order.

Random days of a shop: customers order, pay, pay wrongly, pay twice and cancel; blocks leave the
chain; nodes fail; the clock jumps; a pool is emptied by its owner; nobody reads for a while.
Afterwards everything has to come to its end, and the books have to equal the chain.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal, TypeAlias

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import Services, build_services
from chain.addresses import Address
from chain.contracts import DelegateResource, Resource, Transfer, UnDelegateResource
from chain.errors import ChainError
from chain.transactions import decode
from sandbox.tron.faults import NodeFault
from sandbox.tron.refusals import InvalidContract
from services.notices import NoticeKind
from services.orders import OrderRefused, OrderStatus, OrderView, Stage
from services.quotes import QuoteRefused
from tests.support.servers import DatabasePlace
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop

POOLS = {"pool": 15_000, "second": 9_000}
PEOPLE = {USER: "ann", OTHER_USER: "ben"}
# What is credited has more blocks on top of it than any fork here is deep.
CONFIRMATIONS = 4
DEEPEST_FORK = 3
_ROUNDS = 40


@dataclass(frozen=True)
class Order:
    user: int
    transfers: int


@dataclass(frozen=True)
class Pay:
    order: int
    sun_too_much: int = 0


@dataclass(frozen=True)
class Stray:
    sun: int


@dataclass(frozen=True)
class Cancel:
    order: int


@dataclass(frozen=True)
class Fork:
    depth: int
    transactions: Literal["wait", "vanish"]


@dataclass(frozen=True)
class Fault:
    fault: NodeFault
    method: str


@dataclass(frozen=True)
class Jump:
    seconds: int


@dataclass(frozen=True)
class Blocks:
    """Blocks come, and are read: by one program, by two at once, or by one that is killed."""

    count: int
    read: Literal["once", "not", "twice", "killed"] = "once"


@dataclass(frozen=True)
class Lend:
    """The owner lends a pool's stake to somebody else, or takes it back."""

    back: bool


@dataclass(frozen=True)
class Resend:
    """The machine's clock passes."""


Step: TypeAlias = Order | Pay | Stray | Cancel | Fork | Fault | Jump | Blocks | Lend | Resend

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(Order, st.sampled_from(list(PEOPLE)), st.sampled_from([1, 1, 2])),
    st.builds(Pay, st.integers(0, 5), st.sampled_from([0, 0, 0, 0, -1, 1])),
    st.builds(Pay, st.integers(0, 5)),
    st.builds(Blocks, st.integers(1, 6)),
    st.builds(Blocks, st.integers(1, 3)),
    st.builds(Blocks, st.integers(1, 30), st.just("not")),
    st.builds(Blocks, st.integers(1, 4), st.sampled_from(["twice", "killed"])),
    st.builds(Stray, st.sampled_from([1, 99_999, 3 * TRX])),
    st.builds(Cancel, st.integers(0, 5)),
    st.builds(Fork, st.integers(1, DEEPEST_FORK), st.sampled_from(["wait", "vanish"])),
    st.builds(
        Fault,
        st.sampled_from([NodeFault.LOSE_ANSWER, NodeFault.LOSE_REQUEST]),
        st.just("broadcasthex"),
    ),
    st.builds(
        Fault,
        st.just(NodeFault.TRUNCATED),
        st.sampled_from(["getnowblock", "getdelegatedresourcev2", "getcandelegatedmaxsize"]),
    ),
    st.builds(Jump, st.sampled_from([30, 120, 700, 1_900, 3_700])),
    st.builds(Lend, st.booleans()),
    st.builds(Resend),
)


@dataclass
class Day:
    """A shop, and what happened in it so far."""

    shop: Shop
    second: Services
    random: Random
    orders: list[OrderView] = field(default_factory=list)

    async def play(self, step: Step) -> None:
        match step:
            case Order() | Pay() | Cancel():
                await self.play_customer(step)
            case Blocks(count, read):
                for _ in range(count):
                    self.shop.chain.produce_block()
                    await self.work(read)
            case Resend():
                await self.resend()
            case _:
                self.play_world(step)

    async def play_customer(self, step: Order | Pay | Cancel) -> None:
        match step:
            case Order(user, transfers):
                with suppress(OrderRefused, QuoteRefused):
                    order = await self.shop.order(
                        user=user, recipient=PEOPLE[user], transfers=transfers
                    )
                    self.orders.append(order)
            case Pay(index, sun_too_much) if self.orders:
                order = self.orders[index % len(self.orders)]
                payer = PEOPLE[order.user_id or USER]
                self.shop.pay(order, payer, sun=order.amount_sun + sun_too_much)
            case Cancel(index) if self.orders:
                order = self.orders[index % len(self.orders)]
                with suppress(OrderRefused):
                    await self.shop.services.orders.cancel(order.user_id or USER, order.id)

    def play_world(self, step: Stray | Fork | Fault | Jump | Lend) -> None:
        match step:
            case Stray(sun):
                self.shop.send(Transfer(address("ben"), address("payments"), sun), "ben")
            case Fork(depth, transactions):
                self.shop.chain.fork(depth, transactions)
            case Fault(fault, method):
                self.shop.faults.plan(fault, methods=[method])
            case Jump(seconds):
                self.shop.advance(seconds)
            case Lend(back):
                self.lend(back=back)

    async def work(self, how: Literal["once", "not", "twice", "killed"] = "once") -> None:
        if how == "once":
            with suppress(ChainError):
                await self.shop.work()
        elif how == "twice":
            other = replace(self.shop, services=self.second)
            for outcome in await asyncio.gather(
                self.shop.work(), other.work(), return_exceptions=True
            ):
                if isinstance(outcome, BaseException) and not isinstance(outcome, ChainError):
                    raise outcome
        elif how == "killed":
            moment = self.random.uniform(0, 0.06)
            with suppress(ChainError, TimeoutError):
                await asyncio.wait_for(self.shop.work(), moment)

    async def resend(self) -> None:
        async with self.shop.database.transaction() as tx:
            await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
        await self.shop.services.write_ahead.broadcast_due()

    def lend(self, *, back: bool) -> None:
        lent = self.shop.delegated_sun("pool", "holder")
        if back and lent:
            self.shop.send(
                UnDelegateResource(address("pool"), address("holder"), lent, Resource.ENERGY),
                "pool",
            )
        if not back and not lent:
            lending = DelegateResource(
                address("pool"), address("holder"), 12_000 * TRX, Resource.ENERGY
            )
            with suppress(InvalidContract):  # it has not got so much left
                self.shop.send(lending, "pool")

    async def settle(self, seconds: int, unsettled: str) -> None:
        """Let blocks come until nothing is left that the query finds."""
        self.shop.faults.clear()
        for _ in range(_ROUNDS):
            self.lend(back=True)
            await self.resend()
            self.shop.chain.produce_blocks(20)
            for _ in range(3):
                await self.work()
                self.shop.chain.produce_block()
            await self.work()
            if not await self.count(unsettled):
                return
            self.shop.advance(seconds)
        raise AssertionError(f"{await self.rows(unsettled)} never come to an end")

    async def count(self, query: str) -> int:
        return len(await self.rows(query))

    async def rows(self, query: str) -> list[dict[str, Any]]:
        async with self.shop.database.transaction() as tx:
            return [dict(row) for row in await tx.connection.fetch(query)]


IN_MOTION = """
    SELECT 'payment' AS what, txid, status FROM payments WHERE status IN ('seen', 'matched')
    UNION ALL
    SELECT 'transaction', txid, state FROM chain_transactions WHERE state IN ('signed', 'sent')
    UNION ALL
    SELECT 'delegation', tx_id, status FROM energy_delegations
    WHERE status IN ('pending', 'expired', 'reclaiming')
    UNION ALL
    SELECT 'order', id::text, status FROM energy_flash_orders
    WHERE status IN ('paid', 'processing')
"""
NOT_OVER = f"""
    {IN_MOTION}
    UNION ALL
    SELECT 'delegation', tx_id, status FROM energy_delegations WHERE status = 'active'
    UNION ALL
    SELECT 'order', id::text, status FROM energy_flash_orders
    WHERE status = 'pending' OR (status = 'completed' AND ended_at IS NULL)
"""


@given(script=st.lists(STEPS, min_size=8, max_size=24), random=st.randoms())
@settings(
    max_examples=6,
    # A failing day is short enough to read, and playing it again and again takes too long.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_happens_the_books_equal_the_chain(
    database_place: DatabasePlace, script: list[Step], random: Random
) -> None:
    async with (
        database_place.database() as dsn,
        open_shop(dsn, pools=POOLS, confirmations=CONFIRMATIONS) as shop,
    ):
        day = Day(shop, build_services(shop.settings, shop.database, shop.node), random)
        for step in (Order(USER, 2), Order(OTHER_USER, 1), Pay(0), Blocks(2), *script):
            await day.play(step)
        await day.settle(60, IN_MOTION)
        await check_stakes(day)
        await day.settle(2_000, NOT_OVER)
        await check_stakes(day)
        await check_payments(day)
        await check_books(day)
        await check_orders(day)
        await check_notices(day)


async def check_stakes(day: Day) -> None:
    """The chain lends to each customer exactly what the active rentals say."""
    active: Counter[tuple[str, str]] = Counter()
    for row in await day.rows("SELECT * FROM energy_delegations WHERE status = 'active'"):
        active[row["pool_address"], row["recipient_address"]] += row["balance_sun"]
    for pool in POOLS:
        for person in PEOPLE.values():
            assert day.shop.delegated_sun(pool, person) == active[address(pool), address(person)]


def incoming(day: Day) -> dict[str, int]:
    """Every transfer to the payment address that is in the chain: id → sun."""
    found: dict[str, int] = {}
    for number in range(1, day.shop.chain.head.number + 1):
        block = day.shop.chain.block(number)
        assert block is not None
        for entry in block.entries:
            contract = decode(entry.raw_bytes).contract
            if isinstance(contract, Transfer) and contract.to == address("payments"):
                found[entry.txid] = contract.amount
    return found


async def check_payments(day: Day) -> None:
    """Each transfer is recorded once and has come to an end; what left the chain counts not."""
    payments = {row["txid"]: row for row in await day.rows("SELECT * FROM payments")}
    received = incoming(day)
    assert set(received) <= set(payments)
    for txid, payment in payments.items():
        if txid in received:
            assert payment["amount_sun"] == received[txid]
            assert payment["status"] in ("delivered", "held", "dust")
        else:
            assert payment["status"] in ("orphaned", "dust")


async def check_books(day: Day) -> None:
    balances = Counter(await day.shop.balances())
    assert sum(balances.values()) == 0
    payments = await day.rows("SELECT * FROM payments WHERE status IN ('delivered', 'held')")
    assert balances[f"chain:{address('payments')}"] == sum(row["amount_sun"] for row in payments)
    assert balances["held"] == -sum(
        row["amount_sun"] for row in payments if row["status"] == "held"
    )
    assert balances["orders"] == 0
    completed = await day.rows("SELECT * FROM energy_flash_orders WHERE status = 'completed'")
    assert balances["revenue"] == -sum(row["trx_amount"] for row in completed)


async def check_orders(day: Day) -> None:
    """Each order is over, and what was sold of it was delivered once, or not at all."""
    for placed in day.orders:
        order = await day.shop.look(placed)
        assert order.stage in (Stage.ENDED, Stage.EXPIRED, Stage.CANCELLED, Stage.FAILED)
        delivered = sum(
            row["energy_amount"]
            for row in await day.rows("SELECT * FROM energy_delegations WHERE status <> 'failed'")
            if row["order_id"] == order.id
        )
        if order.stage is Stage.ENDED:
            assert delivered == order.energy
            assert order.failure is None
        elif order.status is OrderStatus.FAILED:
            assert delivered <= order.energy
        else:
            assert delivered == 0
    lent: Counter[tuple[Address, Address]] = Counter()
    for contract in day.shop.delegations():
        sign = 1 if isinstance(contract, DelegateResource) else -1
        lent[contract.owner, contract.receiver] += sign * contract.balance
    assert set(lent.values()) <= {0}, "everything lent was taken back"


async def check_notices(day: Day) -> None:
    """Every customer has been told how it ended, once."""
    told = Counter(
        (row["order_id"], row["kind"])
        for row in await day.rows("SELECT * FROM outbox WHERE order_id IS NOT NULL")
        if row["chat_id"] in PEOPLE
    )
    last_word = {
        Stage.ENDED: NoticeKind.ORDER_ENDED,
        Stage.EXPIRED: NoticeKind.ORDER_EXPIRED,
        Stage.FAILED: NoticeKind.ORDER_FAILED,
    }
    for placed in day.orders:
        order = await day.shop.look(placed)
        for stage, kind in last_word.items():
            if stage is order.stage:
                assert told[order.id, kind] == 1
            elif kind is not NoticeKind.ORDER_EXPIRED:
                assert told[order.id, kind] == 0
        if order.stage is Stage.ENDED:
            assert told[order.id, NoticeKind.ORDER_PAID] == 1
            assert told[order.id, NoticeKind.ORDER_DELIVERED] >= 1
