"""The table `quotes`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class QuoteRow:
    id: UUID
    user_id: int | None
    recipient_address: str
    destination_address: str | None
    price_config_id: str
    duration_hours: Decimal
    transaction_count: int
    energy_per_transaction: int
    price_sun: int
    burn_sun: int
    holds_until: datetime


class QuoteRepository:
    """Offers made to customers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def store(
        self,
        *,
        user_id: int | None,
        recipient_address: str,
        destination_address: str | None,
        price_config_id: str,
        transaction_count: int,
        energy_per_transaction: int,
        price_sun: int,
        burn_sun: int,
        holds_until: datetime,
    ) -> UUID:
        quote_id: UUID = await self._connection.fetchval(
            """
            INSERT INTO quotes (user_id, recipient_address, destination_address, price_config_id,
                                transaction_count, energy_per_transaction, price_sun, burn_sun,
                                holds_until)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
            """,
            user_id,
            recipient_address,
            destination_address,
            price_config_id,
            transaction_count,
            energy_per_transaction,
            price_sun,
            burn_sun,
            holds_until,
        )
        return quote_id

    async def lock(self, quote_id: UUID) -> QuoteRow | None:
        """The quote, held until the transaction ends: it becomes one order at most."""
        row = await self._connection.fetchrow(
            """
            SELECT q.id, user_id, recipient_address, destination_address, price_config_id,
                   duration_hours, transaction_count, energy_per_transaction, price_sun,
                   burn_sun, holds_until
            FROM quotes q JOIN price_configs p ON p.id = price_config_id
            WHERE q.id = $1 FOR UPDATE OF q
            """,
            quote_id,
        )
        return QuoteRow(**row) if row else None

    async def forget_lapsed(self, before: datetime) -> int:
        """Delete quotes that lapsed before `before` and never became an order."""
        done = await self._connection.execute(
            """
            DELETE FROM quotes q WHERE holds_until < $1
            AND NOT EXISTS (SELECT 1 FROM energy_flash_orders o WHERE o.quote_id = q.id)
            """,
            before,
        )
        return int(done.split()[-1])
