"""How well the shop delivers, as anybody may know it: nothing of it points at anybody.

Small counts are told as none, and others are rounded down, so that two looks do not show a single
order between them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from db.database import Database
from services.availability import Availability
from services.chain_time import chain_now

SPANS = (timedelta(hours=24), timedelta(days=7))
STEP = 10
"""Deliveries are told in steps of so many; of fewer than that nothing else is told."""

# The same for everybody, and nothing that anybody decides by: pacing only.
_CACHE_SECONDS = 15.0

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DeliveryFigures:
    """The rentals that were paid in the last `span` of the chain's time.

    `success` is the share of those delivered of those delivered or failed; half of the deliveries
    took at most `median_seconds` from the payment's block to the energy's, 95 % at most
    `p95_seconds`. `availability` is the share of minutes in which the shop could sell.
    """

    span: timedelta
    deliveries: int
    success: Fraction | None
    median_seconds: int | None
    p95_seconds: int | None
    availability: Fraction | None


class PublicFigures:
    """Counts how well the shop delivers, a few times a minute at most."""

    def __init__(self, database: Database, availability: Availability) -> None:
        self._database = database
        self._availability = availability
        self._counting = asyncio.Lock()
        self._counted: tuple[float, tuple[DeliveryFigures, ...]] | None = None

    async def look(self) -> tuple[DeliveryFigures, ...]:
        """The figures of the last day and week, a few seconds old.

        Raises:
            ChainUnread: nothing was read of the chain yet.
        """
        async with self._counting:
            counted = self._counted
            if counted is None or time.monotonic() - counted[0] > _CACHE_SECONDS:
                counted = self._counted = (time.monotonic(), await self.count())
        return counted[1]

    async def count(self) -> tuple[DeliveryFigures, ...]:
        """The figures of this moment."""
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            rows = await tx.figures.deliveries([now - span for span in SPANS], now)
            available = [await self._availability.lately(tx, span) for span in SPANS]
        found = []
        for span, row, availability in zip(SPANS, rows, available, strict=True):
            enough = row.delivered >= STEP
            found.append(
                DeliveryFigures(
                    span=span,
                    deliveries=row.delivered // STEP * STEP,
                    success=Fraction(row.delivered, row.delivered + row.failed) if enough else None,
                    median_seconds=_seconds(row.times.median) if enough else None,
                    p95_seconds=_seconds(row.times.p95) if enough else None,
                    availability=availability,
                )
            )
        return tuple(found)


def _seconds(time_taken: timedelta | None) -> int | None:
    """Whole seconds, rounded up: never shorter than it was."""
    return None if time_taken is None else -(-time_taken // _SECOND)
