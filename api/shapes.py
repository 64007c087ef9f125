"""The shapes of what is asked and told: names in camelCase, money exact, unknown names refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from api.problems import Code, FieldProblem, Problem
from chain.addresses import Address, AddressFault, InvalidAddress, parse_address

SUN_PER_TRX = 1_000_000
# More than there is: a number beyond it is a slip of the program that sends it.
_MOST_TRX = 10**11
_MOST_HOURS = 24 * 365
# TRC-20 contracts count in 256 bits.
_MOST_UNITS = 2**256 - 1

T = TypeVar("T")


class Asked(BaseModel):
    """What a program sends."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=False, validate_by_alias=True, extra="forbid"
    )


class Told(BaseModel):
    """What a program is told."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class Success(Told, Generic[T]):
    """The specification's envelope around what was asked for."""

    success: Literal[True] = True
    data: T


def trx(sun: int) -> Decimal:
    """So many sun in TRX, exactly, without zeros at the end."""
    whole, rest = divmod(sun, SUN_PER_TRX)
    return Decimal(whole) if rest == 0 else Decimal(sun).scaleb(-6).normalize()


def _sun(value: object) -> int:
    """An amount in TRX, a number or its text, in sun."""
    amount = _decimal(value, "trx_type", "should be a number of TRX")
    if not 0 < amount <= _MOST_TRX:
        raise PydanticCustomError("trx_range", "should be more than 0 TRX, and not more than exist")
    sun = _shifted(amount, 6)
    if sun is None:
        raise PydanticCustomError("trx_digits", "should have at most 6 decimals")
    return sun


def _shifted(amount: Decimal, digits: int) -> int | None:
    """An amount in its smallest units, of which one has 10**digits; None if it is no whole number.

    Without Decimal's arithmetic, which would round what has more digits than its context.
    """
    sign, figures, exponent = amount.as_tuple()
    assert isinstance(exponent, int), "it is finite"
    zeros: int = exponent + digits
    if zeros < -len(figures):
        return None if any(figures) else 0
    number = int("".join(map(str, figures)) or "0")
    if zeros < 0:
        number, rest = divmod(number, 10**-zeros)
        if rest:
            return None
    else:
        number *= int(10**zeros)
    return -number if sign else number


def token_units(amount: Decimal, decimals: int) -> int:
    """An amount of a token in its smallest units.

    Raises:
        Problem: it has more decimals than the token, or is more than any token counts.
    """
    units = None if amount > _MOST_UNITS else _shifted(amount, decimals)
    if units is None:
        message = f"should have at most {decimals} decimals, like the token"
        raise Problem(
            Code.INVALID_REQUEST, errors=[FieldProblem("amount", "token_digits", message)]
        )
    if units > _MOST_UNITS:
        raise Problem(
            Code.INVALID_REQUEST,
            errors=[
                FieldProblem("amount", "token_range", "should be less: no token counts so far")
            ],
        )
    return units


_FAULTS = {
    AddressFault.EMPTY: ("address_missing", "should be a TRON address"),
    AddressFault.LENGTH: ("address_length", "a TRON address has 34 characters"),
    AddressFault.ALPHABET: ("address_alphabet", "a character in it never occurs in an address"),
    AddressFault.CHECKSUM: ("address_checksum", "a letter of it is mistyped: the checksum is off"),
    AddressFault.NOT_TRON: ("address_not_tron", "a TRON address starts with T"),
}


def _address(value: object) -> Address:
    if not isinstance(value, str):
        raise PydanticCustomError("address_missing", "should be a TRON address")
    try:
        return parse_address(value)
    except InvalidAddress as error:
        code, message = _FAULTS[error.fault]
        raise PydanticCustomError(code, message) from None


def _decimal(value: object, fault: str, message: str) -> Decimal:
    """A number or its text, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError(fault, message)
    if isinstance(value, str) and (len(value) > 40 or not value.isascii()):
        raise PydanticCustomError(fault, message)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise PydanticCustomError(fault, message) from None
    if not amount.is_finite():
        raise PydanticCustomError(fault, message)
    return amount


def _hours(value: object) -> Decimal:
    amount = _decimal(value, "hours_type", "should be a number of hours")
    if not 0 < amount <= _MOST_HOURS:
        raise PydanticCustomError("hours_range", "should be more than 0 hours, and at most a year")
    parts = _shifted(amount, 4)
    if parts is None:
        raise PydanticCustomError("hours_digits", "should have at most 4 decimals")
    return Decimal(parts) / 10_000


def _token_amount(value: object) -> Decimal:
    amount = _decimal(value, "token_range", "should be an amount of the token")
    if not 0 < amount <= _MOST_UNITS:
        raise PydanticCustomError("token_range", "should be more than 0, and not beyond any token")
    return amount


def _user(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    raise PydanticCustomError("user_type", "should be a user's number, or its text")


def _order_ref(value: object) -> UUID | int:
    if isinstance(value, UUID):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    if isinstance(value, str) and value.isascii():
        digits = value.removeprefix("#")
        if digits.isdigit() and len(digits) < 19:
            return int(digits)
        with suppress(ValueError):
            return UUID(value)
    raise PydanticCustomError("order_type", "should be an order's id (a UUID) or its number")


def _sensible_time(value: datetime) -> datetime:
    if not 2000 <= value.year < 2100:
        raise PydanticCustomError("time_range", "should be between the years 2000 and 2100")
    return value


def _whole(value: Any) -> Any:
    """5.0 is 5 in JSON; anything else with a point is no count."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "should be a whole number")
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 10**18:
        return int(value)
    return value


SunOfTrx = Annotated[
    int,
    BeforeValidator(_sun),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": _MOST_TRX},
                {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,6})?$"},
            ],
            "description": "An amount in TRX with at most 6 decimals, as a number or as its text.",
            "examples": [12.5, "12.500001"],
        }
    ),
]
"""An amount that is asked in TRX and kept in sun."""

TronAddress = Annotated[
    Address,
    BeforeValidator(_address),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^T[1-9A-HJ-NP-Za-km-z]{33}$",
            "description": "A TRON address; a mistyped one is recognised by its checksum.",
            "examples": ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"],
        }
    ),
]

Trx = Annotated[
    Decimal,
    WithJsonSchema({"type": "number", "description": "TRX, exact to 6 decimals."}),
]
"""An amount that is told in TRX."""

Sun = Annotated[int, Field(description="Sun: 1 TRX is 1,000,000 sun.")]


def _no_controls(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("text_controls", "should hold letters, digits and signs only")
    return text


ClientOrderId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="What you call the order: the same name never makes a second one.",
        examples=["invoice-2041"],
    ),
    AfterValidator(_no_controls),
]

Count = Annotated[int, BeforeValidator(_whole)]

Hours = Annotated[
    Decimal,
    PlainValidator(_hours),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": _MOST_HOURS},
                {"type": "string", "pattern": r"^\d{1,4}(\.\d{1,4})?$"},
            ],
            "description": "Hours, with at most 4 decimals.",
            "examples": [1],
        }
    ),
]
"""A duration that is asked for."""

TokenAmount = Annotated[
    Decimal,
    PlainValidator(_token_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": r"^\d{1,39}(\.\d{1,38})?$", "maxLength": 40},
            ],
            "description": "An amount of the token, as people write it: 250.5 of USDT.",
            "examples": [250.5],
        }
    ),
]
"""An amount of a token whose decimals are not known yet."""

UserId = Annotated[
    int,
    PlainValidator(_user),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
                {"type": "string", "pattern": r"^[0-9]{1,18}$"},
            ],
            "description": "The customer's number, which is Telegram's: the key's own.",
            "examples": [7000001],
        }
    ),
]

OrderRef = Annotated[
    UUID | int,
    PlainValidator(_order_ref),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "uuid"},
                {"type": "string", "pattern": r"^#?[1-9][0-9]{0,17}$"},
                {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            ],
            "description": "An order, by its id or its number.",
            "examples": ["0198c0de-6a51-7c3e-9d2f-4b1a5e8f7c60"],
        }
    ),
]

SensibleTime = Annotated[AwareDatetime, AfterValidator(_sensible_time)]
"""A time that is asked for, with its offset from UTC."""

PriceConfigId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="A price that is on offer: one of GET /prices.",
        examples=["1h-40-0"],
    ),
]

Time = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]
