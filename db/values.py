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

    async def beginning(self, prefix: str) -> dict[str, Any]:
        """All whose keys begin so."""
        rows = await self._connection.fetch(
            "SELECT key, value FROM settings WHERE starts_with(key, $1) ORDER BY key", prefix
        )
        return {row["key"]: row["value"] for row in rows}

    async def remove(self, key: str) -> None:
        await self._connection.execute("DELETE FROM settings WHERE key = $1", key)
