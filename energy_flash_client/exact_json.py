"""JSON without floats: numbers are read as they were written, amounts are sent as their text."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

Amount = Decimal | int | str
"""A number that has to stay exact. A float is refused: it is not what was written."""


def read(body: bytes) -> Any:
    """The value of a body: whole numbers as int, others as Decimal. Raises ValueError."""
    return json.loads(body, parse_float=Decimal)


def write(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def exact(amount: Amount) -> str:
    """The amount as the API reads it, every digit of it and no exponent.

    Raises:
        TypeError: it is a float, or no number at all.
        ValueError: it is text that is no number, or no finite one.
    """
    # Whoever does not check types might hand over a float; a bool is an int to Python.
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError(f"an amount is a Decimal, an int or text, not {type(amount).__name__}")
    try:
        number = Decimal(amount)
    except ArithmeticError:
        raise ValueError("an amount is a number, like 12.5") from None
    if not number.is_finite():
        raise ValueError("an amount is a finite number")
    return format(number, "f")
