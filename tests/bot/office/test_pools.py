"""The pools' room: what staff see of the pools, change about them, and how they add one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office.typed import is_nothing, looks_like_key, read_sun, read_whole
from sandbox.tron.genesis import GenesisAccount
from services.acts import ActFault
from services.customers import Language
from services.granting import grant_to
from services.pools import PoolState
from tests.bot.people import Person, World, entity_texts, labels, words
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, Shop, address, delegate_only, key_hex, open_shop

ENGLISH = TEXTS[Language.EN]
POOL = address("pool")
STAKER = GenesisAccount(address("staker"), balance=150 * TRX, energy_stake=50_000 * TRX)
OPEN = GenesisAccount(
    address("open"),
    balance=150 * TRX,
    energy_stake=1_000 * TRX,
    active_permissions=(
        replace(delegate_only(address("hot")), operations=bytes([2] + [0] * 6 + [6] + [0] * 24)),
    ),
)


@pytest.fixture
async def shop(database: str) -> Any:
    async with open_shop(database, more=(STAKER, OPEN)) as opened:
        yield opened


async def log(shop: Shop) -> list[tuple[str, str, str, Any, Any]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT act, subject, reason, before, after FROM audit_log ORDER BY id"
        )
    return [tuple(row) for row in rows]


async def state(shop: Shop, pool: str) -> str:
    async with shop.database.transaction() as tx:
        row = await tx.pools.get(address(pool))
    assert row is not None
    return row.state


async def test_a_pool_is_drained_enabled_and_disabled(world: World, operator: Person) -> None:
    free = await world.shop.services.inventory.offerable()
    said = words(await operator.says("/pools"))
    assert f"Free in all of them: {free:,} energy" in said
    card = await operator.taps(f"🟢 {POOL[:6]}…{POOL[-6:]}")
    assert entity_texts(card, "code") == [POOL, address("hot")]
    assert "Can lend now: 50,000 TRX" in words(card)
    assert "The configuration names it too" in words(card)

    await operator.taps("Drain")
    card = await operator.taps("No reason needed")
    assert f"Energy that can be sold now: {free:,} → 0" in words(card)
    card = await operator.taps("Yes, do it")
    assert words(card).startswith("✅ It is drained.")
    assert "Free later" not in words(card), "nothing of it will be sold"
    assert await world.shop.services.inventory.offerable() == 0

    await operator.taps("Sell")
    card = await operator.taps("No reason needed")
    assert f"Energy that can be sold now: 0 → {free:,}" in words(card)
    await operator.taps("Yes, do it")
    assert await world.shop.services.inventory.offerable() == free

    card = await operator.taps("Disable")
    assert "No reason needed" not in labels(card)
    await operator.says("its owner sells it")
    await operator.taps("Yes, do it")
    assert await state(world.shop, "pool") == PoolState.DISABLED
    assert [
        (act, reason, after["state"]) for act, _, reason, _, after in await log(world.shop)
    ] == [
        ("pool_drain", "", "draining"),
        ("pool_enable", "", "enabled"),
        ("pool_disable", "its owner sells it", "disabled"),
    ]


async def test_a_reserve_is_typed_and_takes_energy_out_of_the_sale(
    world: World, operator: Person
) -> None:
    free = await world.shop.services.inventory.offerable()
    await operator.says(f"/pools {POOL}")
    await operator.taps("Reserve")
    for wrong in ("a lot", "1.0000001", "-5", "1,000", "1e3"):
        said = words(await operator.says(wrong))
        assert "Type an amount in TRX" in said, wrong
    assert "already" in words(await operator.says("0"))
    await operator.says("20 000,000001 TRX")
    card = await operator.says("for a large customer")
    assert "Reserve: 0 TRX → 20,000.000001 TRX" in words(card)
    said = words(card)
    after = int(said.split(" → ")[2].split("\n")[0].replace(",", ""))
    card = await operator.taps("Yes, do it")
    assert "Reserve: 20,000.000001 TRX" in words(card)
    assert await world.shop.services.inventory.offerable() == after < free
    [(act, subject, reason, before, now)] = await log(world.shop)
    assert (act, subject, reason) == ("pool_terms", f"pool {POOL}", "for a large customer")
    assert (before, now) == ({"reserve_sun": 0}, {"reserve_sun": 20_000_000_001})


async def test_every_other_term_is_changed_and_a_dash_takes_a_limit_away(
    world: World, operator: Person
) -> None:
    typed = {
        "Cap": ("cap_sun", "5", 5 * TRX),
        "Hourly limit": ("hourly_delegations", "60", 60),
        "Priority": ("priority", "-7", -7),
        "Cost": ("cost_sun", "250", 250),
    }
    await operator.says(f"/pools {POOL}")
    for label, (term, answer, value) in typed.items():
        await operator.taps(label)
        await operator.says(answer)
        await operator.says("why not")
        await operator.taps("Yes, do it")
        async with world.shop.database.transaction() as tx:
            row = await tx.pools.get(POOL)
        assert getattr(row, term) == value
    await operator.taps("Priority")
    assert "from -100 to 100" in words(await operator.says("-"))
    await operator.says(f"/pools {POOL}")
    await operator.taps("Cap")
    await operator.says("-")
    await operator.says("no more")
    card = await operator.taps("Yes, do it")
    assert "Most stake in one delegation: no limit of its own" in words(card)


async def test_one_who_only_looks_sees_no_way_to_change(
    world: World, operator: Person, viewer: Person
) -> None:
    assert "Add a pool" not in labels(await viewer.says("/pools"))
    card = await viewer.says(f"/pools {POOL}")
    assert labels(card) == ["Look again", "‹ Back"]
    await viewer.says("/addpool")
    assert viewer.newest.message_id != card.message_id
    assert (await log(world.shop))[0][:2] == ("refused", "/addpool")
    assert "no pool of this address" in words(await operator.says("/pools nonsense"))


async def test_a_pool_is_added_once_its_owner_has_granted_it(
    world: World, operator: Person
) -> None:
    shop, staker = world.shop, address("staker")
    await operator.says("/addpool")
    assert "cannot read a TRON address" in words(await operator.says("hello"))
    assert "payment address" in words(await operator.says(address("payments")))
    assert "refund wallet" in words(await operator.says(address("wallet")))
    assert "a pool already" in words(await operator.says(POOL))
    assert "not activated" in words(await operator.says(address("nobody")))
    card = await operator.says(staker)
    assert "Staked for energy: 50,000 TRX. TRX: 150 TRX" in words(card)
    hot, wallet = address("hot"), address("wallet")
    assert labels(card) == [f"🔑 {hot[:6]}…{hot[-6:]}", "Never mind"]
    assert wallet[:6] not in "".join(labels(card))

    card = await operator.taps(labels(card)[0])
    assert "The owner has to sign one transaction" in words(card)
    shown = json.loads(words(operator.shown[-2]))
    assert shown["owner_address"] == staker
    card = await operator.taps("Signed: look again")
    assert "does not show it yet" in words(card)

    account = await shop.node.account(staker)
    assert account is not None
    update = grant_to(account, hot)
    assert [each["keys"] for each in shown["actives"]] == [
        [{"address": key.address, "weight": key.weight} for key in each.keys]
        for each in update.active_permissions
    ]
    shop.send(update, "staker")
    await shop.block()
    card = await operator.taps("Signed: look again")
    assert "lets the key delegate, and nothing else" in words(card)
    assert "Type an amount" in words(await operator.says("some"))
    card = await operator.says("1000.5")
    assert "Reserve: 1,000.5 TRX" in words(card)
    card = await operator.taps("Yes, do it")
    assert words(card).startswith("✅ Registered.")
    async with shop.database.transaction() as tx:
        row = await tx.pools.get(staker)
    assert row is not None
    assert (row.key_address, row.reserve_sun) == (hot, 1_000_500_000)
    await shop.services.pool_watch.watch_due()
    assert "🟢" in words(await operator.says(f"/pools {staker}"))
    assert [entry[:2] for entry in await log(shop)] == [("pool_add", f"pool {staker}")]


async def test_a_key_that_can_do_more_is_asked_about_twice(world: World, operator: Person) -> None:
    hot = address("hot")
    await operator.says("/addpool")
    await operator.says(address("open"))
    card = await operator.taps(f"🔑 {hot[:6]}…{hot[-6:]}")
    assert "This key can do MORE than delegate" in words(card)
    assert "send its TRX away" in words(card)
    card = await operator.taps("I take that risk")
    assert "more to the account than delegate" in words(card)
    card = await operator.taps("Keep nothing back")
    assert "🚨" in words(card)
    await operator.taps("Yes, do it")
    assert await state(world.shop, "open") == PoolState.ENABLED


async def test_a_private_key_in_the_chat_is_deleted_at_once(world: World, operator: Person) -> None:
    for begin in ("/addpool", None):
        if begin is None:
            await operator.says(f"/pools {POOL}")
            await operator.taps("Reserve")
        else:
            await operator.says(begin)
        sent = f"my key: {key_hex('hot')}"
        said = words(await operator.says(sent))
        assert "looked like a private key" in said
        left = [
            change
            for change in world.telegram.changes(operator.user.id)
            if sent in (getattr(change, "text", None) or "") and not getattr(change, "deleted", 0)
        ]
        assert left == []
    assert "Type an amount" in words(await operator.says("x"))  # the question is still open


async def test_steps_of_a_pool_that_nobody_asks_about_do_nothing(
    world: World, operator: Person
) -> None:
    card = await operator.says("/pools")
    for data in (f"~pk:{address('hot')}", "~pn:r", "~pn:l", "~pn:n"):
        await operator.taps_forged(card.message_id, data)
        assert operator.toast == ENGLISH.office.common.act_refused(ActFault.GONE)
    assert await log(world.shop) == []


@given(st.integers(0, 10**17))
def test_an_amount_is_read_to_the_last_sun(sun: int) -> None:
    whole, rest = divmod(sun, TRX)
    for written in (f"{whole}.{rest:06}", f"{whole},{rest:06} TRX", f"{whole:,}".replace(",", " ")):
        exact = sun if "." in written or "," in written else whole * TRX
        assert read_sun(written) == exact


@given(st.integers(-(10**17), 10**17))
def test_a_whole_number_is_read_as_it_is(number: int) -> None:
    assert read_whole(str(number)) == number
    assert read_whole(f"{number:,}") == number
    assert read_whole(f"{number}.5") is None


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_the_reading(text: str) -> None:
    read_whole(text)
    is_nothing(text)
    looks_like_key(text)
    amount = read_sun(text)
    assert amount is None or amount >= 0
