from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import DelegateResource, FreezeBalanceV2, Resource
from chain.protobuf import MalformedTransaction
from chain.transaction_json import raw_from_json, raw_to_json
from chain.transactions import Raw, decode, encode
from tests.chain.any_transaction import OTHER, OWNER, TRANSFER, raws
from tests.chain.samples import TRANSACTIONS, vector

by_name = pytest.mark.parametrize("vector", TRANSACTIONS, ids=lambda vector: vector["name"])


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


@given(raws, st.booleans())
def test_every_transaction_round_trips_through_json(raw: Raw, visible: bool) -> None:
    assert raw_from_json(raw_to_json(raw, visible=visible), visible=visible) == raw


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
