"""Reading a node's JSON: each value is of the kind it must be, or the answer is malformed.

java-tron leaves out every field that is zero, false or empty. So a missing number is 0 and a
missing text is empty, except where a caller knows that it cannot be: those ask with ``required_``.
A number in quotes, a fraction or a negative amount is never taken for anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from chain.addresses import Address, InvalidAddress, parse_address
from chain.errors import MalformedAnswer

Json: TypeAlias = Mapping[str, Any]

_EXCERPT = 120
_LAST_TIME_MS = 253_402_300_799_999
"""The end of the year 9999, the last that `datetime` knows."""


def mapping(value: Any, what: str) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise MalformedAnswer(f"{what} is {_excerpt(value)}, not an object")
    return value


def required_mapping(answer: Json, name: str) -> Json:
    """An object that has to be there."""
    return mapping(answer.get(name), name)


def optional_mapping(answer: Json, name: str) -> Json:
    """An object, empty if left out."""
    return mapping(answer.get(name, {}), name)


def mappings(answer: Json, name: str) -> Sequence[Json]:
    """A list of objects, empty if left out."""
    return [mapping(item, name) for item in listing(answer, name)]


def listing(answer: Json, name: str) -> Sequence[Any]:
    """A list, empty if left out."""
    value = answer.get(name, [])
    if not isinstance(value, list):
        raise MalformedAnswer(f"{name} is {_excerpt(value)}, not a list")
    return value


def count(answer: Json, name: str) -> int:
    """A whole number from zero up (an amount, a height, a time), 0 if left out."""
    value = answer.get(name, 0)
    # `type`, since True is an int too.
    if type(value) is not int or value < 0:
        raise MalformedAnswer(f"{name} is {_excerpt(value)}, not a number from zero up")
    return value


def required_count(answer: Json, name: str) -> int:
    """A whole number that cannot be zero."""
    value = count(answer, name)
    if not value:
        raise MalformedAnswer(f"{name} is missing")
    return value


def text(answer: Json, name: str) -> str:
    """A text, empty if left out."""
    value = answer.get(name, "")
    if not isinstance(value, str):
        raise MalformedAnswer(f"{name} is {_excerpt(value)}, not text")
    return value


def message(answer: Json, name: str) -> str:
    """A text for people, which nodes write plainly or in hex."""
    value = text(answer, name)
    try:
        decoded = bytes.fromhex(value).decode()
    except ValueError:
        return value
    return decoded if decoded.isprintable() else value


def hex_digits(answer: Json, name: str, length: int) -> str:
    """Exactly `length` lower-case hex digits that have to be there, such as an id."""
    value = text(answer, name)
    if len(value) != length or not is_hex(value):
        raise MalformedAnswer(f"{name} is {_excerpt(value)}, not {length} hex digits")
    return value


def hex_bytes(value: Any, what: str) -> bytes:
    """The bytes of a text of hex digits."""
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError):
        raise MalformedAnswer(f"{what} is {_excerpt(value)}, not hex digits") from None


def required_address(answer: Json, name: str) -> Address:
    """A base58 address that has to be there."""
    return address(text(answer, name), name)


def address(value: Any, what: str) -> Address:
    """A base58 address."""
    if not isinstance(value, str):
        raise MalformedAnswer(f"{what} is {_excerpt(value)}, not an address")
    try:
        return parse_address(value)
    except InvalidAddress as error:
        raise MalformedAnswer(f"{what}: {error}") from error


def required_time(answer: Json, name: str) -> datetime:
    """A time that has to be there; the chain speaks milliseconds since 1970."""
    return time_of(required_count(answer, name))


def time_of(milliseconds: int) -> datetime:
    """The chain's milliseconds as a time in UTC."""
    if milliseconds > _LAST_TIME_MS:
        raise MalformedAnswer(f"{milliseconds} ms is no time")
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def nearest_time(milliseconds: int) -> datetime:
    """The same, but never an error: what is before 1970 or after 9999 becomes its nearest end."""
    return time_of(min(max(0, milliseconds), _LAST_TIME_MS))


def is_hex(value: str) -> bool:
    """Whether a text consists of lower-case hex digits only."""
    return not value.strip("0123456789abcdef")


def _excerpt(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _EXCERPT else f"{shown[:_EXCERPT]}…"
