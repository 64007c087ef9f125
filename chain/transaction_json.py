"""Transactions in java-tron's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chain.contract_types import contract_type, contract_type_named
from chain.contracts import Contract
from chain.layout import BYTE_STRING, INT64, TEXT, json_object, message_from_json, message_to_json
from chain.protobuf import MalformedTransaction
from chain.transactions import Raw


def raw_to_json(raw: Raw, *, visible: bool) -> dict[str, Any]:
    """java-tron's JSON of ``raw_data``, zero and empty fields left out.

    Addresses are base58 with `visible`, else hex; other bytes, the memo too, are always hex.
    """
    kind = contract_type(raw.contract)
    contract: dict[str, Any] = {
        "parameter": {
            "value": message_to_json(kind.message, raw.contract, visible),
            "type_url": kind.type_url,
        },
        "type": kind.name,
    }
    if raw.permission_id:
        contract["Permission_id"] = raw.permission_id
    fields: dict[str, Any] = {
        "data": raw.memo.hex(),
        "contract": [contract],
        "ref_block_bytes": raw.ref_block_bytes.hex(),
        "ref_block_hash": raw.ref_block_hash.hex(),
        "expiration": raw.expiration_ms,
        "fee_limit": raw.fee_limit,
        "timestamp": raw.timestamp_ms,
    }
    return {name: value for name, value in fields.items() if value}


def raw_from_json(raw_data: Mapping[str, Any], *, visible: bool) -> Raw:
    """Read java-tron's JSON of ``raw_data``; names we do not know are passed over, as it does.

    Raises `MalformedTransaction`.
    """
    contracts = raw_data.get("contract")
    if not isinstance(contracts, list) or len(contracts) != 1:
        raise MalformedTransaction("expected exactly one contract")
    contract = json_object(contracts[0])
    kind = contract_type_named(TEXT.from_json(contract.get("type"), visible))
    if kind is None:
        raise MalformedTransaction(f"contract type {contract['type']} is not one we read")
    parameter = json_object(contract.get("parameter"))
    if parameter.get("type_url", kind.type_url) != kind.type_url:
        raise MalformedTransaction(f"type {kind.name} holds {parameter['type_url']!r}")
    body: Contract = message_from_json(kind.message, parameter.get("value"), visible)
    return Raw(
        body,
        BYTE_STRING.from_json(raw_data.get("ref_block_bytes", ""), visible),
        BYTE_STRING.from_json(raw_data.get("ref_block_hash", ""), visible),
        INT64.from_json(raw_data.get("expiration", 0), visible),
        INT64.from_json(raw_data.get("timestamp", 0), visible),
        BYTE_STRING.from_json(raw_data.get("data", ""), visible),
        INT64.from_json(raw_data.get("fee_limit", 0), visible),
        INT64.from_json(contract.get("Permission_id", 0), visible),
    )
