"""The pools' owners act past the application's back: over HTTP, with real transactions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chain.keys import SigningKey
from chain.transactions import encode_signed
from sandbox.pool_owner import DELEGATE_ONLY
from tests.sandbox.worlds import Refused, Script, script_for, world_in
from tests.support.servers import temporary_folder

TRX = 1_000_000
POOLS = ["north", "south", "east"]
FREE_BANDWIDTH = 600


async def figures(script: Script, name: str) -> dict[str, Any]:
    """How a pool stands."""
    pools: list[dict[str, Any]] = (await script.state())["pools"]
    return next(pool for pool in pools if pool["pool"] == name)


async def order(script: Script, pool: str, action: str, **further: object) -> dict[str, Any]:
    """The owner acts, and a block makes it true."""
    done: dict[str, Any] = await script.post("/pool", {"pool": pool, "action": action, **further})
    await script.post("/blocks")
    return done


async def delegate_with_hot_key(
    script: Script, sun: int, name: str = "north", *, reclaim: bool = False
) -> Any:
    """What the node says when the application wants to deliver, or to take back."""
    pool = await figures(script, name)
    accounts = (await script.state())["accounts"]
    (key,) = (each["private_key"] for each in accounts if each["address"] == pool["hot_key"])
    built = await script.node(
        f"wallet/{'un' if reclaim else ''}delegateresource",
        owner_address=pool["address"],
        receiver_address=(await script.account("Anna"))["address"],
        balance=sun,
        resource="ENERGY",
        Permission_id=pool["permission_id"],
        visible=True,
    )
    if "Error" in built:
        return built
    raw_bytes = bytes.fromhex(built["raw_data_hex"])
    signed = encode_signed(raw_bytes, [SigningKey.from_hex(key).sign(raw_bytes)])
    answer = await script.node("wallet/broadcasthex", transaction=signed.hex())
    await script.post("/blocks")
    return answer


async def delegatable_sun(script: Script, name: str = "north") -> int:
    found = await script.node(
        "wallet/getcandelegatedmaxsize",
        owner_address=(await figures(script, name))["address"],
        type=1,
        visible=True,
    )
    return int(found.get("max_size", 0))


# ── three pools ──────────────────────────────────────────────────────────────────────────────


async def test_three_pools_with_keys_and_permissions_of_their_own(script: Script) -> None:
    state = await script.state()
    pools = {pool["pool"]: pool for pool in state["pools"]}
    assert list(pools) == POOLS
    assert all(pool["permission_granted"] for pool in pools.values())
    assert len({pool["hot_key"] for pool in pools.values()}) == 3
    assert {name: pool["permission_id"] for name, pool in pools.items()} == {
        "north": 3,
        "south": 2,
        "east": 3,
    }
    assert {name: pool["poor"] for name, pool in pools.items()} == {
        "north": False,
        "south": False,
        "east": True,
    }
    # The largest order takes two pools, and can do without the poor one.
    largest = 20 * 145_000
    assert all(pool["energy_free"] < largest for pool in pools.values())
    assert pools["north"]["energy_free"] + pools["south"]["energy_free"] > largest
    # The smallest pool is asked first for small orders, and it is not the poor one.
    assert min(pools.values(), key=lambda pool: int(pool["energy_free"]))["pool"] == "south"

    configured = json.loads(state["app"]["environment"]["ENERGY_FLASH_POOLS"])
    assert [(each["address"], each["permission_id"]) for each in configured] == [
        (pool["address"], pool["permission_id"]) for pool in pools.values()
    ]
    for each, pool in zip(configured, pools.values(), strict=True):
        assert SigningKey.from_hex(each["key"]).address == pool["hot_key"]


@pytest.mark.parametrize("name", POOLS)
async def test_each_hot_key_delegates_for_its_own_pool_only(script: Script, name: str) -> None:
    free = await delegatable_sun(script, name)
    assert (await delegate_with_hot_key(script, 10 * TRX, name))["result"] is True
    lent = await figures(script, name)
    assert (lent["lent_sun"], lent["free_sun"]) == (10 * TRX, free - 10 * TRX)
    newest = (await script.get("/blocks?limit=1"))["blocks"][0]["transactions"]
    assert [(each["kind"], each["pool"]) for each in newest] == [("delegation", name)]
    assert (await delegate_with_hot_key(script, 10 * TRX, name, reclaim=True))["result"] is True
    assert (await figures(script, name))["lent_sun"] == 0


async def test_poor_pool_delivers_once_takes_back_and_then_cannot_pay() -> None:
    with temporary_folder() as folder:
        async with world_in(folder / "world") as world, script_for(world.url) as script:
            begins = await figures(script, "east")
            assert (begins["bandwidth_left"], begins["trx_sun"]) == (FREE_BANDWIDTH, 0)
            assert (await delegate_with_hot_key(script, 10 * TRX, "east"))["result"] is True
            taken = await delegate_with_hot_key(script, 10 * TRX, "east", reclaim=True)
            assert taken["result"] is True
            assert (await figures(script, "east"))["bandwidth_left"] < 100
            refused = await delegate_with_hot_key(script, 10 * TRX, "east")
            assert (refused["result"], refused["code"]) == (False, "BANDWITH_ERROR")
            # A day later the free bandwidth is whole again.
            await script.post("/clock", {"advance_seconds": 86_400})
            assert (await figures(script, "east"))["bandwidth_left"] == FREE_BANDWIDTH
            assert (await delegate_with_hot_key(script, 10 * TRX, "east"))["result"] is True
            # It cannot pay for another permission either; with TRX it can.
            with pytest.raises(Refused) as unpaid:
                await order(script, "east", "revoke_permission")
            assert unpaid.value.status == 409
            await order(script, "east", "top_up_trx")
            assert (await figures(script, "east"))["trx_sun"] == 1_000 * TRX
            await order(script, "east", "revoke_permission")
            assert not (await figures(script, "east"))["permission_granted"]


# ── permissions ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["north", "south"])
async def test_hot_key_without_its_permission_can_do_nothing(script: Script, name: str) -> None:
    assert (await delegate_with_hot_key(script, 10 * TRX, name))["result"] is True

    revoked = await order(script, name, "revoke_permission")
    found = await script.get(f"/transactions/{revoked['txid']}")
    assert (found["kind"], found["pool"]) == ("permission", name)
    granted = {pool["pool"]: pool["permission_granted"] for pool in (await script.state())["pools"]}
    assert granted == {each: each != name for each in POOLS}
    refused = await delegate_with_hot_key(script, 10 * TRX, name)
    assert (refused["result"], refused["code"]) == (False, "SIGERROR")
    with pytest.raises(Refused, match="has no permission") as again:
        await order(script, name, "revoke_permission")
    assert (again.value.status, again.value.code) == (409, "wrong_state")

    await order(script, name, "grant_permission")
    pool = await figures(script, name)
    assert pool["permission_granted"]
    account = await script.node("wallet/getaccount", address=pool["address"], visible=True)
    permissions = {each["id"]: each for each in account["active_permission"]}
    hot = permissions[pool["permission_id"]]
    assert hot["operations"] == DELEGATE_ONLY.hex()
    assert [key["address"] for key in hot["keys"]] == [pool["hot_key"]]
    assert (await delegate_with_hot_key(script, 10 * TRX, name))["result"] is True
    with pytest.raises(Refused, match="already"):
        await order(script, name, "grant_permission")


async def test_sandbox_starts_although_a_pool_cannot_pay_for_its_permission() -> None:
    with temporary_folder() as folder:
        async with world_in(folder / "world") as world, script_for(world.url) as script:
            await order(script, "north", "revoke_permission")
            await order(script, "north", "drain_trx")
            await order(script, "south", "revoke_permission")
        async with world_in(folder / "world") as world, script_for(world.url) as script:
            assert not (await figures(script, "north"))["permission_granted"]
            assert (await figures(script, "south"))["permission_granted"]
            await order(script, "north", "top_up_trx")
        async with world_in(folder / "world") as world, script_for(world.url) as script:
            assert (await figures(script, "north"))["permission_granted"]


# ── stake ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["north", "south"])
async def test_pool_is_emptied_by_its_owner_and_filled_again(script: Script, name: str) -> None:
    free = await delegatable_sun(script, name)
    assert free > 100_000 * TRX
    before = (await script.account("Exchange"))["energy_rented"]

    lent = await order(script, name, "lend_out")
    done = await script.get(f"/transactions/{lent['txid']}")
    assert (done["kind"], done["success"], done["pool"]) == ("delegation", True, name)
    assert await delegatable_sun(script, name) == 0
    pool = await figures(script, name)
    assert (pool["free_sun"], pool["energy_free"]) == (0, 0)
    assert pool["lent_to_exchange"] == {"energy_sun": free, "bandwidth_sun": 0}
    assert (await script.account("Exchange"))["energy_rented"] > before
    refused = await delegate_with_hot_key(script, 10 * TRX, name)
    assert "available FreezeEnergyV2 balance" in refused["Error"]

    await order(script, name, "take_back")
    assert await delegatable_sun(script, name) == free
    assert (await script.account("Exchange"))["energy_rented"] == before


async def test_owner_lends_some_to_somebody_named(script: Script) -> None:
    free = await delegatable_sun(script)
    await order(script, "north", "lend_out", to="Bob", sun=1_000 * TRX)
    assert await delegatable_sun(script) == free - 1_000 * TRX
    assert (await script.account("Bob"))["energy_rented"] == pytest.approx(10_000, rel=0.01)
    await order(script, "north", "take_back", to="Bob", sun=400 * TRX)
    assert await delegatable_sun(script) == free - 600 * TRX
    await order(script, "north", "take_back", to="Bob")
    assert await delegatable_sun(script) == free


async def test_used_energy_comes_back_with_the_stake_and_is_shown_as_recovering(
    script: Script,
) -> None:
    before = await figures(script, "north")
    await order(script, "north", "lend_out", to="Bob", sun=20_000 * TRX)
    await script.post("/transfers", {"from": "Bob", "to": "Anna", "usdt": 1})
    await script.post("/blocks")
    await order(script, "north", "take_back", to="Bob")
    after = await figures(script, "north")
    assert after["lent_sun"] == before["lent_sun"]
    assert after["energy_recovering"] - before["energy_recovering"] == pytest.approx(
        64_285, rel=0.01
    )
    assert before["energy_free"] - after["energy_free"] == pytest.approx(64_285, rel=0.01)


async def test_owner_ends_a_stake_and_stakes_it_again(script: Script) -> None:
    before = await figures(script, "south")
    done = await order(script, "south", "unstake", sun=20_000 * TRX)
    assert (await script.get(f"/transactions/{done['txid']}"))["kind"] == "unstake"
    pool = await figures(script, "south")
    assert pool["stake_sun"] == before["stake_sun"] - 20_000 * TRX
    assert pool["unstaking_sun"] == 20_000 * TRX
    assert pool["energy_free"] < before["energy_free"]
    await order(script, "south", "unstake")
    pool = await figures(script, "south")
    assert (pool["free_sun"], pool["stake_sun"]) == (0, pool["lent_sun"])
    await order(script, "south", "restake")
    pool = await figures(script, "south")
    assert (pool["unstaking_sun"], pool["stake_sun"]) == (0, before["stake_sun"])


# ── what a transaction costs ─────────────────────────────────────────────────────────────────


async def test_pool_is_left_without_trx_and_bandwidth_and_helped_again(script: Script) -> None:
    before = await figures(script, "south")
    drained = await order(script, "south", "drain_bandwidth")
    assert len(drained["txids"]) >= 2
    pool = await figures(script, "south")
    assert pool["bandwidth_left"] < 275
    assert pool["lent_to_exchange"]["bandwidth_sun"] > 10_000 * TRX
    # It still burns TRX.
    assert (await delegate_with_hot_key(script, 10 * TRX, "south"))["result"] is True

    await order(script, "south", "drain_trx")
    assert (await figures(script, "south"))["trx_sun"] == 0
    refused = await delegate_with_hot_key(script, 10 * TRX, "south")
    assert (refused["result"], refused["code"]) == (False, "BANDWITH_ERROR")
    for again in ("drain_trx", "drain_bandwidth"):
        with pytest.raises(Refused) as nothing:
            await order(script, "south", again)
        assert (nothing.value.status, nothing.value.code) == (409, "wrong_state")

    await order(script, "south", "top_up_trx", sun=900 * TRX)
    await order(script, "south", "take_back", resource="bandwidth")
    pool = await figures(script, "south")
    assert pool["bandwidth_limit"] == before["bandwidth_limit"]
    assert pool["lent_to_exchange"]["bandwidth_sun"] == 0
    assert (await delegate_with_hot_key(script, 10 * TRX, "south"))["result"] is True


async def test_pool_with_bandwidth_sends_its_last_sun_away(script: Script) -> None:
    before, exchange = await figures(script, "north"), await script.account("Exchange")
    await order(script, "north", "drain_trx", to="Exchange")
    assert (await figures(script, "north"))["trx_sun"] == 0
    richer = (await script.account("Exchange"))["trx_sun"] - exchange["trx_sun"]
    assert richer == before["trx_sun"]
    assert (await delegate_with_hot_key(script, 10 * TRX, "north"))["result"] is True
    await order(script, "north", "top_up_trx", sun=before["trx_sun"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"action": "lend_out"}, 400, "missing_field"),
        ({"pool": "west", "action": "lend_out"}, 400, "bad_field"),
        ({"pool": "north"}, 400, "missing_field"),
        ({"pool": "north", "action": "sell"}, 400, "bad_field"),
        ({"pool": "north", "action": "lend_out", "resource": "air"}, 400, "bad_field"),
        ({"pool": "north", "action": "lend_out", "to": "T123"}, 400, "bad_address"),
        ({"pool": "north", "action": "lend_out", "to": "Carol"}, 409, "contract_validate_error"),
        ({"pool": "north", "action": "lend_out", "sun": 10**15}, 409, "contract_validate_error"),
        ({"pool": "north", "action": "take_back", "to": "Bob"}, 409, "contract_validate_error"),
        ({"pool": "north", "action": "unstake", "sun": 10**15}, 409, "contract_validate_error"),
        ({"pool": "north", "action": "restake"}, 409, "contract_validate_error"),
        ({"pool": "east", "action": "drain_trx"}, 409, "wrong_state"),
    ],
)
async def test_wrong_orders_to_the_owner_are_explained(
    script: Script, body: dict[str, object], status: int, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/pool", body)
    assert (refused.value.status, refused.value.code) == (status, code)
