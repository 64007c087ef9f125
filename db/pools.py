"""The table `energy_pools`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class PoolRow:
    address: str
    permission_id: int
    reserve_sun: int


class PoolRepository:
    """Accounts whose stake is sold."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def publish(self, pools: Iterable[PoolRow]) -> None:
        """Make exactly `pools` the enabled ones; the others keep their history."""
        pools = sorted(pools, key=lambda pool: pool.address)
        await self.lock()
        await self._connection.execute(
            """
            UPDATE energy_pools SET enabled = false, updated_at = now()
            WHERE enabled AND address <> ALL($1)
            """,
            [pool.address for pool in pools],
        )
        await self._connection.executemany(
            """
            INSERT INTO energy_pools (address, permission_id, reserve_sun) VALUES ($1, $2, $3)
            ON CONFLICT (address) DO UPDATE
            SET permission_id = $2, reserve_sun = $3, enabled = true, updated_at = now()
            """,
            [(pool.address, pool.permission_id, pool.reserve_sun) for pool in pools],
        )

    async def enabled(self) -> tuple[PoolRow, ...]:
        rows = await self._connection.fetch(
            """
            SELECT address, permission_id, reserve_sun FROM energy_pools
            WHERE enabled ORDER BY address
            """
        )
        return tuple(PoolRow(**row) for row in rows)

    async def lock(self) -> None:
        """Let one transaction at a time decide about the pools' stake."""
        await self._connection.fetch("SELECT 1 FROM energy_pools ORDER BY address FOR UPDATE")
