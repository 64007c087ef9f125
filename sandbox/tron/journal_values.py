"""The state's values and blocks as JSON for the journal, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from chain.addresses import parse_address
from chain.contracts import Permission, PermissionKey, PermissionType, Resource
from sandbox.tron.accounts import Account, Holding, Unfreezing
from sandbox.tron.blocks import Entry, InternalCall, LocalBlock, Log, Outcome, Receipt
from sandbox.tron.state import Delegation, Value


def value_to_json(value: Value) -> Any:
    """A value of the state as plain JSON; what kind it is follows from its key."""
    match value:
        case Account():
            return _account_to_json(value)
        case Delegation():
            return _row(value)
        case tuple():
            return [list(entry) for entry in value]
        case int():
            return value


def value_from_json(key: str, data: Any) -> Value:
    """A value of the state."""
    kind = key.partition("/")[0]
    if kind == "account":
        return _account_from_json(data)
    if kind == "delegation":
        return Delegation(*data)
    if kind in {"receivers", "owners", "blacklist"}:
        return tuple((parse_address(address), time_ms) for address, time_ms in data)
    return int(data)


def block_to_json(block: LocalBlock) -> dict[str, Any]:
    """A block as plain JSON."""
    return {
        "number": block.number,
        "time_ms": block.time_ms,
        "parent": block.parent_id,
        "witness": block.witness.hex(),
        "version": block.version,
        "root": block.root,
        "signature": block.signature.hex(),
        "entries": [_entry_to_json(entry) for entry in block.entries],
    }


def block_from_json(data: dict[str, Any]) -> LocalBlock:
    """A block."""
    return LocalBlock(
        data["number"],
        data["time_ms"],
        data["parent"],
        bytes.fromhex(data["witness"]),
        data["version"],
        data["root"],
        bytes.fromhex(data["signature"]),
        tuple(_entry_from_json(entry) for entry in data["entries"]),
    )


def _row(value: Any) -> list[Any]:
    return [getattr(value, field.name) for field in fields(value)]


def _account_to_json(account: Account) -> dict[str, Any]:
    data = {field.name: getattr(account, field.name) for field in fields(account)}
    data["bandwidth"] = _row(account.bandwidth)
    data["energy"] = _row(account.energy)
    data["unfreezing"] = [_row(entry) for entry in account.unfreezing]
    owner = account.owner_permission
    data["owner_permission"] = None if owner is None else _permission_to_json(owner)
    data["active_permissions"] = [_permission_to_json(each) for each in account.active_permissions]
    return data


def _account_from_json(data: dict[str, Any]) -> Account:
    owner = data["owner_permission"]
    return Account(
        **{
            **data,
            "address": parse_address(data["address"]),
            "bandwidth": Holding(*data["bandwidth"]),
            "energy": Holding(*data["energy"]),
            "unfreezing": tuple(
                Unfreezing(Resource(resource), amount, expire_ms)
                for resource, amount, expire_ms in data["unfreezing"]
            ),
            "owner_permission": None if owner is None else _permission_from_json(owner),
            "active_permissions": tuple(map(_permission_from_json, data["active_permissions"])),
        }
    )


def _permission_to_json(permission: Permission) -> dict[str, Any]:
    return {
        "type": permission.type,
        "id": permission.id,
        "name": permission.name,
        "threshold": permission.threshold,
        "operations": permission.operations.hex(),
        "keys": [[key.address, key.weight] for key in permission.keys],
    }


def _permission_from_json(data: dict[str, Any]) -> Permission:
    return Permission(
        PermissionType(data["type"]),
        data["id"],
        data["name"],
        data["threshold"],
        0,
        bytes.fromhex(data["operations"]),
        tuple(PermissionKey(parse_address(address), weight) for address, weight in data["keys"]),
    )


def _entry_to_json(entry: Entry) -> list[Any]:
    receipt = {
        field.name: value
        for field in fields(Receipt)
        if (value := getattr(entry.receipt, field.name)) != field.default
    }
    if "logs" in receipt:
        receipt["logs"] = [_row(log) for log in entry.receipt.logs]
    if "calls" in receipt:
        receipt["calls"] = [_row(call) for call in entry.receipt.calls]
    return [
        entry.raw_bytes.hex(),
        [signature.hex() for signature in entry.signatures],
        entry.outcome,
        receipt,
    ]


def _entry_from_json(data: list[Any]) -> Entry:
    raw_bytes, signatures, outcome, given = data
    receipt = dict(given)
    if "outcome" in receipt:
        receipt["outcome"] = Outcome(receipt["outcome"])
    if "logs" in receipt:
        receipt["logs"] = tuple(
            Log(parse_address(contract), tuple(topics), text)
            for contract, topics, text in receipt["logs"]
        )
    if "calls" in receipt:
        receipt["calls"] = tuple(
            InternalCall(parse_address(sender), parse_address(receiver), amount, rejected)
            for sender, receiver, amount, rejected in receipt["calls"]
        )
    if "staked_again" in receipt:
        receipt["staked_again"] = tuple(
            (Resource(resource), amount) for resource, amount in receipt["staked_again"]
        )
    return Entry(
        bytes.fromhex(raw_bytes),
        tuple(bytes.fromhex(signature) for signature in signatures),
        Outcome(outcome),
        Receipt(**receipt),
    )
