"""The HTTP ports beyond what was recorded: the solid view, faults, GET, odd requests."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO

import pytest
from aiohttp import ClientError

from chain.transaction_json import raw_to_json
from chain.transactions import decode, decode_signed, txid
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFault
from sandbox.tron.genesis import SOLID_AFTER
from sandbox.tron.parameters import TRX
from sandbox.tron.production import Production, catch_up
from sandbox.tron.spoiling import WRONG_TXID
from tests.sandbox.tron.serving import Served
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    HOLDER,
    POOL,
    STRANGER,
    USDT,
    carry_out,
    delegated,
    paid,
    signed,
    usdt,
)


async def test_the_solidity_port_shows_only_solid_blocks(chain: LocalChain, node: Served) -> None:
    transaction = signed(chain, delegated(10), POOL)
    answer = await node.post("broadcasthex", {"transaction": transaction.hex()})
    wanted = {"value": answer["txid"]}
    chain.produce_block()
    assert (await node.post("gettransactioninfobyid", wanted))["receipt"]
    owner = {"owner_address": POOL.address, "type": 1, "visible": True}
    for blocks in range(SOLID_AFTER):
        assert await node.post_solid("gettransactioninfobyid", wanted) == {}, blocks
        assert await node.post_solid("gettransactionbyid", wanted) == {}
        size = (await node.post_solid("getcandelegatedmaxsize", owner))["max_size"]
        assert size == 1_000_000 * TRX
        chain.produce_block()
    assert (await node.post_solid("gettransactioninfobyid", wanted))["id"] == answer["txid"]
    assert (await node.post_solid("gettransactionbyid", wanted))["ret"]
    size = (await node.post_solid("getcandelegatedmaxsize", owner))["max_size"]
    assert size == 1_000_000 * TRX - 10 * TRX
    solid = await node.post_solid("getnowblock", {})
    head = await node.post("getnowblock", {})
    numbers = [each["block_header"]["raw_data"]["number"] for each in (solid, head)]
    assert numbers[1] - numbers[0] == SOLID_AFTER


async def test_a_constant_call_costs_what_the_transfer_then_costs(
    chain: LocalChain, node: Served
) -> None:
    for receiver, energy in ((HOLDER, 64_285), (STRANGER, 130_285)):
        contract = usdt(1 * TRX, receiver.address)
        estimate = await node.post(
            "triggerconstantcontract",
            {
                "owner_address": CUSTOMER.address,
                "contract_address": USDT,
                "data": contract.data.hex(),
                "visible": True,
            },
        )
        assert estimate["energy_used"] == energy
        receipt = carry_out(chain, contract, CUSTOMER, fee_limit=50 * TRX)
        assert receipt.energy_total == energy


@pytest.mark.parametrize(
    ("selector", "answer"),
    [("decimals()", 6), ("totalSupply()", 1_000_000_000 * TRX)],
)
async def test_the_token_knows_its_numbers(node: Served, selector: str, answer: int) -> None:
    call = {"owner_address": BANK.address, "contract_address": USDT, "visible": True}
    result = await node.post("triggerconstantcontract", call | {"function_selector": selector})
    assert int(result["constant_result"][0], 16) == answer


@pytest.mark.parametrize(("selector", "text"), [("symbol()", "USDT"), ("name()", "Tether USD")])
async def test_the_token_knows_its_names(node: Served, selector: str, text: str) -> None:
    call = {"owner_address": BANK.address, "contract_address": USDT, "visible": True}
    result = await node.post("triggerconstantcontract", call | {"function_selector": selector})
    data = bytes.fromhex(result["constant_result"][0])
    assert data[64 : 64 + int.from_bytes(data[32:64], "big")].decode() == text


async def test_what_can_be_asked_can_be_asked_by_get(node: Served) -> None:
    for method, query in (
        ("getaccount", {"address": POOL.address, "visible": "true"}),
        ("getaccountresource", {"address": POOL.address, "visible": "true"}),
        ("getaccountnet", {"address": POOL.address, "visible": "true"}),
        ("getblockbynum", {"num": "3"}),
        ("getblockbylimitnext", {"startNum": "3", "endNum": "5"}),
        ("getchainparameters", {}),
        ("getcandelegatedmaxsize", {"owner_address": POOL.address, "type": "1", "visible": "true"}),
    ):
        body = {
            name: {"true": True}.get(text, int(text) if text.isdigit() else text)
            for name, text in query.items()
        }
        async with node.session.get(f"{node.full_url}/wallet/{method}", params=query) as answer:
            assert answer.status == 200
            assert await answer.json(content_type=None) == await node.post(method, body), method


async def test_signatures_are_weighed_before_they_are_sent(chain: LocalChain, node: Served) -> None:
    raw_bytes, _ = decode_signed(signed(chain, paid(5), CUSTOMER))
    unsigned = {"raw_data": raw_to_json(decode(raw_bytes), visible=True), "visible": True}
    form = await node.post("getsignweight", unsigned)
    assert form["result"] == {"code": "NOT_ENOUGH_PERMISSION"}
    assert form["transaction"]["transaction"]["txID"] == txid(raw_bytes)
    form = await node.post(
        "getsignweight", unsigned | {"signature": [CUSTOMER.sign(raw_bytes).hex()]}
    )
    assert form["result"] == {}
    assert form["approved_list"] == [CUSTOMER.address]
    form = await node.post("getsignweight", unsigned | {"signature": [POOL.sign(raw_bytes).hex()]})
    assert form["result"]["code"] == "PERMISSION_ERROR"


async def test_permissions_can_be_built_by_the_node(chain: LocalChain, node: Served) -> None:
    own = {"keys": [{"address": POOL.address, "weight": 1}], "threshold": 1}
    built = await node.post(
        "accountpermissionupdate",
        {
            "owner_address": POOL.address,
            "owner": {"type": 0, "permission_name": "owner", **own},
            "actives": [
                {
                    "type": 2,
                    "permission_name": "energy",
                    "operations": "0000000000000006" + "00" * 24,
                    **own,
                }
            ],
            "visible": True,
        },
    )
    raw_bytes = bytes.fromhex(built["raw_data_hex"])
    assert chain.submit(raw_bytes, [POOL.sign(raw_bytes)]).accepted


async def test_an_endless_body_is_refused(node: Served) -> None:
    body = BytesIO(b'{"transaction": "' + b"0" * 5 * 1_024 * 1_024 + b'"}')
    async with node.session.post(f"{node.full_url}/wallet/broadcasthex", data=body) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("fault", [NodeFault.REFUSE_CONNECTION, NodeFault.LOSE_REQUEST])
async def test_a_lost_request_does_nothing(
    chain: LocalChain, node: Served, fault: NodeFault
) -> None:
    node.faults.plan(fault, methods=("broadcasthex",))
    transaction = signed(chain, paid(5), CUSTOMER)
    with pytest.raises(ClientError):
        await node.post("broadcasthex", {"transaction": transaction.hex()})
    assert not chain.waiting
    answer = await node.post("broadcasthex", {"transaction": transaction.hex()})
    assert answer["result"] is True


async def test_a_lost_answer_has_done_it(chain: LocalChain, node: Served) -> None:
    node.faults.plan(NodeFault.LOSE_ANSWER, methods=("broadcasthex",))
    transaction = signed(chain, paid(5), CUSTOMER)
    assert await node.post("getnowblock", {}), "other methods are not concerned"
    with pytest.raises(ClientError):
        await node.post("broadcasthex", {"transaction": transaction.hex()})
    assert len(chain.waiting) == 1
    answer = await node.post("broadcasthex", {"transaction": transaction.hex()})
    assert answer["code"] == "DUP_TRANSACTION_ERROR"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (NodeFault.TOO_MANY_REQUESTS, 429),
        (NodeFault.FORBIDDEN, 403),
        (NodeFault.UNAVAILABLE, 503),
    ],
)
async def test_a_busy_provider_says_so_and_gets_over_it(
    node: Served, fault: NodeFault, status: int
) -> None:
    node.faults.plan(fault, count=2, amount=7)
    for expected in (status, status, 200):
        async with node.session.post(f"{node.full_url}/wallet/getnowblock", json={}) as answer:
            assert answer.status == expected
            if expected in {429, 503}:
                assert answer.headers["Retry-After"] == "7"
            if expected != 200:
                assert "Error" in await answer.json(content_type=None)
    assert node.faults.describe() == {"planned": [], "happened": {str(fault): 2}}


async def test_an_answer_can_be_cut_in_the_middle(node: Served) -> None:
    node.faults.plan(NodeFault.TRUNCATED)
    async with node.session.post(f"{node.full_url}/wallet/getnowblock", json={}) as answer:
        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            await answer.json(content_type=None)


async def test_a_lagging_node_shows_the_past(chain: LocalChain, node: Served) -> None:
    carry_out(chain, paid(5), CUSTOMER)
    chain.produce_blocks(2)
    head = chain.head.number
    node.faults.plan(NodeFault.LAGGING, count=3, amount=3)
    block = await node.post("getnowblock", {})
    assert block["block_header"]["raw_data"]["number"] == head - 3
    account = await node.post("getaccount", {"address": CUSTOMER.address, "visible": True})
    assert account["balance"] == 100 * TRX
    missing = await node.post("getblockbylimitnext", {"startNum": head - 3, "endNum": head + 1})
    assert len(missing["block"]) == 1
    block = await node.post("getnowblock", {})
    assert block["block_header"]["raw_data"]["number"] == head


async def test_a_node_can_tell_a_wrong_id(node: Served) -> None:
    node.faults.plan(NodeFault.WRONG_TXID, methods=("createtransaction",))
    wish = {
        "owner_address": CUSTOMER.address,
        "to_address": BANK.address,
        "amount": 5,
        "visible": True,
    }
    built = await node.post("createtransaction", wish)
    assert built["txID"] == WRONG_TXID != txid(bytes.fromhex(built["raw_data_hex"]))
    built = await node.post("createtransaction", wish)
    assert built["txID"] == txid(bytes.fromhex(built["raw_data_hex"]))


async def test_a_slow_node_answers_in_the_end(node: Served) -> None:
    node.faults.plan(NodeFault.SLOW, amount=0.2)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await node.post("getnowblock", {})
    assert loop.time() - begun >= 0.2


def test_a_fault_that_makes_no_sense_is_not_planned(node: Served) -> None:
    for fault, count, amount in (
        (NodeFault.SLOW, 1, 0),
        (NodeFault.LAGGING, 1, 0),
        (NodeFault.TRUNCATED, 0, 0),
    ):
        with pytest.raises(ValueError, match="needs"):
            node.faults.plan(fault, count, amount=amount)
    node.faults.plan(NodeFault.SLOW, amount=60)
    node.faults.clear()
    assert node.faults.describe()["planned"] == []


async def test_blocks_come_by_the_clock(chain: LocalChain) -> None:
    heard: asyncio.Queue[int] = asyncio.Queue()
    first = chain.head.number
    chain.subscribe(lambda block: heard.put_nowait(block.number))
    async with Production(chain, 0.01).running() as task:
        assert [await heard.get() for _ in range(3)] == [first + 1, first + 2, first + 3]
    assert task.done(), "no more come afterwards"
    with pytest.raises(ValueError, match="on demand"):
        async with Production(chain, 0).running() as failing:
            await failing


def test_a_chain_that_was_off_catches_up(
    chain: LocalChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    head_ms = chain.head.time_ms
    monkeypatch.setattr("time.time", lambda: head_ms / 1_000 + 3_600)
    catch_up(chain)
    assert chain.time_ms == head_ms + 3_600_000
    chain.advance_time(3_600)
    ahead = chain.time_ms
    catch_up(chain)
    assert chain.time_ms == ahead
