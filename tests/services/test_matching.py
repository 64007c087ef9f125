"""Which order a transfer pays: every rule by itself, and what must hold for all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching import Candidate, Dust, Held, HeldReason, Pays, judge

DEADLINE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ORDER = uuid4()


def candidate(status: str = "pending", *, has_payment: bool = False) -> Candidate:
    return Candidate(ORDER, status, DEADLINE, has_payment)


def judged(
    found: Candidate | None,
    *,
    amount_sun: int = 2_828_573,
    time: datetime = DEADLINE,
    from_ourselves: bool = False,
) -> object:
    return judge(
        amount_sun=amount_sun,
        time=time,
        from_ourselves=from_ourselves,
        candidate=found,
        dust_sun=100_000,
    )


def test_the_exact_amount_in_time_pays_the_order() -> None:
    assert judged(candidate()) == Pays(ORDER)


def test_the_exact_amount_of_an_order_is_never_dust() -> None:
    assert judged(candidate(), amount_sun=99_999) == Pays(ORDER)
    assert judged(None, amount_sun=99_999) == Dust()


def test_the_last_moment_is_in_time() -> None:
    assert judged(candidate(), time=DEADLINE) == Pays(ORDER)
    assert judged(candidate(), time=DEADLINE + timedelta(milliseconds=1)) == Held(
        HeldReason.LATE, ORDER
    )


def test_a_payment_in_time_pays_an_order_that_expired_before_it_was_read() -> None:
    assert judged(candidate("expired")) == Pays(ORDER)


def test_an_unknown_amount_is_held_and_not_guessed() -> None:
    assert judged(None) == Held(HeldReason.NO_ORDER)


@pytest.mark.parametrize("status", ["paid", "processing", "completed", "failed"])
def test_a_second_payment_is_held(status: str) -> None:
    assert judged(candidate(status)) == Held(HeldReason.PAID_TWICE, ORDER)


def test_a_second_payment_while_the_first_is_confirming_is_held() -> None:
    assert judged(candidate(has_payment=True)) == Held(HeldReason.PAID_TWICE, ORDER)


def test_a_payment_for_a_cancelled_order_is_held() -> None:
    assert judged(candidate("cancelled")) == Held(HeldReason.CANCELLED, ORDER)


def test_our_own_transfers_pay_nothing() -> None:
    assert judged(candidate(), from_ourselves=True) == Held(HeldReason.OWN_TRANSFER)


@given(
    amount=st.integers(1, 10**15),
    late=st.integers(-(10**6), 10**6),
    ourselves=st.booleans(),
    status=st.sampled_from(
        ["pending", "paid", "processing", "completed", "failed", "expired", "cancelled"]
    ),
    has_payment=st.booleans(),
    known=st.booleans(),
)
def test_every_transfer_has_exactly_one_meaning_and_no_order_is_paid_twice(
    amount: int, late: int, ourselves: bool, status: str, has_payment: bool, known: bool
) -> None:
    found = candidate(status, has_payment=has_payment) if known else None
    verdict = judged(
        found,
        amount_sun=amount,
        time=DEADLINE + timedelta(seconds=late),
        from_ourselves=ourselves,
    )
    assert isinstance(verdict, Dust) == (amount < 100_000 and not known)
    if isinstance(verdict, Pays):
        assert known
        assert not has_payment
        assert not ourselves
        assert status in {"pending", "expired"}
        assert late <= 0
