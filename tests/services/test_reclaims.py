"""Rentals that are over are taken back: at once, together, and at nobody's cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chain.addresses import Address
from chain.contracts import DelegateResource, Resource, Transfer, UnDelegateResource
from chain.node import NodeClient
from sandbox.tron.faults import NodeFault
from services.alerts import AlertKind
from services.key_ring import KeyRing
from services.lent_stake import Pair, Standing
from services.notices import NoticeKind
from services.order_views import OrderView, Stage
from services.pools import Pool, Pools
from services.reclaims import Reclaims
from services.taking_back import Verdict
from tests.support.invariants import rows_of
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, key, open_shop

BIG = {"pool": 400_000, "second": 400_000}


async def rent(
    shop: Shop, recipient: str = "ann", *, transfers: int = 1, price: int = 0, user: int = USER
) -> OrderView:
    """An order that is delivered; `price` counts from the shortest duration."""
    found = (await shop.services.quotes.prices())[price]
    quote = await shop.services.quotes.quote(
        user, recipient=address(recipient), transfers=transfers, price_id=found.id
    )
    order = await shop.services.orders.place(user, quote.id)
    shop.pay(order, "ben")
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    return order


async def energy_left(shop: Shop, name: str = "ann") -> int:
    resources = await shop.node.resources(address(name))
    assert resources is not None
    return resources.energy_left


async def spend_all(shop: Shop, sender: str = "ann") -> None:
    while await energy_left(shop, sender) > 1_000:
        shop.send_usdt(sender, "holder")
        await shop.block()


async def delegations(shop: Shop) -> list[dict[str, Any]]:
    return await rows_of(
        shop.database,
        "SELECT status, reclaim_after, pool_address, balance_sun FROM energy_delegations "
        "ORDER BY created_at, id",
    )


async def audit_is_true(shop: Shop) -> None:
    """As of a solid block, everything explained."""
    await shop.block(20)
    report = await shop.services.audit.run()
    assert report.true, report.lines()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Address]:
    """The receivers whose stake a node was asked about."""
    receivers: list[Address] = []
    ask = NodeClient.delegated_energy_stake

    async def count(node: NodeClient, owner: Address, receiver: Address, **more: Any) -> Any:
        receivers.append(receiver)
        return await ask(node, owner, receiver, **more)

    monkeypatch.setattr(NodeClient, "delegated_energy_stake", count)
    return receivers


async def test_a_used_rental_that_ends_leaves_the_newer_one_its_energy(
    database: str, asked: list[Address]
) -> None:
    """Used energy goes back with the stake: it would have taken half of the newer one with it."""
    async with open_shop(database, pools=BIG) as shop:
        older = await rent(shop)
        await spend_all(shop)
        newer = await rent(shop, price=1)
        lent = shop.delegated_sun("pool", "ann") + shop.delegated_sun("second", "ann")
        shop.advance(3_600 - 60)
        await shop.block()
        before = await energy_left(shop)
        shop.advance(60)
        await shop.block(3)
        assert await energy_left(shop) >= before
        assert (await shop.look(older)).stage is Stage.ENDED, "for its customer it is over"
        assert (await shop.told()).count((USER, NoticeKind.ORDER_ENDED)) == 1
        [waits, runs] = await delegations(shop)
        assert (waits["status"], runs["status"]) == ("expired", "active")
        assert waits["reclaim_after"] is not None
        # It is remembered: no node is asked about it again before its time.
        asked.clear()
        await shop.block(10)
        assert asked == []
        await audit_is_true(shop)
        shop.advance(24 * 3_600)
        await shop.block(6)
        assert (await shop.look(newer)).stage is Stage.ENDED
        assert shop.delegated_sun("pool", "ann") == shop.delegated_sun("second", "ann") == 0
        assert lent > 0
        await audit_is_true(shop)


async def test_an_unused_rental_is_taken_back_at_once_beside_a_newer_one(database: str) -> None:
    async with open_shop(database, pools=BIG) as shop:
        await rent(shop)
        newer = await rent(shop, price=1)
        shop.advance(3_600)
        await shop.block(3)
        assert [row["status"] for row in await delegations(shop)] == ["revoked", "active"]
        assert await energy_left(shop) >= newer.energy


async def test_the_end_of_a_newer_rental_lets_the_older_one_go_before_its_time(
    database: str,
) -> None:
    async with open_shop(database, pools=BIG) as shop:
        await rent(shop)
        await spend_all(shop)
        newer = await rent(shop, price=1)
        shop.advance(3_600)
        await shop.block(3)
        [waits, _] = await delegations(shop)
        assert waits["status"] == "expired"
        # The newer one ends early: nothing keeps the older one any more.
        async with shop.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE energy_delegations SET expires_at = now() - interval '10 years' "
                "WHERE order_id = $1",
                newer.id,
            )
        await shop.block(3)
        assert [row["status"] for row in await delegations(shop)] == ["revoked", "revoked"]
        assert shop.delegated_sun("pool", "ann") == 0


async def test_a_large_rental_is_taken_in_a_part_and_the_rest_later(database: str) -> None:
    async with open_shop(database, pools=BIG) as shop:
        await rent(shop, transfers=20)
        shop.send_usdt("ann", "holder")
        await shop.block()
        newer = await rent(shop, price=1)
        [large, _] = await delegations(shop)
        pool = "pool" if large["pool_address"] == address("pool") else "second"
        shop.advance(3_600)
        await shop.block(3)
        assert await energy_left(shop) >= newer.energy
        rest = shop.delegated_sun(pool, "ann")
        [waits, runs] = await delegations(shop)
        if runs["pool_address"] == large["pool_address"]:
            rest -= runs["balance_sun"]
        assert 0 < rest < large["balance_sun"] // 10
        assert waits["status"] == "expired"
        assert waits["reclaim_after"] is not None
        await audit_is_true(shop)
        shop.advance(24 * 3_600)
        await shop.block(6)
        assert [row["status"] for row in await delegations(shop)] == ["revoked", "revoked"]
        assert shop.delegated_sun("pool", "ann") == shop.delegated_sun("second", "ann") == 0
        await audit_is_true(shop)


async def test_a_part_that_a_fork_takes_from_the_chain_is_taken_again(database: str) -> None:
    async with open_shop(database, pools=BIG) as shop:
        await rent(shop, transfers=20)
        shop.send_usdt("ann", "holder")
        await shop.block()
        await rent(shop, price=1)
        shop.advance(3_600)
        await shop.block(3)
        taken = len(shop.delegations())
        shop.chain.fork(2, "vanish")
        shop.advance(120)
        await shop.block(25)
        assert len(shop.delegations()) == taken, "the same part once more"
        shop.advance(24 * 3_600)
        await shop.block(6)
        assert shop.delegated_sun("pool", "ann") == shop.delegated_sun("second", "ann") == 0
        await audit_is_true(shop)


async def test_rentals_of_one_pair_in_one_batch_leave_what_the_owner_lends_besides(
    shop: Shop,
) -> None:
    await rent(shop)
    await rent(shop)
    rented = shop.delegated_sun("pool", "ann")
    shop.send(DelegateResource(address("pool"), address("ann"), 50 * TRX, Resource.ENERGY), "pool")
    await shop.block()
    assert shop.delegated_sun("pool", "ann") == rented + 50 * TRX
    shop.advance(3_700)
    await shop.block(2)
    assert shop.delegated_sun("pool", "ann") == 50 * TRX
    back = [each for each in shop.delegations() if isinstance(each, UnDelegateResource)]
    assert len(back) == 2
    await shop.block(2)
    assert [row["status"] for row in await delegations(shop)] == ["revoked", "revoked"]
    assert shop.delegated_sun("pool", "ann") == 50 * TRX


@pytest.mark.parametrize("percent", [40, 100])
async def test_what_the_owner_took_back_before_ends_the_rental_with_the_rest(
    shop: Shop, percent: int
) -> None:
    order = await rent(shop)
    stake = shop.delegated_sun("pool", "ann")
    taken = stake * percent // 100
    shop.send(UnDelegateResource(address("pool"), address("ann"), taken, Resource.ENERGY), "pool")
    await shop.block()
    shop.advance(3_700)
    await shop.block(4)
    assert shop.delegated_sun("pool", "ann") == 0
    assert (await shop.look(order)).stage is Stage.ENDED
    assert [row["status"] for row in await delegations(shop)] == ["revoked"]


async def test_many_rentals_that_end_together_go_back_in_one_block(database: str) -> None:
    async with open_shop(database, pools=BIG) as shop:
        for user, name in ((USER, "ann"), (OTHER_USER, "holder"), (USER, "poor"), (USER, "ann")):
            await rent(shop, name, user=user)
        shop.advance(3_700)
        shop.chain.produce_block()
        await shop.work()
        assert {row["status"] for row in await delegations(shop)} == {"reclaiming"}
        shop.chain.produce_block()
        back = [each for each in shop.delegations() if isinstance(each, UnDelegateResource)]
        assert len(back) == 4
        await shop.work()
        assert {row["status"] for row in await delegations(shop)} == {"revoked"}


async def test_a_rental_that_cannot_be_decided_holds_up_no_other(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop(database, pools=BIG) as shop:
        for name in ("holder", "poor", "ann"):
            await rent(shop, name)
        decide = Standing.verdict

        def fail_for_poor(self: Standing, pair: Pair, *more: Any) -> Verdict:
            if pair[1] == address("poor"):
                raise RuntimeError("cannot be decided")
            return decide(self, pair, *more)

        monkeypatch.setattr(Standing, "verdict", fail_for_poor)
        shop.advance(3_700)
        await shop.block(3)
        assert [row["status"] for row in await delegations(shop)] == [
            *("revoked", "expired", "revoked")
        ]


async def test_a_receiver_nobody_can_tell_about_holds_up_no_other(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop(database, pools=BIG) as shop:
        for name in ("holder", "poor"):
            await rent(shop, name)
        ask = NodeClient.delegated_energy_stake

        async def silent(node: NodeClient, owner: Address, receiver: Address, **more: Any) -> Any:
            if receiver == address("poor"):
                shop.faults.plan(NodeFault.TRUNCATED, 10, methods=["getdelegatedresourcev2"])
            try:
                return await ask(node, owner, receiver, **more)
            finally:
                shop.faults.clear()

        shop.advance(3_700)
        shop.chain.produce_block()
        monkeypatch.setattr("services.lent_stake._AT_ONCE", 1)
        monkeypatch.setattr(NodeClient, "delegated_energy_stake", silent)
        await shop.work()
        assert [row["status"] for row in await delegations(shop)] == ["reclaiming", "expired"]
        monkeypatch.undo()
        await shop.block(3)
        assert {row["status"] for row in await delegations(shop)} == {"revoked"}


async def test_a_pool_that_cannot_pay_is_tried_seldom_and_told_of_once(database: str) -> None:
    async with open_shop(database, pools={"pool": 50_000}) as shop:
        for name in ("ann", "holder", "poor"):
            await rent(shop, name)
        account = shop.chain.account(address("pool"))
        assert account is not None
        # The three delegations took its free bandwidth.
        shop.send(Transfer(address("pool"), address("ben"), account.balance - 400_000), "pool")
        await shop.block()
        shop.advance(3_700)
        await shop.block(3)
        refused = "SELECT txid FROM chain_transactions WHERE state = 'rejected'"
        first = len(await rows_of(shop.database, refused))
        assert first >= 2
        await shop.block(200)  # ten minutes
        later = len(await rows_of(shop.database, refused)) - first
        assert 2 <= later <= 4, "one at a time, at growing distances"
        notices = await rows_of(
            shop.database,
            "SELECT details FROM alerts WHERE kind = 'reclaims_refused'",
        )
        assert [notice["details"] for notice in notices] == [
            {"pool": address("pool"), "rentals": 3, "no_bandwidth": True}
        ]
        shop.send(Transfer(address("ben"), address("pool"), 50 * TRX), "ben")
        await shop.block()
        shop.advance(900)
        await shop.block(6)
        assert {row["status"] for row in await delegations(shop)} == {"revoked"}
        assert await rows_of(shop.database, "SELECT * FROM reclaim_troubles") == []
        assert await shop.alert_kinds(closed=True) == [AlertKind.RECLAIMS_REFUSED]


class Draining(Pools):
    """Nothing is sold from them any more, but their keys are there."""

    def __iter__(self) -> Iterator[Pool]:
        return iter(())


async def test_a_pool_that_is_sold_from_no_more_is_taken_back_from(shop: Shop) -> None:
    await rent(shop)
    pools = Draining(KeyRing([key("hot")]))
    async with shop.database.transaction() as tx:
        await pools.reload(tx)
    draining = Reclaims(shop.node, shop.database, pools, shop.services.write_ahead)
    shop.services = replace(shop.services, reclaims=draining)
    shop.advance(3_700)
    await shop.block(3)
    assert shop.delegated_sun("pool", "ann") == 0


async def test_rentals_whose_pool_has_no_key_are_told_of_once_and_wait(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    await rent(shop)
    keyless = Reclaims(shop.node, shop.database, Pools(KeyRing()), shop.services.write_ahead)
    shop.advance(3_700)
    shop.chain.produce_block()
    await shop.services.scanner.scan()
    for _ in range(3):
        assert await keyless.reclaim_due() == 0
    assert caplog.text.count("there is no key of their pool") == 1
    await shop.block(3)
    assert shop.delegated_sun("pool", "ann") == 0


async def test_nothing_is_asked_twice_about_one_receiver(
    database: str, asked: list[Address]
) -> None:
    async with open_shop(database, pools={"pool": 400_000}) as shop:
        for _ in range(3):
            await rent(shop)
        shop.advance(3_700)
        shop.chain.produce_block()
        await shop.services.scanner.scan()
        asked.clear()
        assert await shop.services.reclaims.reclaim_due() == 3
        assert asked == [address("ann")]


def test_pauses_grow() -> None:
    from services.reclaims import _PAUSES

    assert sorted(_PAUSES) == list(_PAUSES)
    assert _PAUSES[0] >= timedelta(minutes=1)
