"""/available, and what the operator hears of the pools."""

from __future__ import annotations

from chain.contracts import AccountPermissionUpdate
from sandbox.tron.faults import NodeFault
from tests.bot.people import Person, World, labels, words
from tests.support.shop import address, delegate_only


async def test_what_is_free_is_told_in_energy_and_transfers(world: World, ann: Person) -> None:
    await ann.says("/available")
    told = words(ann.newest)
    free = await world.shop.services.inventory.offerable()
    assert told.startswith(f"Free now: {free:,} energy\n")
    assert f"One order can be for up to {min(free // 70_714, 20)} transfers." in told
    assert f"in 24 hours: {free:,}" in told
    assert labels(ann.newest)[0] == "⚡ Rent energy"


async def test_with_everything_rented_out_it_says_when_it_comes_back(
    world: World, ann: Person
) -> None:
    async with world.shop.database.transaction() as tx:
        await world.shop.services.pools.change(tx, address("pool"), {"reserve_sun": 10**15})
    world.shop.services.inventory.forget()
    await ann.says("/available")
    assert words(ann.newest).startswith("All energy is rented out right now.")


async def test_while_no_node_answers_it_says_so(world: World, ann: Person) -> None:
    world.shop.services.inventory.forget()
    world.shop.faults.plan(NodeFault.UNAVAILABLE, 1000)
    await ann.says("/available")
    assert words(ann.newest).startswith("I cannot reach the TRON network right now.")


async def test_the_operator_hears_of_a_pool_that_is_out_and_how_to_mend_it(
    world: World, operator: Person
) -> None:
    await operator.says("/start")
    shop = world.shop
    account = shop.chain.account(address("pool"))
    assert account is not None
    owner = account.permission(0)
    assert owner is not None
    revoked = AccountPermissionUpdate(
        address("pool"), owner, None, (delegate_only(address("ben")),)
    )
    shop.send(revoked, "pool")
    await world.block()
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE pool_readings SET read_at = '-infinity'")
    await world.block()
    told = words(operator.newest)
    assert told.startswith("⚠️ A pool is out: nothing is sold from it")
    assert f"Permission 2 does not let the key {address('hot')} delegate any more." in told
