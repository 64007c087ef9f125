"""The table `ledger_entries`: double entry, append-only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg

if TYPE_CHECKING:
    from db.connection import Connection


# Accounts that must not fall below zero.
_BALANCES = ("user:", "payer:")


class Overdrawn(Exception):
    """A customer's balance does not hold so much."""


@dataclass(frozen=True, slots=True)
class MovementRow:
    event: str
    sun: int
    order_number: int | None
    at: datetime


class LedgerRepository:
    """Entries in sun. The database refuses a transfer that does not sum to zero."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def book(
        self,
        entries: Sequence[tuple[str, int]],
        *,
        event: str,
        payment_id: int | None = None,
        order_id: UUID | None = None,
        refund_id: int | None = None,
        txid: str | None = None,
        block_number: int | None = None,
    ) -> None:
        """Append one transfer of `(account, sun)` entries; those of zero say nothing.

        `block_number` is where TRX moved, and goes with the accounts that stand for addresses.

        Raises:
            Overdrawn: a customer's balance would fall below zero; nothing was booked.
        """
        transfer_id = uuid4()
        rows = [
            (
                *(transfer_id, account, amount_sun, event, payment_id, order_id, refund_id, txid),
                block_number if account.startswith("chain:") else None,
            )
            for account, amount_sun in entries
            if amount_sun
        ]
        if not any(account.startswith(_BALANCES) for account, _ in entries):
            await self._append(rows)
            return
        try:
            async with self._connection.transaction():
                await self._append(rows)
        except asyncpg.CheckViolationError as error:
            if error.table_name == "customer_balances":
                raise Overdrawn from error
            raise

    async def _append(self, rows: Sequence[tuple[object, ...]]) -> None:
        await self._connection.executemany(
            """
            INSERT INTO ledger_entries (transfer_id, account, amount_sun, event,
                                        payment_id, order_id, refund_id, txid, block_number)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            rows,
        )

    async def owed_to(self, account: str) -> int:
        """What a customer's or payer's balance holds, in sun."""
        balance: int = await self._connection.fetchval(
            "SELECT coalesce((SELECT balance_sun FROM customer_balances WHERE account = $1), 0)",
            account,
        )
        return balance

    async def owed_to_each(self, accounts: Collection[str]) -> dict[str, int]:
        """What these balances hold, in sun; one that never held anything is missing."""
        rows = await self._connection.fetch(
            "SELECT account, balance_sun FROM customer_balances WHERE account = ANY($1)",
            list(accounts),
        )
        return {row["account"]: row["balance_sun"] for row in rows}

    async def lock_balance(self, account: str) -> int:
        """The same, held until the transaction ends."""
        balance: int | None = await self._connection.fetchval(
            "SELECT balance_sun FROM customer_balances WHERE account = $1 FOR UPDATE", account
        )
        return balance or 0

    async def movements(self, account: str, limit: int) -> tuple[MovementRow, ...]:
        """The latest changes of a balance, newest first; positive is in the customer's favour."""
        rows = await self._connection.fetch(
            """
            SELECT e.event, -e.amount_sun AS sun, o.number AS order_number, e.created_at AS at
            FROM ledger_entries e LEFT JOIN energy_flash_orders o ON o.id = e.order_id
            WHERE e.account = $1 ORDER BY e.id DESC LIMIT $2
            """,
            account,
            limit,
        )
        return tuple(MovementRow(**row) for row in rows)

    async def balances(self) -> dict[str, int]:
        """The balance of every account in sun; they sum to zero."""
        rows = await self._connection.fetch(
            "SELECT account, sum(amount_sun)::bigint AS balance "
            "FROM ledger_entries GROUP BY account"
        )
        return {row["account"]: row["balance"] for row in rows}
