"""The tokens of the sandbox: other tokens to send, a blacklist, a pause, a busy contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.worlds import Refused, Script

USDD = 10**18


async def token(script: Script, symbol: str = "USDT") -> dict[str, Any]:
    """How a token stands."""
    tokens: list[dict[str, Any]] = (await script.state())["tokens"]
    return next(each for each in tokens if each["token"] == symbol)


async def sent(script: Script, body: dict[str, Any]) -> Any:
    """A transfer, as its block tells of it."""
    txid = (await script.post("/transfers", body))["txid"]
    await script.post("/blocks")
    return await script.get(f"/transactions/{txid}")


async def test_a_token_with_18_decimals_can_be_sent_too(script: Script) -> None:
    known = await token(script, "USDD")
    assert (known["decimals"], known["name"]) == (18, "Decentralized USD")
    before = await script.account("Bob")
    body = {"from": "Anna", "to": "Bob", "token": "USDD", "units": 3 * USDD // 2}
    estimate = await script.post("/estimates", body)
    assert estimate["energy_needed"] == 28_412
    found = await sent(script, body)
    assert (found["kind"], found["token"], found["amount"]) == ("token", "USDD", "1.5")
    assert found["energy_total"] == 28_412
    after = await script.account("Bob")
    assert int(after["tokens"]["USDD"]) - int(before["tokens"]["USDD"]) == 3 * USDD // 2
    assert after["usdt_micro"] == before["usdt_micro"]
    # JavaScript cannot write such a number without losing some of it.
    await sent(script, body | {"units": "1500000000000000001"})
    last = (await script.get("/accounts/Anna/transfers?limit=1"))["transfers"]
    assert last[0]["amount"] == "1.500000000000000001"
    poor = await script.post("/estimates", body | {"units": str(10**30)})
    assert poor["problem"] == "There is not that much USDD in this wallet."


async def test_a_blacklisted_wallet_cannot_send_until_it_is_taken_off(script: Script) -> None:
    anna = (await script.account("Anna"))["address"]
    order = {"token": "USDT", "blacklist": ["Anna", "Carol"]}
    listed = await script.post("/tokens", order)
    assert len(listed["txids"]) == 2
    await script.post("/blocks")
    assert (await token(script))["blacklist"] == listed["blacklist"]
    assert listed["blacklist"][0] == anna
    again = await script.post("/tokens", order)
    assert again["txids"] == [], "it is so already"

    body = {"from": "Anna", "to": "Bob", "usdt": 5}
    assert "blacklisted" in (await script.post("/estimates", body))["problem"]
    refused = await sent(script, body)
    assert (refused["success"], refused["result"]) == (False, "REVERT")
    assert (await sent(script, {"from": "Bob", "to": "Anna", "usdt": 5}))["success"]

    await script.post("/tokens", {"blacklist": []})
    await script.post("/blocks")
    assert (await token(script))["blacklist"] == []
    assert (await sent(script, body))["success"]


async def test_a_paused_token_moves_for_nobody(script: Script) -> None:
    await script.post("/tokens", {"token": "USDT", "paused": True})
    await script.post("/blocks")
    assert (await token(script))["paused"] is True
    body = {"from": "Bob", "to": "Anna", "usdt": 5}
    assert "paused" in (await script.post("/estimates", body))["problem"]
    assert not (await sent(script, body))["success"]
    await script.post("/tokens", {"token": "USDT", "paused": False})
    await script.post("/blocks")
    assert (await sent(script, body))["success"]


async def test_a_busy_token_takes_more_energy(script: Script) -> None:
    body = {"from": "Exchange", "to": "Anna", "usdt": 5}
    plain = (await script.post("/estimates", body))["energy_needed"]
    dearer = await script.post("/tokens", {"token": "USDT", "energy_factor": 5_000})
    assert (dearer["energy_factor"], dearer["txids"]) == (5_000, [])
    needed = (await script.post("/estimates", body))["energy_needed"]
    assert needed == plain + plain // 2
    found = await sent(script, body)
    assert (found["energy_total"], found["energy_penalty"]) == (needed, plain // 2)
    await script.post("/tokens", {"token": "USDT", "energy_factor": 0})
    assert (await script.post("/estimates", body))["energy_needed"] == plain


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/tokens", {}, 400, "missing_field"),
        ("/tokens", {"token": "DOGE", "paused": True}, 400, "bad_field"),
        ("/tokens", {"blacklist": "Anna"}, 400, "bad_field"),
        ("/tokens", {"blacklist": ["T123"]}, 400, "bad_address"),
        ("/tokens", {"energy_factor": 34_001}, 400, "bad_field"),
        ("/tokens", {"token": "USDD", "paused": True}, 409, "wrong_state"),
        ("/transfers", {"from": "Anna", "to": "Bob", "units": 1}, 400, "bad_amount"),
        ("/transfers", {"from": "Anna", "to": "Bob", "token": "USDD"}, 400, "bad_amount"),
        ("/transfers", {"from": "Anna", "to": "Bob", "token": "X", "units": 1}, 400, "bad_field"),
        (
            "/transfers",
            {"from": "Anna", "to": "Bob", "token": "USDD", "units": "-1"},
            400,
            "bad_field",
        ),
        (
            "/transfers",
            {"from": "Anna", "to": "Bob", "token": "USDD", "units": 2**256},
            409,
            "amount",
        ),
    ],
)
async def test_wrong_orders_about_tokens_are_explained(
    script: Script, path: str, body: dict[str, object], status: int, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post(path, body)
    assert (refused.value.status, refused.value.code) == (status, code)
