"""The table `ledger_entries`: double entry, append-only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from db.connection import Connection


class LedgerRepository:
    """Entries in sun. The database refuses a transfer that does not sum to zero."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def book(
        self,
        entries: Iterable[tuple[str, int]],
        *,
        event: str,
        payment_id: int | None,
        order_id: UUID | None,
    ) -> None:
        """Append one transfer of `(account, sun)` entries."""
        transfer_id = uuid4()
        await self._connection.executemany(
            """
            INSERT INTO ledger_entries (transfer_id, account, amount_sun, event, payment_id,
                                        order_id)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                (transfer_id, account, amount_sun, event, payment_id, order_id)
                for account, amount_sun in entries
            ],
        )

    async def balances(self) -> dict[str, int]:
        """The balance of every account in sun; they sum to zero."""
        rows = await self._connection.fetch(
            "SELECT account, sum(amount_sun)::bigint AS balance "
            "FROM ledger_entries GROUP BY account"
        )
        return {row["account"]: row["balance"] for row in rows}
