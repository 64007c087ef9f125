"""The table `quotes`."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    destination_holds_token: bool
    token_address: str | None
    token_amount: Decimal | None
    price_config_id: str
    surge_percent: int
    duration_hours: Decimal
    transaction_count: int
    energy_per_transaction: int
    energy_next: int
    energy_own: int
    energy_amount: int
    estimated: bool
    price_sun: int
    burn_sun: int
    holds_until: datetime
    recipient_holds_token: bool | None
    api_key_id: UUID | None
    client_order_id: str | None


_COLUMNS = ", ".join(
    f"p.{column.name}" if column.name == "duration_hours" else f"q.{column.name}"
    for column in fields(QuoteRow)
)
_QUOTE = f"SELECT {_COLUMNS} FROM quotes q JOIN price_configs p ON p.id = q.price_config_id"


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
        energy_next: int | None = None,
        energy_own: int = 0,
        estimated: bool = False,
        destination_holds_token: bool = True,
        token_address: str | None = None,
        token_amount: int | None = None,
        surge_percent: int = 0,
        recipient_holds_token: bool | None = None,
        api_key_id: UUID | None = None,
        request_id: UUID | None = None,
        client_order_id: str | None = None,
    ) -> UUID:
        """Store an offer; without `energy_next` every transfer is like the first."""
        quote_id: UUID = await self._connection.fetchval(
            """
            INSERT INTO quotes (user_id, recipient_address, destination_address, price_config_id,
                                transaction_count, energy_per_transaction, price_sun, burn_sun,
                                holds_until, energy_next, energy_own, estimated,
                                destination_holds_token, token_address, token_amount,
                                surge_percent, recipient_holds_token, api_key_id,
                                request_id, client_order_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                    $18, $19, $20)
            RETURNING id
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
            energy_per_transaction if energy_next is None else energy_next,
            energy_own,
            estimated,
            destination_holds_token,
            token_address,
            token_amount,
            surge_percent,
            recipient_holds_token,
            api_key_id,
            request_id,
            client_order_id,
        )
        return quote_id

    async def get(self, quote_id: UUID) -> QuoteRow:
        """The quote that an order was made from."""
        row = await self._connection.fetchrow(f"{_QUOTE} WHERE q.id = $1", quote_id)
        assert row is not None, "a foreign key keeps the quote of an order"
        return QuoteRow(**row)

    async def of_request(self, request_id: UUID) -> QuoteRow | None:
        """The quote that a program's request was given, held until the transaction ends."""
        row = await self._connection.fetchrow(
            f"{_QUOTE} WHERE q.request_id = $1 FOR UPDATE OF q", request_id
        )
        return QuoteRow(**row) if row else None

    async def let_go_of_request(self, quote_id: UUID) -> None:
        """The request that it was made for may be given another."""
        await self._connection.execute(
            "UPDATE quotes SET request_id = NULL WHERE id = $1", quote_id
        )

    async def lock(self, quote_id: UUID) -> QuoteRow | None:
        """The quote, held until the transaction ends: it becomes one order at most."""
        row = await self._connection.fetchrow(f"{_QUOTE} WHERE q.id = $1 FOR UPDATE OF q", quote_id)
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
