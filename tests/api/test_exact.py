"""Money is what was written: in as a number or as text, and out again, without a float between."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api import exact_json
from api.problems import Problem
from api.shapes import Count, Hours, OrderRef, SunOfTrx, TokenAmount, UserId, token_units, trx

AMOUNT: TypeAdapter[int] = TypeAdapter(SunOfTrx)
ALL_TRX_SUN = 10**11 * 10**6

suns = st.integers(1, ALL_TRX_SUN)


def written(sun: int, *, zeros: int = 0) -> str:
    """An amount in TRX, as somebody writes it."""
    whole, rest = divmod(sun, 10**6)
    return f"{whole}.{rest:06}" + "0" * zeros if rest or zeros else str(whole)


@given(suns, st.booleans(), st.integers(0, 3))
def test_an_amount_comes_back_as_it_was_sent(sun: int, as_text: bool, zeros: int) -> None:
    text = written(sun, zeros=zeros)
    sent = f'{{"trxAmount": "{text}"}}' if as_text else f'{{"trxAmount": {text}}}'
    kept = AMOUNT.validate_python(exact_json.read(sent.encode())["trxAmount"])
    assert kept == sun
    told = exact_json.write({"trxAmount": trx(kept)})
    assert exact_json.read(told)["trxAmount"] == Decimal(text)
    assert b'"' not in told.split(b":")[1], "amounts are told as numbers"


@given(suns, st.integers(1, 10**9 - 1))
def test_what_is_smaller_than_a_sun_is_refused_and_never_rounded(sun: int, rest: int) -> None:
    text = f"{written(sun, zeros=0) if sun % 10**6 else written(sun) + '.000000'}{rest:09}"
    with pytest.raises(ValidationError) as refused:
        AMOUNT.validate_python(Decimal(text))
    assert refused.value.errors()[0]["type"] in ("trx_digits", "trx_range")


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, True, None, "", "one", "NaN", "Infinity", "1e12", "٣", "1_000_000_000_000"),
        *(Decimal("1e-9999999"), Decimal("1e999999"), Decimal("-0.0"), "0x10", [], {}),
        "1.0000000000000000000000000000000001",
    ],
)
def test_what_is_no_amount_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(value)


@pytest.mark.parametrize("number", [b"1e99999999999999999999", b"-1E-99999999999999999999"])
def test_a_number_beyond_decimal_is_no_json(number: bytes) -> None:
    # Decimal refuses such exponents with an error of its own, which was answered with 500.
    with pytest.raises(exact_json.InvalidJson):
        exact_json.read(b'{"trxAmount": ' + number + b"}")


@given(st.integers(1, 8760 * 10**4))
def test_hours_keep_their_four_decimals(parts: int) -> None:
    hours = Decimal(parts).scaleb(-4)
    adapter: TypeAdapter[Decimal] = TypeAdapter(Hours)
    assert adapter.validate_python(hours) == adapter.validate_python(str(hours)) == hours


@given(st.integers(1, 2**256 - 1), st.integers(0, 38))
def test_token_amounts_are_exact_to_the_last_unit(units: int, decimals: int) -> None:
    digits = str(units).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    adapter: TypeAdapter[Decimal] = TypeAdapter(TokenAmount)
    assert token_units(adapter.validate_python(Decimal(text)), decimals) == units


def test_token_amounts_that_the_token_cannot_hold_are_refused() -> None:
    with pytest.raises(Problem) as refused:
        token_units(Decimal("0.0000001"), 6)
    assert refused.value.errors[0].code == "token_digits"
    with pytest.raises(Problem) as refused:
        token_units(Decimal(2**256 - 1), 1)
    assert refused.value.errors[0].code == "token_range"


def test_orders_are_named_by_id_or_number_and_people_by_number() -> None:
    order: TypeAdapter[Any] = TypeAdapter(OrderRef)
    assert order.validate_python("#1001") == order.validate_python(1001) == 1001
    text = "0198c0de-6a51-7c3e-9d2f-4b1a5e8f7c60"
    assert str(order.validate_python(text)) == text
    user: TypeAdapter[int] = TypeAdapter(UserId)
    assert user.validate_python("7000001") == user.validate_python(7_000_001) == 7_000_001
    count: TypeAdapter[int] = TypeAdapter(Count)
    assert count.validate_python(Decimal("5.0")) == 5
    for adapter, value in (
        *((order, each) for each in (0, True, "x", "", "9" * 19, 2**63, 1.5)),
        *((user, each) for each in ("-1", "", True, 2**63, "٣")),
        *((count, each) for each in (True, Decimal("5.5"), "x")),
    ):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
