from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chain import block_json as reading
from chain.addresses import (
    Address,
    address_bytes,
    address_from_bytes,
    address_from_hex,
    parse_address,
)
from chain.block_json import parse_block_ref
from chain.blocks import (
    Block,
    BlockTransaction,
    TrxTransfer,
    included_ids,
    transactions_of,
    trx_transfers,
)
from chain.contracts import DelegateResource, Transfer, TriggerSmartContract
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
STRANGER = address_from_bytes(b"\x41" + b"\x03" * 20)


def parse_block(answer: Any) -> Block:
    return reading.parse_block(json.dumps(answer).encode())


def all_transfers(block: Block) -> tuple[TrxTransfer, ...]:
    """The transfers to anybody in the block."""
    raws = [transaction.raw for transaction in block.transactions]
    return trx_transfers(
        block, [raw.contract.to for raw in raws if raw and isinstance(raw.contract, Transfer)]
    )


def entry_json(raw_bytes: bytes, kind: str = "TransferContract", **changes: Any) -> dict[str, Any]:
    """A transaction in a block, of which the node's JSON says little."""
    return {
        "ret": [{"contractRet": "SUCCESS"}],
        "txID": txid(raw_bytes),
        "raw_data_hex": raw_bytes.hex(),
        "raw_data": {"contract": [{"type": kind}]},
    } | changes


def test_a_recorded_block_is_read() -> None:
    block = parse_block(recording("blocks", "getblockbynum with one transaction")["response"])
    assert block.ref.number == 159
    assert block.ref.id == "000000000000009f7b042df726e3dcce829fc0f7e93c0c13c9eb77965bfe69ce"
    assert block.ref.time == datetime(2026, 11, 23, 11, 58, 27, tzinfo=UTC)
    assert block.parent_id == "000000000000009e7918acae60a625ba71f3eab98630b66d5430b8afd5191904"
    shop = parse_address("TLrLR7LBwHbT7siJw5yjkb577bazsXV9DP")
    (transfer,) = trx_transfers(block, [shop])
    assert transfer.txid == "b41f3a3adba6f6dcf8c7c8a6a9058d877483bcd77df0acb5b0461b2526129a85"
    assert transfer.sender == "THYawpWouJNuPeUtaPg3JdvAAzc1uue9yv"
    assert transfer.receiver == "TLrLR7LBwHbT7siJw5yjkb577bazsXV9DP"
    assert transfer.amount_sun == 1_000_000
    assert transfer.position == 0
    assert transfer.memo == b""
    assert transfer.block == block.ref
    assert transfer.expiration - block.ref.time < timedelta(minutes=2)
    assert trx_transfers(block, [transfer.sender]) == trx_transfers(block, []) == ()


def test_the_first_block_of_all_follows_no_rule_and_is_read() -> None:
    block = parse_block(recording("blocks", "getblockbynum without num")["response"])
    assert block.ref.number == 0
    assert len(block.transactions) == 3
    # The first block names whom it gives TRX to.
    receiver = address_from_hex("411333e3a457a210136cd99d0b4b0426eaeb397e9d")
    assert address_bytes(receiver) in block.transactions[0].raw_bytes
    assert trx_transfers(block, [receiver]) == ()
    assert transactions_of(block, [receiver]) == ()


def test_a_block_may_be_empty() -> None:
    block = parse_block(block_json(7))
    assert block.transactions == ()
    assert block.parent_id == block_id(6)
    assert parse_block_ref(json.dumps(block_json(7)).encode()) == block.ref


def test_a_block_with_every_kind_of_transaction_is_read() -> None:
    block = parse_block(block_json(7, [transaction_json(each) for each in TRANSACTIONS]))
    read = {type(each.raw.contract) for each in block.transactions if each.raw}
    assert {Transfer, DelegateResource} < read
    assert len(block.transactions) == len(TRANSACTIONS)
    for transaction, each in zip(block.transactions, TRANSACTIONS, strict=True):
        assert transaction.txid == each["txID"]
        assert transaction.result == "SUCCESS"
        assert transaction.raw is not None
        owner = transaction.raw.contract.owner
        owned = {entry.txid: entry for entry in transactions_of(block, {owner})}
        entry = owned[transaction.txid]
        assert entry.kind == each["raw_data"]["contract"][0]["type"]
        assert entry.permission_id == transaction.raw.permission_id
        assert (entry.raw, entry.owner, entry.result) == (transaction.raw, owner, "SUCCESS")


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
    dust, with_memo = all_transfers(block)
    assert (dust.txid, dust.amount_sun) == (other["txID"], 5)
    assert with_memo.memo == b"order-42"


def test_the_amount_is_that_of_the_bytes_not_of_the_json() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"))
    item = deepcopy(item)
    item["raw_data"]["contract"][0]["parameter"]["value"]["amount"] = 10**12
    (transfer,) = all_transfers(parse_block(block_json(7, [item])))
    assert transfer.amount_sun == 2_000_000


def test_addresses_may_be_in_either_form() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"))
    visible = deepcopy(item)
    value = visible["raw_data"]["contract"][0]["parameter"]["value"]
    value["owner_address"] = OWNER
    assert parse_block(block_json(7, [item])) == parse_block(block_json(7, [visible]))


def test_a_transaction_with_several_signatures_is_read() -> None:
    item = transaction_json(vector("mainnet_transfer_2trx"), signature=["00" * 65, "11" * 65])
    assert len(all_transfers(parse_block(block_json(7, [item])))) == 1


def test_an_odd_transfer_neither_stops_the_reading_nor_goes_unseen() -> None:
    raw_bytes = (
        encode(Raw(Transfer(OWNER, OTHER, 5), b"", b"", 1, -(10**15)))
        + bytes_field(12, b"scripts")
        + varint_field(77, 1)
    )
    item = entry_json(raw_bytes, ret=[{"contractRet": "SUCCESS", "fee": 5}])
    (transfer,) = all_transfers(parse_block(block_json(7, [item])))
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
def test_the_nodes_own_reading_of_a_transaction_does_not_matter(unread: dict[str, Any]) -> None:
    raw_bytes = encode(Raw(Transfer(OTHER, OWNER, 5), b"", b"", 1, 1))
    item = entry_json(raw_bytes)
    del item["raw_data"]
    block = parse_block(block_json(7, [item | unread]))
    assert [each.amount_sun for each in trx_transfers(block, [OWNER])] == [5]
    assert [each.to for each in transactions_of(block, [OTHER])] == [OWNER]


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
        _changed([*HEADER, "timestamp"], None),
        _changed(["transactions"], {}),
        _changed(["transactions"], [None]),
        _changed([*FIRST, "txID"], ...),
        _changed([*FIRST, "ret"], {"contractRet": "SUCCESS"}),
        _changed([*FIRST, "ret", 0, "contractRet"], True),
        _changed([*FIRST, "raw_data_hex"], ...),
        _changed([*FIRST, "raw_data_hex"], None),
        _changed([*FIRST, "raw_data_hex"], "zz"),
        _changed([*FIRST, "raw_data_hex"], "0a0"),
        _changed([*FIRST, "raw_data_hex"], "0a 02"),
        _changed([*FIRST, "txID"], "ab" * 32),
        _changed([*FIRST, "txID"], vector("mainnet_transfer_2trx")["txID"].upper()),
        _changed([*FIRST, "txID"], ""),
        _changed([*FIRST, "raw_data_hex"], vector("mainnet_transfer_2trx")["raw_data_hex"] + "00"),
    ],
)
def test_a_block_that_is_partial_or_contradicts_itself_is_an_error(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        parse_block(answer)


TWO_TRX = vector("mainnet_transfer_2trx")
PAID = address_from_bytes(
    bytes.fromhex(TWO_TRX["raw_data"]["contract"][0]["parameter"]["value"]["to_address"])
)


@pytest.mark.parametrize(
    "answer",
    [
        _changed([*FIRST, "ret"], ...),
        _changed([*FIRST, "ret"], []),
        _changed([*FIRST, "ret"], [{}]),
    ],
)
def test_a_payment_that_contradicts_itself_is_an_error_for_who_is_paid(answer: Any) -> None:
    block = parse_block(answer)
    with pytest.raises(MalformedAnswer):
        trx_transfers(block, [PAID])
    assert trx_transfers(block, [STRANGER]) == ()


def test_a_block_that_is_cut_short_or_no_json_is_an_error() -> None:
    whole = json.dumps(block_json(7, [transaction_json(TWO_TRX)])).encode()
    for content in (b"", whole[:-1], whole[: len(whole) // 2], b"\xff", b"[" * 100_000):
        with pytest.raises(MalformedAnswer):
            reading.parse_block(content)


def _transaction(type_number: int, message: bytes, name: str = "TransferContract") -> bytes:
    """The bytes of a transaction with any message in it."""
    parameter = bytes_field(1, f"type.googleapis.com/protocol.{name}".encode()) + bytes_field(
        2, message
    )
    contract = varint_field(1, type_number) + bytes_field(2, parameter) + varint_field(5, 2)
    return bytes_field(11, contract) + varint_field(14, 5)


def _transfer_message(
    owner: Address = OWNER, to: Address = OTHER, *, tag: bytes = b"\x12", length: bytes = b"\x15"
) -> bytes:
    return (
        bytes_field(1, address_bytes(owner)) + tag + length + address_bytes(to) + varint_field(3, 7)
    )


@pytest.mark.parametrize(
    "message",
    [
        _transfer_message(length=b"\x95\x00"),
        _transfer_message(length=b"\x95\x80\x80\x00"),
        _transfer_message(tag=b"\x92\x80\x00"),
        # All but the lower 32 bits of a length or a tag are dropped by the network's nodes.
        _transfer_message(length=b"\x95\x80\x80\x80\x70"),
        _transfer_message(length=b"\x95\x80\x80\x80\xf0\x80\x80\x80\x80\x01"),
        _transfer_message(tag=b"\x92\x80\x80\x80\x70"),
        # Of a field given twice the last counts, whatever the first was.
        bytes_field(2, b"junk") + _transfer_message(),
        bytes_field(2, address_bytes(STRANGER)) + _transfer_message(),
        bytes_field(1, b"") + _transfer_message(),
        varint_field(3, 10**9) + _transfer_message(),
        # Fields nobody knows, also of the numbers of known ones.
        varint_field(1, 5) + _transfer_message() + bytes_field(3, b"8"),
        _transfer_message() + b"\x23\x0a\x01a\x24" + b"\x29" + b"\x41" * 8 + b"\x2d" + b"\x41" * 4,
    ],
)
def test_a_payment_in_an_odd_encoding_is_read_as_the_network_reads_it(message: bytes) -> None:
    block = parse_block(block_json(7, [entry_json(_transaction(1, message))]))
    (transfer,) = trx_transfers(block, [OTHER])
    assert (transfer.sender, transfer.receiver, transfer.amount_sun) == (OWNER, OTHER, 7)
    assert trx_transfers(block, [STRANGER]) == ()
    (owned,) = transactions_of(block, [OWNER])
    assert (owned.kind, owned.permission_id) == ("TransferContract", 2)
    assert (owned.amount_sun, owned.to) == (7, OTHER)
    assert transactions_of(block, [OTHER, STRANGER]) == ()


def test_a_payment_is_not_told_by_an_address_that_merely_stands_somewhere() -> None:
    ours = address_bytes(OTHER)
    elsewhere = [
        encode(Raw(Transfer(OWNER, STRANGER, 5), b"", b"", 1, 1, memo=ours)),
        encode(Raw(Transfer(OTHER, STRANGER, 5), b"", b"", 1, 1)),
        encode(Raw(TriggerSmartContract(OWNER, STRANGER, ours), b"", b"", 1, 1)),
        encode(Raw(TriggerSmartContract(OWNER, OTHER, b"", 5), b"", b"", 1, 1)),
        _transaction(1, bytes_field(2, ours) + _transfer_message(to=STRANGER)),
        _transaction(1, _transfer_message(), name="TransferAssetContract"),
        _transaction(2, _transfer_message()),
        _transaction(1, _transfer_message()[:-1]),
        _transaction(1, _transfer_message()) + _transaction(1, _transfer_message()),
        ours,
    ]
    block = parse_block(block_json(7, [entry_json(each) for each in elsewhere]))
    assert trx_transfers(block, [OTHER]) == ()


@pytest.mark.parametrize(
    ("number", "kind", "field"),
    [
        (0, "AccountCreateContract", 1),
        (2, "TransferAssetContract", 2),
        (4, "VoteWitnessContract", 1),
        (10, "AccountUpdateContract", 2),
        (19, "SetAccountIdContract", 2),
        (30, "CreateSmartContract", 1),
        (99, "99", 1),
    ],
)
def test_the_owner_of_a_kind_we_do_not_read_is_told_all_the_same(
    number: int, kind: str, field: int
) -> None:
    other_field = 3 - field
    message = bytes_field(field, address_bytes(OWNER)) + bytes_field(
        other_field, address_bytes(OTHER)
    )
    raw_bytes = _transaction(number, message, kind)
    block = parse_block(block_json(7, [entry_json(raw_bytes, ret=[{"contractRet": "REVERT"}])]))
    (owned,) = transactions_of(block, [OWNER, OTHER])
    assert (owned.txid, owned.owner, owned.kind) == (txid(raw_bytes), OWNER, kind)
    assert (owned.permission_id, owned.result) == (2, "REVERT")
    assert (owned.raw, owned.amount_sun, owned.to) == (None, None, None)


def test_our_transactions_are_found_by_their_ids() -> None:
    first, second, third = (
        encode(Raw(Transfer(OWNER, OTHER, amount), b"", b"", 1, 1)) for amount in (1, 2, 3)
    )
    block = parse_block(block_json(7, [entry_json(each) for each in (first, second, third)]))
    wanted = [txid(third), "ab" * 32, txid(first)]
    assert included_ids(block, wanted) == (txid(first), txid(third))
    assert included_ids(block, []) == ()
    with pytest.raises(MalformedAnswer, match="has the bytes of"):
        parse_block(block_json(7, [entry_json(first), entry_json(third, txID=txid(second))]))


def test_nothing_is_paid_by_an_amount_that_no_block_can_hold() -> None:
    odd = [
        entry_json(encode(Raw(Transfer(OWNER, OTHER, amount), b"", b"", 1, 1)))
        for amount in (0, -1, -(1 << 63))
    ]
    block = parse_block(block_json(7, odd))
    assert trx_transfers(block, [OTHER]) == ()
    assert [each.amount_sun for each in transactions_of(block, [OWNER])] == [0, -1, -(1 << 63)]


def test_the_transactions_of_the_first_block_are_nobodys() -> None:
    item = entry_json(encode(Raw(Transfer(OWNER, OTHER, 5), b"", b"", 1, 1)))
    block = parse_block(block_json(0, [item]))
    assert trx_transfers(block, [OTHER]) == ()
    assert transactions_of(block, [OWNER]) == ()


def test_a_time_beyond_all_calendars_does_not_stop_the_reading() -> None:
    odd = [
        entry_json(encode(Raw(Transfer(OWNER, OTHER, 5), b"", b"", expiration, 1)))
        for expiration in (-5, (1 << 63) - 1)
    ]
    early, late = trx_transfers(parse_block(block_json(7, odd)), [OTHER])
    assert early.expiration == datetime(1970, 1, 1, tzinfo=UTC)
    assert late.expiration.year == 9999


def test_a_transaction_is_compared_by_what_it_is() -> None:
    assert BlockTransaction("ab", "SUCCESS", b"a") == BlockTransaction("ab", "SUCCESS", b"a")
    assert BlockTransaction("ab", "SUCCESS", b"a") != BlockTransaction("ab", "SUCCESS", b"b")
