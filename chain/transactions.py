"""TRON transactions: the kinds we send and read, as bytes, as java-tron's JSON, and their ids.

What a key signs is built here and nowhere else. The bytes follow TRON's protocol definition
(``core/Tron.proto`` and the contracts' own files): proto3, fields in ascending order, a zero or
empty field left out, addresses as 21 bytes. The id of a transaction is the SHA-256 of the bytes of
its ``raw_data``; signatures are no part of it.

Amounts are int sun, times int milliseconds since 1970 as the chain counts them, resources as
`Resource`. Which values the chain accepts is the chain's business: a negative amount can be encoded
and decoded, as it can be on the wire.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Any, TypeAlias, cast

from chain.addresses import (
    Address,
    InvalidAddress,
    address_bytes,
    address_from_bytes,
    address_from_hex,
    address_hex,
    parse_address,
)
from chain.protobuf import (
    BYTES,
    VARINT,
    MalformedTransaction,
    bytes_field,
    read_fields,
    varint_field,
)

__all__ = [
    "CONTRACT_TYPES",
    "AccountPermissionUpdate",
    "CancelAllUnfreezeV2",
    "Contract",
    "ContractType",
    "DelegateResource",
    "FreezeBalanceV2",
    "MalformedTransaction",
    "Permission",
    "PermissionKey",
    "PermissionType",
    "Raw",
    "Resource",
    "Transfer",
    "TriggerSmartContract",
    "UnDelegateResource",
    "UnfreezeBalanceV2",
    "WithdrawExpireUnfreeze",
    "bandwidth_bytes",
    "contract_type",
    "contract_type_named",
    "contract_type_numbered",
    "decode",
    "decode_signed",
    "encode",
    "encode_signed",
    "raw_from_json",
    "raw_to_json",
    "txid",
]


class Resource(IntEnum):
    """What a stake yields."""

    BANDWIDTH = 0
    ENERGY = 1
    TRON_POWER = 2


class PermissionType(IntEnum):
    """Which of an account's permissions one is: owner has id 0, witness 1, actives 2 to 9."""

    OWNER = 0
    WITNESS = 1
    ACTIVE = 2


@dataclass(frozen=True, slots=True)
class Transfer:
    """TRX from one account to another; `amount` in sun."""

    owner: Address
    to: Address
    amount: int


@dataclass(frozen=True, slots=True)
class TriggerSmartContract:
    """A call of a smart contract; `data` is the ABI-encoded call, `call_value` is in sun."""

    owner: Address
    contract: Address
    data: bytes = b""
    call_value: int = 0
    call_token_value: int = 0
    token_id: int = 0


@dataclass(frozen=True, slots=True)
class DelegateResource:
    """Lends what `balance` sun of the owner's stake yield; `lock_period` counts blocks of 3 s."""

    owner: Address
    receiver: Address
    balance: int
    resource: Resource
    lock: bool = False
    lock_period: int = 0


@dataclass(frozen=True, slots=True)
class UnDelegateResource:
    """Takes back `balance` sun of the stake delegated to `receiver`."""

    owner: Address
    receiver: Address
    balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class FreezeBalanceV2:
    """Stakes `frozen_balance` sun."""

    owner: Address
    frozen_balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class UnfreezeBalanceV2:
    """Ends the stake of `unfreeze_balance` sun; it can be withdrawn after the waiting time."""

    owner: Address
    unfreeze_balance: int
    resource: Resource


@dataclass(frozen=True, slots=True)
class WithdrawExpireUnfreeze:
    """Withdraws the ended stakes whose waiting time is over."""

    owner: Address


@dataclass(frozen=True, slots=True)
class CancelAllUnfreezeV2:
    """Stakes again everything that still waits, and withdraws what need not wait."""

    owner: Address


@dataclass(frozen=True, slots=True)
class PermissionKey:
    """A key of a permission, by the address it belongs to, and its weight."""

    address: Address
    weight: int


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may sign what for an account.

    `operations` is a bitmap of 32 bytes over contract numbers, number n being bit ``n % 8`` of
    byte ``n // 8``; it is empty for owner and witness. The chain gives out `id` by position.
    """

    type: PermissionType
    id: int
    name: str
    threshold: int
    parent_id: int
    operations: bytes
    keys: tuple[PermissionKey, ...]


@dataclass(frozen=True, slots=True)
class AccountPermissionUpdate:
    """Replaces all permissions of an account."""

    owner: Address
    owner_permission: Permission | None
    witness_permission: Permission | None
    active_permissions: tuple[Permission, ...]


Contract: TypeAlias = (
    Transfer
    | TriggerSmartContract
    | DelegateResource
    | UnDelegateResource
    | FreezeBalanceV2
    | UnfreezeBalanceV2
    | WithdrawExpireUnfreeze
    | CancelAllUnfreezeV2
    | AccountPermissionUpdate
)


@dataclass(frozen=True, slots=True)
class Raw:
    """What is signed: one contract, the block it refers to, until when it is valid.

    `ref_block_bytes` (2) and `ref_block_hash` (8) are bytes 6 to 8 and 8 to 16 of a recent block's
    id; `fee_limit` is in sun; `permission_id` names the account's permission that signs.
    """

    contract: Contract
    ref_block_bytes: bytes
    ref_block_hash: bytes
    expiration_ms: int
    timestamp_ms: int
    memo: bytes = b""
    fee_limit: int = 0
    permission_id: int = 0


# How each field of a message is written: `wire` is its protobuf wire type, the four functions turn
# the attribute's value into the wire's (a number or bytes) and JSON's, and back. JSON's take
# `visible`, java-tron's word for base58 instead of hex.


@dataclass(frozen=True, slots=True)
class _Kind:
    wire: int
    to_wire: Callable[[Any], Any]
    from_wire: Callable[[Any], Any]
    to_json: Callable[[Any, bool], Any]
    from_json: Callable[[Any, bool], Any]


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    attribute: str
    json_name: str
    kind: _Kind
    empty: Any
    repeated: bool = False


class _Message:
    """A class of ours and the fields of its message."""

    __slots__ = ("addresses", "by_number", "empty", "fields", "of")

    def __init__(self, of: type[Any], fields: tuple[_Field, ...]) -> None:
        self.of = of
        self.fields = fields
        self.by_number = {field.number: field for field in fields}
        self.empty = {field.attribute: field.empty for field in fields}
        # What no message may lack.
        self.addresses = tuple(field for field in fields if field.kind is _ADDRESS)


@dataclass(frozen=True, slots=True)
class ContractType:
    """A kind of transaction: its number and name in TRON's protocol, and our class for it."""

    number: int
    name: str
    message: _Message

    @property
    def contract_class(self) -> type[Any]:
        """Our class for it."""
        return self.message.of

    @property
    def type_url(self) -> str:
        """What names the kind inside the bytes and in java-tron's JSON."""
        return _TYPE_URL_PREFIX + self.name


_TYPE_URL_PREFIX = "type.googleapis.com/protocol."
_INT32_RANGE = 1 << 32


def _int_from_json(value: Any, _visible: bool) -> int:
    # java-tron refuses numbers written as text, and true for 1.
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedTransaction(f"expected a number, not {value!r}")
    return value


def _bool_from_json(value: Any, _visible: bool) -> bool:
    if not isinstance(value, bool):
        raise MalformedTransaction(f"expected true or false, not {value!r}")
    return value


def _text_from_json(value: Any, _visible: bool) -> str:
    if not isinstance(value, str):
        raise MalformedTransaction(f"expected text, not {value!r}")
    return value


def _bytes_from_json(value: Any, visible: bool) -> bytes:
    try:
        return binascii.unhexlify(_text_from_json(value, visible))
    except ValueError:
        raise MalformedTransaction(f"expected hex digits, not {value!r}") from None


def _address_from_json(value: Any, visible: bool) -> Address:
    text = _text_from_json(value, visible)
    try:
        return parse_address(text) if visible else address_from_hex(text)
    except InvalidAddress as error:
        raise MalformedTransaction(str(error)) from error


def _address_from_wire(value: bytes) -> Address:
    try:
        return address_from_bytes(value)
    except InvalidAddress as error:
        raise MalformedTransaction(str(error)) from error


def _text_from_wire(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedTransaction(f"expected UTF-8 text, not {value.hex()}") from None


def _enum_kind(enum: type[IntEnum], json_names: Mapping[IntEnum, str]) -> _Kind:
    by_json: dict[Any, IntEnum] = {name: member for member, name in json_names.items()}

    def from_wire(value: int) -> IntEnum:
        try:
            return enum(_as_int32(value))
        except ValueError:
            raise MalformedTransaction(f"{value} is no {enum.__name__}") from None

    def from_json(value: Any, visible: bool) -> IntEnum:
        if isinstance(value, str) and value in by_json:
            return by_json[value]
        return from_wire(_int_from_json(value, visible))

    return _Kind(VARINT, int, from_wire, lambda value, _visible: json_names[value], from_json)


def _message_kind(of: type[Any], fields: tuple[_Field, ...]) -> _Kind:
    message = _Message(of, fields)

    def from_json(value: Any, visible: bool) -> Any:
        return _message_from_json(message, value, visible)

    return _Kind(
        BYTES,
        lambda value: _encode_message(message, value),
        lambda value: _decode_message(message, value, skip_unknown=False),
        lambda value, visible: _message_to_json(message, value, visible),
        from_json,
    )


def _as_int32(value: int) -> int:
    value &= _INT32_RANGE - 1
    return value - _INT32_RANGE if value >= _INT32_RANGE >> 1 else value


_ADDRESS = _Kind(
    BYTES,
    address_bytes,
    _address_from_wire,
    lambda value, visible: value if visible else address_hex(value),
    _address_from_json,
)
_INT64 = _Kind(VARINT, int, int, lambda value, _visible: value, _int_from_json)
_INT32 = _Kind(VARINT, int, _as_int32, lambda value, _visible: value, _int_from_json)
_BOOL = _Kind(VARINT, int, bool, lambda value, _visible: value, _bool_from_json)
_BYTES = _Kind(BYTES, bytes, bytes, lambda value, _visible: value.hex(), _bytes_from_json)
_TEXT = _Kind(BYTES, str.encode, _text_from_wire, lambda value, _visible: value, _text_from_json)
_RESOURCE = _enum_kind(Resource, {resource: resource.name for resource in Resource})
_PERMISSION_TYPE = _enum_kind(
    PermissionType, {kind: kind.name.capitalize() for kind in PermissionType}
)


def _required(number: int, attribute: str, json_name: str) -> _Field:
    """An address: the only kind of field that every message must have."""
    return _Field(number, attribute, json_name, _ADDRESS, None)


def _number(number: int, name: str) -> _Field:
    return _Field(number, name, name, _INT64, 0)


_OWNER = _required(1, "owner", "owner_address")

_KEY_FIELDS = (_required(1, "address", "address"), _number(2, "weight"))
_PERMISSION_FIELDS = (
    _Field(1, "type", "type", _PERMISSION_TYPE, PermissionType.OWNER),
    _Field(2, "id", "id", _INT32, 0),
    _Field(3, "name", "permission_name", _TEXT, ""),
    _number(4, "threshold"),
    _Field(5, "parent_id", "parent_id", _INT32, 0),
    _Field(6, "operations", "operations", _BYTES, b""),
    _Field(7, "keys", "keys", _message_kind(PermissionKey, _KEY_FIELDS), (), repeated=True),
)
_PERMISSION = _message_kind(Permission, _PERMISSION_FIELDS)

CONTRACT_TYPES: tuple[ContractType, ...] = (
    ContractType(
        1,
        "TransferContract",
        _Message(
            Transfer,
            (_OWNER, _required(2, "to", "to_address"), _number(3, "amount")),
        ),
    ),
    ContractType(
        31,
        "TriggerSmartContract",
        _Message(
            TriggerSmartContract,
            (
                _OWNER,
                _required(2, "contract", "contract_address"),
                _number(3, "call_value"),
                _Field(4, "data", "data", _BYTES, b""),
                _number(5, "call_token_value"),
                _number(6, "token_id"),
            ),
        ),
    ),
    ContractType(
        46,
        "AccountPermissionUpdateContract",
        _Message(
            AccountPermissionUpdate,
            (
                _OWNER,
                _Field(2, "owner_permission", "owner", _PERMISSION, None),
                _Field(3, "witness_permission", "witness", _PERMISSION, None),
                _Field(4, "active_permissions", "actives", _PERMISSION, (), repeated=True),
            ),
        ),
    ),
    ContractType(
        54,
        "FreezeBalanceV2Contract",
        _Message(
            FreezeBalanceV2,
            (
                _OWNER,
                _number(2, "frozen_balance"),
                _Field(3, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
            ),
        ),
    ),
    ContractType(
        55,
        "UnfreezeBalanceV2Contract",
        _Message(
            UnfreezeBalanceV2,
            (
                _OWNER,
                _number(2, "unfreeze_balance"),
                _Field(3, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
            ),
        ),
    ),
    ContractType(56, "WithdrawExpireUnfreezeContract", _Message(WithdrawExpireUnfreeze, (_OWNER,))),
    ContractType(
        57,
        "DelegateResourceContract",
        _Message(
            DelegateResource,
            (
                _OWNER,
                _Field(2, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
                _number(3, "balance"),
                _required(4, "receiver", "receiver_address"),
                _Field(5, "lock", "lock", _BOOL, empty=False),
                _number(6, "lock_period"),
            ),
        ),
    ),
    ContractType(
        58,
        "UnDelegateResourceContract",
        _Message(
            UnDelegateResource,
            (
                _OWNER,
                _Field(2, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
                _number(3, "balance"),
                _required(4, "receiver", "receiver_address"),
            ),
        ),
    ),
    ContractType(59, "CancelAllUnfreezeV2Contract", _Message(CancelAllUnfreezeV2, (_OWNER,))),
)

_BY_CLASS = {kind.contract_class: kind for kind in CONTRACT_TYPES}
_BY_NUMBER = {kind.number: kind for kind in CONTRACT_TYPES}
_BY_NAME = {kind.name: kind for kind in CONTRACT_TYPES}


def contract_type(contract: Contract) -> ContractType:
    """The kind of a contract."""
    return _BY_CLASS[type(contract)]


def contract_type_numbered(number: int) -> ContractType | None:
    """The kind with TRON's number, None if it is not one we read."""
    return _BY_NUMBER.get(number)


def contract_type_named(name: str) -> ContractType | None:
    """The kind with TRON's name, e.g. ``TransferContract``; None if it is not one we read."""
    return _BY_NAME.get(name)


# Field numbers of Transaction, Transaction.raw, Transaction.Contract and google.protobuf.Any.
_RAW_DATA, _SIGNATURE, _RET = 1, 2, 5
_REF_BLOCK_BYTES, _REF_BLOCK_HASH, _EXPIRATION, _MEMO = 1, 4, 8, 10
_CONTRACT, _TIMESTAMP, _FEE_LIMIT = 11, 14, 18
_TYPE, _PARAMETER, _PERMISSION_ID = 1, 2, 5
_TYPE_URL, _VALUE = 1, 2
_RAW_EMPTY: dict[int, Any] = {
    _REF_BLOCK_BYTES: b"",
    _REF_BLOCK_HASH: b"",
    _EXPIRATION: 0,
    _MEMO: b"",
    _TIMESTAMP: 0,
    _FEE_LIMIT: 0,
}
_RAW_WIRES = {number: BYTES if empty == b"" else VARINT for number, empty in _RAW_EMPTY.items()}
_RAW_WIRES[_CONTRACT] = BYTES

_SIZE_OF_RESULT = 64
"""Bytes the network charges for the result it will write beside a transaction."""


def encode(raw: Raw) -> bytes:
    """The bytes of ``raw_data``: what is hashed into the id and signed.

    Raises `MalformedTransaction` for a number that does not fit into 64 bits.
    """
    kind = contract_type(raw.contract)
    parameter = bytes_field(_TYPE_URL, kind.type_url.encode()) + bytes_field(
        _VALUE, _encode_message(kind.message, raw.contract)
    )
    contract = (
        varint_field(_TYPE, kind.number)
        + bytes_field(_PARAMETER, parameter)
        + varint_field(_PERMISSION_ID, raw.permission_id)
    )
    return b"".join(
        (
            bytes_field(_REF_BLOCK_BYTES, raw.ref_block_bytes) if raw.ref_block_bytes else b"",
            bytes_field(_REF_BLOCK_HASH, raw.ref_block_hash) if raw.ref_block_hash else b"",
            varint_field(_EXPIRATION, raw.expiration_ms),
            bytes_field(_MEMO, raw.memo) if raw.memo else b"",
            bytes_field(_CONTRACT, contract),
            varint_field(_TIMESTAMP, raw.timestamp_ms),
            varint_field(_FEE_LIMIT, raw.fee_limit),
        )
    )


def decode(raw_bytes: bytes, *, skip_unknown: bool = False) -> Raw:
    """Read the bytes of ``raw_data``.

    Fields we do not know are refused. With `skip_unknown` they are passed over, as the network
    itself does: a transaction that is in a block already may carry any, and must still be read.

    Raises `MalformedTransaction`.
    """
    values = dict(_RAW_EMPTY)
    contracts: list[bytes] = []
    for number, wire, value in read_fields(raw_bytes):
        if _RAW_WIRES.get(number) != wire:
            _unknown("raw_data", number, skip_unknown)
        elif number == _CONTRACT:
            contracts.append(cast(bytes, value))
        else:
            values[number] = value
    if len(contracts) != 1:
        raise MalformedTransaction(f"{len(contracts)} contracts in a transaction, not one")
    contract, permission_id = _decode_contract(contracts[0], skip_unknown)
    return Raw(
        contract,
        values[_REF_BLOCK_BYTES],
        values[_REF_BLOCK_HASH],
        values[_EXPIRATION],
        values[_TIMESTAMP],
        values[_MEMO],
        values[_FEE_LIMIT],
        permission_id,
    )


def _decode_contract(data: bytes, skip_unknown: bool) -> tuple[Contract, int]:
    type_number = permission_id = 0
    parameter = b""
    for number, wire, value in read_fields(data):
        if (number, wire) == (_PARAMETER, BYTES):
            # A message given twice is merged, which joining its bytes amounts to.
            parameter += cast(bytes, value)
        elif (number, wire) == (_TYPE, VARINT):
            type_number = _as_int32(cast(int, value))
        elif (number, wire) == (_PERMISSION_ID, VARINT):
            permission_id = _as_int32(cast(int, value))
        else:
            _unknown("contract", number, skip_unknown)
    kind = _BY_NUMBER.get(type_number)
    if kind is None:
        raise MalformedTransaction(f"contract type {type_number} is not one we read")
    type_url = message = b""
    for number, wire, value in read_fields(parameter):
        if (number, wire) == (_TYPE_URL, BYTES):
            type_url = cast(bytes, value)
        elif (number, wire) == (_VALUE, BYTES):
            message = cast(bytes, value)
        else:
            _unknown("parameter", number, skip_unknown)
    expected = kind.type_url.encode()
    # The network compares only what follows the last slash.
    same = type_url.rpartition(b"/")[2] == expected.rpartition(b"/")[2]
    if not same or (type_url != expected and not skip_unknown):
        raise MalformedTransaction(f"type {kind.name} holds {type_url!r}")
    contract: Contract = _decode_message(kind.message, message, skip_unknown=skip_unknown)
    return contract, permission_id


def txid(raw_bytes: bytes) -> str:
    """The id of the transaction with these ``raw_data`` bytes, in hex."""
    return sha256(raw_bytes).hexdigest()


def encode_signed(raw_bytes: bytes, signatures: Sequence[bytes]) -> bytes:
    """A whole transaction, as it is broadcast."""
    return bytes_field(_RAW_DATA, raw_bytes) + b"".join(
        bytes_field(_SIGNATURE, signature) for signature in signatures
    )


def decode_signed(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The ``raw_data`` bytes and the signatures of a whole transaction.

    The result that a node stores beside a transaction (``ret``) is passed over.
    Raises `MalformedTransaction`.
    """
    raw_bytes = b""
    signatures: list[bytes] = []
    for number, wire, value in read_fields(data):
        if (number, wire) == (_RAW_DATA, BYTES):
            raw_bytes += cast(bytes, value)
        elif (number, wire) == (_SIGNATURE, BYTES):
            signatures.append(cast(bytes, value))
        elif (number, wire) != (_RET, BYTES):
            _unknown("transaction", number, skip_unknown=False)
    return raw_bytes, tuple(signatures)


def bandwidth_bytes(raw_bytes: bytes, signatures: Sequence[bytes]) -> int:
    """The bandwidth a transaction costs: its size, and room for its result."""
    return len(encode_signed(raw_bytes, signatures)) + _SIZE_OF_RESULT


def raw_to_json(raw: Raw, *, visible: bool) -> dict[str, Any]:
    """java-tron's JSON of ``raw_data``, zero and empty fields left out.

    Addresses are base58 with `visible`, else hex; other bytes, the memo too, are always hex.
    """
    kind = contract_type(raw.contract)
    contract: dict[str, Any] = {
        "parameter": {
            "value": _message_to_json(kind.message, raw.contract, visible),
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
    contract = _mapping(contracts[0])
    kind = _BY_NAME.get(_text_from_json(contract.get("type"), visible))
    if kind is None:
        raise MalformedTransaction(f"contract type {contract['type']} is not one we read")
    parameter = _mapping(contract.get("parameter"))
    if parameter.get("type_url", kind.type_url) != kind.type_url:
        raise MalformedTransaction(f"type {kind.name} holds {parameter['type_url']!r}")
    body: Contract = _message_from_json(kind.message, parameter.get("value"), visible)
    return Raw(
        body,
        _bytes_from_json(raw_data.get("ref_block_bytes", ""), visible),
        _bytes_from_json(raw_data.get("ref_block_hash", ""), visible),
        _int_from_json(raw_data.get("expiration", 0), visible),
        _int_from_json(raw_data.get("timestamp", 0), visible),
        _bytes_from_json(raw_data.get("data", ""), visible),
        _int_from_json(raw_data.get("fee_limit", 0), visible),
        _int_from_json(contract.get("Permission_id", 0), visible),
    )


def _encode_message(message: _Message, instance: Any) -> bytes:
    parts: list[bytes] = []
    for field in message.fields:
        value = getattr(instance, field.attribute)
        if field.repeated:
            parts += (bytes_field(field.number, field.kind.to_wire(each)) for each in value)
        elif value is None or value == field.empty:
            continue
        elif field.kind.wire == VARINT:
            parts.append(varint_field(field.number, field.kind.to_wire(value)))
        else:
            parts.append(bytes_field(field.number, field.kind.to_wire(value)))
    return b"".join(parts)


def _decode_message(message: _Message, data: bytes, *, skip_unknown: bool) -> Any:
    values = message.empty.copy()
    for number, wire, value in read_fields(data):
        field = message.by_number.get(number)
        if field is None or field.kind.wire != wire:
            _unknown(message.of.__name__, number, skip_unknown)
        elif field.repeated:
            values[field.attribute] += (field.kind.from_wire(value),)
        else:
            values[field.attribute] = field.kind.from_wire(value)
    return _instance(message, values)


def _message_to_json(message: _Message, instance: Any, visible: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for field in message.fields:
        value = getattr(instance, field.attribute)
        if value is None or value == field.empty:
            continue
        if field.repeated:
            result[field.json_name] = [field.kind.to_json(each, visible) for each in value]
        else:
            result[field.json_name] = field.kind.to_json(value, visible)
    return result


def _message_from_json(message: _Message, value: Any, visible: bool) -> Any:
    given = _mapping(value)
    values = message.empty.copy()
    for field in message.fields:
        if field.json_name not in given:
            continue
        found = given[field.json_name]
        if not field.repeated:
            values[field.attribute] = field.kind.from_json(found, visible)
        elif isinstance(found, list):
            values[field.attribute] = tuple(field.kind.from_json(each, visible) for each in found)
        else:
            raise MalformedTransaction(f"expected a list for {field.json_name}")
    return _instance(message, values)


def _instance(message: _Message, values: dict[str, Any]) -> Any:
    for field in message.addresses:
        if values[field.attribute] is None:
            raise MalformedTransaction(f"{message.of.__name__} without {field.json_name}")
    return message.of(**values)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MalformedTransaction(f"expected an object, not {value!r}")
    return value


def _unknown(message: str, number: int, skip_unknown: bool) -> None:
    if not skip_unknown:
        raise MalformedTransaction(f"unknown field {number} in {message}")
