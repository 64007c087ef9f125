"""Whatever a block holds: what concerns us is found in it, by its bytes, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.addresses import Address, address_bytes, address_from_bytes
from chain.block_json import parse_block
from chain.blocks import Block, included_ids, transactions_of, trx_transfers
from chain.contract_types import contract_type
from chain.contracts import Transfer
from chain.protobuf import MalformedTransaction, bytes_field, read_fields, varint_field
from chain.transactions import Raw, encode, txid
from tests.chain.any_transaction import addresses, raws
from tests.chain.samples import block_json

# Few enough that random transactions often concern them, and full of the prefix.
OURS = [address_from_bytes(b"\x41" + bytes([each]) * 20) for each in (0x01, 0x41, 0x15)]
ours = st.sampled_from(OURS)
anybody = ours | addresses
transfers = st.builds(Transfer, anybody, anybody, st.integers(-5, 10**12))
any_raw = st.one_of(
    raws,
    st.builds(
        Raw,
        transfers,
        st.binary(max_size=2),
        st.binary(max_size=8),
        st.integers(0, 1 << 50),
        st.integers(0, 1 << 50),
        memo=ours.map(address_bytes) | st.binary(max_size=30),
        permission_id=st.integers(0, 9),
    ),
)
# What a node may say of a transaction beside its bytes; it may even lie.
claims = st.sampled_from(
    [
        {},
        {"raw_data": None},
        {"raw_data": {"contract": []}},
        {"raw_data": {"contract": [{"type": "VoteWitnessContract"}]}},
        {
            "raw_data": {
                "contract": [
                    {
                        "type": "TransferContract",
                        "parameter": {"value": {"to_address": OURS[0], "amount": 10**12}},
                    }
                ]
            }
        },
    ]
)
results = st.sampled_from(["SUCCESS", "SUCCESS", "REVERT"])


def _entry(raw_bytes: bytes, result: str, claim: dict[str, Any]) -> dict[str, Any]:
    shown = raw_bytes.hex()
    return {
        "txID": txid(raw_bytes),
        "ret": [{"contractRet": result}],
        "raw_data_hex": shown,
    } | claim


def _block(entries: list[dict[str, Any]]) -> Block:
    return parse_block(json.dumps(block_json(7, entries)).encode())


@settings(deadline=None)
@given(
    sent=st.lists(st.tuples(any_raw, results, claims), max_size=8),
    wanted=st.lists(anybody, max_size=3),
    crowd=st.booleans(),
)
def test_what_concerns_us_is_found_and_nothing_else(
    sent: list[tuple[Raw, str, dict[str, Any]]], wanted: list[Address], crowd: bool
) -> None:
    looked_for: Collection[Address] = wanted
    if crowd:
        others = (address_from_bytes(b"\x41" + n.to_bytes(20, "big")) for n in range(1000))
        looked_for = frozenset([*wanted, *others])
    raws_bytes = [encode(raw) for raw, _, _ in sent]
    block = _block(
        [
            _entry(raw_bytes, result, claim)
            for raw_bytes, (_, result, claim) in zip(raws_bytes, sent, strict=True)
        ]
    )
    assert [
        (each.txid, each.sender, each.receiver, each.amount_sun, each.memo)
        for each in trx_transfers(block, looked_for)
    ] == [
        (txid(raw_bytes), raw.contract.owner, raw.contract.to, raw.contract.amount, raw.memo)
        for raw_bytes, (raw, result, _) in zip(raws_bytes, sent, strict=True)
        if isinstance(raw.contract, Transfer)
        and raw.contract.to in looked_for
        and raw.contract.amount > 0
        and result == "SUCCESS"
    ]
    assert [
        (each.txid, each.owner, each.kind, each.permission_id, each.result)
        for each in transactions_of(block, looked_for)
    ] == [
        (
            txid(raw_bytes),
            raw.contract.owner,
            contract_type(raw.contract).name,
            raw.permission_id,
            result,
        )
        for raw_bytes, (raw, result, _) in zip(raws_bytes, sent, strict=True)
        if raw.contract.owner in looked_for
    ]
    half = [txid(raw_bytes) for raw_bytes in raws_bytes[::2]]
    named = set(half)
    assert included_ids(block, half) == tuple(
        txid(raw_bytes) for raw_bytes in raws_bytes if txid(raw_bytes) in named
    )


padded = st.integers(0, 4)


def _padded_varint(value: int, padding: int) -> bytes:
    """A varint longer than it has to be, which readers of protobuf take all the same."""
    encoded = bytearray()
    while True:
        encoded.append(value & 0x7F)
        value >>= 7
        if not value:
            break
    encoded += bytes(padding)
    for position in range(len(encoded) - 1):
        encoded[position] |= 0x80
    return bytes(encoded)


@st.composite
def odd_transfers(draw: st.DrawFn) -> tuple[Transfer, bytes]:
    """A transfer, and its message as nobody would write it: padded, repeated, out of order."""
    transfer = Transfer(draw(anybody), draw(anybody), draw(st.integers(1, 10**15)))
    parts: list[bytes] = []
    for number, value in ((1, transfer.owner), (2, transfer.to), (3, transfer.amount)):
        # What stands before the last counts for nothing.
        repeated: list[bytes] = []
        for _ in range(draw(st.integers(0, 2))):
            if number == 3:
                repeated.append(varint_field(3, draw(st.integers(0, 10**15))))
            else:
                repeated.append(
                    bytes_field(number, draw(anybody.map(address_bytes) | st.binary(max_size=30)))
                )
        if isinstance(value, int):
            last = _padded_varint(3 << 3, draw(padded)) + _padded_varint(value, draw(padded) // 2)
        else:
            last = (
                _padded_varint(number << 3 | 2, draw(padded))
                + _padded_varint(21, draw(padded))
                + address_bytes(value)
            )
        parts.append(b"".join([*repeated, last]))
    parts.append(draw(st.sampled_from([b"", varint_field(9, 1), bytes_field(77, b"\x41" * 30)])))
    return transfer, b"".join(draw(st.permutations(parts)))


@settings(deadline=None)
@given(odd=odd_transfers(), permission_id=st.integers(0, 9))
def test_odd_encodings_neither_hide_nor_invent_a_payment(
    odd: tuple[Transfer, bytes], permission_id: int
) -> None:
    transfer, message = odd
    parameter = bytes_field(1, b"type.googleapis.com/protocol.TransferContract") + bytes_field(
        2, message
    )
    contract = varint_field(1, 1) + bytes_field(2, parameter) + varint_field(5, permission_id)
    raw_bytes = varint_field(8, 1_795_435_060_000) + bytes_field(11, contract)
    block = _block([_entry(raw_bytes, "SUCCESS", {})])
    found = [(each.sender, each.receiver, each.amount_sun) for each in trx_transfers(block, OURS)]
    expected = (transfer.owner, transfer.to, transfer.amount)
    assert found == ([expected] if transfer.to in OURS else [])
    owned = [
        (each.owner, each.to, each.amount_sun, each.permission_id)
        for each in transactions_of(block, OURS)
    ]
    assert owned == ([(*expected, permission_id)] if transfer.owner in OURS else [])


@settings(deadline=None)
@given(
    before=st.binary(max_size=40),
    after=st.binary(max_size=40),
    address=ours,
    whole=st.booleans(),
)
def test_no_bytes_whatever_stop_the_reading(
    before: bytes, after: bytes, address: Address, whole: bool
) -> None:
    junk = before + address_bytes(address) + after
    raw_bytes = bytes_field(11, varint_field(1, 1) + bytes_field(2, junk)) if whole else junk
    block = _block([_entry(raw_bytes, "SUCCESS", {})])
    assert len(trx_transfers(block, OURS)) <= 1
    assert len(transactions_of(block, OURS)) <= 1
    assert included_ids(block, [txid(raw_bytes)]) == (txid(raw_bytes),)
    try:
        fields = read_fields(raw_bytes)
    except MalformedTransaction:
        fields = []
    if not any(number == 11 for number, _, _ in fields):
        assert trx_transfers(block, OURS) == ()
        assert transactions_of(block, OURS) == ()
