from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from chain.addresses import address_from_bytes
from chain.blocks import parse_block, parse_block_ref, trx_transfers
from chain.contracts import DelegateResource, Transfer
from chain.errors import MalformedAnswer
from chain.protobuf import bytes_field, varint_field
from chain.transactions import Raw, encode, txid
from tests.chain.samples import (
    TRANSACTIONS,
    block_id,
    block_json,
    recording,
    transaction_json,
    vector,
)

OWNER = address_from_bytes(b"\x41" + b"\x01" * 20)
OTHER = address_from_bytes(b"\x41" + b"\x02" * 20)
TRANSFER_JSON = {"contract": [{"type": "TransferContract"}]}


def test_a_recorded_block_is_read() -> None:
    block = parse_block(recording("blocks", "getblockbynum with one transaction")["response"])
    assert block.ref.number == 159
    assert block.ref.id == "000000000000009f7b042df726e3dcce829fc0f7e93c0c13c9eb77965bfe69ce"
    assert block.ref.time == datetime(2026, 11, 23, 11, 58, 27, tzinfo=UTC)
    assert block.parent_id == "000000000000009e7918acae60a625ba71f3eab98630b66d5430b8afd5191904"
    (transfer,) = trx_transfers(block)
    assert transfer.txid == "b41f3a3adba6f6dcf8c7c8a6a9058d877483bcd77df0acb5b0461b2526129a85"
    assert transfer.sender == "THYawpWouJNuPeUtaPg3JdvAAzc1uue9yv"
    assert transfer.receiver == "TLrLR7LBwHbT7siJw5yjkb577bazsXV9DP"
    assert transfer.amount_sun == 1_000_000
    assert transfer.position == 0
    assert transfer.memo == b""
    assert transfer.block == block.ref


def test_the_first_block_of_all_follows_no_rule_and_is_read() -> None:
    block = parse_block(recording("blocks", "getblockbynum without num")["response"])
    assert block.ref.number == 0
    assert len(block.transactions) == 3
    assert all(transaction.raw is None for transaction in block.transactions)
    assert trx_transfers(block) == ()


def test_a_block_may_be_empty() -> None:
    block = parse_block(block_json(7))
    assert block.transactions == ()
    assert block.parent_id == block_id(6)
    assert parse_block_ref(block_json(7)) == block.ref


def test_a_block_with_every_kind_of_transaction_is_read() -> None:
    block = parse_block(block_json(7, [transaction_json(each) for each in TRANSACTIONS]))
    read = {type(each.raw.contract) for each in block.transactions if each.raw}
    assert {Transfer, DelegateResource} < read
    assert len(block.transactions) == len(TRANSACTIONS)
    for transaction, each in zip(block.transactions, TRANSACTIONS, strict=True):
        assert transaction.txid == each["txID"]
        assert transaction.result == "SUCCESS"
        kind = each["raw_data"]["contract"][0]["type"]
        acted_upon = kind in (
            "TransferContract",
            "DelegateResourceContract",
            "UnDelegateResourceContract",
        )
        assert (transaction.raw is not None) == acted_upon


def test_only_transfers_that_succeeded_count() -> None:
    transfer = vector("mainnet_transfer_2trx")
    other = vector("mainnet_transfer_5sun_dust")
    block = parse_block(
        block_json(
            7,
            [
                transaction_json(transfer, "REVERT"),
                transaction_json(vector("tronweb651_delegate_energy_nolock")),
                transaction_json(vector("trezor_transfer_memo"), "OUT_OF_ENERGY"),
                transaction_json(other),
                transaction_json(vector("tronweb651_transfer_memo_order-42")),
            ],
        )
    )
    dust, with_memo = trx_transfers(block)
    assert (dust.txid, dust.amount_sun) == (other["txID"], 5)
    assert with_memo.memo == b"order-42"


def test_the_amount_is_that_of_the_bytes_not_of_the_json() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"))
    item = deepcopy(item)
    item["raw_data"]["contract"][0]["parameter"]["value"]["amount"] = 10**12
    (transfer,) = trx_transfers(parse_block(block_json(7, [item])))
    assert transfer.amount_sun == 2_000_000


def test_addresses_may_be_in_either_form() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"))
    visible = deepcopy(item)
    value = visible["raw_data"]["contract"][0]["parameter"]["value"]
    value["owner_address"] = OWNER
    assert parse_block(block_json(7, [item])) == parse_block(block_json(7, [visible]))


def test_a_transaction_with_several_signatures_is_read() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"), signature=["00" * 65, "11" * 65])
    assert len(trx_transfers(parse_block(block_json(7, [item])))) == 1


def test_an_odd_transfer_neither_stops_the_reading_nor_goes_unseen() -> None:
    raw_bytes = (
        encode(Raw(Transfer(OWNER, OTHER, 5), b"", b"", 1, -(10**15)))
        + bytes_field(12, b"scripts")
        + varint_field(77, 1)
    )
    item = {
        "ret": [{"contractRet": "SUCCESS", "fee": 5}],
        "txID": txid(raw_bytes),
        "raw_data_hex": raw_bytes.hex(),
        "raw_data": TRANSFER_JSON,
    }
    (transfer,) = trx_transfers(parse_block(block_json(7, [item])))
    assert (transfer.sender, transfer.receiver, transfer.amount_sun) == (OWNER, OTHER, 5)


@pytest.mark.parametrize(
    "unread",
    [
        {"raw_data": {"contract": [{"type": "VoteWitnessContract"}]}},
        {"raw_data": {"contract": [{"type": 5}]}},
        {"raw_data": {"contract": [{}]}},
        {"raw_data": {"contract": ["TransferContract"]}},
        {"raw_data": {"contract": []}},
        {"raw_data": {"contract": None}},
        {"raw_data": {}},
        {"raw_data": None},
        {},
    ],
)
def test_what_we_do_not_read_does_not_disturb(unread: dict[str, Any]) -> None:
    item = {"txID": "ab" * 32, "ret": [{"contractRet": "SUCCESS"}]} | unread
    (transaction,) = parse_block(block_json(7, [item])).transactions
    assert transaction.raw is None
    assert transaction.txid == "ab" * 32


def _changed(path: list[str | int], value: Any) -> dict[str, Any]:
    """A good block with a transfer, one value changed, or removed if it is ... ."""
    block = deepcopy(block_json(7, [transaction_json(vector("mainnet_transfer_2trx"))]))
    inner: Any = block
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return block


HEADER: list[str | int] = ["block_header", "raw_data"]
FIRST: list[str | int] = ["transactions", 0]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        "block",
        None,
        5,
        _changed(["blockID"], ...),
        _changed(["blockID"], block_id(8)),
        _changed(["blockID"], block_id(7)[:-1]),
        _changed(["blockID"], block_id(7).replace("0", "g")),
        _changed(["blockID"], 7),
        _changed(["block_header"], ...),
        _changed(["block_header"], {}),
        _changed([*HEADER, "number"], ...),
        _changed([*HEADER, "number"], "7"),
        _changed([*HEADER, "number"], 7.0),
        _changed([*HEADER, "number"], -7),
        _changed([*HEADER, "timestamp"], ...),
        _changed([*HEADER, "timestamp"], 10**18),
        _changed([*HEADER, "parentHash"], ...),
        _changed([*HEADER, "parentHash"], block_id(5)),
        _changed(["transactions"], {}),
        _changed(["transactions"], [None]),
        _changed([*FIRST, "txID"], ...),
        _changed([*FIRST, "txID"], "ab" * 32),
        _changed([*FIRST, "txID"], "AB" * 32),
        _changed([*FIRST, "ret"], ...),
        _changed([*FIRST, "ret"], []),
        _changed([*FIRST, "ret"], [{}]),
        _changed([*FIRST, "ret"], {"contractRet": "SUCCESS"}),
        _changed([*FIRST, "ret", 0, "contractRet"], True),
        _changed([*FIRST, "raw_data_hex"], ...),
        _changed([*FIRST, "raw_data_hex"], None),
        _changed([*FIRST, "raw_data_hex"], "zz"),
        _changed([*FIRST, "raw_data_hex"], ""),
        _changed([*FIRST, "raw_data_hex"], vector("trezor_transfer")["raw_data_hex"]),
    ],
)
def test_a_block_that_is_partial_or_contradicts_itself_is_an_error(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        parse_block(answer)


def test_a_transaction_of_another_kind_than_the_node_says_is_an_error() -> None:
    item = transaction_json(
        vector("tronweb651_delegate_energy_nolock"), raw_data=deepcopy(TRANSFER_JSON)
    )
    with pytest.raises(MalformedAnswer, match="is no TransferContract"):
        parse_block(block_json(7, [item]))
    trigger = transaction_json(vector("trezor_usdt_transfer"), raw_data=deepcopy(TRANSFER_JSON))
    with pytest.raises(MalformedAnswer, match="is no TransferContract"):
        parse_block(block_json(7, [trigger]))
    garbage = encode(Raw(Transfer(OWNER, OTHER, 5), b"", b"", 1, 1))[:-1]
    item = transaction_json(
        vector("trezor_transfer"), txID=txid(garbage), raw_data_hex=garbage.hex()
    )
    with pytest.raises(MalformedAnswer, match="cut short"):
        parse_block(block_json(7, [item]))
