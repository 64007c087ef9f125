"""JSON in which a number is what was written: money never passes through a float."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import msgspec

# Nobody writes an amount of so many digits; Python refuses longer ones with an error of its own.
_MOST_DIGITS = 40

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class InvalidJson(ValueError):
    """The text is not JSON, or holds what JSON does not know; `position` is where, if known."""

    def __init__(self, why: str, position: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.position = position


def read(body: bytes) -> Any:
    """The value that a body holds: whole numbers as int, others as Decimal.

    Raises:
        InvalidJson: not UTF-8 or not JSON (RFC 8259); a name twice in one object; a number that is
            none, or longer than any that means something.
    """
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise InvalidJson("it is not UTF-8", error.start) from None
    except json.JSONDecodeError as error:
        raise InvalidJson(error.msg, error.pos) from None
    except RecursionError:
        raise InvalidJson("it is nested too deeply") from None


def write(value: object) -> bytes:
    """The value as JSON; Decimals as numbers, times in UTC as ISO 8601."""
    return _ENCODER.encode(value)


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise InvalidJson("a number in it is too long")
    return int(text)


def _fraction(text: str) -> Decimal:
    if len(text) > _MOST_DIGITS:
        raise InvalidJson("a number in it is too long")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidJson("a number in it is too long") from None


def _no_number(text: str) -> NoReturn:
    raise InvalidJson(f"{text} is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidJson("a name stands twice in one object")
    return found
