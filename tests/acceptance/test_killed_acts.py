"""kill -9 while the shop decides about money: an act is done once and written down, or not at all.

Each act is carried out by a process that dies before its commit, and once more by one that dies
after it. Then another process taps the same button again.
"""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chain.contracts import Transfer
from services.acts import Act, Proposal
from services.fail_points import FailPoint
from services.order_views import OrderView, Stage
from services.staff import Actor, Role
from settings import Settings
from tests.services.test_audit import SOLID, true_audit
from tests.services.test_risk import decide
from tests.support.deeds import do
from tests.support.nursery import Nursery
from tests.support.shop import ADMIN, OTHER_USER, TRX, USER, Shop, address, open_shop
from tests.support.workers import Counter

OWNER = Actor(ADMIN, Role.OWNER)
COMMITS: tuple[FailPoint, FailPoint] = ("act done, not committed", "act done")
TAKEN: FailPoint = "act taken"
POOLS = {"pool": 3_000_000, "second": 3_000_000}
HELD_SUN = 4 * TRX
HOUR = timedelta(hours=1)


def environment(settings: Settings, dsn: str, folder: Path) -> dict[str, str]:
    """The settings as a process of its own reads them."""
    values = settings.model_dump() | {"data_dir": folder}
    values["database"]["url"] = dsn
    return {f"ENERGY_FLASH_{name.upper()}": _written(value) for name, value in values.items()}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass
class Desk:
    """Somebody of the staff, whose program dies."""

    shop: Shop
    nursery: Nursery
    environment: dict[str, str]
    log: Path

    async def propose(self, act: Act, subject: str, **arguments: Any) -> Proposal:
        return await self.shop.services.acts.propose(
            OWNER, act, subject=subject, arguments=arguments, reason="as a test wants it"
        )

    async def tap(self, proposal: Proposal) -> bool:
        """Whether it was done now."""
        deed = {"do": "act", "user": ADMIN, "nonce": proposal.nonce}
        return "refused" not in await do(self.shop.services, deed)

    async def die(self, proposal: Proposal, point: FailPoint) -> None:
        counter = Counter(self.nursery, self.environment, self.log, point)
        await counter.start()
        try:
            assert await counter.up(), counter.said()
            answer = await counter.do({"do": "act", "user": ADMIN, "nonce": proposal.nonce})
            assert answer is None, answer
            await counter.died()
        finally:
            await counter.end()

    async def written(self, proposal: Proposal) -> int:
        """How often it stands in the log."""
        async with self.shop.database.transaction() as tx:
            count: int = await tx.connection.fetchval(
                "SELECT count(*) FROM audit_log WHERE act = $1 AND subject = $2",
                str(proposal.act),
                proposal.subject,
            )
        return count

    async def killed_at(self, point: FailPoint, act: Act, subject: str, **arguments: Any) -> None:
        """Die over it, and look; tap again, and look."""
        proposal = await self.propose(act, subject, **arguments)
        await self.die(proposal, point)
        done = point == "act done"
        assert await self.written(proposal) == int(done), f"{act}: killed at {point}"
        assert sum((await self.shop.balances()).values()) == 0
        assert await self.tap(proposal) is not done, f"{act}: tapped again after {point}"
        assert await self.written(proposal) == 1
        assert await self.tap(proposal) is False
        assert sum((await self.shop.balances()).values()) == 0

    async def order_killed_at(
        self, point: FailPoint, act: Act, order: OrderView, **arguments: Any
    ) -> None:
        subject = f"order {order.number}"
        await self.killed_at(point, act, subject, order=order.number, **arguments)

    async def payment_killed_at(
        self, point: FailPoint, act: Act, payment: int, **arguments: Any
    ) -> None:
        await self.killed_at(point, act, f"payment {payment}", payment=payment, **arguments)


@asynccontextmanager
async def open_desk(dsn: str, folder: Path) -> AsyncIterator[Desk]:
    async with open_shop(
        dsn,
        pools=POOLS,
        energy={"undeliverable": "hold", "early_end_percent": 50},
        # Two transfers are asked about, one is not.
        risk={"order_sun": HELD_SUN, "order_outcome": "ask"},
        limits={"receiver_hour": 1_000, "user_day": 1_000},
        open_orders=100,
        solid_from_sun=1_000 * TRX,
    ) as shop:
        nursery = await Nursery.open()
        try:
            yield Desk(shop, nursery, environment(shop.settings, dsn, folder), folder / "desk.log")
        finally:
            await nursery.close()


async def paid(shop: Shop, count: int, *, transfers: int = 1) -> list[OrderView]:
    orders = [await shop.order(transfers=transfers) for _ in range(count)]
    for order in orders:
        shop.pay(order)
    return orders


async def failed(shop: Shop, count: int) -> list[OrderView]:
    """Turned down after they were paid: their money is held."""
    orders = await paid(shop, count, transfers=2)
    await shop.block(3)
    for order in orders:
        await decide(shop, order, allow=False)
    return orders


async def held(shop: Shop, count: int) -> list[int]:
    """Payments that nobody knows what they are for, by their ids."""
    transactions = []
    for extra in range(count):
        wrong = Transfer(address("ben"), address("wallet"), HELD_SUN + extra)
        transactions.append(shop.send(wrong, "ben"))
    await shop.block(2)
    async with shop.database.transaction() as tx:
        found = [await tx.payments.find(txid, 0) for txid in transactions]
    return [row.id for row in found if row is not None and row.status == "held"]


async def not_delivered_yet(shop: Shop, count: int) -> list[OrderView]:
    orders = await paid(shop, count)
    for _ in range(3):
        shop.chain.produce_block()
        await shop.services.scanner.scan()
    assert {(await shop.look(order)).stage for order in orders} == {Stage.PAID}
    return orders


@pytest.mark.timeout(120)
async def test_an_act_that_was_killed_is_done_once_or_not_at_all(
    database: str, server_folder: Path
) -> None:
    async with open_desk(database, server_folder) as desk:
        shop = desk.shop
        retried = await failed(shop, len(COMMITS))
        running = await paid(shop, 2 * len(COMMITS))
        await shop.block(4)
        payments = await held(shop, 3 * len(COMMITS))
        assigned = [await shop.order() for _ in COMMITS]
        waiting = await not_delivered_yet(shop, 3 * len(COMMITS))
        anns, bens = shop.trx_of("ann"), shop.trx_of("ben")

        for point, user in zip((TAKEN, *COMMITS), (ADMIN, OTHER_USER, USER), strict=True):
            await desk.killed_at(point, Act.ADJUST, f"user {user}", user=user, sun=TRX)
        for number, point in enumerate(COMMITS):
            pays, credited, refunded = payments[3 * number : 3 * number + 3]
            pay = {"order": assigned[number].number}
            await desk.payment_killed_at(point, Act.ASSIGN_PAYMENT, pays, **pay)
            await desk.payment_killed_at(point, Act.CREDIT_PAYMENT, credited)
            await desk.payment_killed_at(point, Act.REFUND_PAYMENT, refunded)
            back, kept, by_pool = waiting[3 * number : 3 * number + 3]
            await desk.order_killed_at(point, Act.REFUND_ORDER, back)
            await desk.order_killed_at(point, Act.CREDIT_ORDER, kept)
            await desk.order_killed_at(point, Act.DELIVER_BY_POOL, by_pool, pool=address("second"))
            longer, shorter = running[2 * number : 2 * number + 2]
            await desk.order_killed_at(point, Act.EXTEND_ORDER, longer, hours=6)
            await desk.order_killed_at(point, Act.END_ORDER, shorter, percent=50)
            await desk.order_killed_at(point, Act.RETRY_ORDER, retried[number])
        await shop.block(SOLID + 6)

        stages = Tally([(await shop.look(order)).stage for order in (*assigned, *waiting)])
        assert stages == {Stage.DELIVERED: 2 * len(COMMITS), Stage.FAILED: 2 * len(COMMITS)}
        for order in running[::2]:
            assert (await shop.look(order)).duration + 6 * HOUR == (await lasts(shop, order))
        for order in running[1::2]:
            assert (await shop.look(order)).stage is Stage.ENDED
        newest = (await shop.services.orders.page(USER, 1)).orders[: len(COMMITS)]
        assert {each.stage for each in newest} == {Stage.DELIVERED}, "tried again"
        assert shop.trx_of("ann") == anns + sum(order.amount_sun for order in waiting[::3])
        sent_back = [HELD_SUN + extra - 300_000 for extra in (2, 5)]
        assert shop.trx_of("ben") == bens + sum(sent_back)
        balances = await shop.balances()
        assert balances[f"payer:{address('ben')}"] == -sum(HELD_SUN + extra for extra in (1, 4))
        assert balances[f"user:{OTHER_USER}"] == balances[f"user:{ADMIN}"] == -TRX
        assert await shop.balance() == (
            TRX
            + sum(order.amount_sun for order in waiting[1::3])
            + sum(HELD_SUN + extra for extra in (0, 3))
            - sum(order.amount_sun for order in assigned)
            + sum([(await shop.look(order)).early_credit_sun for order in running[1::2]])
        )
        await true_audit(shop)


async def lasts(shop: Shop, order: OrderView) -> timedelta:
    view = await shop.look(order)
    assert view.expires_at is not None
    assert view.completed_at is not None
    return view.expires_at - view.completed_at
