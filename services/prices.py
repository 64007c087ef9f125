"""What is on offer: the published prices that are valid now, dearer while little energy is free."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.database import Database, Transaction
from db.prices import PriceRow
from services.chain_time import ChainUnread, chain_now, rental_time
from services.pricing import Step, Tariff
from services.surge import KnowsCapacity, SurgeStep, surge_percent

PUBLISHED_KEY = "prices.published"
"""The prices that were last published from the configuration."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Price:
    """What energy costs for one duration, in sun per energy."""

    id: str
    duration: timedelta
    tariff: Tariff

    @property
    def sun_per_energy(self) -> int:
        """For small orders."""
        return self.tariff.sun_per_energy

    @property
    def minimum_sun(self) -> int:
        return self.tariff.minimum_sun


class PriceList:
    """The prices of this moment."""

    def __init__(
        self, database: Database, inventory: KnowsCapacity, surge: Sequence[SurgeStep] = ()
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._surge = tuple(surge)

    @property
    def surge_steps(self) -> tuple[SurgeStep, ...]:
        """When something comes on top of prices, and how much."""
        return self._surge

    async def on_offer(self) -> tuple[Price, ...]:
        """One price for each duration, shortest first; no surge is added yet."""
        async with self._database.statements() as tx:
            rows = await rows_on_offer(tx)
        return tuple(Price(row.id, rental_time(row.duration_hours), tariff_of(row)) for row in rows)

    async def with_surge(self, price: Price) -> Price:
        """The price with what comes on top of it now. Raises ChainError: no node could answer."""
        percent = await self.surge_percent()
        return replace(price, tariff=replace(price.tariff, surge_percent=percent))

    async def surge_percent(self) -> int:
        """What comes on top of prices now. Raises ChainError: no node could answer."""
        if not self._surge:
            return 0
        return surge_percent(await self._inventory.capacity(), self._surge)


def tariff_of(row: PriceRow, surge: int = 0) -> Tariff:
    """The price as pure arithmetic."""
    steps = zip(row.step_energy, row.step_sun, strict=True)
    return Tariff(
        sun_per_energy=row.sun_per_energy,
        minimum_sun=row.minimum_sun,
        steps=tuple(Step(energy, sun) for energy, sun in sorted(steps)),
        surge_percent=surge,
    )


async def rows_on_offer(tx: Transaction) -> tuple[PriceRow, ...]:
    """The one valid price of each duration, shortest first."""
    now: datetime | None
    try:
        now = await chain_now(tx)
    except ChainUnread:
        now = None
    return await tx.prices.on_offer(now)


def with_id(row: PriceRow) -> PriceRow:
    """The price under an id that says what it is: a changed price is a new row.

    So an order keeps pointing to the one it was sold at.
    """
    name = f"{row.duration_hours.normalize():f}h-{row.sun_per_energy}-{row.minimum_sun}"
    rest = (row.step_energy, row.step_sun, row.valid_from, row.valid_until)
    if any(rest):
        name += "-" + hashlib.sha256(json.dumps(rest, default=str).encode()).hexdigest()[:12]
    return replace(row, id=name)


async def publish_prices(database: Database, prices: Iterable[PriceRow]) -> bool:
    """Make these the published prices, unless they are what was last published from here.

    So what an operator changed while the shop ran outlives a restart, until the configuration
    itself says something new. Returns whether they were published.
    """
    rows = [with_id(row) for row in prices]
    wanted = sorted(row.id for row in rows)
    async with database.transaction() as tx:
        if await tx.values.get(PUBLISHED_KEY) == wanted:
            return False
        await tx.prices.publish(rows)
        await tx.values.put(PUBLISHED_KEY, wanted)
    log.info("published the configured prices: %s", ", ".join(wanted))
    return True
