"""Reading requests as java-tron does, down to the place and words of its complaints.

A client that handles these errors by their text meets the same text here. Java's own texts (of
NullPointerException and of its JSON library) depend on versions; they are imitated, not promised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from json.decoder import JSONDecodeError
from typing import Any

from chain.addresses import (
    Address,
    InvalidAddress,
    address_bytes,
    address_from_bytes,
    parse_address,
)
from chain.contracts import Resource

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_INTEGER = re.compile(r"-?\d+\Z")
_SPACE = " \t\r\n"


class JavaError(Exception):
    """An exception of the node's, which it answers with status 200 as ``{"Error": …}``."""

    def __init__(self, java_class: str, message: str) -> None:
        super().__init__(f"class {java_class} : {message}")


def bad_json(message: str) -> JavaError:
    """What the node's JSON library says."""
    return JavaError("com.alibaba.fastjson.JSONException", message)


def invalid_contract(reason: str) -> JavaError:
    """A contract that breaks a rule, found before there is a transaction."""
    return JavaError("org.tron.core.exception.ContractValidateException", reason)


def bad_hex() -> JavaError:
    """Text that should be hex digits, where the node decodes it directly."""
    return JavaError(
        "org.bouncycastle.util.encoders.DecoderException",
        "exception decoding Hex string: invalid characters encountered in Hex string",
    )


def null_bytes() -> JavaError:
    """What becomes of a base58 text with a wrong checksum."""
    return JavaError(
        "java.lang.NullPointerException",
        'Cannot read the array length because "bytes" is null',
    )


class Kind(Enum):
    """What a field of a request holds."""

    ADDRESS = "address"
    HEX = "hex"
    INTEGER = "integer"
    FLAG = "flag"
    RESOURCE = "resource"
    TEXT = "text"


Fields = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Token:
    """A value of the request's object, with its text and where it stands."""

    name: str
    value: Any
    text: str
    place: str

    def refuse(self, reason: str) -> JavaError:
        """The node's complaint about this value."""
        return _parse_error(f"{self.place}: {reason}")


@dataclass(frozen=True, slots=True)
class Body:
    """A request's object: fields by name, whether they are visible, and the plain JSON."""

    values: Mapping[str, Any]
    visible: bool
    plain: Mapping[str, Any]

    def address(self, name: str) -> Address | None:
        """An address; None if it is missing or none that the network could have."""
        return as_address(self.values.get(name))

    def integer(self, name: str) -> int:
        """A number, zero if it is missing."""
        value = self.values.get(name, 0)
        return value if isinstance(value, int) else 0

    def hex(self, name: str) -> str:
        """Bytes in hex, empty if they are missing."""
        value = self.values.get(name, b"")
        return value.hex() if isinstance(value, bytes) else ""


def as_address(raw: object) -> Address | None:
    """The address that bytes are, if they are one."""
    try:
        return address_from_bytes(raw) if isinstance(raw, bytes) else None
    except InvalidAddress:
        return None


def read_body(text: str, fields: Fields) -> Body:
    """The fields of a POST body. Raises `JavaError`."""
    plain = read_plain(text) if text else {}
    visible = is_visible(plain.get("visible"))
    values = {
        token.name: _read(token, fields[token.name], visible)
        for token in _tokens(text)
        if token.name in fields
    }
    return Body(values, visible, plain)


def read_query(query: Mapping[str, str], fields: Fields) -> Body:
    """The fields of a GET request. Raises `JavaError`."""
    visible = is_visible(query.get("visible"))
    values: dict[str, Any] = {}
    for name, text in query.items():
        kind = fields.get(name)
        if kind is None:
            continue
        if kind is Kind.INTEGER:
            if not _INTEGER.match(text) or not -(1 << 63) <= int(text) < 1 << 63:
                raise JavaError("java.lang.NumberFormatException", f'For input string: "{text}"')
            values[name] = int(text)
        elif kind is Kind.FLAG:
            values[name] = text == "true"
        else:
            values[name] = _read(Token(name, text, json.dumps(text), "1:1"), kind, visible)
    return Body(values, visible, dict(query))


def read_plain(text: str) -> dict[str, Any]:
    """A JSON object, with the complaints of the node's JSON library. Raises `JavaError`."""
    try:
        value = json.loads(text)
    except JSONDecodeError as error:
        stripped = text.strip()
        if stripped[:1] == "n":
            raise bad_json("error parse new") from None
        if error.pos >= len(text.rstrip()) and stripped:
            raise bad_json(
                f"unterminated json string, pos {len(text)}, line 1, column {len(text) + 1}{text}"
            ) from None
        raise bad_json("syntax error") from None
    if not isinstance(value, dict):
        raise bad_json("can not cast to JSONObject.")
    return value


def is_visible(value: object) -> bool:
    """Whether a request asks for base58 instead of hex."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def base58_bytes(text: str) -> bytes | None:
    """The 21 bytes of a base58 address; None if the node's decoder gives nothing."""
    try:
        address = parse_address(text)
    except InvalidAddress:
        return None
    return address_bytes(address)


def _parse_error(message: str) -> JavaError:
    return JavaError("org.tron.core.services.http.JsonFormat$ParseException", message)


def _tokens(text: str) -> list[Token]:
    position = _skip(text, 0)
    if text[position : position + 1] != "{":
        raise _parse_error('1:1: Expected "{".')
    decoder = json.JSONDecoder()
    tokens: list[Token] = []
    position = _skip(text, position + 1)
    while text[position] != "}":
        name, position = decoder.raw_decode(text, position)
        start = _skip(text, _skip(text, position) + 1)
        value, end = decoder.raw_decode(text, start)
        tokens.append(Token(str(name), value, text[start:end], _place(text, start)))
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return tokens


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position)
    return f"{line + 1}:{position - (text.rfind(chr(10), 0, position) + 1) + 1}"


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _read(token: Token, kind: Kind, visible: bool) -> Any:
    match kind:
        case Kind.ADDRESS if visible:
            return _base58(token)
        case Kind.ADDRESS | Kind.HEX:
            return _hex(token)
        case Kind.INTEGER:
            if not _INTEGER.match(token.text):
                raise token.refuse(f'Couldn\'t parse integer: For input string: "{token.text}"')
            return _fitting(token)
        case Kind.FLAG:
            if not isinstance(token.value, bool):
                raise token.refuse('Expected "true" or "false".')
            return token.value
        case Kind.RESOURCE:
            return _resource(token)
        case Kind.TEXT:
            return token.value if isinstance(token.value, str) else token.text


def _fitting(token: Token) -> int:
    value = int(token.text)
    if not -(1 << 63) <= value < 1 << 63:
        raise token.refuse(
            f"Couldn't parse integer: Number out of range for 64-bit signed integer: {token.text}"
        )
    return value


def _text(token: Token) -> str:
    if not isinstance(token.value, str):
        raise token.refuse("Expected string.")
    return token.value


def _base58(token: Token) -> bytes:
    text = _text(token)
    for position, letter in enumerate(text):
        if letter not in _ALPHABET:
            raise token.refuse(f"INVALID base58 String, Illegal character {letter} at {position}")
    raw = base58_bytes(text)
    if raw is None:
        raise null_bytes()
    return raw


def _hex(token: Token) -> bytes:
    text = _text(token)
    try:
        return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
    except ValueError:
        raise token.refuse("INVALID hex String") from None


def _resource(token: Token) -> Resource:
    if isinstance(token.value, int) and not isinstance(token.value, bool):
        try:
            return Resource(token.value)
        except ValueError:
            raise token.refuse(
                f'Enum type "protocol.ResourceCode" has no value with number {token.value}.'
            ) from None
    name = _text(token)
    if name not in Resource.__members__:
        raise token.refuse(f'Enum type "protocol.ResourceCode" has no value named "{name}".')
    return Resource[name]
