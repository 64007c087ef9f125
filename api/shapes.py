"""The shapes of what is asked and told: names in camelCase, money exact, unknown names refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from chain.addresses import Address, AddressFault, InvalidAddress, parse_address

SUN_PER_TRX = 1_000_000
# More than there is: a number beyond it is a slip of the program that sends it.
_MOST_TRX = 10**11

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
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("trx_type", "should be a number of TRX")
    if isinstance(value, str) and (len(value) > 40 or not value.isascii()):
        raise PydanticCustomError("trx_type", "should be a number of TRX")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise PydanticCustomError("trx_type", "should be a number of TRX") from None
    if not amount.is_finite():
        raise PydanticCustomError("trx_type", "should be a number of TRX")
    if not 0 < amount <= _MOST_TRX:
        raise PydanticCustomError("trx_range", "should be more than 0 TRX, and not more than exist")
    sun = amount.scaleb(6)
    if sun != sun.to_integral_value():
        raise PydanticCustomError("trx_digits", "should have at most 6 decimals")
    return int(sun)


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


def _whole(value: Any) -> Any:
    """5.0 is 5 in JSON; anything else with a point is no count."""
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

Time = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]
