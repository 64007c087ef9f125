"""The table `price_configs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What energy costs for one duration.

    From `step_energy` on, one unit costs the `step_sun` beside it. It is on offer from
    `valid_from` until before `valid_until`, in chain time; None is no limit.
    """

    id: str
    duration_hours: Decimal
    sun_per_energy: int
    minimum_sun: int
    step_energy: tuple[int, ...] = ()
    step_sun: tuple[int, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceNoteRow:
    """What the log says of a change of a duration's prices."""

    actor_id: int | None
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


_COLUMNS = """id, duration_hours, sun_per_energy, minimum_sun, step_energy, step_sun, valid_from,
              valid_until"""


class PriceRepository:
    """Prices by duration. Rows are retired, never changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def on_offer(self, now: datetime | None) -> tuple[PriceRow, ...]:
        """The one valid price of each duration, shortest first.

        While nobody knows what time it is, those whose validity has no beginning.
        """
        rows = await self._connection.fetch(
            f"""
            SELECT DISTINCT ON (duration_hours) {_COLUMNS} FROM price_configs
            WHERE active AND coalesce(valid_from <= $1, valid_from IS NULL)
            AND coalesce($1 < valid_until, true)
            ORDER BY duration_hours, valid_from DESC NULLS LAST
            """,
            now,
        )
        return tuple(_row(row) for row in rows)

    async def published(self) -> tuple[PriceRow, ...]:
        """All that are published, of today and of other times."""
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM price_configs WHERE active "
            "ORDER BY duration_hours, valid_from NULLS FIRST"
        )
        return tuple(_row(row) for row in rows)

    async def get(self, price_id: str) -> PriceRow:
        """A price that an order points to, on offer or not."""
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM price_configs WHERE id = $1", price_id
        )
        assert row is not None, "a foreign key keeps the price of an order"
        return _row(row)

    async def lock(self) -> None:
        """Let one transaction at a time decide what is published."""
        await self._connection.execute("LOCK TABLE price_configs IN SHARE ROW EXCLUSIVE MODE")

    async def noted(self, subject: str) -> tuple[PriceNoteRow, ...]:
        """What the log says was changed about the prices that it calls `subject`, oldest first."""
        rows = await self._connection.fetch(
            """
            SELECT actor_id, reason, before, after FROM audit_log
            WHERE subject = $1 AND act IN ('price_change', 'price_remove') ORDER BY id
            """,
            subject,
        )
        return tuple(PriceNoteRow(**row) for row in rows)

    async def publish(self, prices: Iterable[PriceRow]) -> None:
        """Make exactly `prices` the active ones."""
        prices = sorted(prices, key=lambda price: price.id)
        await self._connection.execute(
            "UPDATE price_configs SET active = false WHERE active AND id <> ALL($1)",
            [price.id for price in prices],
        )
        await self._connection.executemany(
            f"""
            INSERT INTO price_configs ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET active = true WHERE NOT price_configs.active
            """,
            [
                (
                    *(p.id, p.duration_hours, p.sun_per_energy, p.minimum_sun),
                    *(list(p.step_energy), list(p.step_sun), p.valid_from, p.valid_until),
                )
                for p in prices
            ],
        )


def _row(row: Any) -> PriceRow:
    values = dict(row)
    return PriceRow(
        **values | {"step_energy": tuple(row["step_energy"]), "step_sun": tuple(row["step_sun"])}
    )
