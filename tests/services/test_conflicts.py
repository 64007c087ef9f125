"""Several processes, or several jobs of one, that want the same rows at the same moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chain.addresses import Address
from chain.node import NodeClient
from db.database import Conflict, Database, again_after_conflict
from services.jobs import Job, Jobs
from services.ledger import user_account
from services.one_by_one import one_by_one
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened


class CrossedLocks:
    """Two pieces of work that each hold one row while they want the other's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._both_hold = asyncio.Barrier(2)
        self.began = 0

    async def __call__(self, first: str, second: str) -> None:
        self.began += 1
        async with self._database.transaction() as tx:
            await tx.values.put(first, 1)
            if self.began <= 2:
                async with asyncio.timeout(5):
                    await self._both_hold.wait()
            await tx.values.put(second, 1)


async def prepare_rows(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.values.put("one", 0)
        await tx.values.put("two", 0)


async def test_of_two_that_wait_for_each_other_one_gives_way_and_says_so(database: str) -> None:
    async with Database(database, connections=2) as opened:
        await prepare_rows(opened)
        crossed = CrossedLocks(opened)
        outcomes = await asyncio.gather(
            crossed("one", "two"), crossed("two", "one"), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Conflict]


async def test_what_gave_way_is_done_again(database: str) -> None:
    async with Database(database, connections=2) as opened:
        await prepare_rows(opened)
        crossed = CrossedLocks(opened)
        patient = again_after_conflict(crossed)
        await asyncio.gather(patient("one", "two"), patient("two", "one"))
    assert crossed.began == 3


async def test_a_job_that_was_in_the_way_runs_again_at_once_and_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = 0
    done = asyncio.Event()

    async def work() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Conflict("deadlock detected")
        done.set()
        return 0

    jobs = Jobs([Job("a", work, 3600.0)])
    with caplog.at_level(logging.INFO, logger="services"):
        jobs.start()
        async with asyncio.timeout(5):
            await done.wait()
        await jobs.stop(1)
    assert calls == 2
    assert not caplog.records


async def test_a_conflict_about_one_thing_is_no_failure_of_it() -> None:
    seen: list[int] = []

    async def work(thing: int) -> None:
        seen.append(thing)
        if seen == [1]:
            raise Conflict("deadlock detected")

    async def failed(thing: int) -> None:
        raise AssertionError(f"{thing} has not failed")

    await one_by_one([1, 2], work, what="do", failed=failed)
    assert seen == [1, 1, 2]


async def test_rental_read_back_while_an_older_one_is_taken_back_hides_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the chain was asked before the newer rental was there says nothing about both."""
    first = await shop.order()
    shop.pay(first)
    await shop.block(4)
    shop.advance(3_700)
    shop.chain.produce_block()
    await shop.services.scanner.scan()
    second = await shop.order()
    shop.pay(second)
    shop.chain.produce_blocks(2)
    await shop.services.scanner.scan()

    ask = NodeClient.delegated_energy_stake
    asked = 0

    async def ask_and_be_overtaken(node: NodeClient, owner: Address, receiver: Address) -> Any:
        nonlocal asked
        asked += 1
        answer = await ask(node, owner, receiver)
        if asked == 1:
            await shop.services.delegations.deliver_due()
            shop.chain.produce_block()
            await shop.services.scanner.scan()
            await shop.services.delegations.confirm_due()
        return answer

    monkeypatch.setattr(NodeClient, "delegated_energy_stake", ask_and_be_overtaken)
    await shop.services.reclaims.reclaim_due()
    await shop.block(4)

    async with shop.database.transaction() as tx:
        held = await tx.delegations.stake_held(address("pool"), address("ann"))
    assert held > 0
    assert shop.delegated_sun("pool", "ann") == held


async def test_a_payment_whose_booking_gave_way_to_another_is_booked_and_not_held(
    shop: Shop,
) -> None:
    """A conflict says nothing about the payment: it is no reason to hold it."""
    first = await shop.order()
    shop.pay(first, sun=first.amount_sun + 2 * TRX)
    await shop.block(4)
    before = await shop.balance()
    second = await shop.order()
    txid = shop.pay(second, sun=second.amount_sun + TRX)
    shop.chain.produce_blocks(2)
    async with shop.database.transaction() as tx:
        await tx.connection.execute("SET LOCAL deadlock_timeout = '20s'")  # the other gives way
        await tx.ledger.lock_balance(user_account(USER))
        scanning = asyncio.create_task(shop.services.scanner.scan())
        await asyncio.sleep(0.4)
        await tx.orders.lock(second.id)
        with pytest.raises(Conflict):
            await scanning
    await shop.block(4)
    assert await shop.payment_status(txid) == ("delivered", None)
    assert await shop.balance() == before + TRX


async def test_a_look_at_a_part_waits_for_nobody_who_decides_about_it(shop: Shop) -> None:
    """A look that waited for a choice found the part gone when it went on, and failed."""
    order = await shop.order()
    txid = shop.pay(order, sun=order.amount_sun // 2)
    await shop.block(3)
    await shop.services.orders.cancel(USER, order.id)
    async with shop.database.transaction() as tx:
        part = await tx.payments.find(txid, 0)
    assert part is not None
    assert part.status == "held"
    async with shop.database.transaction() as tx:
        await tx.payments.credit(part.id, old="held")
        async with asyncio.timeout(5):
            view = await shop.services.held_payments.view(part.id)
            assert view is not None
            assert (view.status, view.amount_sun) == ("held", part.amount_sun)


async def test_of_two_customers_who_prove_one_address_at_once_one_is_told_of_the_other(
    shop: Shop,
) -> None:
    async def bind(user: int) -> bool:
        async with shop.database.transaction() as tx:
            bound = await tx.customers.bind_address(user, address("ann"))
            await asyncio.sleep(0.1)
            return bound

    assert sorted(await asyncio.gather(bind(USER), bind(OTHER_USER))) == [False, True]
