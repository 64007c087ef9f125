"""What a transfer is for: every rule by itself, and what must hold for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching import (
    Candidate,
    Choose,
    Dust,
    Flash,
    Held,
    HeldReason,
    Incoming,
    MatchTerms,
    Own,
    Part,
    Pays,
    covers,
    is_open,
    judge,
)

DEADLINE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GRACE = timedelta(minutes=30)
TERMS = MatchTerms(dust_sun=100_000, tolerance_percent=5, grace=GRACE, flash=True)
NO_FLASH = replace(TERMS, flash=False)
PRICE = 2_828_573
ORDER = UUID(int=1)
OTHER = UUID(int=2)
ANN, BEN = 7, 8

OF_STRANGER = Candidate(
    order_id=ORDER,
    user_id=ANN,
    status="pending",
    price_sun=PRICE,
    due_sun=PRICE,
    received_sun=0,
    pay_until=DEADLINE,
    of_payer=False,
)
OF_PAYER = replace(OF_STRANGER, of_payer=True)
EXACT = Incoming(amount_sun=PRICE, time=DEADLINE)


def sent(amount_sun: int, **others: object) -> Incoming:
    return replace(EXACT, amount_sun=amount_sun, **others)  # type: ignore[arg-type]


def judged(transfer: Incoming, *orders: Candidate, terms: MatchTerms = TERMS) -> object:
    return judge(transfer, orders, terms)


# 1. The exact amount


def test_the_exact_amount_in_time_pays_the_order_whoever_sends_it() -> None:
    assert judged(EXACT, OF_STRANGER) == Pays(ORDER)
    assert judged(replace(EXACT, by_contract=True), OF_STRANGER) == Pays(ORDER)


def test_the_exact_amount_of_an_order_is_never_dust() -> None:
    tiny = replace(OF_STRANGER, price_sun=99_999, due_sun=99_999)
    assert judged(sent(99_999), tiny) == Pays(ORDER)
    assert judged(sent(99_999)) == Dust()


def test_the_price_holds_until_the_grace_is_over() -> None:
    last = replace(EXACT, time=DEADLINE + GRACE)
    assert judged(last, OF_STRANGER) == Pays(ORDER)
    assert judged(last, replace(OF_STRANGER, status="expired")) == Pays(ORDER)
    late = replace(EXACT, time=last.time + timedelta(milliseconds=1))
    assert judged(late, replace(OF_STRANGER, status="expired")) == Choose(
        HeldReason.LATE, ANN, ORDER
    )


def test_a_payment_after_cancelling_is_its_customers_to_decide_about() -> None:
    assert judged(EXACT, replace(OF_STRANGER, status="cancelled")) == Choose(
        HeldReason.CANCELLED, ANN, ORDER
    )


@pytest.mark.parametrize("status", ["paid", "processing", "completed", "failed"])
def test_a_second_payment_never_pays(status: str) -> None:
    assert judged(EXACT, replace(OF_STRANGER, status=status)) == Choose(
        HeldReason.PAID_TWICE, ANN, ORDER
    )
    seen = replace(OF_STRANGER, received_sun=PRICE)
    assert judged(EXACT, seen) == Choose(HeldReason.PAID_TWICE, ANN, ORDER)


def test_the_rest_of_a_price_pays_it_whoever_sends_it() -> None:
    begun = replace(OF_STRANGER, received_sun=2_000_000, due_sun=PRICE - 2_000_000)
    assert judged(sent(PRICE - 2_000_000), begun) == Pays(ORDER)


# 2. The payer's own wallet


@pytest.mark.parametrize("amount_sun", [PRICE * 95 // 100 + 1, PRICE - 1, PRICE + 1])
def test_within_the_tolerance_only_a_wallet_of_the_customers_own_pays(amount_sun: int) -> None:
    assert judged(sent(amount_sun), OF_PAYER) == Pays(ORDER)
    assert judged(sent(amount_sun), OF_STRANGER) == Flash()
    assert judged(sent(amount_sun), OF_STRANGER, terms=NO_FLASH) == Held(HeldReason.NO_ORDER)


def test_without_a_tolerance_a_sun_less_is_a_part() -> None:
    strict = replace(TERMS, tolerance_percent=0)
    assert judged(sent(PRICE - 1), OF_PAYER, terms=strict) == Part(ORDER)
    assert judged(sent(PRICE + 1), OF_PAYER, terms=strict) == Pays(ORDER)


def test_two_orders_that_fit_are_not_guessed_between() -> None:
    other = replace(OF_PAYER, order_id=OTHER, price_sun=PRICE + 5, due_sun=PRICE + 5)
    assert judged(sent(PRICE + 2), OF_PAYER, other) == Choose(HeldReason.AMBIGUOUS, ANN)


def test_of_two_orders_the_one_that_fits_is_paid() -> None:
    other = replace(OF_PAYER, order_id=OTHER, price_sun=PRICE * 2, due_sun=PRICE * 2)
    assert judged(sent(PRICE + 2), OF_PAYER, other) == Pays(ORDER)


def test_too_much_from_the_payer_pays_their_only_order() -> None:
    assert judged(sent(PRICE * 3), OF_PAYER) == Pays(ORDER)


def test_too_little_is_a_part_while_there_is_time() -> None:
    assert judged(sent(PRICE // 2), OF_PAYER) == Part(ORDER)
    after = sent(PRICE // 2, time=DEADLINE + timedelta(seconds=1))
    assert judged(after, replace(OF_PAYER, status="expired")) == Choose(
        HeldReason.UNDERPAID, ANN, ORDER
    )


def test_orders_of_two_customers_for_one_wallet_leave_nobody_to_ask() -> None:
    other = replace(OF_PAYER, order_id=OTHER, user_id=BEN, price_sun=PRICE + 5, due_sun=PRICE + 5)
    assert judged(sent(PRICE + 2), OF_PAYER, other) == Held(HeldReason.AMBIGUOUS)


# 3 and 4. No order


def test_without_an_order_it_is_a_flash_rental_if_they_are_on() -> None:
    assert judged(sent(5_000_000)) == Flash()
    assert judged(sent(5_000_000), terms=NO_FLASH) == Held(HeldReason.NO_ORDER)
    known = sent(5_000_000, user_id=ANN)
    assert judged(known, terms=NO_FLASH) == Choose(HeldReason.NO_ORDER, ANN)


def test_a_contract_is_never_sent_energy_unasked() -> None:
    assert judged(sent(5_000_000, by_contract=True)) == Held(HeldReason.BY_CONTRACT)


def test_money_at_an_address_where_nobody_pays_is_held() -> None:
    assert judged(sent(5_000_000, to_payment_address=False)) == Held(HeldReason.WRONG_ADDRESS)


def test_our_own_transfers_are_no_payments() -> None:
    assert judged(replace(EXACT, from_ourselves=True), OF_PAYER) == Own()


# What must hold for all

STATUSES = ("pending", "expired", "cancelled", "paid", "processing", "completed", "failed")


@st.composite
def an_order(draw: st.DrawFn, number: int) -> Candidate:
    price_sun = draw(st.integers(1_000_000, 5_000_000))
    received_sun = draw(st.sampled_from([0, 0, 0, price_sun // 3, price_sun]))
    return Candidate(
        order_id=UUID(int=number),
        user_id=draw(st.sampled_from([ANN, BEN])),
        status=draw(st.sampled_from(STATUSES)),
        price_sun=price_sun,
        due_sun=max(1, price_sun - received_sun) if received_sun < price_sun else price_sun,
        received_sun=received_sun,
        pay_until=DEADLINE + timedelta(minutes=draw(st.integers(-90, 90))),
        of_payer=draw(st.booleans()),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Incoming, tuple[Candidate, ...]]:
    """A transfer and the orders it may be for, their amounts unique as the schema keeps them."""
    orders: dict[int, Candidate] = {}
    for number in range(draw(st.integers(0, 5))):
        order = draw(an_order(number + 1))
        orders.setdefault(order.due_sun, order)
    near = [amount + delta for amount in orders for delta in (-1, 0, 1, amount // 30, amount)]
    amount_sun = draw(st.sampled_from(near) if near else st.integers(1, 10**7))
    transfer = Incoming(
        amount_sun=max(1, amount_sun),
        time=DEADLINE,
        to_payment_address=draw(st.sampled_from([True, True, True, False])),
        from_ourselves=draw(st.sampled_from([False] * 9 + [True])),
        by_contract=draw(st.booleans()),
        user_id=draw(st.sampled_from([None, ANN])),
    )
    return transfer, tuple(orders.values())


@given(situations(), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(
    situation: tuple[Incoming, tuple[Candidate, ...]], random: object
) -> None:
    transfer, orders = situation
    shuffled = list(orders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judge(transfer, shuffled, TERMS) == judge(transfer, orders, TERMS)


@given(situations())
def test_only_an_open_order_in_time_is_ever_paid(
    situation: tuple[Incoming, tuple[Candidate, ...]],
) -> None:
    transfer, orders = situation
    verdict = judge(transfer, orders, TERMS)
    if isinstance(verdict, Pays | Part):
        [order] = [each for each in orders if each.order_id == verdict.order_id]
        assert is_open(order)
        assert transfer.time <= order.pay_until + GRACE
        assert not transfer.from_ourselves
        assert order.of_payer or order.due_sun == transfer.amount_sun


@given(situations())
def test_what_pays_an_order_is_enough_for_it(
    situation: tuple[Incoming, tuple[Candidate, ...]],
) -> None:
    transfer, orders = situation
    verdict = judge(transfer, orders, TERMS)
    if isinstance(verdict, Pays):
        [order] = [each for each in orders if each.order_id == verdict.order_id]
        assert covers(order.received_sun + transfer.amount_sun, order.price_sun, 5)
    if isinstance(verdict, Part):
        [order] = [each for each in orders if each.order_id == verdict.order_id]
        assert not covers(order.received_sun + transfer.amount_sun, order.price_sun, 5)


@given(situations())
def test_a_stranger_pays_only_by_the_exact_amount(
    situation: tuple[Incoming, tuple[Candidate, ...]],
) -> None:
    transfer, orders = situation
    strangers = tuple(replace(order, of_payer=False) for order in orders)
    verdict = judge(transfer, strangers, TERMS)
    assert isinstance(verdict, Pays) == any(
        order.due_sun == transfer.amount_sun
        and is_open(order)
        and transfer.time <= order.pay_until + GRACE
        and not transfer.from_ourselves
        for order in strangers
    )
    assert not isinstance(verdict, Part)


@given(situations())
def test_only_a_known_customer_is_asked(
    situation: tuple[Incoming, tuple[Candidate, ...]],
) -> None:
    transfer, orders = situation
    verdict = judge(transfer, orders, TERMS)
    if isinstance(verdict, Choose):
        assert verdict.user_id in {transfer.user_id, *(order.user_id for order in orders)}


@given(situations())
def test_what_is_reserved_can_settle_and_what_can_settle_is_reserved(
    situation: tuple[Incoming, tuple[Candidate, ...]],
) -> None:
    """The amount that keeps new orders away is the amount that pays, in every state."""
    transfer, orders = situation
    for order in orders:
        exact = replace(transfer, amount_sun=order.due_sun, from_ourselves=False)
        verdict = judge(exact, orders, TERMS)
        assert isinstance(verdict, Pays | Choose)
        assert verdict.order_id == order.order_id
