"""The table `price_configs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class PriceRow:
    id: str
    duration_hours: Decimal
    sun_per_energy: int
    minimum_sun: int


_COLUMNS = "id, duration_hours, sun_per_energy, minimum_sun"


class PriceRepository:
    """Prices by duration. Rows are retired, never changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def active(self) -> tuple[PriceRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM price_configs WHERE active ORDER BY duration_hours"
        )
        return tuple(PriceRow(**row) for row in rows)

    async def get(self, price_id: str) -> PriceRow:
        """A price that an order points to, on offer or not."""
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM price_configs WHERE id = $1", price_id
        )
        assert row is not None, "a foreign key keeps the price of an order"
        return PriceRow(**row)

    async def publish(self, prices: Iterable[PriceRow]) -> None:
        """Make exactly `prices` the active ones."""
        prices = sorted(prices, key=lambda price: price.id)
        await self._connection.execute(
            "UPDATE price_configs SET active = false WHERE active AND id <> ALL($1)",
            [price.id for price in prices],
        )
        await self._connection.executemany(
            """
            INSERT INTO price_configs (id, duration_hours, sun_per_energy, minimum_sun)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET active = true WHERE NOT price_configs.active
            """,
            [(p.id, p.duration_hours, p.sun_per_energy, p.minimum_sun) for p in prices],
        )
