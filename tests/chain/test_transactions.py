from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.addresses import address_from_bytes
from chain.protobuf import bytes_field, varint, varint_field
from chain.transactions import (
    CONTRACT_TYPES,
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    DelegateResource,
    FreezeBalanceV2,
    MalformedTransaction,
    Permission,
    PermissionKey,
    PermissionType,
    Raw,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
    bandwidth_bytes,
    contract_type,
    contract_type_named,
    contract_type_numbered,
    decode,
    decode_signed,
    encode,
    encode_signed,
    raw_from_json,
    raw_to_json,
    txid,
)
from tests.chain.samples import SIGNED, TRANSACTIONS, vector

by_name = pytest.mark.parametrize("vector", TRANSACTIONS, ids=lambda vector: vector["name"])

addresses = st.binary(min_size=20, max_size=20).map(lambda raw: address_from_bytes(b"\x41" + raw))
int64s = st.integers(-(1 << 63), (1 << 63) - 1)
int32s = st.integers(-(1 << 31), (1 << 31) - 1)
resources = st.sampled_from(Resource)
permissions = st.builds(
    Permission,
    type=st.sampled_from(PermissionType),
    id=int32s,
    name=st.text(max_size=32),
    threshold=int64s,
    parent_id=int32s,
    operations=st.binary(max_size=32),
    keys=st.lists(st.builds(PermissionKey, addresses, int64s), max_size=3).map(tuple),
)
contracts = st.one_of(
    st.builds(Transfer, addresses, addresses, int64s),
    st.builds(
        TriggerSmartContract, addresses, addresses, st.binary(max_size=100), int64s, int64s, int64s
    ),
    st.builds(DelegateResource, addresses, addresses, int64s, resources, st.booleans(), int64s),
    st.builds(UnDelegateResource, addresses, addresses, int64s, resources),
    st.builds(FreezeBalanceV2, addresses, int64s, resources),
    st.builds(UnfreezeBalanceV2, addresses, int64s, resources),
    st.builds(WithdrawExpireUnfreeze, addresses),
    st.builds(CancelAllUnfreezeV2, addresses),
    st.builds(
        AccountPermissionUpdate,
        addresses,
        st.none() | permissions,
        st.none() | permissions,
        st.lists(permissions, max_size=3).map(tuple),
    ),
)
raws = st.builds(
    Raw,
    contract=contracts,
    ref_block_bytes=st.binary(max_size=2),
    ref_block_hash=st.binary(max_size=8),
    expiration_ms=int64s,
    timestamp_ms=int64s,
    memo=st.binary(max_size=50),
    fee_limit=int64s,
    permission_id=int32s,
)
OWNER = address_from_bytes(b"\x41" + b"\x01" * 20)
OTHER = address_from_bytes(b"\x41" + b"\x02" * 20)
TRANSFER = Raw(Transfer(OWNER, OTHER, 5), b"\x00\x01", b"\x02" * 8, 1_000, 2_000)


@by_name
def test_vectors_decode_and_encode_to_the_same_bytes(vector: dict[str, Any]) -> None:
    raw_bytes = bytes.fromhex(vector["raw_data_hex"])
    assert encode(decode(raw_bytes)) == raw_bytes
    assert decode(raw_bytes, skip_unknown=True) == decode(raw_bytes)
    assert txid(raw_bytes) == vector["txID"]


@by_name
def test_vectors_json_encodes_to_the_same_bytes(vector: dict[str, Any]) -> None:
    raw = raw_from_json(vector["raw_data"], visible=False)
    assert encode(raw).hex() == vector["raw_data_hex"]
    for visible in (False, True):
        assert raw_from_json(raw_to_json(raw, visible=visible), visible=visible) == raw


@by_name
def test_json_is_java_trons_without_its_zeros(vector: dict[str, Any]) -> None:
    written = raw_to_json(decode(bytes.fromhex(vector["raw_data_hex"])), visible=False)
    assert written == _without_zeros(vector["raw_data"])


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


@given(raws, st.booleans())
def test_every_transaction_round_trips_through_json(raw: Raw, visible: bool) -> None:
    assert raw_from_json(raw_to_json(raw, visible=visible), visible=visible) == raw


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


def _json(**changes: Any) -> dict[str, Any]:
    return raw_to_json(TRANSFER, visible=True) | changes


def _contract(**changes: Any) -> dict[str, Any]:
    return _json(contract=[_json()["contract"][0] | changes])


def _value(**changes: Any) -> dict[str, Any]:
    parameter = _json()["contract"][0]["parameter"]
    return _contract(parameter=parameter | {"value": parameter["value"] | changes})


def test_json_may_hold_more_than_we_know_and_numbers_for_names() -> None:
    assert raw_from_json(_json(ref_block_num=0), visible=True) == TRANSFER
    assert raw_from_json(_value(foo=1), visible=True) == TRANSFER
    freeze = Raw(FreezeBalanceV2(OWNER, 5, Resource.ENERGY), b"", b"", 1, 1)
    written = raw_to_json(freeze, visible=True)
    written["contract"][0]["parameter"]["value"]["resource"] = 1
    assert raw_from_json(written, visible=True) == freeze


@pytest.mark.parametrize(
    "raw_data",
    [
        {},
        _json(contract=[]),
        _json(contract={}),
        _json(contract=_json()["contract"] * 2),
        _json(contract=["TransferContract"]),
        _contract(type="TransferAssetContract"),
        _contract(type=1),
        _contract(parameter=None),
        _contract(parameter={"type_url": "type.googleapis.com/protocol.TransferContract"}),
        _contract(parameter={"type_url": "elsewhere", "value": {}}),
        _contract(Permission_id="3"),
        _value(amount="5"),
        _value(amount=5.0),
        _value(amount=True),
        _value(owner_address=""),
        _value(owner_address="41" + "01" * 20),
        _value(owner_address=None),
        _json(ref_block_bytes="0"),
        _json(ref_block_bytes="zz"),
        _json(data=5),
        _json(expiration="1"),
    ],
)
def test_json_that_is_no_transaction_is_refused(raw_data: dict[str, Any]) -> None:
    with pytest.raises(MalformedTransaction):
        raw_from_json(raw_data, visible=True)


def test_json_of_the_wrong_kind_inside_is_refused() -> None:
    delegation = raw_to_json(
        Raw(DelegateResource(OWNER, OTHER, 5, Resource.ENERGY, lock=True), b"", b"", 1, 1),
        visible=True,
    )
    for change in ({"lock": "yes"}, {"resource": "FOO"}, {"resource": 7}):
        value = delegation["contract"][0]["parameter"]["value"] | change
        changed = delegation["contract"][0] | {"parameter": {"value": value}}
        with pytest.raises(MalformedTransaction):
            raw_from_json(delegation | {"contract": [changed]}, visible=True)
    update = vector("tronweb651_account_permission_update_delegate_only")["raw_data"]
    value = update["contract"][0]["parameter"]["value"] | {"actives": {}}
    changed = update["contract"][0] | {"parameter": {"value": value}}
    with pytest.raises(MalformedTransaction):
        raw_from_json(update | {"contract": [changed]}, visible=False)


def _without_zeros(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_zeros(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_zeros(each)
        for name, each in value.items()
        if each not in (0, "", False, "BANDWIDTH")
    }
