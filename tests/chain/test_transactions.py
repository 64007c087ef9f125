from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contract_types import (
    CONTRACT_TYPES,
    contract_type,
    contract_type_named,
    contract_type_numbered,
)
from chain.contracts import DelegateResource, Resource, Transfer
from chain.protobuf import MalformedTransaction, bytes_field, varint, varint_field
from chain.transactions import (
    Raw,
    bandwidth_bytes,
    decode,
    decode_signed,
    encode,
    encode_signed,
    txid,
)
from tests.chain.any_transaction import OTHER, OWNER, TRANSFER, raws
from tests.chain.samples import SIGNED, TRANSACTIONS, vector

by_name = pytest.mark.parametrize("vector", TRANSACTIONS, ids=lambda vector: vector["name"])


@by_name
def test_vectors_decode_and_encode_to_the_same_bytes(vector: dict[str, Any]) -> None:
    raw_bytes = bytes.fromhex(vector["raw_data_hex"])
    assert encode(decode(raw_bytes)) == raw_bytes
    assert decode(raw_bytes, skip_unknown=True) == decode(raw_bytes)
    assert txid(raw_bytes) == vector["txID"]


@pytest.mark.parametrize("vector", SIGNED, ids=lambda vector: vector["name"])
def test_signed_vectors_round_trip_and_have_their_size(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["signed_tx_hex"])
    raw_bytes, signatures = decode_signed(data)
    assert raw_bytes.hex() == vector["raw_data_hex"]
    assert signatures == (bytes.fromhex(vector["signature"].removeprefix("0x")),)
    assert encode_signed(raw_bytes, signatures) == data
    assert bandwidth_bytes(raw_bytes, signatures) == vector["bandwidth_bytes"]


def test_the_vectors_hold_every_kind_of_transaction() -> None:
    found = {type(decode(bytes.fromhex(each["raw_data_hex"])).contract) for each in TRANSACTIONS}
    assert found == {kind.contract_class for kind in CONTRACT_TYPES}


def test_a_delegation_by_a_hot_key_reads_as_what_it_is() -> None:
    raw = decode(bytes.fromhex(vector("tronweb651_delegate_energy_perm3_hotkey")["raw_data_hex"]))
    assert raw.permission_id == 3
    assert isinstance(raw.contract, DelegateResource)
    assert raw.contract.owner == "TJzXt1sZautjqXnpjQT4xSCBHNSYgBkDr3"
    assert raw.contract.receiver == "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"
    assert raw.contract.balance == 7_128_000_000
    assert raw.contract.resource is Resource.ENERGY
    assert raw.contract.lock is False


@given(raws)
def test_every_transaction_round_trips_through_bytes(raw: Raw) -> None:
    raw_bytes = encode(raw)
    assert decode(raw_bytes) == raw
    assert decode(raw_bytes, skip_unknown=True) == raw
    assert len(txid(raw_bytes)) == 64


@given(raws, raws)
def test_different_transactions_have_different_bytes(one: Raw, other: Raw) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(raws, st.lists(st.binary(max_size=68), max_size=5))
def test_signatures_round_trip(raw: Raw, signatures: list[bytes]) -> None:
    assert decode_signed(encode_signed(encode(raw), signatures)) == (
        encode(raw),
        tuple(signatures),
    )


@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_are_a_transaction_or_refused(data: bytes, skip_unknown: bool) -> None:
    for read in (lambda: decode(data, skip_unknown=skip_unknown), lambda: decode_signed(data)):
        with suppress(MalformedTransaction):
            read()


@given(raws, st.data())
def test_bytes_cut_short_are_never_the_same_transaction(raw: Raw, data: st.DataObject) -> None:
    raw_bytes = encode(raw)
    end = data.draw(st.integers(0, len(raw_bytes) - 1))
    with suppress(MalformedTransaction):
        assert decode(raw_bytes[:end], skip_unknown=True) != raw


UNKNOWN_FIELDS = [
    varint_field(19, 7),
    bytes_field(12, b"scripts"),
    varint(3 << 3 | 1) + b"12345678",
    varint(20 << 3 | 5) + b"1234",
    varint(21 << 3 | 3) + varint_field(1, 1) + bytes_field(2, b"x") + varint(21 << 3 | 4),
    varint(22 << 3 | 3) + varint(1 << 3 | 3) + varint(1 << 3 | 4) + varint(22 << 3 | 4),
    varint(14 << 3 | 2) + varint(0),  # a known number of another wire type
]


@pytest.mark.parametrize("field", UNKNOWN_FIELDS)
def test_unknown_fields_are_refused_or_passed_over(field: bytes) -> None:
    raw_bytes = encode(TRANSFER)
    with pytest.raises(MalformedTransaction):
        decode(raw_bytes + field)
    assert decode(raw_bytes + field, skip_unknown=True) == TRANSFER
    assert decode(field + raw_bytes, skip_unknown=True) == TRANSFER


def _transfer(message: bytes, *, type_url: bytes | None = None, extra: bytes = b"") -> bytes:
    """A transfer put together by hand."""
    url = b"type.googleapis.com/protocol.TransferContract" if type_url is None else type_url
    parameter = bytes_field(1, url) + bytes_field(2, message)
    return bytes_field(11, varint_field(1, 1) + bytes_field(2, parameter) + extra)


MESSAGE = bytes_field(1, b"\x41" + b"\x01" * 20) + bytes_field(2, b"\x41" + b"\x02" * 20)


def test_the_network_reads_what_wallets_write_oddly_and_so_do_we() -> None:
    expected = Transfer(OWNER, OTHER, 5)
    odd = [
        _transfer(varint_field(3, 5) + MESSAGE),  # another order
        _transfer(varint_field(3, 4) + MESSAGE + varint_field(3, 5)),  # the last one counts
        _transfer(MESSAGE + b"\x18\x85\x80\x00"),  # a number longer than need be
        _transfer(MESSAGE + varint_field(3, 5) + bytes_field(9, b"?")),
        _transfer(MESSAGE + varint_field(3, 5), type_url=b"x/protocol.TransferContract"),
        _transfer(MESSAGE + varint_field(3, 5), extra=bytes_field(3, b"provider")),
        # A message in two parts is one.
        bytes_field(
            11,
            varint_field(1, 1)
            + bytes_field(2, bytes_field(1, b"a/protocol.TransferContract"))
            + bytes_field(2, bytes_field(2, MESSAGE + varint_field(3, 5))),
        ),
    ]
    for raw_bytes in odd:
        assert decode(raw_bytes, skip_unknown=True).contract == expected
    # A time far off, or negative, is nobody's reason to miss a payment.
    strange = decode(_transfer(MESSAGE + varint_field(3, 5)) + varint_field(14, -1))
    assert strange.timestamp_ms == -1


@pytest.mark.parametrize(
    "raw_bytes",
    [
        b"",
        encode(TRANSFER)[:-1],
        encode(TRANSFER) + b"\x08",
        encode(TRANSFER) + b"\x00\x00",
        encode(TRANSFER) + varint(9 << 3 | 6),
        encode(TRANSFER) + varint(9 << 3 | 7),
        encode(TRANSFER) + varint(9 << 3 | 4),
        encode(TRANSFER) + varint(9 << 3 | 3),
        encode(TRANSFER) + varint(9 << 3 | 3) + varint(10 << 3 | 4),
        encode(TRANSFER) + varint(9 << 3 | 1) + b"1234567",
        encode(TRANSFER) + varint(9 << 3 | 5) + b"123",
        encode(TRANSFER) + varint(9 << 3 | 2) + b"\x05abc",
        encode(TRANSFER) + b"\xff" * 11,
        encode(TRANSFER) + _transfer(MESSAGE),
        bytes_field(11, varint_field(1, 1)),
        _transfer(b""),
        _transfer(bytes_field(1, b"\x41" + b"\x01" * 20)),
        _transfer(bytes_field(1, b"\x42" + b"\x01" * 20) + bytes_field(2, b"\x41" * 21)),
        _transfer(bytes_field(1, b"\x41" * 20) + bytes_field(2, b"\x41" * 21)),
        _transfer(MESSAGE, type_url=b"type.googleapis.com/protocol.FreezeBalanceV2Contract"),
        _transfer(MESSAGE, type_url=b""),
        bytes_field(11, varint_field(1, 99) + bytes_field(2, b"")),
    ],
)
def test_what_is_no_transaction_is_refused_in_either_way(raw_bytes: bytes) -> None:
    for skip_unknown in (False, True):
        with pytest.raises(MalformedTransaction):
            decode(raw_bytes, skip_unknown=skip_unknown)


def test_an_unknown_resource_or_text_that_is_none_is_refused() -> None:
    delegation = vector("tronweb651_delegate_energy_nolock")["raw_data_hex"]
    with pytest.raises(MalformedTransaction, match="9 is no Resource"):
        decode(bytes.fromhex(delegation.replace("100118", "100918")))
    update = vector("tronweb651_account_permission_update_delegate_only")["raw_data_hex"]
    with pytest.raises(MalformedTransaction, match="UTF-8"):
        decode(bytes.fromhex(update.replace(b"rental-bot".hex(), "ff" * 10)))


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(MalformedTransaction):
        encode(Raw(Transfer(OWNER, OTHER, number), b"", b"", 1, 1))


def test_the_result_beside_a_signed_transaction_is_passed_over_and_nothing_else() -> None:
    data = encode_signed(b"raw", [b"signature"])
    assert decode_signed(data + bytes_field(5, b"\x18\x01")) == (b"raw", (b"signature",))
    with pytest.raises(MalformedTransaction):
        decode_signed(data + bytes_field(6, b""))


def test_kinds_are_known_by_number_name_and_class() -> None:
    for kind in CONTRACT_TYPES:
        assert contract_type_numbered(kind.number) is kind
        assert contract_type_named(kind.name) is kind
    assert contract_type(Transfer(OWNER, OTHER, 1)).number == 1
    assert contract_type_numbered(2) is None
    assert contract_type_named("TransferAssetContract") is None
