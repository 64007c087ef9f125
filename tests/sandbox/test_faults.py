"""Every fault and switch of the control API, planned and met over HTTP as a script would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from chain.keys import SigningKey
from chain.transactions import encode_signed, txid
from sandbox.tron.spoiling import WRONG_TXID
from sandbox.world import World
from tests.sandbox.worlds import ANNA, BO, Refused, Script, script_for, world_in
from tests.support.servers import temporary_folder

TRX = 1_000_000
ON_CALLS = {"methods": ["broadcasthex"]}


@pytest.fixture
async def script(world: World) -> AsyncIterator[Script]:
    async with script_for(world.url) as script:
        yield script
        await script.delete("/faults")
        await script.post("/chain", {"solid_stalled": False})
        # What waits belongs to the blocks of this test.
        await script.post("/blocks")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transfer of Anna's that was not sent yet."""

    txid: str
    hex: str


async def signed(script: Script, sun: int = 1) -> Signed:
    anna, bob = await script.account("Anna"), await script.account("Bob")
    built = await script.node(
        "wallet/createtransaction",
        owner_address=anna["address"],
        to_address=bob["address"],
        amount=sun,
        visible=True,
    )
    raw_bytes = bytes.fromhex(built["raw_data_hex"])
    signature = SigningKey.from_hex(anna["private_key"]).sign(raw_bytes)
    return Signed(txid(raw_bytes), encode_signed(raw_bytes, [signature]).hex())


async def broadcast(script: Script, transaction: Signed) -> Any:
    return await script.node("wallet/broadcasthex", transaction=transaction.hex)


async def is_waiting(script: Script, transaction: Signed) -> bool:
    return bool(await script.node("wallet/gettransactionbyid", value=transaction.txid))


async def plan(script: Script, fault: str, **fields: Any) -> Any:
    return await script.post("/faults", {"on": "node", "fault": fault, **fields})


async def mined(script: Script, transaction: Signed) -> bool:
    await script.post("/blocks")
    return bool(await script.node("wallet/gettransactioninfobyid", value=transaction.txid))


# ── the node: connections and statuses ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [("refuse_connection", False), ("lose_request", False), ("lose_answer", True)],
)
async def test_lost_connection_before_or_after_acceptance(
    script: Script, fault: str, arrived: bool
) -> None:
    transaction = await signed(script)
    await plan(script, fault, **ON_CALLS)
    with pytest.raises(aiohttp.ClientError):
        await broadcast(script, transaction)
    assert await is_waiting(script, transaction) is arrived
    again = await broadcast(script, transaction)
    assert again["code"] == ("DUP_TRANSACTION_ERROR" if arrived else "SUCCESS")
    assert await mined(script, transaction)


async def test_request_that_arrives_twice_is_a_duplicate_of_itself(script: Script) -> None:
    transaction = await signed(script)
    await plan(script, "repeated_request")
    assert await script.node("wallet/getnowblock"), "only broadcasts are concerned"
    answer = await broadcast(script, transaction)
    assert (answer["result"], answer["code"]) == (False, "DUP_TRANSACTION_ERROR")
    assert await mined(script, transaction)


@pytest.mark.parametrize(("fault", "arrived"), [("slow", False), ("slow_answer", True)])
async def test_slow_node_is_slow_before_or_after_its_work(
    script: Script, fault: str, arrived: bool
) -> None:
    transaction = await signed(script)
    await plan(script, fault, amount=0.5, **ON_CALLS)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    sending = asyncio.create_task(broadcast(script, transaction))
    await script.get("/faults?wait=10")
    assert await is_waiting(script, transaction) is arrived
    assert (await sending)["result"] is True
    assert loop.time() - begun >= 0.5


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("too_many_requests", 429, "application/json"),
        ("forbidden", 403, "application/json"),
        ("internal_error", 500, "text/html"),
        ("bad_gateway", 502, "text/html"),
        ("unavailable", 503, "application/json"),
    ],
)
async def test_provider_answers_with_a_status_of_its_own(
    script: Script, fault: str, status: int, kind: str
) -> None:
    node_url = (await script.state())["node_url"]
    await plan(script, fault, count=2)
    for expected in (status, status, 200):
        async with script.session.post(f"{node_url}/wallet/getnowblock", json={}) as answer:
            assert answer.status == expected
            if expected != 200:
                assert answer.content_type == kind


# ── the node: answers ────────────────────────────────────────────────────────────────────────


async def test_answer_is_cut_in_the_middle(script: Script) -> None:
    await plan(script, "truncated")
    node_url = (await script.state())["node_url"]
    async with script.session.post(f"{node_url}/wallet/getnowblock", json={}) as answer:
        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            await answer.json(content_type=None)


async def text_of_head(script: Script) -> str:
    node_url = (await script.state())["node_url"]
    async with script.session.post(f"{node_url}/wallet/getnowblock", json={}) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_answer_has_another_shape(script: Script) -> None:
    right = json.loads(await text_of_head(script))
    number = right["block_header"]["raw_data"]["number"]
    seen = {}
    for shape in ("list", "number", "null", "empty", "strings", "numbers"):
        planned = await plan(script, "wrong_shape", shape=shape)
        assert planned["faults"][0]["shape"] == shape
        seen[shape] = json.loads(await text_of_head(script))
    strings, numbers = seen.pop("strings"), seen.pop("numbers")
    assert seen == {"list": [right], "number": 7, "null": None, "empty": {}}
    assert strings["block_header"]["raw_data"]["number"] == str(number)
    assert strings["blockID"] == right["blockID"]
    assert numbers["block_header"]["raw_data"]["number"] == number
    assert numbers["blockID"] == 7
    assert json.loads(await text_of_head(script)) == right


@pytest.mark.parametrize(("shape", "begins"), [("html", "<!DOCTYPE html>"), ("text", "upstream")])
async def test_answer_with_status_200_is_no_json(script: Script, shape: str, begins: str) -> None:
    await plan(script, "wrong_shape", shape=shape)
    text = await text_of_head(script)
    assert text.startswith(begins)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_node_lies_about_ids_of_transactions(script: Script) -> None:
    transaction = await signed(script)
    await plan(script, "wrong_txid", count=3)
    answer = await broadcast(script, transaction)
    assert (answer["result"], answer["txid"]) == (True, WRONG_TXID)
    height = (await script.post("/blocks"))["height"]
    block = await script.node("wallet/getblockbynum", num=height)
    assert [each["txID"] for each in block["transactions"]] == [WRONG_TXID]
    info = await script.node("wallet/gettransactioninfobyid", value=transaction.txid)
    assert (info["id"], info["blockNumber"]) == (WRONG_TXID, height)
    honest = await script.node("wallet/getblockbynum", num=height)
    assert [each["txID"] for each in honest["transactions"]] == [transaction.txid]
    assert honest["blockID"] == block["blockID"]


async def test_lagging_node_shows_an_old_head(script: Script) -> None:
    height = (await script.post("/blocks"))["height"]
    await plan(script, "lagging", amount=5)
    lagging = await script.node("wallet/getnowblock")
    assert lagging["block_header"]["raw_data"]["number"] == height - 5
    head = await script.node("wallet/getnowblock")
    assert head["block_header"]["raw_data"]["number"] == height


# ── the node: verdicts ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SERVER_BUSY", "Server busy."),
        ("NO_CONNECTION", "No connection."),
        ("NOT_ENOUGH_EFFECTIVE_CONNECTION", "Effective connection:"),
        ("BLOCK_UNSOLIDIFIED", "Block unsolidified."),
        ("OTHER_ERROR", "Error: "),
    ],
)
async def test_verdict_before_acceptance(script: Script, code: str, message: str) -> None:
    transaction = await signed(script)
    await plan(script, "verdict", code=code)
    answer = await broadcast(script, transaction)
    assert (answer["result"], answer["code"]) == (False, code)
    assert answer["message"].startswith(message)
    assert answer["txid"] == transaction.txid
    assert not await is_waiting(script, transaction)
    assert (await broadcast(script, transaction))["result"] is True


@pytest.mark.parametrize(
    ("code", "message"),
    [("NOT_ENOUGH_EFFECTIVE_CONNECTION", "P2P broadcast failed."), ("OTHER_ERROR", "Error: ")],
)
async def test_verdict_after_acceptance(script: Script, code: str, message: str) -> None:
    transaction = await signed(script)
    await plan(script, "verdict", code=code, accepted=True)
    answer = await broadcast(script, transaction)
    assert (answer["result"], answer["code"]) == (False, code)
    assert answer["message"].startswith(message)
    assert await mined(script, transaction)


async def test_verdict_reaches_a_transaction_in_json_too(script: Script) -> None:
    await plan(script, "verdict", code="SERVER_BUSY")
    body = {"raw_data": {"contract": []}, "visible": True}
    answer = await script.node("wallet/broadcasttransaction", **body)
    assert (answer["code"], answer["message"]) == ("SERVER_BUSY", "Server busy.")


async def test_transaction_is_accepted_and_forgotten(script: Script) -> None:
    before = (await script.account("Bob"))["trx_sun"]
    transaction, kept = await signed(script, 1), await signed(script, 2)
    assert (await broadcast(script, kept))["result"] is True
    await plan(script, "drop_transaction")
    assert (await broadcast(script, transaction))["result"] is True
    assert not await mined(script, transaction)
    assert (await script.account("Bob"))["trx_sun"] == before + 2
    # The same bytes are still worth something.
    assert (await broadcast(script, transaction))["result"] is True
    assert await mined(script, transaction)


# ── the chain ────────────────────────────────────────────────────────────────────────────────


async def test_fork_replaces_blocks_and_the_transaction_comes_again(script: Script) -> None:
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 3})
    height = (await script.post("/blocks", {"count": 2}))["height"]
    old = await script.get(f"/blocks/{height - 1}")
    await script.post("/forks", {"depth": 2})
    new = await script.get(f"/blocks/{height - 1}")
    assert (new["number"], new["transactions"]) == (old["number"], [])
    assert new["id"] != old["id"]
    await script.post("/blocks")
    assert (await script.get(f"/transactions/{sent['txid']}"))["block"] == height + 1
    with pytest.raises(Refused, match="solid"):
        await script.post("/forks", {"depth": 19})


async def test_fork_can_lose_its_transactions(script: Script) -> None:
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 3})
    await script.post("/blocks")
    await script.post("/forks", {"depth": 1, "transactions": "vanish"})
    await script.post("/blocks", {"count": 2})
    with pytest.raises(Refused, match="is unknown"):
        await script.get(f"/transactions/{sent['txid']}")


async def test_solid_blocks_stall_and_go_on(script: Script) -> None:
    solid = await script.node("walletsolidity/getnowblock")
    number = solid["block_header"]["raw_data"]["number"]
    bob = {"address": (await script.account("Bob"))["address"], "visible": True}
    balance = (await script.node("walletsolidity/getaccount", **bob))["balance"]
    stalled = await script.post("/chain", {"solid_stalled": True})
    assert (stalled["solid_stalled"], stalled["solid_height"]) == (True, number)

    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 9})
    # For longer than the state of old blocks is kept.
    height = (await script.post("/blocks", {"count": 100}))["height"]
    assert await script.node("walletsolidity/getnowblock") == solid
    assert (await script.node("walletsolidity/getaccount", **bob))["balance"] == balance
    wanted = {"value": sent["txid"]}
    assert await script.node("walletsolidity/gettransactioninfobyid", **wanted) == {}
    assert (await script.node("wallet/gettransactioninfobyid", **wanted))["id"] == sent["txid"]
    assert (await script.state())["chain"]["solid_height"] == number

    released = await script.post("/chain", {"solid_stalled": False})
    assert (released["solid_stalled"], released["solid_height"]) == (False, height - 18)
    assert (await script.node("walletsolidity/getaccount", **bob))["balance"] > balance
    assert await script.node("walletsolidity/gettransactioninfobyid", **wanted)


async def test_fork_may_be_deeper_while_solid_blocks_stall(script: Script) -> None:
    await script.post("/chain", {"solid_stalled": True})
    solid = await script.node("walletsolidity/getnowblock")
    height = (await script.post("/blocks", {"count": 90}))["height"]
    assert (await script.post("/forks", {"depth": 60}))["height"] == height
    assert await script.node("walletsolidity/getnowblock") == solid
    with pytest.raises(Refused, match="too long ago"):
        await script.post("/forks", {"depth": 65})


async def test_energy_for_a_stake_moves(script: Script) -> None:
    pool = await script.account("North pool")
    before = (await script.state())["chain"]["energy_per_trx"]
    moved = await script.post("/chain", {"energy_per_trx": before / 2})
    assert moved["energy_per_trx"] == pytest.approx(before / 2)
    halved = await script.account("North pool")
    assert halved["energy_limit"] == pytest.approx(pool["energy_limit"] / 2, rel=1e-6)
    found = await script.node("wallet/getaccountresource", address=pool["address"], visible=True)
    assert found["EnergyLimit"] == halved["energy_limit"]
    yields = found["TotalEnergyLimit"] / found["TotalEnergyWeight"]
    assert yields == pytest.approx(before / 2)
    await script.post("/chain", {"energy_per_trx": before})
    assert (await script.account("North pool"))["energy_limit"] == pytest.approx(
        pool["energy_limit"], rel=1e-6
    )


async def test_paused_chain_makes_no_block_by_itself() -> None:
    with temporary_folder() as folder:
        async with (
            world_in(folder / "world", block_seconds=0.05) as world,
            script_for(world.url) as script,
        ):
            paused = await script.post("/chain", {"paused": True})
            assert paused["paused"] is True
            await asyncio.sleep(0.5)
            still = (await script.state())["chain"]
            assert (still["height"], still["paused"]) == (paused["height"], True)
            # By order they still come, one by one.
            stepped = await script.post("/blocks")
            assert stepped["height"] == paused["height"] + 1

            resumed = await script.post("/chain", {"paused": False})
            assert resumed["paused"] is False
            state = await script.until_state(
                lambda state: state["chain"]["height"] > stepped["height"]
            )
            # The slots of the pause went by: ten of them or more.
            assert state["chain"]["time_ms"] - stepped["time_ms"] >= 10 * 3_000


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "`paused`"),
        ({"paused": "yes"}, "true or false"),
        ({"energy_per_trx": 0}, "`energy_per_trx`"),
    ],
)
async def test_wrong_orders_to_the_chain_are_explained(
    script: Script, body: dict[str, object], named: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/chain", body)
    assert refused.value.status == 400
    assert named in refused.value.message


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────


async def plan_telegram(script: Script, fault: str, **fields: Any) -> Any:
    return await script.post("/faults", {"on": "telegram", "fault": fault, **fields})


@pytest.mark.parametrize(
    ("fault", "fields", "expected"),
    [
        ("too_many_requests", {"retry_after": 7}, {"error_code": 429, "retry_after": 7}),
        ("server_error", {"code": 500}, {"error_code": 500}),
        ("server_error", {"code": 502}, {"error_code": 502}),
        ("server_error", {"code": 503}, {"error_code": 503}),
        ("forbidden", {}, {"error_code": 403}),
    ],
)
async def test_telegram_refuses_a_call(
    script: Script, fault: str, fields: dict[str, int], expected: dict[str, int]
) -> None:
    await plan_telegram(script, fault, **fields)
    refused = await script.bot("getMe")
    assert {"error_code": refused["error_code"], **refused.get("parameters", {})} == expected
    assert (await script.bot("getMe"))["ok"]


@pytest.mark.parametrize(("fault", "arrived"), [("refused", False), ("answer_lost", True)])
async def test_telegram_loses_a_call_or_its_answer(
    script: Script, fault: str, arrived: bool
) -> None:
    last = (await script.post(f"/chats/{ANNA}/messages", {"text": "hi"}))["change"]
    await plan_telegram(script, fault, method="sendMessage", chat_id=ANNA)
    with pytest.raises(aiohttp.ClientError):
        await script.bot("sendMessage", chat_id=ANNA, text="did it come?")
    messages = (await script.get(f"/chats/{ANNA}/messages?after={last}"))["messages"]
    assert [message["text"] for message in messages] == ["did it come?"] * arrived


async def texts(script: Script) -> list[str]:
    """The texts of all updates that wait, each confirmed when it was read, oldest first."""
    found = []
    while updates := (await script.bot("getUpdates", limit=1))["result"]:
        found.append(updates[0]["message"]["text"])
        await script.bot("getUpdates", offset=updates[0]["update_id"] + 1, limit=1)
    return found


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("update_lost", ["two"]),
        ("update_overtaken", ["two", "one"]),
        ("update_delayed", ["two", "one"]),
    ],
)
async def test_update_is_lost_or_comes_late(
    script: Script, fault: str, expected: list[str]
) -> None:
    await texts(script)
    await plan_telegram(script, fault, **({} if fault == "update_lost" else {"seconds": 60}))
    for text in ("one", "two"):
        await script.post(f"/chats/{BO}/messages", {"text": text})
    if fault == "update_delayed":
        assert await texts(script) == ["two"]
        await script.post("/clock", {"advance_seconds": 60})
        assert await texts(script) == ["one"]
    else:
        assert await texts(script) == expected


async def test_update_comes_twice(script: Script) -> None:
    await texts(script)
    await plan_telegram(script, "update_doubled")
    await script.post(f"/chats/{BO}/messages", {"text": "one"})
    first = (await script.bot("getUpdates"))["result"]
    again = (await script.bot("getUpdates", offset=first[0]["update_id"] + 1))["result"]
    assert again == first
    assert (await script.bot("getUpdates", offset=first[0]["update_id"] + 1))["result"] == []


# ── planning ─────────────────────────────────────────────────────────────────────────────────


async def test_what_is_planned_and_what_has_happened_is_told(script: Script) -> None:
    before = (await script.get("/faults"))["happened"]
    planned = await plan(script, "unavailable", count=2, methods=["getnowblock"])
    planned = await plan_telegram(script, "forbidden", method="getMe")
    described = {"fault": "unavailable", "count": 2, "methods": ["getnowblock"], "amount": 0}
    assert planned["faults"][0] == {"on": "node", **described}
    assert planned["faults"][1]["on"] == "telegram"
    assert (await script.state())["faults"] == planned["faults"]

    waiting = asyncio.create_task(script.get("/faults?wait=30"))
    node_url = (await script.state())["node_url"]
    for _ in range(2):
        async with script.session.post(f"{node_url}/wallet/getnowblock", json={}) as answer:
            assert answer.status == 503
    left = (await script.get("/faults"))["faults"]
    assert [fault["fault"] for fault in left] == ["forbidden"]
    assert not waiting.done()
    await script.bot("getMe")

    done = await waiting
    assert done["faults"] == []
    happened = done["happened"]
    assert happened["node"]["unavailable"] == before["node"].get("unavailable", 0) + 2
    assert happened["telegram"]["forbidden"] == before["telegram"].get("forbidden", 0) + 1


async def test_waiting_for_faults_ends_without_them(script: Script) -> None:
    await plan(script, "slow", amount=1)
    assert len((await script.get("/faults?wait=0.05"))["faults"]) == 1
    assert (await script.delete("/faults"))["faults"] == []


async def test_page_is_told_how_many_are_left(script: Script) -> None:
    await plan(script, "unavailable", count=3, methods=["getnowblock"])
    async with script.session.get(f"{script.url}/sandbox/v1/events") as stream:
        await stream.content.readuntil(b"\n\n")
        node_url = (await script.state())["node_url"]
        async with script.session.post(f"{node_url}/wallet/getnowblock", json={}):
            pass
        async with asyncio.timeout(10):
            left = 3
            while left != 2:
                event = (await stream.content.readuntil(b"\n\n")).decode()
                if event.startswith("event: state\n"):
                    state = json.loads(event.partition("data: ")[2])
                    left = state["faults"][0]["count"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "`on`"),
        ({"on": "moon", "fault": "slow"}, "node or telegram"),
        ({"on": "node", "fault": "tired"}, "refuse_connection"),
        ({"on": "node", "fault": "lagging"}, "amount"),
        ({"on": "node", "fault": "refuse_connection", "count": 0}, "`count`"),
        ({"on": "node", "fault": "refuse_connection", "colour": "red"}, "colour"),
        ({"on": "node", "fault": "wrong_shape", "shape": "round"}, "strings"),
        ({"on": "node", "fault": "verdict"}, "code"),
        ({"on": "node", "fault": "verdict", "code": "TIRED"}, "SERVER_BUSY"),
        ({"on": "node", "fault": "verdict", "code": "SIGERROR"}, "SERVER_BUSY"),
        (
            {"on": "node", "fault": "verdict", "code": "SERVER_BUSY", "accepted": True},
            "after acceptance",
        ),
        ({"on": "node", "fault": "drop_transaction", "methods": ["getaccount"]}, "broadcasthex"),
        ({"on": "telegram", "fault": "tired"}, "too_many_requests"),
        ({"on": "telegram", "fault": "refused", "colour": "red"}, "colour"),
    ],
)
async def test_wrong_faults_are_explained(
    script: Script, body: dict[str, object], named: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/faults", body)
    assert refused.value.status == 400
    assert named in refused.value.message
    assert (await script.get("/faults"))["faults"] == []
