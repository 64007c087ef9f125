"""Stake that no rental accounts for is found, and taken back when a person names it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from chain.contracts import DelegateResource, Resource, Transfer
from chain.errors import ChainError
from composition import build_services, node_client, prepare
from db.database import Database
from sandbox.tron.faults import NodeFault
from services.orphans import Orphan, listed, returned
from tests.services.test_reclaims import BIG, rent, spend_all
from tests.support.servers import DatabasePlace
from tests.support.shop import TRX, USER, Shop, address, open_shop


def lend(shop: Shop, to: str, trx: int, *, lock_blocks: int = 0) -> None:
    """The owner of the pool lends by hand."""
    contract = DelegateResource(
        address("pool"),
        address(to),
        trx * TRX,
        Resource.ENERGY,
        lock=lock_blocks > 0,
        lock_period=lock_blocks,
    )
    shop.send(contract, "pool")


@asynccontextmanager
async def without_memory(shop: Shop, dsn: str) -> AsyncIterator[Shop]:
    """The same shop on the same chain, with an empty database."""
    async with Database(dsn, connections=4) as database, node_client(shop.settings) as node:
        services = build_services(shop.settings, database, node)
        await prepare(shop.settings, database, services)
        await services.customers.greet(USER, language_code="en", first_name="u", username=None)
        forgetful = replace(shop, database=database, node=node, services=services)
        await forgetful.work()
        yield forgetful


async def take_back(shop: Shop, *wanted: Orphan) -> tuple[str, ...]:
    """As the command does, with a block meanwhile; the states of what was signed."""
    signed = await shop.services.orphans.take_back(wanted)
    await shop.block()
    returns = await shop.services.orphans.arrive(signed, within_seconds=0)
    assert len(returned(returns)) == len(signed)
    return tuple(each.state for each in returns)


async def test_what_a_lost_database_knew_is_found_and_taken_back(
    database: str, database_place: DatabasePlace
) -> None:
    async with open_shop(database, pools=BIG) as shop, database_place.database() as empty:
        for name in ("ann", "holder"):
            await rent(shop, name)
        lend(shop, "ben", 500)
        await shop.block()
        assert [orphan.receiver for orphan in await shop.services.orphans.find()] == [
            address("ben")
        ]
        lent = shop.chain.account(address("pool"))
        async with without_memory(shop, empty) as forgetful:
            found = {each.receiver: each for each in await forgetful.services.orphans.find()}
            assert set(found) == {address("ann"), address("holder"), address("ben")}
            assert found[address("ben")].stake_sun == 500 * TRX
            assert found[address("ann")].energy >= 65_000
            assert len(listed(tuple(found.values()))) == 4
            # The books begin: what is lent is taken for its owner's.
            await forgetful.block(20)
            assert (await forgetful.services.audit.run()).true
            named = [found[address(name)] for name in ("ann", "holder")]
            assert await take_back(forgetful, *named) == ("included", "included")
            for pool in BIG:
                assert forgetful.delegated_sun(pool, "ann") == 0
                assert forgetful.delegated_sun(pool, "holder") == 0
            assert forgetful.delegated_sun("pool", "ben") == 500 * TRX, "nobody named it"
            [left] = await forgetful.services.orphans.find()
            assert left.receiver == address("ben")
            await forgetful.block(20)
            report = await forgetful.services.audit.run()
            assert report.true, report.lines()
            # A rental afterwards is none.
            await rent(forgetful, "ann")
            assert await forgetful.services.orphans.find() == (left,)
        assert lent is not None


async def test_asking_twice_takes_back_once(shop: Shop) -> None:
    lend(shop, "holder", 500)
    await rent(shop, "holder")
    rented = shop.delegated_sun("pool", "holder") - 500 * TRX
    [orphan] = await shop.services.orphans.find()
    assert orphan.stake_sun == orphan.free_sun == 500 * TRX
    first = await shop.services.orphans.take_back([orphan])
    # Before any block: what is on its way back is no orphan any more.
    assert await shop.services.orphans.find() == ()
    assert await shop.services.orphans.take_back([orphan]) == ()
    await shop.block(2)
    assert [each.state for each in await shop.services.orphans.arrive(first, within_seconds=0)] == [
        "included"
    ]
    assert await shop.services.orphans.take_back([orphan]) == ()
    await shop.block()
    assert shop.delegated_sun("pool", "holder") == rented
    shop.advance(3_700)
    await shop.block(3)
    assert shop.delegated_sun("pool", "holder") == 0


async def test_what_a_rental_has_is_never_an_orphan_at_any_stage(shop: Shop) -> None:
    order = await shop.order(recipient="ann")
    shop.pay(order)
    for _ in range(6):
        await shop.block()
        assert await shop.services.orphans.find() == ()
    shop.advance(3_700)
    for _ in range(4):
        shop.chain.produce_block()
        assert await shop.services.orphans.find() == ()
        await shop.work()
        assert await shop.services.orphans.find() == ()
    assert shop.delegated_sun("pool", "ann") == 0


async def test_what_is_locked_is_listed_and_left(shop: Shop) -> None:
    lend(shop, "holder", 300)
    lend(shop, "holder", 200, lock_blocks=1_000)
    await shop.block()
    [orphan] = await shop.services.orphans.find()
    assert (orphan.stake_sun, orphan.free_sun) == (500 * TRX, 300 * TRX)
    assert "200 TRX of it are locked" in listed([orphan])[0]
    assert await take_back(shop, orphan) == ("included",)
    [locked] = await shop.services.orphans.find()
    assert (locked.stake_sun, locked.free_sun) == (200 * TRX, 0)
    assert await take_back(shop, locked) == ()
    shop.advance(3_100)
    await shop.block()
    [free] = await shop.services.orphans.find()
    assert await take_back(shop, free) == ("included",)
    assert await shop.services.orphans.find() == ()


async def test_an_orphan_waits_for_a_rental_that_would_lose_energy_by_it(database: str) -> None:
    async with open_shop(database, pools=BIG) as shop:
        lend(shop, "ann", 6_500)
        await shop.block()
        await spend_all(shop)
        await rent(shop)
        [orphan] = await shop.services.orphans.find()
        assert orphan.harmless_sun == 0
        assert orphan.waits_until is not None
        assert "would cost a rental" in listed([orphan])[0]
        assert await take_back(shop, orphan) == ()
        shop.advance(3_700)
        await shop.block(4)
        [orphan] = await shop.services.orphans.find()
        assert await take_back(shop, orphan) == ("included",)
        assert await shop.services.orphans.find() == ()


async def test_a_node_that_cannot_be_reached_leaves_it_to_the_shop(shop: Shop) -> None:
    lend(shop, "holder", 500)
    await shop.block()
    [orphan] = await shop.services.orphans.find()
    shop.faults.plan(NodeFault.LOSE_REQUEST, 1, methods=["broadcasthex"])
    signed = await shop.services.orphans.take_back([orphan])
    [waits] = await shop.services.orphans.arrive(signed, within_seconds=0)
    assert waits.state in ("signed", "sent")
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
    await shop.services.write_ahead.broadcast_due()
    await shop.block(2)
    assert shop.delegated_sun("pool", "holder") == 0


async def test_without_a_node_nothing_is_signed(shop: Shop) -> None:
    lend(shop, "holder", 500)
    await shop.block()
    [orphan] = await shop.services.orphans.find()
    shop.faults.plan(NodeFault.TRUNCATED, 50, methods=["getdelegatedresourcev2"])
    try:
        await shop.services.orphans.take_back([orphan])
    except ChainError:
        pass
    else:
        raise AssertionError("it was answered")
    shop.faults.clear()
    assert await shop.services.orphans.find() == (orphan,)


async def test_a_refusal_says_why(shop: Shop) -> None:
    lend(shop, "holder", 500)
    await shop.block()
    account = shop.chain.account(address("pool"))
    assert account is not None
    for _ in range(2):
        shop.send(Transfer(address("pool"), address("ben"), TRX), "pool")
        await shop.block()
    account = shop.chain.account(address("pool"))
    assert account is not None
    shop.send(Transfer(address("pool"), address("ben"), account.balance - 300_000), "pool")
    await shop.block()
    [orphan] = await shop.services.orphans.find()
    signed = await shop.services.orphans.take_back([orphan])
    returns = await shop.services.orphans.arrive(signed, within_seconds=0)
    assert "refused: BANDWITH_ERROR" in returned(returns)[0]
    assert await shop.services.orphans.find() == (orphan,)
