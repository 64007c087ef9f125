"""The pool's owner acts past the application's back: over HTTP, with real transactions."""

from __future__ import annotations

from typing import Any

import pytest

from chain.keys import SigningKey
from chain.transactions import encode_signed
from sandbox.pool_owner import DELEGATE_ONLY, DELEGATE_PERMISSION_ID
from tests.sandbox.worlds import Refused, Script

TRX = 1_000_000


async def delegate_with_hot_key(script: Script, sun: int) -> Any:
    """What the node says when the application wants to deliver."""
    pool, hot_key = await script.account("Energy pool"), await script.account("Hot key of the pool")
    built = await script.node(
        "wallet/delegateresource",
        owner_address=pool["address"],
        receiver_address=(await script.account("Anna"))["address"],
        balance=sun,
        resource="ENERGY",
        Permission_id=DELEGATE_PERMISSION_ID,
        visible=True,
    )
    if "Error" in built:
        return built
    raw_bytes = bytes.fromhex(built["raw_data_hex"])
    signature = SigningKey.from_hex(hot_key["private_key"]).sign(raw_bytes)
    signed = encode_signed(raw_bytes, [signature])
    return await script.node("wallet/broadcasthex", transaction=signed.hex())


async def delegatable_sun(script: Script) -> int:
    pool = await script.account("Energy pool")
    found = await script.node(
        "wallet/getcandelegatedmaxsize", owner_address=pool["address"], type=1, visible=True
    )
    return int(found.get("max_size", 0))


async def test_hot_key_without_its_permission_can_do_nothing(script: Script) -> None:
    assert (await script.state())["pool"] == {"permission_granted": True}
    assert (await delegate_with_hot_key(script, 10 * TRX))["result"] is True
    await script.post("/blocks")

    revoked = await script.post("/pool", {"action": "revoke_permission"})
    await script.post("/blocks")
    assert (await script.get(f"/transactions/{revoked['txid']}"))["kind"] == "permission"
    assert (await script.state())["pool"] == {"permission_granted": False}
    refused = await delegate_with_hot_key(script, 10 * TRX)
    assert (refused["result"], refused["code"]) == (False, "SIGERROR")
    with pytest.raises(Refused, match="has no permission") as again:
        await script.post("/pool", {"action": "revoke_permission"})
    assert (again.value.status, again.value.code) == (409, "wrong_state")

    await script.post("/pool", {"action": "grant_permission"})
    await script.post("/blocks")
    assert (await script.state())["pool"] == {"permission_granted": True}
    pool = await script.account("Energy pool")
    account = await script.node("wallet/getaccount", address=pool["address"], visible=True)
    granted = {each["id"]: each for each in account["active_permission"]}
    assert granted[DELEGATE_PERMISSION_ID]["operations"] == DELEGATE_ONLY.hex()
    assert (await delegate_with_hot_key(script, 10 * TRX))["result"] is True
    await script.post("/blocks")
    with pytest.raises(Refused, match="already"):
        await script.post("/pool", {"action": "grant_permission"})


async def test_pool_is_emptied_by_its_owner_and_filled_again(script: Script) -> None:
    free = await delegatable_sun(script)
    assert free > 1_000_000 * TRX
    before = (await script.account("Exchange"))["energy_rented"]

    lent = await script.post("/pool", {"action": "lend_out"})
    await script.post("/blocks")
    done = await script.get(f"/transactions/{lent['txid']}")
    assert (done["kind"], done["success"]) == ("delegation", True)
    assert await delegatable_sun(script) == 0
    assert (await script.account("Exchange"))["energy_rented"] > before
    refused = await delegate_with_hot_key(script, 10 * TRX)
    assert "available FreezeEnergyV2 balance" in refused["Error"]

    await script.post("/pool", {"action": "take_back"})
    await script.post("/blocks")
    assert await delegatable_sun(script) == free
    assert (await script.account("Exchange"))["energy_rented"] == before


async def test_owner_lends_some_to_somebody_named(script: Script) -> None:
    free = await delegatable_sun(script)
    body = {"to": "Bob", "sun": 1_000 * TRX}
    await script.post("/pool", {"action": "lend_out", **body})
    await script.post("/blocks")
    assert await delegatable_sun(script) == free - 1_000 * TRX
    assert (await script.account("Bob"))["energy_rented"] == pytest.approx(10_000, rel=0.01)
    await script.post("/pool", {"action": "take_back", "to": "Bob", "sun": 400 * TRX})
    await script.post("/blocks")
    assert await delegatable_sun(script) == free - 600 * TRX
    await script.post("/pool", {"action": "take_back", "to": "Bob"})
    await script.post("/blocks")
    assert await delegatable_sun(script) == free


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "missing_field"),
        ({"action": "sell"}, 400, "bad_field"),
        ({"action": "lend_out", "to": "T123"}, 400, "bad_address"),
        ({"action": "lend_out", "to": "Carol"}, 409, "contract_validate_error"),
        ({"action": "lend_out", "sun": 10**15}, 409, "contract_validate_error"),
        ({"action": "take_back", "to": "Bob"}, 409, "contract_validate_error"),
    ],
)
async def test_wrong_orders_to_the_owner_are_explained(
    script: Script, body: dict[str, object], status: int, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/pool", body)
    assert (refused.value.status, refused.value.code) == (status, code)
