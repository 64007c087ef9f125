"""The table `owner_transactions`: what somebody else did with an address of ours."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class OwnerTransactionRow:
    txid: str
    owner: str
    kind: str
    permission_id: int
    receiver: str | None
    amount_sun: int | None
    block_number: int
    block_time: datetime


_NAMES = [column.name for column in fields(OwnerTransactionRow)]
_COLUMNS = ", ".join(_NAMES)


class OwnerTransactionRepository:
    """Transactions of our addresses that this program did not make."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, transaction: OwnerTransactionRow) -> bool:
        """Store it as seen; False if it was known, and moved to this block."""
        inserted: bool = await self._connection.fetchval(
            f"""
            INSERT INTO owner_transactions ({_COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (txid) DO UPDATE
                SET block_number = excluded.block_number, block_time = excluded.block_time
            RETURNING xmax = 0
            """,
            *(getattr(transaction, name) for name in _NAMES),
        )
        return inserted

    async def forget_above(self, block_number: int) -> None:
        """Blocks above `block_number` left the chain, and with them what was not solid."""
        await self._connection.execute(
            "DELETE FROM owner_transactions WHERE block_number > $1 AND state = 'seen'",
            block_number,
        )

    async def unbooked(self, up_to_block: int) -> tuple[OwnerTransactionRow, ...]:
        """Those in blocks up to `up_to_block` whose fee has not been read yet."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM owner_transactions
            WHERE state = 'seen' AND block_number <= $1 ORDER BY block_number, id
            """,
            up_to_block,
        )
        return tuple(OwnerTransactionRow(**row) for row in rows)

    async def any_unbooked(self) -> bool:
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM owner_transactions WHERE state = 'seen')"
        )
        return found

    async def book(self, txid: str, fee_sun: int) -> bool:
        """seen → solid, with what the network burned for it."""
        done = await self._connection.execute(
            "UPDATE owner_transactions SET state = 'solid', fee_sun = $2 "
            "WHERE txid = $1 AND state = 'seen'",
            txid,
            fee_sun,
        )
        return bool(done == "UPDATE 1")
