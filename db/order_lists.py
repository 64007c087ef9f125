"""A customer's orders, as their program looks through them."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orders of a customer: those for which all that is named is so; `since` includes."""

    status: str | None = None
    client_order_id: str | None = None
    recipient_address: str | None = None
    since: datetime | None = None


_SELECTED = """
    FROM energy_flash_orders WHERE user_id = $1
    AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR client_order_id = $3)
    AND ($4::text IS NULL OR recipient_address = $4)
    AND ($5::timestamptz IS NULL OR ordered_at >= $5)"""


class OrderListRepository:
    """Ids of a customer's orders, the newest first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def count(self, user_id: int, selection: Selection) -> int:
        count: int = await self._connection.fetchval(
            f"SELECT count(*) {_SELECTED}", user_id, *astuple(selection)
        )
        return count

    async def ids(
        self, user_id: int, selection: Selection, *, offset: int, limit: int
    ) -> list[UUID]:
        rows = await self._connection.fetch(
            f"SELECT id {_SELECTED} ORDER BY number DESC OFFSET $6 LIMIT $7",
            user_id,
            *astuple(selection),
            offset,
            limit,
        )
        return [row["id"] for row in rows]
