"""How a message's fields are laid out, and the message written and read by that: as bytes, as JSON.

The bytes are proto3's: fields in ascending order, a zero or empty field left out, addresses as 21
bytes. The JSON is java-tron's: addresses in base58 if it is `visible`, java-tron's word for that,
and else in hex; other bytes always in hex.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

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

_INT32_RANGE = 1 << 32


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is written: its protobuf wire type, and four functions.

    They turn an attribute's value into the wire's (a number or bytes) and JSON's, and back. JSON's
    take `visible`. Reading raises `MalformedTransaction`.
    """

    wire: int
    to_wire: Callable[[Any], Any]
    from_wire: Callable[[Any], Any]
    to_json: Callable[[Any, bool], Any]
    from_json: Callable[[Any, bool], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message, the attribute it is of our class, and what it is if it is left out."""

    number: int
    attribute: str
    json_name: str
    kind: Kind
    empty: Any
    repeated: bool = False


class Message:
    """A class of ours and the fields of its message."""

    __slots__ = ("addresses", "by_number", "empty", "fields", "of")

    def __init__(self, of: type[Any], fields: tuple[Field, ...]) -> None:
        self.of = of
        self.fields = fields
        self.by_number = {field.number: field for field in fields}
        self.empty = {field.attribute: field.empty for field in fields}
        # What no message may lack.
        self.addresses = tuple(field for field in fields if field.kind is ADDRESS)


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


def enum_kind(enum: type[IntEnum], json_names: Mapping[IntEnum, str]) -> Kind:
    """A number that has a name, which JSON shows; a number is understood there too."""
    by_json: dict[Any, IntEnum] = {name: member for member, name in json_names.items()}

    def from_wire(value: int) -> IntEnum:
        try:
            return enum(as_int32(value))
        except ValueError:
            raise MalformedTransaction(f"{value} is no {enum.__name__}") from None

    def from_json(value: Any, visible: bool) -> IntEnum:
        if isinstance(value, str) and value in by_json:
            return by_json[value]
        return from_wire(_int_from_json(value, visible))

    return Kind(VARINT, int, from_wire, lambda value, _visible: json_names[value], from_json)


def message_kind(of: type[Any], fields: tuple[Field, ...]) -> Kind:
    """A message inside a message."""
    message = Message(of, fields)

    def from_json(value: Any, visible: bool) -> Any:
        return message_from_json(message, value, visible)

    return Kind(
        BYTES,
        lambda value: encode_message(message, value),
        lambda value: decode_message(message, value, skip_unknown=False),
        lambda value, visible: message_to_json(message, value, visible),
        from_json,
    )


def as_int32(value: int) -> int:
    """The number an int32 field or an enum takes from a varint: its lower 32 bits."""
    value &= _INT32_RANGE - 1
    return value - _INT32_RANGE if value >= _INT32_RANGE >> 1 else value


ADDRESS = Kind(
    BYTES,
    address_bytes,
    _address_from_wire,
    lambda value, visible: value if visible else address_hex(value),
    _address_from_json,
)
INT64 = Kind(VARINT, int, int, lambda value, _visible: value, _int_from_json)
INT32 = Kind(VARINT, int, as_int32, lambda value, _visible: value, _int_from_json)
BOOL = Kind(VARINT, int, bool, lambda value, _visible: value, _bool_from_json)
BYTE_STRING = Kind(BYTES, bytes, bytes, lambda value, _visible: value.hex(), _bytes_from_json)
TEXT = Kind(BYTES, str.encode, _text_from_wire, lambda value, _visible: value, _text_from_json)


def encode_message(message: Message, instance: Any) -> bytes:
    """The bytes of a message. Raises `MalformedTransaction` for a number beyond 64 bits."""
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


def decode_message(message: Message, data: bytes, *, skip_unknown: bool) -> Any:
    """Read the bytes of a message; unknown fields are passed over or refused.

    Raises `MalformedTransaction`.
    """
    values = message.empty.copy()
    last: dict[str, tuple[Field, int | bytes]] = {}
    for number, wire, value in read_fields(data):
        field = message.by_number.get(number)
        if field is None or field.kind.wire != wire:
            unknown_field(message.of.__name__, number, skip_unknown=skip_unknown)
        elif field.repeated:
            values[field.attribute] += (field.kind.from_wire(value),)
        else:
            last[field.attribute] = field, value
    # Of a field given twice the last counts, and what the others held does not matter.
    for attribute, (field, value) in last.items():
        values[attribute] = field.kind.from_wire(value)
    return _instance(message, values)


def message_to_json(message: Message, instance: Any, visible: bool) -> dict[str, Any]:
    """java-tron's JSON of a message, zero and empty fields left out."""
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


def message_from_json(message: Message, value: Any, visible: bool) -> Any:
    """Read java-tron's JSON of a message; names that are no field's are passed over.

    Raises `MalformedTransaction`.
    """
    given = json_object(value)
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


def _instance(message: Message, values: dict[str, Any]) -> Any:
    for field in message.addresses:
        if values[field.attribute] is None:
            raise MalformedTransaction(f"{message.of.__name__} without {field.json_name}")
    return message.of(**values)


def json_object(value: Any) -> Mapping[str, Any]:
    """`value`, if it is a JSON object. Raises `MalformedTransaction`."""
    if not isinstance(value, Mapping):
        raise MalformedTransaction(f"expected an object, not {value!r}")
    return value


def unknown_field(message: str, number: int, *, skip_unknown: bool) -> None:
    """Passes over a field that `message` does not know, or raises `MalformedTransaction`."""
    if not skip_unknown:
        raise MalformedTransaction(f"unknown field {number} in {message}")
