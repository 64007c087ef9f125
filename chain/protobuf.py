"""The protobuf wire format, as far as TRON transactions use it: varints and length-delimited bytes.

Every failure is a `MalformedTransaction`: bytes that are not what they claim to be.
"""

from __future__ import annotations

VARINT = 0
FIXED64 = 1
BYTES = 2
GROUP_START = 3
GROUP_END = 4
FIXED32 = 5

_UINT64_MASK = (1 << 64) - 1
_UINT32_MASK = (1 << 32) - 1
_INT64_MAX = (1 << 63) - 1
_INT64_MIN = -(1 << 63)
_VARINT_MAX_BYTES = 10


class MalformedTransaction(ValueError):
    """Bytes or JSON that are no transaction of a kind we read, or values that fit into none."""


def varint(value: int) -> bytes:
    """An int64 as a varint; a negative one takes ten bytes."""
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise MalformedTransaction(f"{value} does not fit into 64 bits")
    value &= _UINT64_MASK
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def varint_field(number: int, value: int) -> bytes:
    """A number field, nothing at all if it is zero."""
    return varint(number << 3 | VARINT) + varint(value) if value else b""


def bytes_field(number: int, value: bytes) -> bytes:
    """A bytes, text or message field, written even if it is empty."""
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def read_fields(data: bytes) -> list[tuple[int, int, int | bytes]]:
    """The fields of a message in their order: number, wire type, value.

    Varints come as signed 64-bit numbers. Fields of the wire types that TRON's messages do not
    use come with empty bytes for a value.
    """
    # Blocks are full of messages, so the common case, tags and lengths of one byte, is fast.
    fields: list[tuple[int, int, int | bytes]] = []
    position = 0
    end = len(data)
    while position < end:
        tag = data[position]
        if tag < 0x80:
            position += 1
        else:
            tag, position = _read_uint32(data, position)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise MalformedTransaction(f"field number {number} is not allowed")
        if wire_type == BYTES:
            if position < end and data[position] < 0x80:
                length = data[position]
                position += 1
            else:
                length, position = _read_uint32(data, position)
            if length > end - position:
                raise MalformedTransaction(f"field {number} is cut short")
            fields.append((number, BYTES, data[position : position + length]))
            position += length
        elif wire_type == VARINT:
            value, position = _read_varint(data, position)
            fields.append((number, VARINT, value if value <= _INT64_MAX else value - (1 << 64)))
        else:
            position = _skip(data, position, number, wire_type)
            fields.append((number, wire_type, b""))
    return fields


def _skip(data: bytes, position: int, number: int, wire_type: int) -> int:
    """The position after a value that is not read; `position` is that after its tag."""
    open_groups: list[int] = []
    while True:
        if wire_type == VARINT:
            _, position = _read_varint(data, position)
        elif wire_type == BYTES:
            length, position = _read_uint32(data, position)
            position += length
        elif wire_type == FIXED64:
            position += 8
        elif wire_type == FIXED32:
            position += 4
        elif wire_type == GROUP_START:
            open_groups.append(number)
        elif wire_type == GROUP_END and open_groups and open_groups[-1] == number:
            open_groups.pop()
        else:
            raise MalformedTransaction(f"field {number} has the impossible wire type {wire_type}")
        if position > len(data):
            raise MalformedTransaction(f"field {number} is cut short")
        if not open_groups:
            return position
        tag, position = _read_uint32(data, position)
        number, wire_type = tag >> 3, tag & 7


def _read_uint32(data: bytes, position: int) -> tuple[int, int]:
    """A tag or a length, of which the network's nodes drop all but the lower 32 bits."""
    value, position = _read_varint(data, position)
    return value & _UINT32_MASK, position


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    try:
        for offset in range(_VARINT_MAX_BYTES):
            byte = data[position + offset]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & _UINT64_MASK, position + offset + 1
            shift += 7
    except IndexError:
        raise MalformedTransaction("a number is cut short") from None
    raise MalformedTransaction("a number is longer than ten bytes")
