"""Prices while the shop runs: what is on offer and planned, and what staff change about it.

A price is never changed: a new one is published beside it or in its place. A change replaces all
that is published for its duration from its time on, also what was planned for later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from chain.errors import ChainError
from db.database import Database, Transaction, again_after_conflict
from db.prices import PriceNoteRow, PriceRow
from services.acts import Act, ActFault, ActRefused, Acts, Proposal
from services.chain_time import ChainUnread, chain_now, rental_time
from services.energy import EnergyNeeds
from services.price_preview import Sample, preview
from services.prices import PriceList, tariff_of, with_id
from services.pricing import with_margin
from services.staff import Actor
from services.surge import SurgeStep
from services.trail import note

MOST_SUN = 1_000_000
"""The most that one energy may cost, in sun."""
MOST_STEPS = 8
_MOST_ENERGY = 10**15
_MOST_MINIMUM = 10**15
_LONGEST = Decimal(8760)


class PriceFault(StrEnum):
    """Why a price cannot be published."""

    SUN = "sun"
    MINIMUM = "minimum"
    STEPS = "steps"
    """They do not go up in energy and down in price, from the price itself on; or are too many."""
    DURATION = "duration"
    PAST = "past"
    """It is to begin when that is over."""
    LAST = "last"
    """It is the only duration on sale."""


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price as somebody types it: plain, so that a conversation can keep it.

    `start` is when it begins, in chain time; None is at once.
    """

    duration_hours: Decimal
    sun_per_energy: int
    minimum_sun: int
    steps: tuple[tuple[int, int], ...] = ()
    start: datetime | None = None

    @property
    def duration(self) -> timedelta:
        return rental_time(self.duration_hours)

    def as_json(self) -> dict[str, Any]:
        return {
            "hours": str(self.duration_hours),
            "sun": self.sun_per_energy,
            "minimum": self.minimum_sun,
            "steps": [list(step) for step in self.steps],
            "start": self.start.isoformat() if self.start else None,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> PriceDraft:
        start = found["start"]
        return cls(
            Decimal(found["hours"]),
            int(found["sun"]),
            int(found["minimum"]),
            tuple((int(energy), int(sun)) for energy, sun in found["steps"]),
            datetime.fromisoformat(start) if start else None,
        )

    @classmethod
    def of(cls, row: PriceRow) -> PriceDraft:
        """A price as it is, to be changed: from now on."""
        steps = tuple(sorted(zip(row.step_energy, row.step_sun, strict=True)))
        return cls(row.duration_hours, row.sun_per_energy, row.minimum_sun, steps)

    def row(self) -> PriceRow:
        """The price to publish."""
        return with_id(
            PriceRow(
                id="",
                duration_hours=self.duration_hours,
                sun_per_energy=self.sun_per_energy,
                minimum_sun=self.minimum_sun,
                step_energy=tuple(energy for energy, _ in self.steps),
                step_sun=tuple(sun for _, sun in self.steps),
                valid_from=self.start,
            )
        )


def fault_of(draft: PriceDraft, now: datetime | None) -> PriceFault | None:
    """What is wrong with a price; the rules are those of the configuration."""
    if not 1 <= draft.sun_per_energy <= MOST_SUN:
        return PriceFault.SUN
    if not 0 <= draft.minimum_sun <= _MOST_MINIMUM:
        return PriceFault.MINIMUM
    if not are_steps(draft.sun_per_energy, draft.steps):
        return PriceFault.STEPS
    if not is_duration(draft.duration_hours):
        return PriceFault.DURATION
    if draft.start is not None and (now is None or draft.start <= now):
        return PriceFault.PAST
    return None


def are_steps(sun_per_energy: int, steps: Sequence[tuple[int, int]]) -> bool:
    """Whether steps go up in energy and down in sun, from the price itself on."""
    return len(steps) <= MOST_STEPS and all(
        smaller[0] < larger[0] <= _MOST_ENERGY and smaller[1] > larger[1] > 0
        for smaller, larger in pairwise([(0, sun_per_energy), *steps])
    )


def is_duration(hours: Decimal) -> bool:
    """Whether rentals can last so long: whole seconds, to four decimals of an hour, a year."""
    return (
        0 < hours <= _LONGEST
        and hours == hours.quantize(Decimal("0.0001"))
        and hours * 3600 == int(hours * 3600)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """What is published for one duration. `now` is on offer, `planned` begins later."""

    duration: timedelta
    now: PriceRow | None
    planned: tuple[PriceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBoard:
    """All prices, the shortest duration first; `at` is the chain's time, None before any block.

    `surge_percent` is on top of all of them now; None if no node could tell.
    """

    at: datetime | None
    views: tuple[PriceView, ...]
    surge: tuple[SurgeStep, ...]
    surge_percent: int | None

    def of(self, duration: timedelta) -> PriceView | None:
        return next((view for view in self.views if view.duration == duration), None)

    @property
    def on_sale(self) -> int:
        """How many durations can be bought now."""
        return sum(view.now is not None for view in self.views)


@dataclass(frozen=True, slots=True)
class PriceSpan:
    """What a duration cost from a time until another; `price` None: it was not for sale.

    `since` is None where it is older than the log, `until` None where it still holds. `by` is
    who did it, None the configuration.
    """

    price: PriceDraft | None
    since: datetime | None
    until: datetime | None
    by: int | None
    reason: str


def views_of(rows: Iterable[PriceRow], now: datetime | None) -> tuple[PriceView, ...]:
    """The published prices by duration, the shortest first. What is over is left out."""
    by_duration: dict[Decimal, list[PriceRow]] = {}
    for row in rows:
        by_duration.setdefault(row.duration_hours, []).append(row)
    views = []
    for hours, found in sorted(by_duration.items()):
        begun = [row for row in found if _has_begun(row, now) and not _is_over(row, now)]
        planned = [row for row in found if not _has_begun(row, now)]
        if not begun and not planned:
            continue
        oldest = datetime.min.replace(tzinfo=UTC)
        views.append(
            PriceView(
                duration=rental_time(hours),
                now=max(begun, key=lambda row: row.valid_from or oldest, default=None),
                planned=tuple(sorted(planned, key=lambda row: row.valid_from or oldest)),
            )
        )
    return tuple(views)


def after_change(
    rows: Iterable[PriceRow], new: PriceRow, now: datetime | None
) -> tuple[PriceRow, ...]:
    """What is published once `new` is: for its duration nothing else begins at its time or later.

    What it replaces at once is retired whole, or it would come back when `new` is.
    """
    kept = [
        row
        for row in rows
        if row.duration_hours != new.duration_hours
        or (
            new.valid_from is not None
            and (row.valid_from is None or row.valid_from < new.valid_from)
            and not _is_over(row, now)
        )
    ]
    return (*kept, new)


def spans_of(notes: Sequence[PriceNoteRow]) -> tuple[PriceSpan, ...]:
    """From when to when which price held, oldest first; `notes` are the log's, oldest first."""
    spans: list[PriceSpan] = []
    for entry in notes:
        before, after = (entry.before or {}).get("price"), entry.after or {}
        start = datetime.fromisoformat(after["from"])
        if not spans:
            first = PriceDraft.from_json(before) if before else None
            spans.append(PriceSpan(first, None, None, None, ""))
        # What was planned for later than this never came.
        spans = [one for one in spans if one.since is None or one.since < start]
        spans[-1] = replace(spans[-1], until=start)
        price = after.get("price")
        spans.append(
            PriceSpan(
                PriceDraft.from_json(price) if price else None,
                start,
                None,
                entry.actor_id,
                entry.reason,
            )
        )
    return tuple(spans)


def with_present(
    spans: tuple[PriceSpan, ...], present: PriceDraft | None, now: datetime | None
) -> tuple[PriceSpan, ...]:
    """The spans, and what the configuration has published since, which is in no log."""
    held = [one for one in spans if one.since is None or (now is not None and one.since <= now)]
    last = held[-1].price if held else None
    if present == (replace(last, start=None) if last is not None else None):
        return spans
    return (*spans, PriceSpan(present, None, None, None, ""))


class PriceKeeping:
    """The prices, looked at and changed by staff."""

    def __init__(
        self,
        database: Database,
        prices: PriceList,
        needs: EnergyNeeds,
        acts: Acts,
        *,
        margin_percent: int,
    ) -> None:
        self._database = database
        self._prices = prices
        self._needs = needs
        self._acts = acts
        self._margin_percent = margin_percent

    async def board(self) -> PriceBoard:
        """All prices as they are."""
        surge: int | None
        try:
            surge = await self._prices.surge_percent()
        except ChainError:
            surge = None
        async with self._database.transaction() as tx:
            now = await _now(tx)
            rows = await tx.prices.published()
        return PriceBoard(
            at=now,
            views=views_of(rows, now),
            surge=self._prices.surge_steps,
            surge_percent=surge,
        )

    async def preview(self, draft: PriceDraft) -> tuple[Sample, ...]:
        """What a price would mean for usual transfers, with what is on top of prices now."""
        board = await self.board()
        view = board.of(draft.duration)
        surge = board.surge_percent or 0
        async with self._database.transaction() as tx:
            costs = [pool.cost_sun for pool in await tx.pools.all() if pool.state == "enabled"]
        burned = self._needs.figures.holder
        return preview(
            tariff_of(view.now, surge) if view is not None and view.now is not None else None,
            tariff_of(draft.row(), surge),
            duration=draft.duration,
            energy=with_margin(burned, self._margin_percent),
            burned=burned,
            fee_sun=await self._needs.fee_sun(),
            pool_costs=costs,
        )

    async def history(self, duration: timedelta) -> tuple[PriceSpan, ...]:
        """From when to when which price held, oldest first."""
        board = await self.board()
        async with self._database.transaction() as tx:
            spans = spans_of(await tx.prices.noted(subject_of(duration)))
        view = board.of(duration)
        row = view.now if view is not None else None
        return with_present(spans, PriceDraft.of(row) if row else None, board.at)

    @again_after_conflict
    async def change(self, actor: Actor, nonce: str) -> timedelta:
        """Publish, or take from sale, what was proposed; whose duration that is.

        Raises:
            ActRefused: it is gone, or the prices are not any more what was shown.
        """
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            await tx.prices.lock()
            now = await _now(tx)
            rows = await tx.prices.published()
            duration = duration_of(proposal)
            view = next((one for one in views_of(rows, now) if one.duration == duration), None)
            if seen_of(view) != proposal.arguments["seen"]:
                raise ActRefused(ActFault.GONE)
            started = view.now if view is not None else None
            price: PriceDraft | None = None
            if proposal.act is Act.PRICE_CHANGE:
                price = PriceDraft.from_json(proposal.arguments["price"])
                if fault_of(price, now) is not None:
                    raise ActRefused(ActFault.GONE)
                await tx.prices.publish(after_change(rows, price.row(), now))
            else:
                left = [row for row in rows if rental_time(row.duration_hours) != duration]
                if not any(one.now for one in views_of(left, now)):
                    raise ActRefused(ActFault.GONE)
                await tx.prices.publish(left)
            start = price.start if price is not None and price.start else now
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"price": PriceDraft.of(started).as_json() if started else None},
                after={
                    "price": price.as_json() if price is not None else None,
                    "from": (start or datetime.now(UTC)).isoformat(),
                },
            )
        return duration


def subject_of(duration: timedelta) -> str:
    """What the log calls the prices of a duration."""
    return f"price {_seconds(duration)}"


def duration_of(proposal: Proposal) -> timedelta:
    return timedelta(seconds=int(proposal.arguments["seconds"]))


def seen_of(view: PriceView | None) -> list[str]:
    """What is published for a duration, by its ids: to notice that somebody else changed it."""
    if view is None:
        return []
    return [row.id for row in (view.now, *view.planned) if row is not None]


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)


def _has_begun(row: PriceRow, now: datetime | None) -> bool:
    return row.valid_from is None or (now is not None and row.valid_from <= now)


def _is_over(row: PriceRow, now: datetime | None) -> bool:
    return row.valid_until is not None and now is not None and row.valid_until <= now


async def _now(tx: Transaction) -> datetime | None:
    try:
        return await chain_now(tx)
    except ChainUnread:
        return None
