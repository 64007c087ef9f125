"""Transactions as the bytes that are signed and broadcast, and their ids.

What a key signs is built here and nowhere else. The bytes follow TRON's protocol definition
(``core/Tron.proto``). The id of a transaction is the SHA-256 of the bytes of its ``raw_data``;
signatures are no part of it.

Amounts are int sun, times int milliseconds since 1970 as the chain counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from chain.contract_types import contract_type, contract_type_numbered, owner_field
from chain.contracts import Contract
from chain.layout import as_int32, decode_message, encode_message, unknown_field
from chain.protobuf import (
    BYTES,
    VARINT,
    MalformedTransaction,
    bytes_field,
    read_fields,
    varint_field,
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


@dataclass(frozen=True, slots=True)
class Envelope:
    """The contract of a transaction, of any kind, before it is opened.

    `type_number` is TRON's number for its kind, `message` its bytes, which `type_url` names too.
    """

    type_number: int
    permission_id: int
    type_url: bytes
    message: bytes

    def owner_bytes(self) -> bytes:
        """What the contract calls the address of its owner, empty if nothing.

        Raises `MalformedTransaction`.
        """
        wanted = owner_field(self.type_number), BYTES
        owner = b""
        for number, wire, value in read_fields(self.message):
            if (number, wire) == wanted:
                owner = cast(bytes, value)
        return owner


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
        _VALUE, encode_message(kind.message, raw.contract)
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
    values, envelope = _open(raw_bytes, skip_unknown)
    return Raw(
        _contract(envelope, skip_unknown),
        values[_REF_BLOCK_BYTES],
        values[_REF_BLOCK_HASH],
        values[_EXPIRATION],
        values[_TIMESTAMP],
        values[_MEMO],
        values[_FEE_LIMIT],
        envelope.permission_id,
    )


def read_envelope(raw_bytes: bytes) -> Envelope:
    """The contract, of any kind, in the bytes of ``raw_data``; unknown fields are passed over.

    Raises `MalformedTransaction`.
    """
    return _open(raw_bytes, skip_unknown=True)[1]


def _open(raw_bytes: bytes, skip_unknown: bool) -> tuple[dict[int, Any], Envelope]:
    """The fields of ``raw_data`` by their numbers, and its contract."""
    values = dict(_RAW_EMPTY)
    contracts: list[bytes] = []
    for number, wire, value in read_fields(raw_bytes):
        if _RAW_WIRES.get(number) != wire:
            unknown_field("raw_data", number, skip_unknown=skip_unknown)
        elif number == _CONTRACT:
            contracts.append(cast(bytes, value))
        else:
            values[number] = value
    if len(contracts) != 1:
        raise MalformedTransaction(f"{len(contracts)} contracts in a transaction, not one")
    return values, _envelope(contracts[0], skip_unknown)


def _envelope(data: bytes, skip_unknown: bool) -> Envelope:
    type_number = permission_id = 0
    parameter = b""
    for number, wire, value in read_fields(data):
        if (number, wire) == (_PARAMETER, BYTES):
            # A message given twice is merged, which joining its bytes amounts to.
            parameter += cast(bytes, value)
        elif (number, wire) == (_TYPE, VARINT):
            type_number = as_int32(cast(int, value))
        elif (number, wire) == (_PERMISSION_ID, VARINT):
            permission_id = as_int32(cast(int, value))
        else:
            unknown_field("contract", number, skip_unknown=skip_unknown)
    type_url = message = b""
    for number, wire, value in read_fields(parameter):
        if (number, wire) == (_TYPE_URL, BYTES):
            type_url = cast(bytes, value)
        elif (number, wire) == (_VALUE, BYTES):
            message = cast(bytes, value)
        else:
            unknown_field("parameter", number, skip_unknown=skip_unknown)
    return Envelope(type_number, permission_id, type_url, message)


def _contract(envelope: Envelope, skip_unknown: bool) -> Contract:
    kind = contract_type_numbered(envelope.type_number)
    if kind is None:
        raise MalformedTransaction(f"contract type {envelope.type_number} is not one we read")
    expected = kind.type_url.encode()
    # The network compares only what follows the last slash.
    same = envelope.type_url.rpartition(b"/")[2] == expected.rpartition(b"/")[2]
    if not same or (envelope.type_url != expected and not skip_unknown):
        raise MalformedTransaction(f"type {kind.name} holds {envelope.type_url!r}")
    contract: Contract = decode_message(kind.message, envelope.message, skip_unknown=skip_unknown)
    return contract


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
            unknown_field("transaction", number, skip_unknown=False)
    return raw_bytes, tuple(signatures)


def bandwidth_bytes(raw_bytes: bytes, signatures: Sequence[bytes]) -> int:
    """The bandwidth a transaction costs: its size, and room for its result."""
    return len(encode_signed(raw_bytes, signatures)) + _SIZE_OF_RESULT
