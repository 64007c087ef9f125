"""New prices beside old ones: what is published then, what held when, and what it would mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.prices import PriceNoteRow, PriceRow
from services.chain_time import rental_time
from services.price_keeping import (
    PriceDraft,
    PriceFault,
    after_change,
    are_steps,
    fault_of,
    is_duration,
    spans_of,
    views_of,
    with_present,
)
from services.price_preview import change_percent, cost_of_energy, preview
from services.prices import tariff_of
from services.pricing import Tariff

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = PriceDraft(Decimal(1), 40, 1_000_000)

moments = st.integers(-100, 100).map(lambda hours: NOW + hours * HOUR)
starts = st.none() | moments
rows = st.builds(
    lambda hours, sun, start: replace(
        PriceDraft(Decimal(hours), sun, 0).row(), valid_from=start, id=f"{hours} {sun} {start}"
    ),
    st.integers(1, 3),
    st.integers(1, 100),
    starts,
)
published = st.lists(rows, unique_by=lambda row: (row.duration_hours, row.valid_from), max_size=8)


def holds(found: list[PriceRow] | tuple[PriceRow, ...], hours: int, at: datetime) -> int | None:
    """What energy costs at a time, as the database chooses it."""
    view = next((v for v in views_of(found, at) if v.duration == hours * HOUR), None)
    return view.now.sun_per_energy if view is not None and view.now is not None else None


@given(published, st.integers(1, 3), st.integers(101, 200), st.none() | st.integers(1, 99), moments)
def test_a_change_holds_from_its_time_on_and_changes_nothing_before_it_or_beside_it(
    found: list[PriceRow], hours: int, sun: int, in_hours: int | None, at: datetime
) -> None:
    start = None if in_hours is None else NOW + in_hours * HOUR
    new = PriceDraft(Decimal(hours), sun, 0, (), start).row()
    after = after_change(found, new, NOW)
    keys = [(row.duration_hours, row.valid_from) for row in after]
    assert len(keys) == len(set(keys)), "the database takes one for each time"
    at = max(at, NOW)
    for each in (1, 2, 3):
        changed = each == hours and (start is None or at >= start)
        assert holds(after, each, at) == (sun if changed else holds(found, each, at))


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 30)), min_size=1, max_size=8))
def test_the_history_has_no_gap_and_says_what_held(changes: list[tuple[int, int]]) -> None:
    notes, found, at = [], [PLAIN.row()], NOW
    for sun, ahead in changes:
        at += HOUR
        new = replace(PLAIN, sun_per_energy=sun, start=at + ahead * HOUR if ahead else None)
        notes.append(
            PriceNoteRow(
                7,
                "",
                {"price": PLAIN.as_json()},
                {"price": new.as_json(), "from": (new.start or at).isoformat()},
            )
        )
        found = list(after_change(found, new.row(), at))
    spans = spans_of(notes)
    assert spans[0].since is None
    assert spans[-1].until is None
    assert all(one.until == two.since for one, two in pairwise(spans))
    for hours in range(40):
        then = at + hours * HOUR
        [span] = [
            one
            for one in spans
            if (one.since is None or one.since <= then) and (one.until is None or then < one.until)
        ]
        assert span.price is not None
        assert span.price.sun_per_energy == holds(found, 1, then)


def test_what_the_configuration_published_since_ends_the_history() -> None:
    note = PriceNoteRow(7, "", {"price": PLAIN.as_json()}, {"price": None, "from": NOW.isoformat()})
    spans = spans_of([note])
    assert with_present(spans, None, NOW) == spans
    *_, last = with_present(spans, PLAIN, NOW)
    assert (last.price, last.by) == (PLAIN, None)


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (PLAIN, None),
        (replace(PLAIN, sun_per_energy=0), PriceFault.SUN),
        (replace(PLAIN, sun_per_energy=1_000_001), PriceFault.SUN),
        (replace(PLAIN, minimum_sun=-1), PriceFault.MINIMUM),
        (replace(PLAIN, steps=((700_000, 40),)), PriceFault.STEPS),
        (replace(PLAIN, steps=((700_000, 30), (700_000, 20))), PriceFault.STEPS),
        (replace(PLAIN, steps=((0, 30),)), PriceFault.STEPS),
        (replace(PLAIN, duration_hours=Decimal(0)), PriceFault.DURATION),
        (replace(PLAIN, duration_hours=Decimal("0.0001")), PriceFault.DURATION),
        (replace(PLAIN, start=NOW), PriceFault.PAST),
        (replace(PLAIN, start=NOW + HOUR), None),
    ],
)
def test_what_cannot_be_published(draft: PriceDraft, fault: PriceFault | None) -> None:
    assert fault_of(draft, NOW) is fault


@given(
    st.builds(
        PriceDraft,
        st.sampled_from([Decimal(1), Decimal("0.5")]),
        st.integers(1, 99),
        st.integers(0, 10**9),
        st.just(((7, 1),)),
        starts,
    )
)
def test_a_draft_survives_the_conversation(draft: PriceDraft) -> None:
    assert PriceDraft.from_json(draft.as_json()) == draft
    row = draft.row()
    assert tariff_of(row).sun_per_energy == draft.sun_per_energy
    assert replace(PriceDraft.of(row), start=draft.start) == draft


@given(st.integers(2, 10**6), st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**6))))
# Two at one sun each cost less than one at three.
@example(4, [(1, 3), (2, 1)])
def test_steps_that_are_taken_never_make_more_energy_dearer_each(
    sun: int, steps: list[tuple[int, int]]
) -> None:
    if not are_steps(sun, steps):
        return
    tariff = tariff_of(PriceDraft(Decimal(1), sun, 0, tuple(steps)).row())
    for energy, step_sun in steps:
        cheapest = min(start * each for start, each in steps if start >= energy)
        assert tariff.price_sun(energy) == cheapest <= energy * step_sun < energy * sun


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 10**8))
def test_a_rental_costs_the_shop_a_day_at_least(energy: int, cost: int, seconds: int) -> None:
    day = cost_of_energy(energy, cost, timedelta(days=1))
    found = cost_of_energy(energy, cost, timedelta(seconds=seconds))
    assert found >= day == -(-energy * cost // 1000)
    assert cost_of_energy(energy, cost, HOUR) == day
    assert cost_of_energy(energy, cost, timedelta(days=3)) == -(-energy * cost * 3 // 1000)


def test_a_preview_says_what_is_paid_burned_and_lost() -> None:
    one, ten = preview(
        Tariff(40, 1_000_000),
        Tariff(20, 1_000_000),
        duration=HOUR,
        energy=70_714,
        burned=64_285,
        fee_sun=100,
        pool_costs=[0, 10_000, 25_000],
    )
    assert (one.before_sun, one.after_sun, one.burn_sun) == (2_828_560, 1_414_280, 6_428_500)
    assert one.cost_sun == 1_767_850
    assert one.loses
    assert not one.is_dearer_than_burning
    assert (ten.transfers, ten.after_sun) == (10, 14_142_800)
    assert change_percent(2_828_560, 1_414_280) == -50


def test_durations_are_whole_seconds_within_a_year() -> None:
    assert is_duration(Decimal("0.25"))
    assert is_duration(Decimal(8760))
    assert not is_duration(Decimal(8761))
    assert not is_duration(Decimal("0.00001"))
    assert rental_time(Decimal("0.25")) == timedelta(minutes=15)
