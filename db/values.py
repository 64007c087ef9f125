"""The table `settings`: single values that outlive the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection


class ValueRepository:
    """Values by key, as JSON."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, key: str) -> Any | None:
        return await self._connection.fetchval("SELECT value FROM settings WHERE key = $1", key)

    async def put(self, key: str, value: Any) -> None:
        await self._connection.execute(
            """
            INSERT INTO settings (key, value) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = $2, updated_at = now()
            """,
            key,
            value,
        )
