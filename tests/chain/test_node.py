"""The client against nodes that misbehave."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chain.addresses import parse_address
from chain.errors import MalformedAnswer, OutcomeUnknown, Refused, Unavailable
from chain.keys import SigningKey
from chain.node import BroadcastOutcome, Endpoint, NodeClient
from chain.transactions import encode_signed, txid
from tests.chain.samples import block_id, block_json, transaction_json, vector
from tests.chain.scripted_node import (
    Answer,
    ScriptedNode,
    cut_off,
    dribbled,
    dropped,
    held,
    text,
)

POOL = parse_address("TH5UnUHxARRQz1oJgZVkPjS83pYzRaYH61")
RECEIVER = parse_address("TQ3cfFrzUNTwLqnZ2evHuZQaCLruxtyxbt")
ACCOUNT = {"address": POOL, "balance": 5}
RAW = bytes.fromhex(vector("tronweb651_delegate_energy_nolock")["raw_data_hex"])
TXID = txid(RAW)
SIGNATURE = SigningKey.from_hex("88" * 32).sign(RAW)
BROADCAST = "wallet/broadcasthex"

Connect = Callable[..., NodeClient]


@pytest.fixture
def connect() -> Connect:
    """A client of the given nodes, in a hurry unless told otherwise."""

    def connect(*urls: str, **settings: Any) -> NodeClient:
        endpoints = [Endpoint(url) for url in urls]
        return NodeClient(
            endpoints, **({"patience": 0, "requests_per_second": 1000, "timeout": 5} | settings)
        )

    return connect


@pytest.fixture
async def release() -> AsyncIterator[asyncio.Event]:
    """An event that ends answers which are held back, at the latest with the test."""
    event = asyncio.Event()
    yield event
    event.set()


@pytest.fixture
def nowhere() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def verdict(code: str, message: str = "", **changes: Any) -> dict[str, Any]:
    return {"result": code == "SUCCESS", "code": code, "txid": TXID, "message": message} | changes


NOT_NOW: dict[str, Answer | Any] = {
    "429": text("Too Many Requests", status=429),
    "403 suspended": text(
        json.dumps(
            {
                "Error": "The key exceeds the frequency limit(15), and the query server is "
                "suspended for 30s"
            }
        ),
        status=403,
    ),
    "403 daily": text("Exceed the user daily usage (100000), please upgrade", status=403),
    "503": text("<html>Service Unavailable</html>", status=503),
    "lack of resources": {
        "Error": "class java.lang.IllegalAccessException : lack of computing resources"
    },
    "v1 suspended": {
        "success": False,
        "error": "request rate exceeded the allowed_rps(10), and the query server is "
        "suspended for 5 s",
        "statusCode": 403,
    },
    "bare text suspended": text("The query server is suspended for 5 s"),
    "lite node": text("this API is closed because this node is a lite fullnode"),
    "closed by config": {"Error": "this API is unavailable due to config"},
    "404": text('{"Error":"this API is unavailable due to config"}', status=404),
    "405": text("<html>405</html>", status=405),
}
MAYBE: dict[str, Answer | Any] = {
    "html": text("<html><body>502 Bad Gateway</body></html>"),
    "empty": text(""),
    "truncated": text('{"result":true,"code":"SUC', content_type="application/json"),
    "not utf-8": text("ÿþ\x00"),
    "deep": text("[" * 100_000),
    "list": [],
    "number": 5,
    "null": text("null"),
    "500": text("oops", status=500),
    "502": text("<html>502</html>", status=502),
    "redirect": text("", status=302, headers={"Location": "/"}),
    "dropped": dropped,
    "cut off": cut_off(json.dumps(verdict("SUCCESS"))),
    "error": {"Error": "class java.lang.NullPointerException : null"},
}


@pytest.mark.parametrize("answer", (NOT_NOW | MAYBE).values(), ids=(NOT_NOW | MAYBE).keys())
async def test_what_is_no_answer_is_an_error_and_never_a_zero(
    node: ScriptedNode, connect: Connect, answer: Answer | Any
) -> None:
    node.everywhere = None
    for path in ("getaccount", "getaccountresource", "getcandelegatedmaxsize"):
        node.says(f"wallet/{path}", answer)
    async with connect(node.url) as client:
        with pytest.raises(Unavailable):
            await client.account(POOL)
    async with connect(node.url) as client:
        with pytest.raises(Unavailable):
            await client.delegatable_energy_stake(POOL)


@pytest.mark.parametrize("answer", (NOT_NOW | MAYBE).values(), ids=(NOT_NOW | MAYBE).keys())
async def test_what_one_node_cannot_answer_another_is_asked(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect, answer: Answer | Any
) -> None:
    node.says("wallet/getaccount", answer)
    other_node.says("wallet/getaccount", ACCOUNT)
    async with connect(node.url, other_node.url) as client:
        account = await client.account(POOL)
        assert account is not None
        assert account.balance_sun == 5
        await client.account(POOL)
    assert len(other_node.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"balance": 5},
        {"address": RECEIVER, "balance": 5},
        {"address": POOL, "balance": -5},
        {"address": POOL, "balance": "5"},
        {"address": POOL, "balance": 5.5},
        {"address": POOL, "balance": None},
        {"address": POOL, "balance": True},
        {"address": POOL, "frozenV2": {}},
        {"address": POOL, "frozenV2": [5]},
        {"address": POOL, "frozenV2": [{"type": "MAGIC", "amount": 5}]},
        {"address": POOL, "account_resource": []},
        {"address": POOL, "type": 5},
        {"address": POOL, "active_permission": [{"id": 2, "threshold": 1, "operations": "00"}]},
        {"address": POOL, "owner_permission": {"threshold": 1, "keys": [{"weight": 1}]}},
        {"address": POOL, "owner_permission": {"permission_name": "owner"}},
    ],
)
async def test_a_wrong_account_is_malformed(
    node: ScriptedNode, connect: Connect, answer: Any
) -> None:
    node.says("wallet/getaccount", answer)
    async with connect(node.url) as client:
        with pytest.raises(MalformedAnswer):
            await client.account(POOL)
        assert client.health[0].failures == 1


@pytest.mark.parametrize(
    ("path", "answer", "ask"),
    [
        ("getaccountresource", {"freeNetLimit": 600}, lambda c: c.resources(POOL)),
        (
            "getaccountresource",
            {"TotalEnergyLimit": 5, "EnergyLimit": 5},
            lambda c: c.resources(POOL),
        ),
        ("getcandelegatedmaxsize", {"max": 5}, lambda c: c.delegatable_energy_stake(POOL)),
        ("getcandelegatedmaxsize", {"max_size": "5"}, lambda c: c.delegatable_energy_stake(POOL)),
        ("getcandelegatedmaxsize", {"max_size": -5}, lambda c: c.delegatable_energy_stake(POOL)),
        (
            "getdelegatedresourcev2",
            {"delegated": []},
            lambda c: c.delegated_energy_stake(POOL, RECEIVER),
        ),
        (
            "getdelegatedresourcev2",
            {"delegatedResource": [{"from": RECEIVER, "to": POOL, "frozen_balance_for_energy": 5}]},
            lambda c: c.delegated_energy_stake(POOL, RECEIVER),
        ),
        (
            "getdelegatedresourcev2",
            {
                "delegatedResource": [
                    {
                        "from": POOL,
                        "to": RECEIVER,
                        "frozen_balance_for_energy": 5,
                        "expire_time_for_energy": 10**17,
                    }
                ]
            },
            lambda c: c.delegated_energy_stake(POOL, RECEIVER),
        ),
        ("gettransactioninfobyid", {"id": TXID}, lambda c: c.transaction_info(TXID)),
        (
            "gettransactioninfobyid",
            {"id": TXID, "blockNumber": 5},
            lambda c: c.transaction_info(TXID),
        ),
        (
            "gettransactioninfobyid",
            {"id": "ab" * 32, "blockNumber": 5, "blockTimeStamp": 5},
            lambda c: c.transaction_info(TXID),
        ),
        (
            "gettransactioninfobyid",
            {"id": TXID, "blockNumber": 5, "blockTimeStamp": 5, "receipt": []},
            lambda c: c.transaction_info(TXID),
        ),
        ("triggerconstantcontract", {}, lambda c: c.token_balance(RECEIVER, POOL)),
        ("triggerconstantcontract", {"result": {}}, lambda c: c.token_balance(RECEIVER, POOL)),
        (
            "triggerconstantcontract",
            {"result": {"result": True}},
            lambda c: c.token_balance(RECEIVER, POOL),
        ),
        (
            "triggerconstantcontract",
            {"result": {"result": True}, "energy_used": 5, "constant_result": ["00"]},
            lambda c: c.token_balance(RECEIVER, POOL),
        ),
        (
            "triggerconstantcontract",
            {"result": {"result": True}, "energy_used": 5, "constant_result": ["zz"]},
            lambda c: c.token_balance(RECEIVER, POOL),
        ),
        (
            "triggerconstantcontract",
            {"result": {"result": True}, "energy_used": 5, "constant_result": [None]},
            lambda c: c.token_balance(RECEIVER, POOL),
        ),
        ("getchainparameters", {}, lambda c: c.chain_parameters()),
        (
            "getchainparameters",
            {"chainParameter": [{"key": "getEnergyFee", "value": "100"}]},
            lambda c: c.chain_parameters(),
        ),
        (
            "getchainparameters",
            {"chainParameter": [{"key": "getEnergyFee", "value": 100}]},
            lambda c: c.chain_parameters(),
        ),
        ("getnowblock", {}, lambda c: c.head()),
        ("getnowblock", {"blockID": block_id(5)}, lambda c: c.head()),
    ],
)
async def test_a_partial_or_wrong_answer_is_malformed(
    node: ScriptedNode,
    connect: Connect,
    *,
    path: str,
    answer: Any,
    ask: Callable[[NodeClient], Awaitable[Any]],
) -> None:
    node.says(f"wallet/{path}", answer)
    async with connect(node.url) as client:
        with pytest.raises(MalformedAnswer):
            await ask(client)


async def test_a_node_that_cannot_run_contracts_is_unavailable(
    node: ScriptedNode, connect: Connect
) -> None:
    node.says(
        "wallet/triggerconstantcontract",
        {
            "result": {
                "code": "CONTRACT_VALIDATE_ERROR",
                "message": b"this node does not support constant".hex(),
            }
        },
    )
    async with connect(node.url) as client:
        with pytest.raises(Unavailable, match="support"):
            await client.token_balance(RECEIVER, POOL)


async def test_a_transaction_whose_bytes_are_not_its_id_is_never_read(
    node: ScriptedNode, connect: Connect
) -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"), txID="ab" * 32)
    node.says("wallet/getnowblock", block_json(5, [item]))
    async with connect(node.url) as client:
        with pytest.raises(MalformedAnswer, match="has the bytes of"):
            await client.head()


async def test_a_node_that_lies_about_an_id_is_passed_over_for_one_that_does_not(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    transfer = vector("mainnet_transfer_2trx")
    node.says("wallet/getnowblock", block_json(5, [transaction_json(transfer, txID="ab" * 32)]))
    other_node.says("wallet/getnowblock", block_json(5, [transaction_json(transfer)]))
    async with connect(node.url, other_node.url) as client:
        (transaction,) = (await client.head()).transactions
    assert transaction.txid == transfer["txID"]


async def test_an_id_that_is_none_is_not_asked_for(node: ScriptedNode, connect: Connect) -> None:
    async with connect(node.url) as client:
        for wrong in ("", "ab", "AB" * 32, "zz" * 32):
            with pytest.raises(ValueError, match="no transaction id"):
                await client.transaction_info(wrong)
    assert node.asked == []


# ── several blocks ───────────────────────────────────────────────────────────────────────────────


def chain_of(length: int, branch: int = 0) -> Answer:
    """Answers ``getblockbylimitnext`` from a chain of blocks 0 to `length` - 1."""

    async def answer(request: Any) -> Any:
        asked = await request.json()
        start, end = asked["startNum"], min(asked["endNum"], length)
        assert asked["endNum"] - start <= 100
        blocks = [block_json(number, branch=branch) for number in range(start, end)]
        return await text(json.dumps({"block": blocks}))(request)

    return answer


LIMIT_NEXT = "wallet/getblockbylimitnext"


async def test_blocks_are_read_in_parts_and_joined(node: ScriptedNode, connect: Connect) -> None:
    node.says(LIMIT_NEXT, chain_of(250))
    async with connect(node.url, blocks_per_request=100) as client:
        blocks = await client.blocks(0, 220)
        assert [block.ref.number for block in blocks] == list(range(221))
        assert len(node.asked) == 3
        # The chain ends before the range does.
        blocks = await client.blocks(240, 900)
        assert [block.ref.number for block in blocks] == list(range(240, 250))
        assert len(node.asked) == 4
        assert await client.blocks(250, 300) == ()
        assert await client.blocks(6, 5) == ()
        with pytest.raises(ValueError, match="no block -1"):
            await client.blocks(-1, 5)


async def test_a_fork_between_two_parts_ends_the_blocks(
    node: ScriptedNode, connect: Connect
) -> None:
    node.says_once(LIMIT_NEXT, chain_of(10))
    node.says(LIMIT_NEXT, chain_of(10, branch=7))
    async with connect(node.url, blocks_per_request=4) as client:
        blocks = await client.blocks(0, 9)
        assert [block.ref.id for block in blocks] == [block_id(number) for number in range(4)]


@pytest.mark.parametrize(
    "blocks",
    [
        [block_json(4)],
        [block_json(6)],
        [block_json(5), block_json(7)],
        [block_json(6), block_json(5)],
        [block_json(5), block_json(5)],
        [block_json(5), block_json(6, branch=1)],
        [block_json(number) for number in range(5, 9)],
        [block_json(5), {}],
        [block_json(5), None],
    ],
)
async def test_blocks_with_a_gap_or_a_broken_link_are_malformed(
    node: ScriptedNode, connect: Connect, blocks: list[Any]
) -> None:
    node.says(LIMIT_NEXT, {"block": blocks})
    async with connect(node.url) as client:
        with pytest.raises(MalformedAnswer):
            await client.blocks(5, 7)


async def test_something_else_instead_of_blocks_is_malformed(
    node: ScriptedNode, connect: Connect
) -> None:
    node.says(LIMIT_NEXT, {"blocks": []})
    async with connect(node.url) as client:
        with pytest.raises(MalformedAnswer):
            await client.blocks(5, 7)


# ── lag ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_node_that_lags_is_passed_over(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    node.says_once("wallet/getnowblock", block_json(1000))
    node.says("wallet/getnowblock", block_json(979))
    other_node.says("wallet/getnowblock", block_json(1001))
    async with connect(node.url, other_node.url) as client:
        assert (await client.head()).ref.number == 1000
        assert (await client.head()).ref.number == 1001
        assert client.health[0].last_failure == "21 blocks behind"
        assert (await client.head()).ref.number == 1001
        assert len(node.asked) == 2


async def test_a_few_blocks_are_no_lag(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    node.says_once("wallet/getnowblock", block_json(1000))
    node.says("wallet/getnowblock", block_json(980))
    async with connect(node.url, other_node.url) as client:
        await client.head()
        for _ in range(3):
            assert (await client.head()).ref.number == 980
    assert other_node.asked == []


async def test_if_every_node_lags_the_best_is_taken(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    for each, solid in ((node, 500), (other_node, 600)):
        each.says_once("walletsolidity/getnowblock", block_json(1000))
        each.says("walletsolidity/getnowblock", block_json(solid))
    async with connect(node.url, other_node.url) as client:
        assert (await client.solid_head()).number == 1000
        other_node.says("walletsolidity/getnowblock", block_json(600))
        other_node._queued.clear()
        assert (await client.solid_head()).number == 600
    async with connect(node.url) as alone:
        node.says_once("walletsolidity/getnowblock", block_json(1000))
        assert (await alone.solid_head()).number == 1000
        assert (await alone.solid_head()).number == 500


# ── time, connections, health ────────────────────────────────────────────────────────────────────


async def test_a_node_that_says_nothing_is_given_up(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect, release: asyncio.Event
) -> None:
    node.says("wallet/getaccount", held(release))
    other_node.says("wallet/getaccount", ACCOUNT)
    async with connect(node.url, other_node.url, timeout=0.2) as client:
        assert await client.account(POOL) is not None
        assert client.health[0].last_failure == "no answer in 0.2 s"


async def test_a_node_that_dribbles_is_given_up(
    node: ScriptedNode, connect: Connect, release: asyncio.Event
) -> None:
    node.says("wallet/getaccount", dribbled(release))
    async with connect(node.url, timeout=0.3) as client:
        with pytest.raises(Unavailable, match="no answer in"):
            await client.account(POOL)


async def test_nobody_listening_is_unavailable(nowhere: str, connect: Connect) -> None:
    async with connect(nowhere) as client:
        with pytest.raises(Unavailable, match="not reached") as unavailable:
            await client.account(POOL)
        assert unavailable.value.retry_after is not None
        assert 0 < unavailable.value.retry_after <= 0.5
        # It is not even tried again before its rest is over.
        with pytest.raises(Unavailable, match="left in peace"):
            await client.account(POOL)


async def test_a_node_that_recovers_is_asked_again(
    node: ScriptedNode, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="chain.endpoints")
    node.says_once("wallet/getaccount", dropped)
    node.says("wallet/getaccount", ACCOUNT)
    async with connect(node.url, patience=2) as client:
        # Within one call, after the rest.
        assert await client.account(POOL) is not None
        assert client.health[0].failures == 0
    assert len(node.asked) == 2
    assert "failed (connection lost" in caplog.messages[0]
    assert caplog.messages[1].endswith("answers again after 1 failures")


async def test_the_preferred_node_is_used_again_once_it_is_well(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    node.says_once("wallet/getaccount", text("", status=500))
    node.says("wallet/getaccount", ACCOUNT)
    other_node.says_once("wallet/getaccount", ACCOUNT)
    other_node.says("wallet/getaccount", dropped)
    async with connect(node.url, other_node.url, patience=2) as client:
        assert await client.account(POOL) is not None
        assert (len(node.asked), len(other_node.asked)) == (1, 1)
        # The other fails, so the rested one is waited for.
        assert await client.account(POOL) is not None
        assert node.asked[-1].path == "wallet/getaccount"
        assert len(node.asked) == 2


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (text("", status=429, headers={"Retry-After": "7"}), 7),
        (text("", status=503, headers={"Retry-After": "3600"}), 600),
        (NOT_NOW["403 suspended"], 30),
        (NOT_NOW["v1 suspended"], 5),
        (NOT_NOW["bare text suspended"], 5),
    ],
)
async def test_a_node_that_says_when_to_come_back_is_taken_at_its_word(
    node: ScriptedNode, connect: Connect, answer: Any, seconds: int
) -> None:
    node.says("wallet/getaccount", answer)
    async with connect(node.url, patience=1) as client:
        with pytest.raises(Unavailable) as unavailable:
            await client.account(POOL)
        assert unavailable.value.retry_after is not None
        assert seconds - 1 < unavailable.value.retry_after <= seconds
        with pytest.raises(Unavailable, match="left in peace"):
            await client.account(POOL)
    assert len(node.asked) == 1


async def test_a_date_to_come_back_is_understood(node: ScriptedNode, connect: Connect) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    node.says("wallet/getaccount", text("", status=429, headers={"Retry-After": date}))
    async with connect(node.url) as client:
        with pytest.raises(Unavailable) as unavailable:
            await client.account(POOL)
        assert unavailable.value.retry_after is not None
        assert 15 < unavailable.value.retry_after <= 20


async def test_a_key_is_sent_to_its_own_endpoint_only(
    node: ScriptedNode, other_node: ScriptedNode
) -> None:
    node.says("wallet/getaccount", text("", status=500))
    other_node.says("wallet/getaccount", ACCOUNT)
    endpoints = [Endpoint(node.url, api_key="secret-key"), Endpoint(other_node.url)]
    assert "secret-key" not in repr(endpoints)
    async with NodeClient(endpoints, patience=0) as client:
        await client.account(POOL)
    assert node.asked[0].headers["TRON-PRO-API-KEY"] == "secret-key"
    assert "TRON-PRO-API-KEY" not in other_node.asked[0].headers


async def test_no_key_is_invented(node: ScriptedNode, connect: Connect) -> None:
    node.says("wallet/getaccount", ACCOUNT)
    async with connect(node.url) as client:
        await client.account(POOL)
    assert not any("key" in name.lower() for name in node.asked[0].headers)


async def test_a_base_url_may_have_a_path(node: ScriptedNode, connect: Connect) -> None:
    node.says("v1/abc/wallet/getaccount", ACCOUNT)
    for url in (f"{node.url}/v1/abc", f"{node.url}/v1/abc/"):
        async with connect(url) as client:
            assert await client.account(POOL) is not None
            # A key in a path is not for logs.
            assert "abc" not in client.health[0].name


def test_what_cannot_work_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no node"):
        NodeClient([])
    for url in ("", "localhost:8090", "ftp://localhost", "http://"):
        with pytest.raises(ValueError, match="no http or https URL"):
            NodeClient([Endpoint(url)])
    for number in (0, 101):
        with pytest.raises(ValueError, match="blocks per request"):
            NodeClient([Endpoint("http://localhost")], blocks_per_request=number)
    with pytest.raises(ValueError, match="requests per second"):
        NodeClient([Endpoint("http://localhost")], requests_per_second=0)


async def test_a_client_is_used_inside_its_context(node: ScriptedNode, connect: Connect) -> None:
    client = connect(node.url)
    with pytest.raises(RuntimeError, match="async with"):
        await client.account(POOL)


# ── broadcast ────────────────────────────────────────────────────────────────────────────────────


async def test_exactly_the_bytes_are_sent(node: ScriptedNode, connect: Connect) -> None:
    node.says(BROADCAST, verdict("SUCCESS"))
    async with connect(node.url) as client:
        assert await client.broadcast(RAW, SIGNATURE) is BroadcastOutcome.ACCEPTED
    (asked,) = node.asked
    assert asked.body == {"transaction": encode_signed(RAW, [SIGNATURE]).hex()}


async def test_a_node_may_leave_out_the_code(node: ScriptedNode, connect: Connect) -> None:
    node.says(BROADCAST, {"result": True, "txid": TXID})
    async with connect(node.url) as client:
        assert await client.broadcast(RAW, SIGNATURE) is BroadcastOutcome.ACCEPTED


async def test_a_known_transaction_is_no_failure(node: ScriptedNode, connect: Connect) -> None:
    node.says(BROADCAST, verdict("DUP_TRANSACTION_ERROR", "Dup transaction."))
    async with connect(node.url) as client:
        assert await client.broadcast(RAW, SIGNATURE) is BroadcastOutcome.ALREADY_KNOWN


@pytest.mark.parametrize(
    "code",
    [
        "SIGERROR",
        "CONTRACT_VALIDATE_ERROR",
        "CONTRACT_EXE_ERROR",
        "BANDWITH_ERROR",
        "TAPOS_ERROR",
        "TRANSACTION_EXPIRATION_ERROR",
        "TOO_BIG_TRANSACTION_ERROR",
    ],
)
async def test_a_refusal_is_permanent_and_keeps_its_code(
    node: ScriptedNode, connect: Connect, code: str
) -> None:
    for message in ("Why not.", b"Why not.".hex()):
        node.says(BROADCAST, verdict(code, message))
        async with connect(node.url) as client:
            with pytest.raises(Refused) as refused:
                await client.broadcast(RAW, SIGNATURE)
        assert (refused.value.code, refused.value.message) == (code, "Why not.")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SERVER_BUSY", "Server busy."),
        ("NO_CONNECTION", "No connection."),
        ("BLOCK_UNSOLIDIFIED", "Block unsolidified."),
        ("NOT_ENOUGH_EFFECTIVE_CONNECTION", "Effective connection:1 lt minEffectiveConnection:2"),
    ],
)
async def test_a_busy_node_took_nothing(
    node: ScriptedNode, connect: Connect, code: str, message: str
) -> None:
    node.says(BROADCAST, verdict(code, message))
    async with connect(node.url) as client:
        with pytest.raises(Unavailable, match=code):
            await client.broadcast(RAW, SIGNATURE)


@pytest.mark.parametrize("answer", NOT_NOW.values(), ids=NOT_NOW.keys())
async def test_a_node_that_turns_us_away_took_nothing(
    node: ScriptedNode, connect: Connect, answer: Answer | Any
) -> None:
    node.says(BROADCAST, answer)
    async with connect(node.url) as client:
        with pytest.raises(Unavailable):
            await client.broadcast(RAW, SIGNATURE)


async def test_a_refused_connection_took_nothing(nowhere: str, connect: Connect) -> None:
    async with connect(nowhere) as client:
        with pytest.raises(Unavailable, match="not reached"):
            await client.broadcast(RAW, SIGNATURE)


ANY_VERDICT: dict[str, Any] = {
    "p2p": verdict("NOT_ENOUGH_EFFECTIVE_CONNECTION", "P2P broadcast failed."),
    "other": verdict("OTHER_ERROR", "Error: null"),
    "new code": verdict("SOMETHING_NEW", ""),
    "no code": {"result": False, "txid": TXID},
    "nothing": {},
    "success without result": {"code": "SUCCESS", "txid": TXID},
    "result as text": verdict("SUCCESS", result="true"),
    "wrong txid": verdict("SUCCESS", txid="ab" * 32),
    "no txid": {"result": True, "code": "SUCCESS"},
    "dup of another": verdict("DUP_TRANSACTION_ERROR", txid="ab" * 32),
    "refusal of another": verdict("SIGERROR", txid="ab" * 32),
    "odd code": verdict("SUCCESS") | {"code": 5},
}


@pytest.mark.parametrize("answer", (MAYBE | ANY_VERDICT).values(), ids=(MAYBE | ANY_VERDICT).keys())
async def test_whatever_is_unclear_after_sending_is_unknown(
    node: ScriptedNode, connect: Connect, answer: Answer | Any
) -> None:
    node.says(BROADCAST, answer)
    async with connect(node.url) as client:
        with pytest.raises(OutcomeUnknown, match=TXID):
            await client.broadcast(RAW, SIGNATURE)
    assert len(node.asked) == 1


async def test_a_wrong_id_is_said_clearly(node: ScriptedNode, connect: Connect) -> None:
    node.says(BROADCAST, ANY_VERDICT["wrong txid"])
    async with connect(node.url) as client:
        with pytest.raises(OutcomeUnknown, match=f"sent transaction {TXID}.*{'ab' * 32}"):
            await client.broadcast(RAW, SIGNATURE)


async def test_no_answer_in_time_is_unknown(
    node: ScriptedNode, connect: Connect, release: asyncio.Event
) -> None:
    node.says(BROADCAST, held(release))
    async with connect(node.url, timeout=0.2) as client:
        with pytest.raises(OutcomeUnknown, match="no answer in"):
            await client.broadcast(RAW, SIGNATURE)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (verdict("SERVER_BUSY"), verdict("SUCCESS"), BroadcastOutcome.ACCEPTED),
        (dropped, verdict("SUCCESS"), BroadcastOutcome.ACCEPTED),
        (dropped, verdict("DUP_TRANSACTION_ERROR"), BroadcastOutcome.ALREADY_KNOWN),
        # A node that lags does not know the block, or the account, that others do.
        (verdict("TAPOS_ERROR"), verdict("SUCCESS"), BroadcastOutcome.ACCEPTED),
        (verdict("CONTRACT_VALIDATE_ERROR"), dropped, OutcomeUnknown),
        # What the first may have taken, the second may refuse for that very reason.
        (dropped, verdict("CONTRACT_VALIDATE_ERROR"), OutcomeUnknown),
        (dropped, verdict("SERVER_BUSY"), OutcomeUnknown),
        (verdict("SERVER_BUSY"), verdict("SIGERROR"), Refused),
        (verdict("SIGERROR"), text("", status=429), Refused),
        (verdict("SERVER_BUSY"), text("", status=429), Unavailable),
        (text("<html>"), text("", status=429), OutcomeUnknown),
    ],
)
async def test_two_nodes_together(
    node: ScriptedNode,
    other_node: ScriptedNode,
    connect: Connect,
    *,
    first: Any,
    second: Any,
    outcome: Any,
) -> None:
    node.says(BROADCAST, first)
    other_node.says(BROADCAST, second)
    async with connect(node.url, other_node.url) as client:
        if isinstance(outcome, BroadcastOutcome):
            assert await client.broadcast(RAW, SIGNATURE) is outcome
        else:
            with pytest.raises(outcome) as raised:
                await client.broadcast(RAW, SIGNATURE)
            assert raised.type is outcome
    assert node.asked[0].body == other_node.asked[0].body


async def test_one_good_node_is_enough_and_the_other_is_left_alone(
    node: ScriptedNode, other_node: ScriptedNode, connect: Connect
) -> None:
    node.says(BROADCAST, verdict("SUCCESS"))
    async with connect(node.url, other_node.url) as client:
        await client.broadcast(RAW, SIGNATURE)
    assert other_node.asked == []


async def test_a_call_that_is_cancelled_leaves_the_client_usable(
    node: ScriptedNode, connect: Connect, release: asyncio.Event
) -> None:
    node.says_once("wallet/getaccount", held(release))
    node.says("wallet/getaccount", ACCOUNT)
    async with connect(node.url) as client:
        asking = asyncio.create_task(client.account(POOL))
        await node.arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert client.health[0].failures == 0
        assert await client.account(POOL) is not None
