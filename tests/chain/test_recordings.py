"""The client against what a real node answered, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chain.accounts import DelegatedStake, parse_account
from chain.addresses import (
    Address,
    address_bytes,
    address_from_bytes,
    address_from_hex,
    parse_address,
)
from chain.blocks import trx_transfers
from chain.contracts import Transfer
from chain.errors import MalformedAnswer, Refused, Unavailable
from chain.node import BroadcastOutcome, Endpoint, NodeClient
from chain.transactions import decode_signed
from tests.chain.samples import recording, recordings
from tests.chain.scripted_node import ScriptedNode, scripted_node, text

POOL = parse_address("TH5UnUHxARRQz1oJgZVkPjS83pYzRaYH61")
RECEIVER = parse_address("TQ3cfFrzUNTwLqnZ2evHuZQaCLruxtyxbt")
LOCKED_RECEIVER = parse_address("TNjHTSWBKz9Gxvr7jmmayJKc67smHdC8KG")
NOBODY = parse_address("TTD27bADZ4GCpbtYLPXKEepoE5vz2GTLFj")
ISSUER = parse_address("THTtGQyRV7e2hPdyNMAWgofzgMN1BYEWnN")
TOKEN = parse_address("TTT4cfbpiaskAW8PAiJYT2ccdLaSbx5T9C")

INFOS_OF_BLOCK = "wallet/gettransactioninfobyblocknum"

Replay = Callable[[str, str], dict[str, Any]]


@pytest.fixture
async def solidity() -> AsyncIterator[ScriptedNode]:
    """The other port of the recorded node."""
    async with scripted_node() as node:
        yield node


@pytest.fixture
async def client(node: ScriptedNode, solidity: ScriptedNode) -> AsyncIterator[NodeClient]:
    async with NodeClient(
        [Endpoint(node.url, solidity.url)], requests_per_second=1000, patience=0
    ) as client:
        yield client


@pytest.fixture
def replay(node: ScriptedNode, solidity: ScriptedNode) -> Replay:
    """Let the node answer as recorded; the recorded exchange is returned."""

    def replay(topic: str, name: str) -> dict[str, Any]:
        entry = recording(topic, name)
        port = solidity if entry["node"] == "solidity" else node
        path = entry["path"].lstrip("/").partition("?")[0]
        if entry["content_type"].startswith("text/html"):
            port.says(path, text(entry["response"], status=entry["status"]))
        else:
            port.says(path, entry["response"])
        return entry

    return replay


def asked(node: ScriptedNode) -> Any:
    """What the client asked last, as the recorded exchange would have asked it."""
    body = dict(node.asked[-1].body)
    visible = body.pop("visible", False)
    for name in ("owner_address", "contract_address") if visible else ():
        body[name] = address_bytes(parse_address(body[name])).hex()
    return body


def recorded(entry: dict[str, Any]) -> Any:
    body = dict(entry["request"])
    if body.pop("visible", False):
        for name in ("owner_address", "contract_address"):
            if name in body:
                body[name] = address_bytes(parse_address(body[name])).hex()
    return body


async def test_head(client: NodeClient, replay: Replay) -> None:
    replay("blocks", "getnowblock")
    head = await client.head()
    assert head.ref.number == 158
    assert len(head.transactions) == 8
    raws = [transaction.raw for transaction in head.transactions]
    receivers = {raw.contract.to for raw in raws if raw and isinstance(raw.contract, Transfer)}
    assert len(trx_transfers(head, receivers)) == 8


async def test_solid_head(client: NodeClient, replay: Replay) -> None:
    replay("blocks", "solidity getnowblock")
    assert (await client.solid_head()).number == 157


async def test_blocks(client: NodeClient, node: ScriptedNode, replay: Replay) -> None:
    entry = replay("blocks", "getblockbylimitnext one block")
    (block,) = await client.blocks(159, 159)
    assert block.ref.number == 159
    assert node.asked[-1].body == entry["request"]
    replay("blocks", "getblockbylimitnext past the head")
    assert await client.blocks(1159, 1168) == ()
    replay("blocks", "getblockbylimitnext empty range")
    assert await client.blocks(1159, 1168) == ()


async def test_energy_that_recovers_was_spent_all_the_same(
    client: NodeClient, replay: Replay
) -> None:
    """The receipt of the one call said 27,752; a block later 27,751 had not recovered."""
    replay("token", "getaccount after")
    account = await client.account(RECEIVER)
    assert account is not None
    assert account.energy_used == 27_751
    assert account.energy_spent == 27_752
    assert timedelta(hours=23, minutes=59) < account.energy_recovers_in < timedelta(hours=24)
    assert account.energy_stake_sun == account.acquired_energy_sun > 0


def test_both_kinds_of_stake_yield_energy() -> None:
    """Fields of java-tron's Account.AccountResource; the first kind can still be there."""
    told = {
        "address": RECEIVER,
        "frozenV2": [{"type": "ENERGY", "amount": 1}, {"amount": 1_000}, {"type": "TRON_POWER"}],
        "account_resource": {
            "frozen_balance_for_energy": {"frozen_balance": 20, "expire_time": 1},
            "acquired_delegated_frozen_balance_for_energy": 300,
            "acquired_delegated_frozenV2_balance_for_energy": 4_000,
        },
    }
    account = parse_account(told, RECEIVER)
    assert account is not None
    assert account.energy_stake_sun == 4_321
    assert account.energy_recovers_in == timedelta(hours=24)


async def test_account(client: NodeClient, node: ScriptedNode, replay: Replay) -> None:
    entry = replay("accounts", "getaccount plain visible")
    account = await client.account(RECEIVER)
    assert node.asked[-1].body == entry["request"]
    assert account is not None
    assert account.address == RECEIVER
    assert account.balance_sun == 200_000_000
    assert not account.is_contract
    assert account.frozen_energy_sun == account.delegated_energy_sun == 0
    assert account.permission(0) == account.owner_permission
    (active,) = account.active_permissions
    assert (active.id, active.name, active.threshold) == (2, "active", 1)
    assert active.operations.hex().startswith("7fff1fc0033ef30f")
    assert [key.address for key in active.keys] == [RECEIVER]
    assert account.permission(2) == active
    assert account.permission(3) is None
    replay("accounts", "getaccount missing")
    assert await client.account(NOBODY) is None


async def test_account_with_stake_and_delegations(client: NodeClient, replay: Replay) -> None:
    replay("delegation", "getaccount owner")
    owner = await client.account(POOL)
    assert owner is not None
    assert owner.frozen_energy_sun == 992_990_000_000
    assert owner.delegated_energy_sun == 7_000_000_000
    replay("delegation", "getaccount receiver")
    receiver = await client.account(RECEIVER)
    assert receiver is not None
    assert receiver.acquired_energy_sun == 7_000_000_000


async def test_solid_account(client: NodeClient, solidity: ScriptedNode) -> None:
    entry = recording("accounts", "getaccount plain visible")
    solidity.says("walletsolidity/getaccount", entry["response"])
    account = await client.account(RECEIVER, solid=True)
    assert account is not None
    assert account.balance_sun == 200_000_000
    assert solidity.asked[-1].body == entry["request"]


@pytest.mark.parametrize(
    ("name", "owner", "receivers"),
    [
        ("of nobody", NOBODY, ()),
        ("of the owner", POOL, (RECEIVER,)),
        ("of the receiver", RECEIVER, ()),
        (
            "of the owner at the end",
            POOL,
            (LOCKED_RECEIVER, parse_address("TLrLR7LBwHbT7siJw5yjkb577bazsXV9DP"), RECEIVER),
        ),
    ],
)
async def test_receivers(
    client: NodeClient,
    node: ScriptedNode,
    replay: Replay,
    *,
    name: str,
    owner: Address,
    receivers: tuple[Address, ...],
) -> None:
    entry = replay("delegation", f"index {name}")
    assert await client.receivers_of(owner) == receivers
    assert node.asked[-1].body == entry["request"]


async def test_trx_paid_through_a_contract(client: NodeClient, solidity: ScriptedNode) -> None:
    info = recording("token", "TRX paid through a contract receipt")["response"]
    solidity.says(INFOS_OF_BLOCK.replace("wallet/", "walletsolidity/"), [info])
    (paid,) = await client.internal_transfers(182)
    assert solidity.asked[-1].body == {"num": 182}
    assert paid.txid == "718037b8177fb56cc98668ca07e56488ecf752fe881858c0c13c34ea23cca87f"
    assert (paid.position, paid.amount_sun) == (1, 2_000_000)
    assert paid.sender == TOKEN
    assert paid.receiver == address_from_hex("41775ca94def0726cb9418d5a19170ea987d7210b2")


async def test_blocks_in_which_no_contract_moved_trx(
    client: NodeClient, node: ScriptedNode, replay: Replay
) -> None:
    for topic, number in (("blocks", 159), ("delegation", 166)):
        entry = replay(topic, "gettransactioninfobyblocknum")
        assert await client.internal_transfers(number, solid=False, transactions=1) == ()
        assert node.asked[-1].body == entry["request"]
    replay("blocks", "gettransactioninfobyblocknum future")
    assert await client.internal_transfers(1_000_000_000, solid=False) == ()
    with pytest.raises(MalformedAnswer, match="infos of 0 transactions"):
        await client.internal_transfers(1_000_000_000, solid=False, transactions=1)


async def test_account_of_a_contract(client: NodeClient, replay: Replay) -> None:
    replay("token", "getaccount of the contract")
    account = await client.account(TOKEN)
    assert account is not None
    assert account.is_contract


async def test_account_with_a_key_that_may_only_delegate(
    client: NodeClient, replay: Replay
) -> None:
    replay("permission", "getaccount")
    account = await client.account(POOL)
    assert account is not None
    assert [permission.id for permission in account.active_permissions] == [2, 3]
    hot = account.permission(2)
    assert hot is not None
    assert hot.operations.hex() == "0000000000000006" + "00" * 24
    assert [key.address for key in hot.keys] == ["TAYjXwKp2PCCSeyYAwxBXPhYSGcxKjRNab"]


async def test_resources(client: NodeClient, node: ScriptedNode, replay: Replay) -> None:
    entry = replay("delegation", "getaccountresource owner")
    resources = await client.resources(POOL)
    assert node.asked[-1].body == entry["request"]
    assert resources is not None
    assert resources.energy_limit == resources.energy_left == 9_928_245
    assert resources.energy_used == 0
    assert (resources.free_bandwidth_used, resources.free_bandwidth_limit) == (507, 600)
    assert (resources.staked_bandwidth_used, resources.staked_bandwidth_limit) == (812, 215_996)
    assert resources.total_energy_limit == 180_000_000_000
    assert resources.total_energy_weight == 18_002_999_970
    assert resources.can_pay_bandwidth(280)
    replay("accounts", "getaccountresource plain")
    plain = await client.resources(RECEIVER)
    assert plain is not None
    assert plain.energy_limit == plain.staked_bandwidth_limit == 0
    assert plain.can_pay_bandwidth(600)
    assert not plain.can_pay_bandwidth(601)
    replay("accounts", "getaccountresource missing")
    assert await client.resources(NOBODY) is None


async def test_delegatable_stake(client: NodeClient, node: ScriptedNode, replay: Replay) -> None:
    entry = replay("delegation", "getcandelegatedmaxsize after")
    assert await client.delegatable_energy_stake(POOL) == 992_990_000_000
    assert node.asked[-1].body == entry["request"]


@pytest.mark.parametrize(
    ("name", "receiver", "stakes"),
    [
        ("none", RECEIVER, []),
        ("one", RECEIVER, [(6_000_000_000, None)]),
        ("merged", RECEIVER, [(7_000_000_000, None)]),
        ("after a part", RECEIVER, [(6_998_500_000, None)]),
        ("locked", LOCKED_RECEIVER, [(2_000_000_000, 1_795_438_737)]),
        ("both", LOCKED_RECEIVER, [(300_000_000, None), (2_000_000_000, 1_795_438_737)]),
        ("energy and bandwidth", RECEIVER, [(6_998_499_999, None)]),
    ],
)
async def test_delegated_stake(
    client: NodeClient,
    node: ScriptedNode,
    replay: Replay,
    *,
    name: str,
    receiver: Any,
    stakes: list[tuple[int, int | None]],
) -> None:
    entry = replay("delegation", f"getdelegatedresourcev2 {name}")
    assert await client.delegated_energy_stake(POOL, receiver) == tuple(
        DelegatedStake(sun, datetime.fromtimestamp(until, UTC) if until else None)
        for sun, until in stakes
    )
    assert node.asked[-1].body == entry["request"]


async def test_receipt_of_a_delegation(client: NodeClient, replay: Replay) -> None:
    entry = replay("delegation", "delegate 6000 receipt")
    info = await client.transaction_info(entry["request"]["value"])
    assert info is not None
    assert info.success
    assert info.result == "SUCCESS"
    assert info.block_number == 166
    assert info.block_time == datetime(2026, 11, 23, 11, 58, 48, tzinfo=UTC)
    assert info.fee_sun == 0
    assert info.bandwidth_used == 279
    assert info.energy_used == 0


async def test_receipts_of_token_transfers(client: NodeClient, replay: Replay) -> None:
    entry = replay("token", "transfer on delegated energy receipt")
    good = await client.transaction_info(entry["request"]["value"])
    assert good is not None
    assert good.success
    assert good.fee_sun == 0
    assert good.energy_used == good.energy_staked == 27_752
    entry = replay("token", "transfer paid in TRX receipt")
    paid = await client.transaction_info(entry["request"]["value"])
    assert paid is not None
    assert (paid.fee_sun, paid.energy_fee_sun, paid.bandwidth_fee_sun) == (
        1_620_200,
        1_275_200,
        345_000,
    )
    assert (paid.energy_used, paid.energy_staked) == (12_752, 0)
    entry = replay("token", "transfer that reverts receipt")
    reverted = await client.transaction_info(entry["request"]["value"])
    assert reverted is not None
    assert not reverted.success
    assert (reverted.result, reverted.message) == ("REVERT", "REVERT opcode executed")
    entry = replay("token", "transfer out of energy receipt")
    starved = await client.transaction_info(entry["request"]["value"])
    assert starved is not None
    assert not starved.success
    assert starved.result == "OUT_OF_ENERGY"
    assert starved.message.startswith("Not enough energy for 'SSTORE'")


async def test_a_transaction_without_a_block_has_no_receipt(
    client: NodeClient, solidity: ScriptedNode, replay: Replay
) -> None:
    entry = replay("solidity", "gettransactioninfobyid pending")
    txid = entry["request"]["value"]
    assert await client.transaction_info(txid) is None
    replay("solidity", "solidity gettransactioninfobyid before solid")
    assert await client.transaction_info(txid, solid=True) is None
    entry = replay("solidity", "solidity gettransactioninfobyid")
    solid = await client.transaction_info(txid, solid=True)
    assert solid is not None
    assert solid.block_number == 160
    assert solidity.asked[-1].body == entry["request"]


async def test_estimates_of_token_transfers(
    client: NodeClient, node: ScriptedNode, replay: Replay
) -> None:
    entry = replay("token", "transfer estimate to a holder")
    call = await client.transfer_energy(TOKEN, RECEIVER, ISSUER, 1000)
    assert asked(node) == recorded(entry)
    assert (call.energy_used, call.energy_penalty, call.reverted) == (12_752, 0, False)
    assert int.from_bytes(call.result, "big") == 1
    entry = replay("token", "transfer estimate to a non-holder")
    parameter = entry["request"]["parameter"]
    receiver = address_from_bytes(b"\x41" + bytes.fromhex(parameter[24:64]))
    call = await client.transfer_energy(TOKEN, RECEIVER, receiver, int(parameter[64:], 16))
    assert asked(node) == recorded(entry)
    assert call.energy_used == 27_752
    entry = replay("token", "transfer estimate that reverts, visible")
    call = await client.transfer_energy(TOKEN, RECEIVER, ISSUER, 1_000_000_000_000)
    assert asked(node) == recorded(entry)
    assert call.reverted
    assert call.message == "REVERT opcode executed"
    assert b"balance too low" in call.result


async def test_token_balance(client: NodeClient, node: ScriptedNode, replay: Replay) -> None:
    entry = replay("token", "balanceOf")
    assert await client.token_balance(TOKEN, ISSUER) == 0x038D7EA4C68000
    assert asked(node) == recorded(entry)


async def test_constant_calls_that_cannot_be_made(client: NodeClient, replay: Replay) -> None:
    replay("token", "constant call to no contract")
    with pytest.raises(Refused) as refused:
        await client.token_balance(ISSUER, ISSUER)
    assert refused.value.code == "CONTRACT_VALIDATE_ERROR"
    assert refused.value.message == "Smart contract is not exist."
    replay("token", "constant call bad parameter")
    with pytest.raises(Unavailable, match="OTHER_ERROR"):
        await client.constant_call(ISSUER, TOKEN, "balanceOf(address)", "zz")
    replay("token", "constant call unknown function")
    call = await client.constant_call(ISSUER, TOKEN, "nosuch()", "")
    assert call.reverted
    with pytest.raises(Refused, match="REVERT"):
        await client.token_balance(TOKEN, ISSUER)


async def test_chain_parameters(client: NodeClient, replay: Replay) -> None:
    replay("chain", "getchainparameters")
    parameters = await client.chain_parameters()
    assert parameters.energy_fee_sun == 100
    assert parameters.bandwidth_fee_sun == 1000
    assert parameters.memo_fee_sun == 1_000_000
    assert parameters.account_creation_fee_sun == 1_000_000
    assert parameters.multi_sign_fee_sun == 1_000_000
    assert parameters.permission_update_fee_sun == 100_000_000
    assert parameters.free_bandwidth == 600
    assert parameters.longest_lock_blocks == 864_000
    assert parameters.values["getAllowAdaptiveEnergy"] == 0
    assert parameters.values["getTotalEnergyCurrentLimit"] == 180_000_000_000


async def test_a_port_that_does_not_serve_a_path_is_no_answer(
    client: NodeClient, solidity: ScriptedNode, replay: Replay
) -> None:
    entry = recording("solidity", "full node serves walletsolidity")
    page = text(entry["response"], status=entry["status"])
    solidity.says("walletsolidity/gettransactioninfobyid", page)
    with pytest.raises(Unavailable, match="405"):
        await client.transaction_info("ab" * 32, solid=True)


async def test_an_error_at_status_200_is_never_data(client: NodeClient, node: ScriptedNode) -> None:
    error = recording("http", "invalid JSON getaccount")["response"]
    assert "Error" in error
    node.everywhere = None
    for path in ("getaccount", "getaccountresource", "getcandelegatedmaxsize"):
        node.says(f"wallet/{path}", error)
    for ask in (client.account, client.resources, client.delegatable_energy_stake):
        with pytest.raises(Unavailable, match="JSONException"):
            await ask(POOL)


BROADCASTS = [
    entry
    for entry in recordings("broadcast")
    if len(decode_signed(bytes.fromhex(entry["request"]["transaction"]))[1]) == 1
]


@pytest.mark.parametrize("entry", BROADCASTS, ids=lambda entry: entry["name"])
async def test_recorded_broadcasts(
    client: NodeClient, node: ScriptedNode, entry: dict[str, Any]
) -> None:
    node.says("wallet/broadcasthex", entry["response"])
    raw_bytes, (signature,) = decode_signed(bytes.fromhex(entry["request"]["transaction"]))
    code, message = entry["response"]["code"], entry["response"]["message"]
    if code == "SUCCESS":
        assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ACCEPTED
    elif code == "DUP_TRANSACTION_ERROR":
        assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ALREADY_KNOWN
    else:
        with pytest.raises(Refused) as refused:
            await client.broadcast(raw_bytes, signature)
        assert (refused.value.code, refused.value.message) == (code, message)
    assert node.asked[-1].body == entry["request"]


def test_the_recorded_broadcasts_hold_every_kind_of_verdict() -> None:
    assert {entry["response"]["code"] for entry in BROADCASTS} == {
        "SUCCESS",
        "DUP_TRANSACTION_ERROR",
        "SIGERROR",
        "CONTRACT_VALIDATE_ERROR",
        "BANDWITH_ERROR",
        "TAPOS_ERROR",
        "TRANSACTION_EXPIRATION_ERROR",
    }


def test_the_token_of_the_recordings() -> None:
    assert address_from_hex("41bfbec8efaa487902bc4e7ca9511e552acba46f70") == TOKEN


async def test_what_a_token_says_about_itself(client: NodeClient, replay: Replay) -> None:
    replay("token", "decimals")
    assert await client.token_decimals(TOKEN) == 6
    # A token that does not know the question freezes nobody.
    replay("token", "constant call unknown function")
    assert await client.is_blacklisted(TOKEN, ISSUER) is None
    with pytest.raises(Refused):
        await client.token_decimals(TOKEN)
    replay("token", "constant call to no contract")
    with pytest.raises(Refused):
        await client.token_symbol(ISSUER)
