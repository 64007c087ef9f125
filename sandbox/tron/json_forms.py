"""The chain's values in java-tron's JSON: zero and empty fields left out, hex or base58.

`visible` is java-tron's word for base58 addresses and plain texts instead of hex.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from chain.addresses import Address, address_bytes, address_from_bytes, address_hex
from chain.contract_types import contract_type_numbered
from chain.contracts import Permission, Resource
from chain.keys import keccak
from chain.protobuf import read_fields
from chain.transaction_json import raw_to_json
from chain.transactions import Raw, decode, txid
from sandbox.tron.accounts import Account, Holding
from sandbox.tron.blocks import Entry, InternalCall, LocalBlock, Outcome, Receipt
from sandbox.tron.execution import BuiltIn
from sandbox.tron.parameters import SLOT_MS, TRX, Parameters
from sandbox.tron.payout import Payout
from sandbox.tron.resources import FULL_WINDOW, free_used, market, recovered, slot_at
from sandbox.tron.state import Delegation, View
from sandbox.tron.token import Token

Json = dict[str, Any]

_ADDRESS_LENGTH = 21
_RAW_FIELDS = {
    1: "ref_block_bytes",
    4: "ref_block_hash",
    8: "expiration",
    10: "data",
    14: "timestamp",
    18: "fee_limit",
}
_CONTRACT, _TYPE, _PARAMETER, _PERMISSION_ID = 11, 1, 2, 5
_GENESIS_FIELDS = {1: "owner_address", 2: "to_address", 3: "amount"}


def without_empty(fields: Mapping[str, Any]) -> Json:
    """The fields that java-tron writes: zero, false and empty ones are left out."""
    return {name: value for name, value in fields.items() if value or value == {}}


def address_form(address: Address, *, visible: bool) -> str:
    """An address in base58 or hex."""
    return address if visible else address_hex(address)


def text_form(text: str, *, visible: bool) -> str:
    """A message as text or in hex."""
    return text if visible else text.encode().hex()


def block_form(block: LocalBlock, *, visible: bool, detail: bool = True) -> Json:
    """A block; without `detail` only its header."""
    header = without_empty(
        {
            "number": block.number,
            "txTrieRoot": block.root,
            "witness_address": _bytes_form(block.witness, visible=visible),
            "parentHash": block.parent_id,
            "version": block.version,
            "timestamp": block.time_ms,
        }
    )
    form: Json = {"blockID": block.id, "block_header": {"raw_data": header}}
    if block.signature:
        form["block_header"]["witness_signature"] = block.signature.hex()
    if detail and block.entries:
        form["transactions"] = [entry_form(entry, visible=visible) for entry in block.entries]
    return form


def entry_form(entry: Entry, *, visible: bool) -> Json:
    """A transaction of a block."""
    if not entry.outcome:
        return _genesis_form(entry)
    raw = decode(entry.raw_bytes, skip_unknown=True)
    return {
        "ret": [{"contractRet": entry.outcome.name}],
        **transaction_form(raw, entry.raw_bytes, entry.signatures, visible=visible),
    }


def transaction_form(
    raw: Raw, raw_bytes: bytes, signatures: Iterable[bytes], *, visible: bool
) -> Json:
    """A transaction on its own."""
    form: Json = {
        "txID": txid(raw_bytes),
        "raw_data": raw_to_json(raw, visible=visible),
        "raw_data_hex": raw_bytes.hex(),
    }
    written = [signature.hex() for signature in signatures]
    return {"signature": written, **form} if written else form


def opaque_transaction_text(raw_bytes: bytes, signatures: Iterable[bytes]) -> str:
    """The transaction as `broadcasthex` repeats it: text, the contract's value in hex."""
    form: Json = {}
    raw_data: Json = {}
    for number, _, value in read_fields(raw_bytes):
        if number in _RAW_FIELDS:
            raw_data[_RAW_FIELDS[number]] = value.hex() if isinstance(value, bytes) else value
        elif number == _CONTRACT and isinstance(value, bytes):
            raw_data["contract"] = [_opaque_contract(value)]
    if raw_data:
        form["raw_data"] = raw_data
    written = [signature.hex() for signature in signatures]
    if written:
        form["signature"] = written
    return json.dumps(form, separators=(",", ": "))


def _opaque_contract(data: bytes) -> Json:
    form: Json = {}
    for number, _, value in read_fields(data):
        if number == _TYPE and isinstance(value, int):
            kind = contract_type_numbered(value)
            form["type"] = value if kind is None else kind.name
        elif number == _PARAMETER and isinstance(value, bytes):
            form["parameter"] = {
                "type_url": _field(value, 1).decode("utf-8", "replace"),
                "value": _field(value, 2).hex(),
            }
        elif number == _PERMISSION_ID:
            form["Permission_id"] = value
    return form


def info_form(block: LocalBlock, entry: Entry, *, visible: bool) -> Json:
    """A transaction's info: what it did and cost."""
    receipt = entry.receipt
    form: Json = {
        "id": entry.txid,
        "fee": receipt.fee,
        "blockNumber": block.number,
        "blockTimeStamp": block.time_ms,
        "contractResult": [receipt.output],
        "receipt": _receipt_form(receipt),
        "withdraw_expire_amount": receipt.withdrawn,
    }
    if receipt.contract is not None:
        form["contract_address"] = address_form(receipt.contract, visible=visible)
    if receipt.logs:
        form["log"] = [
            {
                "address": log.contract if visible else address_hex(log.contract)[2:],
                "topics": list(log.topics),
                "data": log.data,
            }
            for log in receipt.logs
        ]
    if receipt.outcome is not Outcome.SUCCESS:
        form["result"] = "FAILED"
        form["resMessage"] = text_form(receipt.message, visible=visible)
    if receipt.calls:
        form["internal_transactions"] = [
            _internal_form(entry.txid, place, call, visible=visible)
            for place, call in enumerate(receipt.calls, start=1)
        ]
    if receipt.staked_again is not None:
        form["cancel_unfreezeV2_amount"] = [
            without_empty({"key": resource.name, "value": amount})
            for resource, amount in receipt.staked_again
        ]
    return without_empty(form)


def internal_hash(txid: str, place: int, call: InternalCall) -> str:
    """What a node calls the payment by a contract that is at a place, from 1, in a transaction."""
    named = (
        bytes.fromhex(txid)
        + address_bytes(call.receiver)
        + call.amount.to_bytes(8, "big")
        + place.to_bytes(8, "big")
    )
    return keccak(named).hex()


def _internal_form(txid: str, place: int, call: InternalCall, *, visible: bool) -> Json:
    # The note is hex in any case.
    return without_empty(
        {
            "hash": internal_hash(txid, place, call),
            "caller_address": address_form(call.sender, visible=visible),
            "transferTo_address": address_form(call.receiver, visible=visible),
            "callValueInfo": [without_empty({"callValue": call.amount})],
            "note": b"call".hex(),
            "rejected": call.rejected,
        }
    )


def account_form(account: Account, now_ms: int, *, visible: bool) -> Json:
    """An account with its use as it stands now."""
    slot = slot_at(now_ms)
    bandwidth = recovered(account.bandwidth, slot)
    energy = recovered(account.energy, slot)
    free = free_used(account.free_bandwidth_used, account.free_bandwidth_slot, slot)
    form: Json = {
        "account_name": text_form(account.name, visible=visible),
        "type": "Contract" if account.is_contract else "",
        "address": address_form(account.address, visible=visible),
        "balance": account.balance,
        "net_usage": bandwidth.used,
        "create_time": account.create_time_ms,
        "latest_opration_time": account.latest_operation_ms,
        "free_net_usage": free,
        "latest_consume_time": bandwidth.used_slot * SLOT_MS,
        "latest_consume_free_time": account.free_bandwidth_slot * SLOT_MS,
        "net_window_size": bandwidth.window or FULL_WINDOW,
        "net_window_optimized": True,
        "account_resource": without_empty(
            {
                "energy_usage": energy.used,
                "latest_consume_time_for_energy": energy.used_slot * SLOT_MS,
                "energy_window_size": energy.window or FULL_WINDOW,
                "delegated_frozenV2_balance_for_energy": energy.delegated,
                "acquired_delegated_frozenV2_balance_for_energy": energy.acquired,
                "energy_window_optimized": True,
            }
        ),
        "frozenV2": _stakes_form(bandwidth, energy, account.tron_power_stake),
        "unfrozenV2": [
            without_empty(
                {
                    "type": _resource_form(entry.resource),
                    "unfreeze_amount": entry.amount,
                    "unfreeze_expire_time": entry.expire_ms,
                }
            )
            for entry in account.unfreezing
        ],
        "delegated_frozenV2_balance_for_bandwidth": bandwidth.delegated,
        "acquired_delegated_frozenV2_balance_for_bandwidth": bandwidth.acquired,
        "asset_optimized": account.written,
    }
    if account.owner_permission is not None:
        form["owner_permission"] = permission_form(account.owner_permission, visible=visible)
    form["active_permission"] = [
        permission_form(permission, visible=visible) for permission in account.active_permissions
    ]
    return without_empty(form)


def permission_form(permission: Permission, *, visible: bool) -> Json:
    """A permission; the type Owner and the id 0 are left out as zeros."""
    return without_empty(
        {
            "type": permission.type.name.capitalize() if permission.type else "",
            "id": permission.id,
            "permission_name": permission.name,
            "threshold": permission.threshold,
            "operations": permission.operations.hex(),
            "keys": [
                {"address": address_form(key.address, visible=visible), "weight": key.weight}
                for key in permission.keys
            ],
        }
    )


def net_form(account: Account, view: View, parameters: Parameters, now_ms: int) -> Json:
    """An account's bandwidth."""
    slot = slot_at(now_ms)
    bandwidth = market(view, parameters, Resource.BANDWIDTH)
    return without_empty(
        {
            "freeNetUsed": free_used(
                account.free_bandwidth_used, account.free_bandwidth_slot, slot
            ),
            "freeNetLimit": parameters.free_net_limit,
            "NetUsed": recovered(account.bandwidth, slot).used,
            "NetLimit": bandwidth.units(account.bandwidth.yielding),
            "TotalNetLimit": bandwidth.limit,
            "TotalNetWeight": bandwidth.weight,
        }
    )


def resource_form(account: Account, view: View, parameters: Parameters, now_ms: int) -> Json:
    """An account's bandwidth and energy, and what the network shares out."""
    energy = market(view, parameters, Resource.ENERGY)
    power = sum(account.staked(resource) for resource in Resource) // TRX
    return net_form(account, view, parameters, now_ms) | without_empty(
        {
            "tronPowerLimit": power,
            "EnergyUsed": recovered(account.energy, slot_at(now_ms)).used,
            "EnergyLimit": energy.units(account.energy.yielding),
            "TotalEnergyLimit": energy.limit,
            "TotalEnergyWeight": energy.weight,
        }
    )


def delegation_form(
    owner: Address, receiver: Address, record: Delegation, *, visible: bool
) -> Json:
    """One of the two records of a pair."""
    return without_empty(
        {
            "from": address_form(owner, visible=visible),
            "to": address_form(receiver, visible=visible),
            "frozen_balance_for_bandwidth": record.bandwidth,
            "frozen_balance_for_energy": record.energy,
            "expire_time_for_bandwidth": record.bandwidth_expire_ms,
            "expire_time_for_energy": record.energy_expire_ms,
        }
    )


_Functions: TypeAlias = tuple[tuple[str, tuple[Json, ...], tuple[Json, ...], str], ...]
_ADDRESS, _NUMBER, _TEXT = {"type": "address"}, {"type": "uint256"}, {"type": "string"}
_TOKEN_FUNCTIONS: _Functions = (
    ("balanceOf", (_ADDRESS,), (_NUMBER,), "View"),
    ("decimals", (), ({"type": "uint8"},), "View"),
    ("name", (), (_TEXT,), "View"),
    ("symbol", (), (_TEXT,), "View"),
    ("totalSupply", (), (_NUMBER,), "View"),
    ("transfer", ({"name": "to"} | _ADDRESS, {"name": "v"} | _NUMBER), ({"type": "bool"},), ""),
)
_FLAG = {"type": "bool"}
_GOVERNED_FUNCTIONS: _Functions = (
    ("addBlackList", (_ADDRESS,), (), ""),
    ("getBlackListStatus", (_ADDRESS,), (_FLAG,), "View"),
    ("isBlackListed", (_ADDRESS,), (_FLAG,), "View"),
    ("pause", (), (), ""),
    ("paused", (), (_FLAG,), "View"),
    ("removeBlackList", (_ADDRESS,), (), ""),
    ("unpause", (), (), ""),
)
_PAYOUT_FUNCTIONS: _Functions = (
    (
        "pay",
        ({"name": "to", "type": "address[]"}, {"name": "sun", "type": "uint256[]"}),
        (),
        "Payable",
    ),
)


def contract_form(contract: BuiltIn, *, visible: bool) -> Json:
    """A built-in contract: all but its code."""
    functions = _PAYOUT_FUNCTIONS if isinstance(contract, Payout) else _TOKEN_FUNCTIONS
    if isinstance(contract, Token) and contract.governed:
        functions += _GOVERNED_FUNCTIONS
    return {
        "contract_address": address_form(contract.address, visible=visible),
        "origin_address": address_form(contract.creator, visible=visible),
        "name": contract.contract_name,
        "consume_user_resource_percent": 100,
        "origin_energy_limit": 10_000_000,
        "abi": {
            "entrys": [
                without_empty(
                    {
                        "inputs": list(inputs),
                        "outputs": list(outputs),
                        "name": name,
                        "stateMutability": mutability or "Nonpayable",
                        "type": "Function",
                        "payable": mutability == "Payable",
                    }
                )
                for name, inputs, outputs, mutability in functions
            ]
        },
        "version": 1,
    }


def _receipt_form(receipt: Receipt) -> Json:
    form = without_empty(
        {
            "energy_usage": receipt.energy_usage,
            "energy_fee": receipt.energy_fee,
            "energy_usage_total": receipt.energy_total,
            "net_usage": receipt.net_usage,
            "net_fee": receipt.net_fee,
            "energy_penalty_total": receipt.energy_penalty,
        }
    )
    if receipt.contract is not None:
        form["result"] = receipt.outcome.name
    return form


def _stakes_form(bandwidth: Holding, energy: Holding, tron_power: int) -> list[Json]:
    amounts = {
        Resource.BANDWIDTH: bandwidth.own,
        Resource.ENERGY: energy.own,
        Resource.TRON_POWER: tron_power,
    }
    return [
        without_empty({"type": _resource_form(resource), "amount": amount})
        for resource, amount in amounts.items()
    ]


def _resource_form(resource: Resource) -> str:
    return resource.name if resource else ""


def _bytes_form(raw: bytes, *, visible: bool) -> str:
    if visible and len(raw) == _ADDRESS_LENGTH:
        return address_from_bytes(raw)
    return raw.hex()


def _genesis_form(entry: Entry) -> Json:
    value: Json = {}
    for number, _, field in read_fields(_field(_field(_field(entry.raw_bytes, 11), 2), 2)):
        value[_GENESIS_FIELDS[number]] = field.hex() if isinstance(field, bytes) else field
    contract = {
        "parameter": {
            "value": value,
            "type_url": "type.googleapis.com/protocol.TransferContract",
        },
        "type": "TransferContract",
    }
    return {
        "txID": entry.txid,
        "raw_data": {"contract": [contract]},
        "raw_data_hex": entry.raw_bytes.hex(),
    }


def _field(message: bytes, wanted: int) -> bytes:
    for number, _, field in read_fields(message):
        if number == wanted and isinstance(field, bytes):
            return field
    return b""
